from django.apps import AppConfig


class SyncConfig(AppConfig):
    """Data moving between us and the platforms."""

    name = "apps.sync"
    verbose_name = "Sync"
