"""How TikTok answered in the last hour."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db.models import Count, Q

from apps.alerts.models import Code
from apps.alerts.rules import conditions
from apps.alerts.services.looks.finding import Finding
from apps.integrations.tiktok.codes import FAULTS
from apps.integrations.tiktok.faults import Action
from apps.platforms.models import ApiCall, Shop

WINDOW = timedelta(minutes=60)
# That we asked too often is no fault of the platform's, and told apart.
_THROTTLED = Q(http_status=429) | Q(
    code__in=[
        code
        for code, fault in FAULTS.items()
        if fault.action in (Action.SLOW_DOWN, Action.LATER)
    ]
)
_FAILED = Q(http_status__gte=500) | Q(http_status=0) | ~Q(code=0)


def api_errors(shops: Sequence[Shop], now: datetime) -> Iterator[Finding]:
    """No answer, an answer that is an error of the server, or one that refuses."""
    calls = ApiCall.objects.filter(
        shop__in=[shop.pk for shop in shops], at__gt=now - WINDOW
    ).order_by()
    counts = {
        row["shop"]: row
        for row in calls.values("shop").annotate(
            made=Count("pk", filter=~_THROTTLED),
            failed=Count("pk", filter=_FAILED & ~_THROTTLED),
            throttled=Count("pk", filter=_THROTTLED),
        )
    }
    for shop in shops:
        row = counts.get(shop.pk, {"made": 0, "failed": 0, "throttled": 0})
        result = conditions.api_errors(row["made"], row["failed"])
        share = row["failed"] / row["made"] if row["made"] else 0
        slowed = f" {row['throttled']:,} more were too many." * bool(row["throttled"])
        yield Finding(
            shop.pk,
            Code.API_ERRORS,
            result,
            f"{share:.0%} of calls to TikTok fail",
            f"{row['failed']:,} of {row['made']:,} in the last hour.{slowed}",
        )
