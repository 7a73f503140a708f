"""What would become of each row."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from apps.core.storing import portions
from apps.orders.errors import ActionRefused
from apps.orders.models import Order, OrderAction, Package, ShippingProvider
from apps.orders.services.actions.facts import Facts, facts_of
from apps.orders.services.actions.tracking import wish_tracking
from apps.orders.services.actions.wishes import Wish, target_of
from apps.orders.services.logistics import carriers_for, known_carriers
from apps.orders.services.tracking_upload.carriers import carrier_named, folded
from apps.orders.services.tracking_upload.reading import Row
from apps.platforms.models.shop import at_shops_of
from apps.users.models import User
from apps.users.roles import PROCESS_ORDERS

_ANSWERED = "It has this number already."


class Result(StrEnum):
    NEW = "new"
    SAME = "same"
    CORRECTION = "correction"
    REFUSED = "refused"


@dataclass(slots=True)
class Judged:
    """What would become of a row, or became of it: `action` after an upload."""

    row: Row
    result: Result
    why: str = ""
    order: Order | None = None
    package: Package | None = None
    wish: Wish | None = None
    action: OrderAction | None = None


def preview(user: User, rows: Sequence[Row]) -> list[Judged]:
    """What an upload would do with each row, in order; nothing is written. An order at
    whose shop the user may not process orders is one that does not exist.

    The same few queries however many rows; shops whose carriers nobody has asked for
    yet are asked.
    """
    orders = _orders(user, rows)
    every = [order for some in orders.values() for order in some]
    facts = facts_of(every)
    surroundings = _Surroundings(orders, facts, _carriers(every), _elsewhere(user))
    judged = [_judged(row, surroundings) for row in rows]
    _judge_doubles(judged)
    return judged


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """{order ID: orders}, {key of order: facts}, {key of shop: carriers}, and folded
    names of carriers at any shop the user sees."""

    orders: Mapping[str, list[Order]]
    facts: Mapping[int, Facts]
    carriers: Mapping[int, list[ShippingProvider]]
    elsewhere: frozenset[str]


def _orders(user: User, rows: Sequence[Row]) -> dict[str, list[Order]]:
    found: dict[str, list[Order]] = defaultdict(list)
    ids = sorted({row.order_id for row in rows if not row.fault})
    for some in portions(ids):
        mine = Order.objects.filter(at_shops_of(user, PROCESS_ORDERS))
        for order in mine.filter(remote_id__in=some).order_by("pk"):
            found[order.remote_id].append(order)
    return found


def _carriers(orders: Sequence[Order]) -> dict[int, list[ShippingProvider]]:
    one = {order.shop_id: order for order in orders}
    found = known_carriers(sorted(one))
    for shop_id, carriers in found.items():
        if not carriers:
            found[shop_id] = carriers_for(one[shop_id]).value
    return found


def _elsewhere(user: User) -> frozenset[str]:
    rows = ShippingProvider.objects.visible_to(user).order_by()
    return frozenset(map(folded, rows.values_list("name", flat=True).distinct()))


def _judged(row: Row, around: _Surroundings) -> Judged:
    judged = Judged(row, Result.REFUSED, row.fault)
    if row.fault:
        return judged
    try:
        judged.order = order = _one_of(around.orders.get(row.order_id, []))
        facts = around.facts[order.pk]
        judged.package = package = _package(row, facts)
        if _has_it(row, order, package, facts):
            judged.result, judged.why = Result.SAME, _ANSWERED
            return judged
        carrier = carrier_named(
            row.carrier, order, around.carriers[order.shop_id], around.elsewhere
        )
        wish = wish_tracking(
            order, row.number, carrier, package=package, row=row.line, facts=facts
        )
    except ActionRefused as error:
        judged.why = str(error)
        return judged
    judged.wish, judged.package = wish, wish.package or package
    is_correction = wish.kind == OrderAction.Kind.UPDATE_TRACKING
    judged.result = Result.CORRECTION if is_correction else Result.NEW
    if _is_asked(wish, facts):
        judged.result, judged.why = Result.SAME, "It was asked for before."
    return judged


def _one_of(orders: Sequence[Order]) -> Order:
    if not orders:
        raise ActionRefused("There is no such order.")
    if len(orders) > 1:
        raise ActionRefused("Orders of several shops have this ID.")
    return orders[0]


def _package(row: Row, facts: Facts) -> Package | None:
    if not row.package_id:
        return None
    for package in facts.packages:
        if package.remote_id == row.package_id:
            return package
    raise ActionRefused(f"The order has no package {row.package_id}.")


def _has_it(row: Row, order: Order, package: Package | None, facts: Facts) -> bool:
    """Whether carrier and number are known to the platform already; a row that names no
    carrier speaks of the number alone."""
    known = package or _only(facts)
    number = known.tracking_number if known else order.tracking_number
    carrier = (known.carrier if known else "") or order.carrier
    if number.casefold() != row.number.casefold() or not number:
        return False
    return not row.carrier or not carrier or folded(carrier) == folded(row.carrier)


def _only(facts: Facts) -> Package | None:
    return facts.packages[0] if len(facts.packages) == 1 else None


def _is_asked(wish: Wish, facts: Facts) -> bool:
    target = target_of(wish)
    return any(
        (action.kind, action.target, action.details)
        == (wish.kind, target, dict(wish.details))
        for action in facts.open
    )


def _judge_doubles(judged: Sequence[Judged]) -> None:
    """Rows about the same thing: what says the same counts once, what contradicts
    itself does not count at all."""
    about: dict[tuple[int, int | None], list[Judged]] = defaultdict(list)
    for each in judged:
        if each.order is not None and each.result is not Result.REFUSED:
            key = each.package.pk if each.package else None
            about[each.order.pk, key].append(each)
    for rows in about.values():
        said = {(r.row.number.casefold(), folded(r.row.carrier)) for r in rows}
        for each in rows if len(said) > 1 else rows[1:]:
            other = next(r for r in rows if r is not each)
            each.wish = None
            if len(said) > 1:
                each.result = Result.REFUSED
                each.why = f"Line {other.row.line} says otherwise of it."
            else:
                each.result = Result.SAME
                each.why = f"Line {rows[0].row.line} says the same."
