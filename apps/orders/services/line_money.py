"""What a buyer pays for each line of an order, what of it went back, and what is left:
for the order's page and the API."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import prefetch_related_objects

from apps.orders.models import Cancellation, Order, OrderLine, Return
from apps.orders.services.aftersales import is_in_currency_of, pays_back, was_paid

_CENT = Decimal("0.0001")
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class LineMoney:
    """Of one line, in major units of the order's currency: goods alone, without
    shipping and tax."""

    line: OrderLine
    paid: Decimal
    refunded: Decimal

    @property
    def still_paid(self) -> Decimal:
        return self.paid - self.refunded


def money_by_line(order: Order) -> list[LineMoney]:
    """Of each of the order's lines, in their order: five queries, fewer for what is
    prefetched (lines, returns__lines, cancellations__lines)."""
    prefetch_related_objects([order], "lines", "returns__lines", "cancellations__lines")
    lines = sorted(order.lines.all(), key=lambda line: (line.position, line.pk))
    is_paid = was_paid(order)
    worth = {line.pk: line.amount if is_paid else _NOTHING for line in lines}
    refunds = _refunds(order, worth, {line.pk: line.quantity for line in lines})
    return [
        LineMoney(line, worth[line.pk], _refunded(order, line, worth, refunds))
        for line in lines
    ]


def _refunded(
    order: Order,
    line: OrderLine,
    worth: Mapping[int, Decimal],
    refunds: Mapping[int, Decimal],
) -> Decimal:
    """What was cancelled is paid back, whether or not a request tells of it."""
    paid = worth[line.pk]
    if order.status == Order.Status.CANCELLED:
        return paid
    cancelled = min(line.cancelled_quantity or 0, line.quantity)
    share = (paid * cancelled / line.quantity).quantize(_CENT)
    return min(paid, max(share, refunds[line.pk]))


def _refunds(
    order: Order, worth: Mapping[int, Decimal], units: Mapping[int, int]
) -> Mapping[int, Decimal]:
    """{line: what requests pay back of it}"""
    refunds: dict[int, Decimal] = defaultdict(Decimal)
    for request in _paying(order):
        if not is_in_currency_of(order, request):
            continue
        lines = [each for each in request.lines.all() if each.order_line_id in worth]
        told = {
            each.pk: _of_goods(each.refund_subtotal_amount, each.refund_amount)
            for each in lines
        }
        if any(amount is not None for amount in told.values()):
            for each in lines:
                assert each.order_line_id is not None
                refunds[each.order_line_id] += told[each.pk] or _NOTHING
            continue
        amount = _of_goods(request.refund_subtotal_amount, request.refund_amount)
        weights: dict[int, Decimal] = defaultdict(Decimal)
        for each in lines:
            key = each.order_line_id
            assert key is not None
            weights[key] += worth[key] * each.quantity / units[key]
        for key, part in _shared(amount or _NOTHING, weights).items():
            refunds[key] += part
    return refunds


def _paying(order: Order) -> Iterable[Cancellation | Return]:
    yield from filter(pays_back, order.returns.all())
    for each in order.cancellations.all():
        if each.status == Cancellation.Status.COMPLETE:
            yield each


def _of_goods(subtotal: Decimal | None, total: Decimal | None) -> Decimal | None:
    return total if subtotal is None else subtotal


def _shared(amount: Decimal, weights: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """An amount by weight; the last takes what rounding leaves."""
    whole = sum(weights.values(), _NOTHING)
    if not whole:
        return {}
    parts: dict[int, Decimal] = {}
    left = amount
    for key, weight in weights.items():
        parts[key] = (amount * weight / whole).quantize(_CENT)
        left -= parts[key]
    parts[key] += left
    return parts
