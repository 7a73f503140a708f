"""System checks: what must not be forgotten."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def encryption_keys_are_set(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The library silently falls back to SECRET_KEY, whose loss or change would then
    make every token unreadable."""
    if settings.FERNET_KEYS and settings.SECRET_KEY not in settings.FERNET_KEYS:
        return []
    return [
        Error(
            "FERNET_KEYS must hold at least one key, different from SECRET_KEY.",
            hint="`make env` writes fresh ones; .env.example explains the variable.",
            id="shopdesk.E001",
        )
    ]
