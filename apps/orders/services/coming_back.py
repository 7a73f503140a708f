"""Which units of an order come back, by its returns. Pure, but for the one query that
reads them.

A refund alone brings nothing back; whoever may keep the goods sends none. What is to
be replaced or exchanged comes back from the moment the buyer is to send it. Source:
Partner Center, "Return and refund overview".
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from apps.core.storing import portions
from apps.orders.models import Return, ReturnLine

_Kind = Return.Kind
_Status = Return.Status
_BRING_GOODS = frozenset({_Kind.RETURN_AND_REFUND, _Kind.REPLACEMENT, _Kind.EXCHANGE})
_ON_THE_WAY = frozenset(
    {
        _Status.AWAITING_BUYER_SHIP,
        _Status.BUYER_SHIPPED,
        _Status.SUCCESS,
        _Status.COMPLETE,
    }
)


@dataclass(frozen=True, slots=True)
class Units:
    """Units of an order line that a return is about: an item (`unit_id`), or so many
    where none is named."""

    unit_id: str
    quantity: int
    comes_back: bool


def brings_back(
    kind: str, status: str, *, keeps_goods: bool | None, tracking_number: str
) -> bool:
    """Whether goods of a return are expected, or have come."""
    if kind not in _BRING_GOODS or keeps_goods:
        return False
    if status == _Status.REFUNDED_INSTEAD:
        # Nothing is replaced; what the buyer had sent by then comes all the same.
        return bool(tracking_number)
    return status in _ON_THE_WAY


def expected_units(returned_quantity: int | None, units: Sequence[Units]) -> int:
    """How many units of a line come back in all: by its returns, and what a file counts
    beyond those that any known return is about, as it cannot tell what kind it was."""
    expected = _count([each for each in units if each.comes_back])
    return expected + max(0, (returned_quantity or 0) - _count(units))


def units_by_line(orders: Collection[int]) -> dict[int, list[Units]]:
    """{order line: units of it that returns of these orders are about}"""
    found: dict[int, list[Units]] = defaultdict(list)
    for keys in portions(sorted(orders)):
        rows = ReturnLine.objects.filter(
            request__order__in=keys, order_line__isnull=False
        )
        for line, unit_id, quantity, kind, status, keeps_goods, number in rows.order_by(
            "pk"
        ).values_list(
            "order_line",
            "unit_id",
            "quantity",
            "request__kind",
            "request__status",
            "request__keeps_goods",
            "request__tracking_number",
        ):
            comes_back = brings_back(
                kind, status, keeps_goods=keeps_goods, tracking_number=number
            )
            assert line is not None
            found[line].append(Units(unit_id, quantity, comes_back))
    return found


def _count(units: Sequence[Units]) -> int:
    """An item that several returns are about, one after the other, is one."""
    items = {each.unit_id for each in units if each.unit_id}
    return len(items) + sum(each.quantity for each in units if not each.unit_id)
