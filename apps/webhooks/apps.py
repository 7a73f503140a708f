from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """News from the platforms."""

    name = "apps.webhooks"
    verbose_name = "Webhooks"
