"""Warehouses, and stock as people book it."""

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.inventory.models import (
    ShopWarehouse,
    StockDocument,
    StockLevel,
    Warehouse,
)
from apps.inventory.services.documents import By, Deed, Line, book_document
from apps.inventory.services.places import default_warehouse
from apps.platforms.models import Shop
from apps.products.models import Variant
from apps.users.models import Client
from tests.factories.users import make_client

# Before any order of the factories was placed.
COUNTED = datetime(2026, 8, 1, 8, 0, tzinfo=UTC)
NOBODY = By(process="tests")

_numbers = itertools.count(1)


def make_warehouse(
    client: Client | None = None, name: str = "", **changes: Any
) -> Warehouse:
    return Warehouse.objects.create(
        client=client or make_client(),
        name=name or f"Warehouse {next(_numbers)}",
        **changes,
    )


def make_shop_warehouse(
    shop: Shop, warehouse: Warehouse | None = None, remote_id: str = "", **changes: Any
) -> ShopWarehouse:
    values: dict[str, Any] = {"name": f"Shah Alam {next(_numbers)}"}
    return ShopWarehouse.objects.create(
        shop=shop,
        warehouse=warehouse,
        remote_id=remote_id or f"6955{next(_numbers):015}",
        **values | changes,
    )


def make_document(
    kind: StockDocument.Kind,
    units: Mapping[Variant, int],
    warehouse: Warehouse | None = None,
    *,
    outcome: str = "",
    **changes: Any,
) -> StockDocument:
    """Booked. `units` are {variant: quantity}; without a warehouse, in the default."""
    client = next(iter(units)).client
    place = warehouse or default_warehouse(client.pk)
    lines = [Line(variant, units, outcome) for variant, units in units.items()]
    return book_document(client, Deed(kind, place, lines, **changes), NOBODY).document


def receive(
    variant: Variant | None,
    units: int,
    warehouse: Warehouse | None = None,
    **changes: Any,
) -> StockDocument:
    """A receipt; also of what a listing SKU is matched to."""
    assert variant is not None
    kind = StockDocument.Kind.RECEIPT
    values: dict[str, Any] = {"effective_at": COUNTED}
    return make_document(kind, {variant: units}, warehouse, **values | changes)


def count(
    variant: Variant | None,
    units: int,
    warehouse: Warehouse | None = None,
    **changes: Any,
) -> StockDocument:
    assert variant is not None
    kind = StockDocument.Kind.COUNT
    return make_document(kind, {variant: units}, warehouse, **changes)


def level_of(variant: Variant, warehouse: Warehouse | None = None) -> StockLevel:
    place = warehouse or default_warehouse(variant.client_id)
    return StockLevel.objects.get(variant=variant, warehouse=place)


def stock_of(
    variant: Variant, warehouse: Warehouse | None = None
) -> tuple[int, int, int, int]:
    """On hand, reserved, expected back, quarantined."""
    level = level_of(variant, warehouse)
    return level.on_hand, level.reserved, level.expected_back, level.quarantined


def hours_after(moment: datetime, hours: float) -> datetime:
    return moment + timedelta(hours=hours)
