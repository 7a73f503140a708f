from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """Files as a second source."""

    name = "apps.imports"
    verbose_name = "Imports"
