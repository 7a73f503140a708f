"""Goods that came back are looked at: into stock, into quarantine, or written off.

A document says what became of them, and the order expects so many fewer back. Of each
line and outcome one line of the document bears the line's key and says how many units
of what was sold it is; what else is in a bundle stands on lines without the key. So the
units of a line are the sum of the lines that bear its key, see services.stock.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Sum

from apps.inventory.errors import DocumentRefused, Fault, StockRefuses
from apps.inventory.models import (
    Booking,
    StockDocument,
    StockDocumentLine,
    Warehouse,
)
from apps.inventory.services.booking import Claim, Place, lock_levels
from apps.inventory.services.documents import (
    By,
    Deed,
    Line,
    book_document,
    standing_document,
    take_back,
)
from apps.orders.models import Order, OrderEvent, Return
from apps.orders.services.events import Happening, note_event, note_events
from apps.orders.services.stock import book_orders, claims_of
from apps.platforms.models import Shop
from apps.products.models import Variant

Outcome = StockDocumentLine.Outcome
Units = Mapping[
    str, Mapping[str, int]
]  # {line's key: {outcome: units of what was sold}}


@dataclass(frozen=True, slots=True)
class Returnable:
    """A line of an order as far as its goods have left: `sold` units, of which
    `expected` are to come back and `inspected` did. `parts` are {variant: how many of
    it are in one}."""

    key: str
    sold_id: int
    sold: int
    expected: int
    inspected: int
    parts: Mapping[int, int]
    warehouse_id: int

    @property
    def left(self) -> int:
        return self.sold - self.inspected


@transaction.atomic
def inspect(
    order: Order,
    lines: Units,
    warehouse: Warehouse,
    by: By,
    *,
    key: str = "",
    note: str = "",
    source: StockDocument.Source = StockDocument.Source.PAGE,
) -> StockDocument:
    """Book what became of units of an order's lines; they may have come unannounced.
    The same `key` gives the document that stands.

    Raises DocumentRefused, and StockRefuses where nothing of the order has left.
    """
    shop = Shop.objects.select_for_update(no_key=True).get(pk=order.shop_id)
    order = Order.objects.get(pk=order.pk)
    kind = StockDocument.Kind.INSPECTION
    if standing := standing_document(shop.client, kind, key):
        return standing
    claims, held = claims_of(shop, {order.pk: order})
    known = {each.key: each for each in _returnable(order, claims)}
    if faults := _faults(known, lines):
        raise DocumentRefused(faults)
    deed = Deed(
        kind,
        warehouse,
        _lines_of(order, known, lines),
        note=note,
        source=source,
        key=key,
    )
    # All of them first: the document and the order book in one transaction.
    places = {
        (line.variant.pk, warehouse.pk)
        for line in deed.lines
        if line.outcome != Outcome.WRITTEN_OFF
    }
    lock_levels(places | _places(claims, held))
    document = book_document(shop.client, deed, by).document
    book_orders(shop, [order])
    note_event(order, OrderEvent.Kind.INSPECTED, _in_words(lines), by=by)
    return document


@transaction.atomic
def take_back_inspection(document: StockDocument, by: By) -> None:
    """As if nobody had looked: its orders expect the goods again. Repeating it changes
    nothing."""
    # The document first, as whoever was told its state has locked it already.
    document = StockDocument.objects.select_for_update(of=["self"]).get(pk=document.pk)
    was_booked = document.state == StockDocument.State.BOOKED
    by_shop = _orders_of(document)
    lines = document.lines.exclude(outcome=Outcome.WRITTEN_OFF)
    variants = lines.values_list("variant", flat=True)
    places = {(variant, document.warehouse_id) for variant in variants}
    for shop, orders in by_shop:
        places |= _places(*claims_of(shop, orders))
    lock_levels(places)
    take_back(document, by)
    for shop, orders in by_shop:
        book_orders(shop, orders.values())
    if was_booked:
        text = "Inspection taken back"
        kind = OrderEvent.Kind.INSPECTED
        concerned = [order for _, orders in by_shop for order in orders.values()]
        note_events([Happening(order, kind, text, by) for order in concerned])


def _orders_of(document: StockDocument) -> list[tuple[Shop, dict[int, Order]]]:
    """The orders that were inspected, read under the locks of their shops."""
    keys = document.lines.filter(order_id__isnull=False).values("order_id")
    orders = Order.objects.filter(pk__in=keys)
    shops = Shop.objects.select_for_update(no_key=True).order_by("pk")
    locked = list(shops.filter(pk__in=orders.order_by().values("shop")))
    return [
        (shop, {order.pk: order for order in orders.filter(shop=shop)})
        for shop in locked
    ]


def returnable(order: Order) -> list[Returnable]:
    """Lines of an order whose goods have left, as known now."""
    claims, _ = claims_of(order.shop, {order.pk: order})
    return list(_returnable(order, claims))


def units_of_return(order_return: Return) -> dict[str, int]:
    """{order line's key: units of it that a return is about, and are still out}: what
    an inspection of that return begins with."""
    if order_return.order is None:
        return {}
    items: dict[int | None, set[str]] = defaultdict(set)
    counted: Counter[int | None] = Counter()
    for line in order_return.lines.all():
        if line.unit_id:
            items[line.order_line_id].add(line.unit_id)
        else:
            counted[line.order_line_id] += line.quantity
    keys = dict(order_return.order.lines.values_list("key", "pk"))
    found = {
        each.key: min(each.left, len(items[keys[each.key]]) + counted[keys[each.key]])
        for each in returnable(order_return.order)
    }
    return {key: units for key, units in found.items() if units}


def _returnable(order: Order, claims: Iterable[Claim]) -> Iterable[Returnable]:
    inspected = _inspected(order)
    for claim in claims:
        (variant, warehouse), position = next(iter(claim.positions.items()))
        count = claim.per_unit[variant]
        if position.on_hand < 0 and claim.sold_id is not None:
            yield Returnable(
                key=claim.part,
                sold_id=claim.sold_id,
                sold=-position.on_hand // count,
                expected=position.expected_back // count,
                inspected=inspected.get(claim.part, 0),
                parts=claim.per_unit,
                warehouse_id=warehouse,
            )


def _inspected(order: Order) -> dict[str, int]:
    rows = StockDocumentLine.objects.filter(
        order_id=order.pk,
        document__kind=StockDocument.Kind.INSPECTION,
        document__state=StockDocument.State.BOOKED,
    )
    sums = rows.order_by().values_list("order_line_key").annotate(Sum("quantity"))
    return dict(sums)


def _faults(known: Mapping[str, Returnable], lines: Units) -> list[Fault]:
    if not known:
        raise StockRefuses("Nothing of this order has left the warehouse.")
    faults = []
    total = 0
    for row, (key, outcomes) in enumerate(lines.items()):
        units = sum(outcomes.values())
        total += units
        if key not in known:
            faults.append(Fault("lines", "There is no such line to inspect.", row))
        elif (
            set(outcomes) - set(Outcome.values) or min(outcomes.values(), default=0) < 0
        ):
            faults.append(Fault("lines", "Units are 0 or more.", row))
        elif units > known[key].left:
            message = f"{units:,} are more than the {known[key].left:,} still out."
            faults.append(Fault("lines", message, row))
    if not faults and not total:
        faults.append(Fault("lines", "Say what becomes of at least one unit."))
    return faults


def _lines_of(
    order: Order, known: Mapping[str, Returnable], lines: Units
) -> list[Line]:
    keys = {variant for key in lines for variant in known[key].parts}
    variants = Variant.objects.in_bulk(sorted(keys))
    return [
        line
        for key, outcomes in lines.items()
        for outcome, units in outcomes.items()
        if units
        for line in _lines_for(order, known[key], variants, outcome, units)
    ]


def _lines_for(
    order: Order,
    of: Returnable,
    variants: Mapping[int, Variant],
    outcome: str,
    units: int,
) -> Iterable[Line]:
    for place, (variant, count) in enumerate(sorted(of.parts.items())):
        if place == 0:
            yield Line(variants[variant], units, outcome, order.pk, of.key)
            count -= 1
        if count:
            yield Line(variants[variant], units * count, outcome, order.pk)


def _in_words(lines: Units) -> str:
    """As “2 sellable, 1 written off”."""
    units: Counter[str] = Counter()
    for outcomes in lines.values():
        units.update(outcomes)
    told = (f"{units[each]:,} {each.label.lower()}" for each in Outcome if units[each])
    return ", ".join(told)


def _places(claims: Iterable[Claim], held: Iterable[Booking]) -> set[Place]:
    """Where an order has something booked, or is to have."""
    places = {(row.level.variant_id, row.level.warehouse_id) for row in held}
    for claim in claims:
        places |= {place for place, position in claim.positions.items() if position}
    return places
