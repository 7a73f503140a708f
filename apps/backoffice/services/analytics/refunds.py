"""What requests after the sale pay back of an order's goods, line by line."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from apps.orders.models import Cancellation, Order, Return
from apps.orders.models.aftersales import Request, RequestLine
from apps.orders.services.aftersales import is_in_currency_of, pays_back

_ZERO = Decimal(0)
Worth = Mapping[int, tuple[Decimal, int]]  # {order line: (paid for it, units)}


@dataclass(slots=True)
class LineRefunds:
    """Of one order line; money in the order's currency, None where nobody tells."""

    cancelled: Decimal | None = None
    refunded: Decimal | None = None
    refunded_units: int = 0


@dataclass(slots=True)
class Refunds:
    """{order line: its refunds}"""

    by_line: dict[int, LineRefunds] = field(
        default_factory=lambda: defaultdict(LineRefunds)
    )

    def of(self, line: int) -> LineRefunds:
        return self.by_line.get(line) or LineRefunds()


def refunds_of(orders: Mapping[int, Order], worth: Mapping[int, Worth]) -> Refunds:
    """Of these orders by their keys; `worth` is theirs, by the same.
    Four queries, two where nothing came back."""
    found = Refunds()
    for request in _paying(Return, orders):
        order = _order_of(request, orders)
        for line, part, units in _parts(request, worth.get(order.pk, {})):
            row = found.by_line[line]
            row.refunded_units += units
            if part is not None:
                row.refunded = (row.refunded or _ZERO) + part
    for request in _paying(Cancellation, orders):
        order = _order_of(request, orders)
        for line, part, _ in _parts(request, worth.get(order.pk, {})):
            if part is not None:
                row = found.by_line[line]
                row.cancelled = (row.cancelled or _ZERO) + part
    return found


def _paying(
    model: type[Cancellation] | type[Return], orders: Mapping[int, Order]
) -> list[Cancellation | Return]:
    keys: Collection[int] = orders.keys()
    rows = model.objects.filter(order__among=keys).order_by("pk")
    return [
        row
        for row in rows.prefetch_related("lines")
        if _pays(row) and is_in_currency_of(_order_of(row, orders), row)
    ]


def _pays(request: Cancellation | Return) -> bool:
    if isinstance(request, Return):
        return pays_back(request)
    return request.status == Cancellation.Status.COMPLETE


def _order_of(request: Cancellation | Return, orders: Mapping[int, Order]) -> Order:
    assert request.order_id is not None
    return orders[request.order_id]


def _parts(
    request: Cancellation | Return, worth: Worth
) -> list[tuple[int, Decimal | None, int]]:
    """(order line, money, units). What its lines tell; else what it tells itself, by
    what the units it names are worth, or all of the order if it names none."""
    named: list[tuple[int, Decimal | None, int]] = [
        (line.order_line_id, _goods(line), line.quantity)
        for line in request.lines.all()
        if line.order_line_id is not None and line.order_line_id in worth
    ]
    if any(money is not None for _, money, _ in named):
        return named
    whole = _goods(request)
    if whole is None and isinstance(request, Return):
        whole = request.offered_amount
    units: dict[int, int] = defaultdict(int)
    for line, _, quantity in named:
        units[line] += quantity
    weights = {
        line: paid * units.get(line, quantity) / quantity
        for line, (paid, quantity) in worth.items()
        if line in units or not units
    }
    total = sum(weights.values(), _ZERO)
    if whole is None or not total:
        return named
    return [
        (line, whole * weight / total, units.get(line, 0))
        for line, weight in weights.items()
    ]


def _goods(row: Request | RequestLine) -> Decimal | None:
    """Without shipping and tax, where that is told apart."""
    amount: Decimal | None = row.refund_subtotal_amount
    return row.refund_amount if amount is None else amount
