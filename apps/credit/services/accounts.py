"""Shops as a score sees them: how long they are there, how they serve, their standing.

What nobody told is None: it is not known, which is something else than nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Min

from apps.credit.models import ShopStanding
from apps.credit.rules import Entity
from apps.credit.rules.features import SHOP
from apps.credit.rules.snapshot import age_of, in_window
from apps.credit.rules.table import WINDOW_DAYS
from apps.credit.services.order_rows import Known, Sold
from apps.finance.models import SettlementTransaction
from apps.integrations.contracts import CancelledBy
from apps.orders.models import Order
from apps.platforms.models import Shop
from apps.products.models import Listing


def shop_entities(
    shops: Collection[Shop],
    orders: Iterable[Known],
    first_listed: Mapping[int, date],
    as_of: date,
    *,
    is_read: bool,
) -> dict[str, Entity]:
    """{shop's key, as text: what is known of it}, without its income; unless any day
    `is_read`, nothing of its orders. Two queries."""
    rows = ShopStanding.objects.filter(shop__in=[shop.pk for shop in shops])
    standings = {row.shop_id: row for row in rows}
    first_orders = _first_orders(shops)
    by_shop: dict[int, list[Known]] = defaultdict(list)
    for known in orders:
        by_shop[known.order.shop_id].append(known)
    return {
        str(shop.pk): _entity(
            shop,
            by_shop[shop.pk] if is_read else None,
            standings.get(shop.pk) or ShopStanding(shop=shop),
            min(
                (
                    firsts[shop.pk]
                    for firsts in (first_listed, first_orders)
                    if shop.pk in firsts
                ),
                default=None,
            ),
            as_of,
        )
        for shop in shops
    }


def _first_orders(shops: Collection[Shop]) -> dict[int, date]:
    zones = {shop.pk: shop.zone for shop in shops}
    rows = Order.objects.filter(shop__in=list(zones)).order_by()
    firsts = rows.values("shop").annotate(Min("placed_at"))
    return {
        key: first.astimezone(zones[key]).date()
        for key, first in firsts.values_list("shop", "placed_at__min")
    }


def first_listings(shops: Collection[Shop]) -> dict[int, date]:
    """{shop key: the day it listed its first product}, where known. One query."""
    zones = {shop.pk: shop.zone for shop in shops}
    rows = Listing.objects.filter(shop__in=list(zones)).order_by()
    firsts = rows.values("shop").annotate(Min("remote_created_at"))
    return {
        key: first.astimezone(zones[key]).date()
        for key, first in firsts.values_list("shop", "remote_created_at__min")
        if first is not None
    }


def new_products_sold(
    shops: Collection[Shop], orders: Iterable[Known], as_of: date
) -> int:
    """How many products were both listed and sold in the window. One query."""
    places = {shop.pk: shop for shop in shops}
    sold: dict[int, set[Sold]] = defaultdict(set)
    for known in orders:
        if known.is_sale:
            sold[known.order.shop_id] |= known.sold
    keys = {one.listing_id for some in sold.values() for one in some}
    names = {(at, one.remote_product_id) for at, some in sold.items() for one in some}
    since = datetime.combine(as_of - timedelta(WINDOW_DAYS + 1), time(), tzinfo=UTC)
    listed = Listing.objects.filter(shop__in=list(places), remote_created_at__gte=since)
    rows = listed.order_by().values_list("pk", "shop", "remote_id", "remote_created_at")
    return len(
        [
            key
            for key, shop, remote_id, at in rows
            if (key in keys or (shop, remote_id) in names)
            and at is not None
            and in_window(age_of(at, places[shop].zone, as_of))
        ]
    )


def settled_orders(shops: Collection[Shop], orders: Collection[int]) -> set[int] | None:
    """Those of these orders that a settlement names; None where no settlement of any
    shop is known. Two queries."""
    rows = SettlementTransaction.objects.filter(shop__in=[shop.pk for shop in shops])
    if not rows.exists():
        return None
    named = rows.of_orders().filter(order__among=list(orders)).order_by()
    return {key for key in named.values_list("order", flat=True) if key is not None}


def _entity(
    shop: Shop,
    orders: Collection[Known] | None,
    standing: ShopStanding,
    first_day: date | None,
    as_of: date,
) -> Entity:
    """`orders` None: they were not read."""
    entity = Entity(
        kind=SHOP,
        age_days=None if first_day is None else float((as_of - first_day).days),
        seller_type=standing.seller_type or None,
        rating=_number(shop.rating),
        reviews=_number(standing.reviews),
        sps=_number(standing.sps),
        violation_points=_number(standing.violation_points),
        warnings=_number(standing.warnings),
    )
    return entity if orders is None else _serving(entity, orders)


def _serving(entity: Entity, orders: Collection[Known]) -> Entity:
    """With its orders, and what became of them."""
    sales = [one for one in orders if one.is_sale]
    placed = [
        one.order
        for one in orders
        if one.placed_age is not None and not one.row.is_sample
    ]
    shipped = [order for order in placed if order.shipped_at and order.ship_by_at]
    # None that went out tells when it had to: that is not known, not "none was late".
    is_known = bool(shipped) or not any(order.shipped_at for order in placed)
    return replace(
        entity,
        orders=float(len(sales)),
        returned_orders=float(len([one for one in sales if one.row.refunded > 0])),
        shipped=float(len(shipped)) if is_known else None,
        late_shipped=float(len([*filter(_was_late, shipped)])) if is_known else None,
        placed_orders=float(len(placed)),
        seller_cancels=float(len([*filter(_is_sellers_cancel, placed)])),
    )


def _was_late(order: Order) -> bool:
    shipped, due = order.shipped_at, order.ship_by_at
    return shipped is not None and due is not None and shipped > due


def _is_sellers_cancel(order: Order) -> bool:
    is_cancelled = order.status == Order.Status.CANCELLED
    return is_cancelled and order.cancelled_by == CancelledBy.SELLER


def _number(value: Decimal | int | None) -> float | None:
    return None if value is None else float(value)
