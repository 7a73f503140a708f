"""How a shop is, for its own page."""

from typing import Any

from django.urls import reverse

from apps.alerts.admin.words import severity_badge
from apps.alerts.services.health import DEGRADED, DOWN, HEALTHY, health_of
from apps.core.admin import ago, badge
from apps.platforms.models import Shop

MOST_SHOWN = 5
_BADGES = {
    HEALTHY: ("Healthy", "good"),
    DEGRADED: ("Needs a look", "attention"),
    DOWN: ("Nothing comes in", "bad"),
}


def shop_health(shop: Shop) -> dict[str, Any]:
    """For templates/platforms/shop_overview.html, for those who see alerts there."""
    health = health_of(shop.pk)
    shown = health.alerts[:MOST_SHOWN]
    address = reverse("admin:alerts_alert_changelist")
    return {
        "badge": badge(*_BADGES[health.status]),
        "alerts": [
            (row, severity_badge(row.severity), ago(row.opened_at)) for row in shown
        ],
        "more": len(health.alerts) - len(shown),
        "all": f"{address}?shop={shop.pk}",
    }
