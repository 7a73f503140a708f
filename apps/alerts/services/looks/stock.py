"""What is promised and not there, and what is listed and sold out."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Sum

from apps.alerts.models import Code
from apps.alerts.rules.conditions import Result
from apps.alerts.rules.words import Severity, State
from apps.alerts.services.looks.finding import Finding, so_many
from apps.inventory.models import OversellIncident, StockLevel
from apps.platforms.models import Shop
from apps.products.models import Listing, ListingSku


def stock(shops: Sequence[Shop], now: datetime) -> Iterator[Finding]:
    """An oversell is critical, something live of which nothing is left a warning."""
    keys = [shop.pk for shop in shops]
    oversold = OversellIncident.objects.open().filter(booking__shop__in=keys)
    short = {
        row["booking__shop"]: row
        for row in oversold.order_by()
        .values("booking__shop")
        .annotate(n=Count("pk"), units=Sum("quantity"))
    }
    gone = dict(
        _sold_out(keys).values("shop").annotate(n=Count("pk")).values_list("shop", "n")
    )
    for shop in shops:
        lost = short.get(shop.pk, {"n": 0, "units": 0})
        empty = gone.get(shop.pk, 0)
        parts = []
        if lost["n"]:
            parts.append(f"{so_many(lost['n'], 'order')} oversold")
        if empty:
            parts.append(f"{so_many(empty, 'live SKU')} sold out")
        yield Finding(
            shop.pk,
            Code.STOCK_CRITICAL,
            _judged(lost["n"], empty),
            " and ".join(parts) or "Stock is critical",
            f"{so_many(lost['units'], 'piece')} promised that are not there."
            if lost["n"]
            else "Nothing of them is left in any warehouse.",
        )


def _judged(oversold: int, sold_out: int) -> Result:
    if not (oversold or sold_out):
        return Result(State.OK, 0, 0)
    severity = Severity.CRITICAL if oversold else Severity.WARNING
    count = oversold + sold_out
    return Result(State.FIRING, count, 0, severity, is_clear=False)


def _sold_out(keys: Sequence[int]) -> QuerySet[ListingSku]:
    """Live SKUs of ours, counted somewhere, of which no warehouse has one to sell.

    Asked from the few levels that are empty: to ask it of each of a hundred thousand
    SKUs takes a second.
    """
    counted = StockLevel.objects.filter(is_counted=True, warehouse__is_active=True)
    empty = counted.filter(on_hand__lte=F("reserved"))
    left = counted.filter(variant=OuterRef("variant"), on_hand__gt=F("reserved"))
    skus = ListingSku.objects.present().filter(
        shop__in=keys,
        mapping=ListingSku.Mapping.MATCHED,
        listing__status=Listing.Status.LIVE,
        variant__in=empty.values("variant"),
    )
    return skus.filter(~Exists(left)).order_by()
