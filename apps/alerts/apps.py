from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """What is wrong with which shop, who sees to it, and who is told."""

    name = "apps.alerts"
    verbose_name = "Alerts"
