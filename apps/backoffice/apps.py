from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    """What crosses all apps, for people."""

    name = "apps.backoffice"
    verbose_name = "Back office"
