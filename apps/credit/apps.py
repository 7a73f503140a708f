from django.apps import AppConfig


class CreditConfig(AppConfig):
    """Verified income turned into a score."""

    name = "apps.credit"
    verbose_name = "Credit"
