from django.apps import AppConfig


class PlatformsConfig(AppConfig):
    """Connected shops, API apps, tokens."""

    name = "apps.platforms"
    verbose_name = "Shops"
