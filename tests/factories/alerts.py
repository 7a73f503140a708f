"""Alerts and hooks."""

from typing import Any

from apps.alerts.models import Alert, AlertHook, Code, Severity
from apps.platforms.models import Shop
from apps.users.models import Client
from tests.factories.users import make_client

# Planted, so that a test can look for it where it must not be.
HOOK_SECRET = "planted-hook-secret-44e8"


def make_alert(shop: Shop | None, **fields: Any) -> Alert:
    """Pulls of orders fail, and nobody has it."""
    values: dict[str, Any] = {
        "code": Code.SYNC_FAILURES,
        "subject": "orders",
        "severity": Severity.WARNING,
        "title": "Orders: 4 syncs in a row failed",
        "message": "TikTok did not answer.",
    }
    return Alert.objects.create(shop=shop, **values | fields)


def make_hook(client: Client | None = None, **fields: Any) -> AlertHook:
    values: dict[str, Any] = {
        "name": "Pager",
        "address": "https://pager.example.com/in",
        "secret": HOOK_SECRET,
    }
    return AlertHook.objects.create(client=client or make_client(), **values | fields)
