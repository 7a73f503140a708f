from django.apps import AppConfig


class ContentConfig(AppConfig):
    """Videos, live sessions, creators, attribution."""

    name = "apps.content"
    verbose_name = "Content"
