"""Days on which our orders and the platform's do not agree."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db.models import Count, Sum

from apps.alerts.models import Code
from apps.alerts.rules.words import Severity
from apps.alerts.services.looks.finding import Finding, counted, so_many
from apps.platforms.models import Shop
from apps.sync.models import SyncGap


def gaps(shops: Sequence[Shop], now: datetime) -> Iterator[Finding]:
    """Those that pulling again did not close."""
    rows = SyncGap.objects.open().filter(shop__in=[shop.pk for shop in shops])
    found = {
        row["shop"]: row
        for row in rows.order_by()
        .values("shop")
        .annotate(days=Count("pk"), differing=Sum("left"))
    }
    for shop in shops:
        row = found.get(shop.pk, {"days": 0, "differing": 0})
        days = so_many(row["days"], "day")
        yield Finding(
            shop.pk,
            Code.SYNC_GAPS,
            counted(row["days"], 0, Severity.WARNING),
            f"{days} with orders that differ from TikTok's",
            f"{so_many(row['differing'], 'order')} still differ after they were pulled "
            "again.",
        )
