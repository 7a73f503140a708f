"""What orders claim of a shop's stock, from being placed until they are shipped."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable

from apps.simulator.world.basket import fill_basket
from apps.simulator.world.lifecycle import Event
from apps.simulator.world.orders import Order

_WAITING = frozenset({"UNPAID", "ON_HOLD", "AWAITING_SHIPMENT"})
_OPEN = _WAITING | {"PARTIALLY_SHIPPING"}
_SINGLY = frozenset({Event.PARTLY_SHIPPED, Event.UNITS_CANCELLED})
# By SKU and the SKU it was bought as: itself, or the bundle that it is a part of.
Pieces = Counter[tuple[str, str]]
# By SKU; then by what it was bought as, and the order's warehouse.
Claims = defaultdict[str, Counter[tuple[str, str]]]


def pieces_of(order: Order) -> Pieces:
    """All that is in the order.

    A bundle counts as itself and as its parts, which are what lies in a warehouse.
    """
    return _pieces(order, lambda number: 1)


def _pieces(order: Order, times: Callable[[int], int]) -> Pieces:
    """`times` says how often a unit of that number counts."""
    pieces: Pieces = Counter()
    for number, unit in enumerate(fill_basket(order, random.Random(order.seed)).units):
        if factor := times(number):
            pieces[unit.sku.id, unit.sku.id] += factor
            for part, count in unit.sku.parts:
                pieces[part.id, unit.sku.id] += count * factor
    return pieces


def shift_of(order: Order) -> Pieces:
    """How the last of its events has changed the order's claims; negative: shipped or
    cancelled."""
    done = order.done
    before = order.statuses[done - 2] if done > 1 else ""
    if not {before, order.status} & _OPEN:
        return Counter()
    is_single = order.events[done - 1] in _SINGLY
    if not is_single and (before == order.status or {before, order.status} <= _WAITING):
        return Counter()
    shift = _pieces(
        order, lambda unit: order.waits(unit, done) - order.waits(unit, done - 1)
    )
    return Counter({piece: count for piece, count in shift.items() if count})


def claims_of(orders: Iterable[Order]) -> Claims:
    """The claims of all these orders together."""
    claims: Claims = defaultdict(Counter)
    for order in orders:
        if order.status in _OPEN:
            add(claims, order, _waiting(order))
    return claims


def _waiting(order: Order) -> Pieces:
    return _pieces(order, lambda unit: order.waits(unit, order.done))


def add(claims: Claims, order: Order, pieces: Pieces) -> None:
    for (sku_id, bought_as), count in pieces.items():
        claims[sku_id][bought_as, order.warehouse_id] += count
