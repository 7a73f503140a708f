from django.apps import AppConfig


class SyncConfig(AppConfig):
    """Data moving between us and the platforms."""

    name = "apps.sync"
    verbose_name = "Sync"

    def ready(self) -> None:
        from apps.credit.services import coverage
        from apps.sync.services import read_days

        coverage.register(read_days)
