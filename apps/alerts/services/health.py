"""How a shop is in one word, as its open alerts have it."""

from collections.abc import Iterable
from dataclasses import dataclass

from apps.alerts.models import Alert, Code, Severity

HEALTHY, DEGRADED, DOWN = "healthy", "degraded", "down"
_MERELY_SAID = Severity.INFO


@dataclass(frozen=True, slots=True)
class ShopHealth:
    """`status` is healthy, degraded or down; the alerts are open ones, the worst
    first."""

    status: str
    alerts: list[Alert]


def health_of(shop: int) -> ShopHealth:
    """One query. What is snoozed is still so."""
    found = Alert.objects.open().filter(shop=shop).select_related("taken_by")
    rows = list(found.order_by("-opened_at", "-pk"))
    rows.sort(key=lambda row: row.severity != Severity.CRITICAL)
    return ShopHealth(status_of(rows), rows)


def status_of(alerts: Iterable[Alert]) -> str:
    """Nothing comes in: down. Something else is to be seen to: degraded. What is
    merely good to know degrades nothing."""
    alerts = list(alerts)
    if any(map(_stops_all, alerts)):
        return DOWN
    is_degraded = any(alert.severity != _MERELY_SAID for alert in alerts)
    return DEGRADED if is_degraded else HEALTHY


def _stops_all(alert: Alert) -> bool:
    if alert.code == Code.ACCESS:
        return alert.value is not None and alert.value <= 0
    return alert.code in (Code.SYNC_FAILURES, Code.RECONNECT)
