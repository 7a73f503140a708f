"""One row of everything about the stock of a client's catalogue."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.inventory.models import (
    Booking,
    OversellIncident,
    ShopWarehouse,
    StockDocument,
    StockLevel,
    StockMovement,
    StockRule,
    Warehouse,
)
from apps.orders.models import Order
from apps.orders.services.stock import book_orders
from apps.platforms.models import Shop
from apps.products.models import Variant
from apps.sync.models import StockDrift, StockPush
from tests.api.catalogue import Catalogue
from tests.api.world import World
from tests.factories.inventory import (
    level_of,
    make_document,
    make_shop_warehouse,
    make_warehouse,
    receive,
)
from tests.factories.orders import make_order


@dataclass(frozen=True, slots=True)
class Stock:
    """Of the catalogue's `variant` 3 came in, 2 left with `returned` (1 is to come
    back) and 2 are promised to `order`: 1 is missing. Of `other` 1 of 5 is held."""

    warehouse: Warehouse
    shop_warehouse: ShopWarehouse
    receipt: StockDocument
    hold: StockDocument
    order: Order
    returned: Order
    level: StockLevel
    movement: StockMovement
    incident: OversellIncident
    coming_back: Booking
    rule: StockRule
    push: StockPush
    drift: StockDrift


def make_stock(world: World, own: Catalogue, word: str = "Lamp") -> Stock:
    """Texts of the rows begin with the word."""
    client, shop, variant = world.client, world.shop, own.variant
    warehouse = make_warehouse(client, f"{word} hall", is_default=True)
    place = make_shop_warehouse(shop, warehouse, name=f"{word} dock", is_default=True)
    receipt = receive(variant, 3, reference=f"{word} note", supplier=own.supplier)
    receive(own.other, 5)
    hold = make_document(
        StockDocument.Kind.HOLD, {own.other: 1}, reference=f"{word} fair"
    )
    returned = order_of(
        shop, variant, status=Order.Status.COMPLETED, shipped_at=timezone.now()
    )
    returned.lines.update(returned_quantity=1)
    order = order_of(shop, variant)
    book(shop, returned, order)
    booked = Booking.objects.filter(cause_kind=Booking.Kind.ORDER)
    promised = booked.get(cause_id=order.pk)
    return Stock(
        warehouse=warehouse,
        shop_warehouse=place,
        receipt=receipt,
        hold=hold,
        order=order,
        returned=returned,
        level=level_of(variant),
        movement=StockMovement.objects.get(booking=promised),
        incident=OversellIncident.objects.get(booking=promised),
        coming_back=booked.get(cause_id=returned.pk),
        rule=StockRule.objects.create(client=client, shop=shop, buffer=1, note=word),
        **_told(own, place, word),
    )


def order_of(shop: Shop, variant: Variant, **changes: Any) -> Order:
    """Of 2 pieces; nothing is booked yet."""
    order = make_order(shop, sku=variant.sku, **changes)
    order.lines.update(variant=variant)
    return order


def book(shop: Shop, *orders: Order) -> None:
    with transaction.atomic():
        book_orders(shop, orders)


def _told(own: Catalogue, place: ShopWarehouse, word: str) -> dict[str, Any]:
    """The shop was told 4, and shows 9."""
    sku, now = own.sku, timezone.now()
    push = StockPush.objects.create(
        listing_sku=sku,
        shop=sku.shop,
        state=StockPush.State.IN_STEP,
        wanted={place.remote_id: 4},
        wanted_total=4,
        accepted={place.remote_id: 4},
        accepted_total=4,
        accepted_at=now - timedelta(hours=1),
        found={place.remote_id: 9},
        found_total=9,
        found_at=now,
        message=f"{word} in step",
    )
    drift = StockDrift.objects.create(
        shop=sku.shop,
        listing_sku=sku,
        shop_warehouse=place,
        wanted=4,
        told=4,
        told_at=now - timedelta(hours=1),
        found=9,
        mover=StockDrift.Mover.SOMEBODY,
        evidence=f"{word} moved",
        found_at=now,
        last_seen_at=now,
    )
    return {"push": push, "drift": drift}
