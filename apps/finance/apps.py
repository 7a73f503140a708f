from django.apps import AppConfig


class FinanceConfig(AppConfig):
    """What the platform settles and pays, and what a currency is worth on a day."""

    name = "apps.finance"
    verbose_name = "Finance"
