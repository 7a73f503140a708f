"""What a warehouse holds and which places of shops it is, as its pages show it."""

from typing import Any

from django.db.models import Count, Q, Sum
from django.http import HttpRequest

from apps.inventory.models import ShopWarehouse, StockLevel, Warehouse
from apps.inventory.services.warehouses import why_not_closed


def with_figures(rows: list[Any], request: HttpRequest) -> list[Any]:
    """Stock and places of the rows shown, in two queries for the page."""
    levels = StockLevel.objects.filter(warehouse__in=rows).order_by()
    sums: dict[int, dict[str, Any]] = {
        each["warehouse"]: dict(each)
        for each in levels.values("warehouse").annotate(
            skus=Count("pk", filter=~Q(on_hand=0) | ~Q(reserved=0)),
            pieces=Sum("on_hand"),
            promised=Sum("reserved"),
        )
    }
    places: dict[int, list[ShopWarehouse]] = {}
    for place in _places(request).filter(warehouse__in=rows):
        assert place.warehouse_id is not None
        places.setdefault(place.warehouse_id, []).append(place)
    for row in rows:
        of_row = sums.get(row.pk, {})
        row.skus = of_row.get("skus", 0)
        row.pieces, row.promised = of_row.get("pieces", 0), of_row.get("promised", 0)
        row.places = places.get(row.pk, [])
    return rows


def page_context(request: HttpRequest, row: Warehouse) -> dict[str, Any]:
    [shown] = with_figures([row], request)
    return {
        "title": row.name,
        "client": row.client,
        "row": shown,
        "figures": StockLevel.objects.filter(warehouse=row).aggregate(
            expected_back=Sum("expected_back", default=0),
            quarantined=Sum("quarantined", default=0),
            not_counted=Count("pk", filter=Q(is_counted=False)),
        ),
        "obstacles": why_not_closed(row, request.user) if row.is_active else [],
    }


def _places(request: HttpRequest) -> Any:
    """Those in shops the user sees; a client's other shops stay unnamed."""
    seen = ShopWarehouse.objects.visible_to(request.user)
    return seen.select_related("shop").order_by("shop__name", "pk")
