"""Which of our warehouses a shop's are, with the orders that leave from them.

Where an order's goods are promised, and whence they left, follows from the matching as
it is now; so whoever changes it marks the orders it moves, and a sweep books them.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction

from apps.integrations.contracts import RemoteWarehouse
from apps.inventory.errors import WarehouseRefuses
from apps.inventory.models import Booking, ShopWarehouse, Warehouse
from apps.inventory.services import warehouses
from apps.inventory.services.documents import By
from apps.inventory.services.news import tell_of_skus
from apps.inventory.services.places import Places, places_of_shop
from apps.inventory.services.shop_warehouses import Learnt, learn, record_match
from apps.orders.models import Order, OrderQuerySet
from apps.orders.services.stock import book_due_orders, mark_due
from apps.platforms.models import Shop
from apps.products.models import ListingSku
from apps.users.models import Client


@dataclass(frozen=True, slots=True)
class Effect:
    """Orders that are booked elsewhere then: `waiting` are promised something, `left`
    have left. `skus` of the shop may be told another number."""

    waiting: int = 0
    left: int = 0
    skus: int = 0


def effect(shop_warehouse: ShopWarehouse, warehouse: Warehouse | None) -> Effect:
    """What matching it so would move; nothing is written. Raises WarehouseRefuses as
    below."""
    with transaction.atomic():
        shop = _lock(shop_warehouse.shop_id)
        row = ShopWarehouse.objects.get(pk=shop_warehouse.pk)
        _refuse(row, warehouse)
        if row.warehouse_id == (warehouse.pk if warehouse else None):
            return Effect()
        before = places_of_shop(shop)
        row.warehouse = warehouse
        row.save(update_fields=["warehouse"])
        found = _effect(shop, before, places_of_shop(shop))
        transaction.set_rollback(True)
    return found


@transaction.atomic
def map_warehouse(
    shop_warehouse: ShopWarehouse, warehouse: Warehouse | None, by: By
) -> Effect:
    """Say which of ours it is, or none. Repeating it changes nothing.

    Raises WarehouseRefuses: another client's, closed, or another place that this shop
    sells from is that one already.
    """
    shop = _lock(shop_warehouse.shop_id)
    row = ShopWarehouse.objects.select_related("shop__client").get(pk=shop_warehouse.pk)
    _refuse(row, warehouse)
    if row.warehouse_id == (warehouse.pk if warehouse else None):
        return Effect()
    before = places_of_shop(shop)
    row.warehouse = warehouse
    row.save(update_fields=["warehouse", "modified_at"])
    record_match(row, by)
    after = places_of_shop(shop)
    found = _effect(shop, before, after)
    if mark_due(_moved(shop, before, after)):
        # What waits longest for a person comes first; a sweep books the rest.
        book_due_orders(shop)
    tell_of_skus(ListingSku.objects.filter(shop=shop))
    return found


@transaction.atomic
def learn_warehouses(shop: Shop, remotes: Sequence[RemoteWarehouse]) -> Learnt:
    """What the platform says of a shop's warehouses; orders follow where it moves
    them. Repeating it changes nothing."""
    with _orders_follow([_lock(shop.pk)]):
        return learn(shop, remotes)


@transaction.atomic
def make_default(warehouse: Warehouse, by: By) -> bool:
    """The client's default warehouse from now on; orders follow that name no other
    place. Repeating it changes nothing. Raises WarehouseRefuses for a closed one."""
    Client.objects.select_for_update(no_key=True).get(pk=warehouse.client_id)
    own = Shop.objects.filter(client=warehouse.client_id).order_by("pk")
    shops = list(own.select_for_update(no_key=True))
    with _orders_follow(shops):
        return warehouses.make_default(warehouse, by)


@contextmanager
def _orders_follow(shops: Sequence[Shop]) -> Iterator[None]:
    """Mark the orders of locked shops whose place the body changes."""
    before = [places_of_shop(shop) for shop in shops]
    yield
    for shop, places in zip(shops, before, strict=True):
        mark_due(_moved(shop, places, places_of_shop(shop)))


def _refuse(row: ShopWarehouse, warehouse: Warehouse | None) -> None:
    if warehouse is None:
        return
    if warehouse.client_id != row.shop.client_id:
        raise WarehouseRefuses("There is no such warehouse.")
    if not warehouse.is_active:
        raise WarehouseRefuses(f"{warehouse} is closed. Open it again first.")
    others = ShopWarehouse.objects.filter(shop=row.shop_id, warehouse=warehouse)
    others = others.filter(kind=ShopWarehouse.Kind.SALES).exclude(pk=row.pk)
    if row.kind == ShopWarehouse.Kind.SALES and (other := others.first()):
        raise WarehouseRefuses(
            f"“{other}” of this shop is {warehouse} already; two places that are told "
            "the same pieces would sell them twice. Set that one free first."
        )


def _lock(shop_id: int) -> Shop:
    return Shop.objects.select_for_update(no_key=True).get(pk=shop_id)


def _moved(shop: Shop, before: Places, after: Places) -> OrderQuerySet:
    """Orders that are elsewhere now. They name one of few places, or none."""
    orders = Order.objects.filter(shop=shop)
    if before == after:
        return orders.none()
    named = orders.order_by().values_list("warehouse", flat=True).distinct()
    moved = [text for text in named if before.of(text) != after.of(text)]
    return orders.filter(warehouse__in=moved)


def _effect(shop: Shop, before: Places, after: Places) -> Effect:
    moved = _moved(shop, before, after)
    booked = Booking.objects.filter(shop=shop, cause_kind=Booking.Kind.ORDER)
    left = booked.exclude(on_hand=0)
    told = ListingSku.objects.filter(shop=shop, variant__isnull=False).present()
    return Effect(
        waiting=moved.filter(pk__in=booked.holding().values("cause_id")).count(),
        left=moved.filter(pk__in=left.values("cause_id")).count(),
        skus=told.count(),
    )
