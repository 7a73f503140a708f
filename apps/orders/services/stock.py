"""Orders in the stock ledger: what their lines hold follows from what is known now.

Whoever changes an order or what its lines are calls `book_orders` in the same
transaction, under the shop's lock, or marks the orders as due; a sweep books those.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Q, Sum

from apps.core.storing import portions
from apps.inventory.models import (
    Booking,
    StockDocument,
    StockDocumentLine,
    StockMovement,
)
from apps.inventory.models.ledger import Position
from apps.inventory.services.booking import (
    Claim,
    Place,
    book,
    bookings_of,
)
from apps.inventory.services.places import Places, places_of_shop
from apps.orders.models import Order, OrderLine, OrderQuerySet
from apps.orders.services.coming_back import Units, units_by_line
from apps.orders.services.stock_effect import Effect, effect_of
from apps.platforms.models import Shop
from apps.products.models import BundleComponent

BATCH = 200
Parts = Mapping[int, int]  # {variant: how many of it are in one}


def book_orders(
    shop: Shop,
    orders: Iterable[Order],
    lines: Iterable[OrderLine] | None = None,
    *,
    new: Collection[Order] = (),
) -> list[StockMovement]:
    """Let the ledger say what follows from these orders of a shop. Repeating it books
    nothing. The caller holds the shop's lock, and calls it once a transaction.

    `lines` are all of these orders', should the caller have them at hand, `new` those
    orders which this very transaction has stored: nothing can be booked for them.
    """
    rows = {order.pk: order for order in orders}
    if not rows:
        return []
    _clear_due(rows.values())
    held = _held(rows.keys() - {order.pk for order in new})
    claims, held = _claims(shop, rows, lines, held)
    return book(Booking.Kind.ORDER, rows, claims, held=held)


def claims_of(
    shop: Shop, orders: Mapping[int, Order], lines: Iterable[OrderLine] | None = None
) -> tuple[list[Claim], list[Booking]]:
    """What orders of a shop, {key: order}, are to have booked, and what they have. A
    test shop's take no stock. What left a client who had the shop before is gone there,
    and is neither claimed nor taken back here."""
    return _claims(shop, orders, lines, _held(orders))


def _held(orders: Collection[int]) -> list[Booking]:
    return bookings_of(Booking.Kind.ORDER, orders) if orders else []


def _claims(
    shop: Shop,
    orders: Mapping[int, Order],
    lines: Iterable[OrderLine] | None,
    held: list[Booking],
) -> tuple[list[Claim], list[Booking]]:
    if lines is None:
        lines = _lines_of(orders)
    if gone := _left_elsewhere(shop, held):
        held = [row for row in held if (row.cause_id, row.cause_part) not in gone]
    matched = [
        line
        for line in lines
        if line.variant_id is not None
        and line.order_id in orders
        and (line.order_id, line.key) not in gone
    ]
    is_test = shop.environment != Shop.Environment.PRODUCTION
    if is_test or not matched:
        return [], held
    surroundings = _Surroundings.of(shop, orders, matched, held)
    return [surroundings.claim(orders[line.order_id], line) for line in matched], held


def _left_elsewhere(shop: Shop, held: Iterable[Booking]) -> set[tuple[int, str]]:
    """(order, line's key) of goods that left a warehouse of another client's."""
    return {
        (row.cause_id, row.cause_part)
        for row in held
        if row.on_hand and row.level.warehouse.client_id != shop.client_id
    }


def mark_due(orders: OrderQuerySet) -> int:
    """What is booked for these orders may be outdated; a sweep sees to it: how many
    that is news of. The caller holds the lock of their shop, before any of stock."""
    return orders.filter(is_stock_due=False).update(is_stock_due=True)


@transaction.atomic
def mark_orders_due(shop: Shop, keys: Collection[int] | None = None) -> int:
    """`mark_due` of these orders of a shop, or of all, under its lock: how many."""
    Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
    orders = Order.objects.filter(shop=shop)
    if keys is None:
        return mark_due(orders)
    return sum(mark_due(orders.filter(pk__in=some)) for some in portions(sorted(keys)))


@transaction.atomic
def book_due_orders(shop: Shop, most: int = BATCH) -> int:
    """Book the newest orders of a shop that are due: how many."""
    shop = Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
    due = list(Order.objects.filter(shop=shop, is_stock_due=True)[:most])
    book_orders(shop, due)
    return len(due)


def book_all_due(most: int = 100) -> int:
    """Book the orders of all shops that are due, in turn, until none is left or `most`
    batches are booked: how many orders."""
    due = Order.objects.filter(is_stock_due=True).order_by()
    booked = 0
    while keys := sorted(due.values_list("shop", flat=True).distinct()):
        for shop in Shop.objects.filter(pk__in=keys).order_by("pk"):
            if most <= 0:
                return booked
            booked += book_due_orders(shop)
            most -= 1
    return booked


def mark_outdated_bundles() -> int:
    """Mark the orders that are promised a bundle which is made of something else now:
    how many."""
    outdated = outdated_bundles()
    shops = Shop.objects.filter(pk__in=outdated).order_by("pk")
    return sum(mark_orders_due(shop, outdated[shop.pk]) for shop in shops)


def outdated_bundles() -> dict[int, set[int]]:
    """{shop: orders that are promised a bundle as it was made before}. What has left,
    and what is still to follow it, is not among them: it stays as it was then."""
    holding = Booking.objects.holding().filter(
        cause_kind=Booking.Kind.ORDER,
        shop__isnull=False,
        sold__isnull=False,
        on_hand=0,
    )
    rows = holding.filter(
        Q(sold__is_bundle=True) | ~Q(sold=F("level__variant"))
    ).values_list(
        "shop", "cause_id", "cause_part", "sold", "level__variant", "per_unit"
    )
    booked: dict[tuple[int, int, str, int], dict[int, int]] = defaultdict(dict)
    for shop, order, part, sold, variant, per_unit in rows.iterator(chunk_size=2_000):
        assert shop is not None
        assert sold is not None
        booked[shop, order, part, sold][variant] = per_unit
    parts = _parts_of({sold for *_, sold in booked})
    outdated: dict[int, set[int]] = defaultdict(set)
    for (shop, order, _, sold), held in booked.items():
        if held != parts.get(sold, {sold: 1}):
            outdated[shop].add(order)
    return outdated


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What claims of a batch depend on beside the orders themselves."""

    shop: Shop
    places: Places
    parts: Mapping[int, Parts]
    left_as: Mapping[tuple[int, str, int], Parts]
    inspected: Mapping[tuple[int, str], int]
    returned: Mapping[int, Sequence[Units]]
    effects: Mapping[int, Effect]  # of each line, as if nothing was inspected

    @classmethod
    def of(
        cls,
        shop: Shop,
        orders: Mapping[int, Order],
        lines: Sequence[OrderLine],
        held: Iterable[Booking],
    ) -> "_Surroundings":
        returned = units_by_line(_with_returns(orders.values()))
        effects = {
            line.pk: effect_of(
                orders[line.order_id], line, returned=returned.get(line.pk, ())
            )
            for line in lines
        }
        coming_back = {
            line.order_id for line in lines if effects[line.pk].position.expected_back
        }
        return cls(
            shop=shop,
            places=places_of_shop(shop),
            parts=_parts_of({line.variant_id for line in lines if line.variant_id}),
            left_as=_left_as(held),
            inspected=_inspected(coming_back),
            returned=returned,
            effects=effects,
        )

    def claim(self, order: Order, line: OrderLine) -> Claim:
        assert line.variant_id is not None
        sold = line.variant_id
        order_id = line.order_id
        parts = self.left_as.get((order_id, line.key, sold))
        parts = parts or self.parts.get(sold, {sold: 1})
        effect = self.effects[line.pk]
        if inspected := self.inspected.get((order_id, line.key)):
            effect = effect_of(order, line, inspected, self.returned.get(line.pk, ()))
        warehouse = self.places.of(order.warehouse)
        one = effect.position
        positions: dict[Place, Position] = {
            (variant, warehouse): one if count == 1 else one * count
            for variant, count in parts.items()
        }
        return Claim(
            cause_id=order_id,
            part=line.key,
            positions=positions,
            reason=effect.reason,
            occurred_at=effect.occurred_at,
            claimed_at=order.placed_at,
            shop_id=self.shop.pk,
            sold_id=sold,
            per_unit=parts,
        )


def _with_returns(orders: Iterable[Order]) -> set[int]:
    """Those of which returns are known: see services.aftersales."""
    none = ("", Order.ReturnState.REPORTED)
    return {order.pk for order in orders if order.return_state not in none}


def _clear_due(orders: Iterable[Order]) -> None:
    """To be done before anything is read that decides what is booked: who changes that
    afterwards marks the order again."""
    due = [order for order in orders if order.is_stock_due]
    for some in portions(due):
        keys = [order.pk for order in some]
        Order.objects.filter(pk__in=keys).update(is_stock_due=False)
    for order in due:
        order.is_stock_due = False


def _lines_of(orders: Collection[int]) -> list[OrderLine]:
    return [
        line
        for keys in portions(sorted(orders))
        for line in OrderLine.objects.filter(order__in=keys).order_by("pk")
    ]


def _parts_of(variants: Collection[int]) -> dict[int, dict[int, int]]:
    """{bundle: what it is made of} of those that are bundles."""
    parts: dict[int, dict[int, int]] = defaultdict(dict)
    for keys in portions(sorted(variants)):
        rows = BundleComponent.objects.filter(
            bundle__among=keys, bundle__is_bundle=True
        )
        for bundle, component, count in rows.values_list(
            "bundle", "component", "quantity"
        ):
            parts[bundle][component] = count
    return parts


def _left_as(held: Iterable[Booking]) -> dict[tuple[int, str, int], dict[int, int]]:
    """{(order, line's key, sold): what one was made of when it left}"""
    left: dict[tuple[int, str, int], dict[int, int]] = defaultdict(dict)
    for row in held:
        if row.on_hand and row.sold_id is not None:
            key = (row.cause_id, row.cause_part, row.sold_id)
            left[key][row.level.variant_id] = row.per_unit
    return left


def _inspected(orders: Collection[int]) -> dict[tuple[int, str], int]:
    """{(order, line's key): units that came back and were looked at}"""
    found: dict[tuple[int, str], int] = {}
    rows = StockDocumentLine.objects.filter(
        document__kind=StockDocument.Kind.INSPECTION,
        document__state=StockDocument.State.BOOKED,
    )
    for keys in portions(sorted(orders)):
        sums = rows.filter(order_id__in=keys).order_by()
        per_line = sums.values_list("order_id", "order_line_key")
        for order, part, units in per_line.annotate(Sum("quantity")):
            found[order, part] = units
    return found
