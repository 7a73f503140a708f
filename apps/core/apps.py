from django.apps import AppConfig


class CoreConfig(AppConfig):
    """What every app may use: money, errors, fields; no word of the domain."""

    name = "apps.core"
    verbose_name = "Core"

    def ready(self) -> None:
        from apps.core import checks, lookups  # noqa: F401  (registers them)
