"""What of an order's value went back, and when: goods alone."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from apps.orders.models import Cancellation, Order, Return
from apps.orders.services.aftersales import is_in_currency_of, pays_back

_ZERO, _ONE = Decimal(0), Decimal(1)
_STEP = Decimal("0.0001")
_SAME = ("order", "currency", "refund_amount", "refund_subtotal_amount")
# No goods came back, whatever a file says of units.
_NOT_BACK = (Order.ReturnState.REJECTED, Order.ReturnState.CLOSED)


class Line(NamedTuple):
    """Of an order line, in its currency: `paid` by the buyer, `added` by the platform;
    units called off and sent back."""

    quantity: int
    paid: Decimal
    added: Decimal
    called_off: int | None
    back: int | None

    @property
    def value(self) -> Decimal:
        return self.paid + self.added

    def of_units(self, units: int | None) -> Decimal:
        return self.value * min(units or 0, self.quantity) / self.quantity


class Refund(NamedTuple):
    """Of the order's value, so that what is returned whole comes to nothing."""

    amount: Decimal = _ZERO
    at: datetime | None = None


class Paying(NamedTuple):
    """A request that pays back, and what of it is for goods."""

    is_cancellation: bool
    goods: Decimal | None
    at: datetime | None


def requests_of(orders: Mapping[int, Order]) -> dict[int, list[Paying]]:
    """{order: requests that pay back}. Two queries."""
    keys = list(orders)
    found: dict[int, list[Paying]] = {}

    def take(request: Return | Cancellation, at: datetime | None) -> None:
        key = request.order_id
        assert key is not None
        if is_in_currency_of(orders[key], request):
            is_cancellation = isinstance(request, Cancellation)
            paying = Paying(is_cancellation, _goods(request), at)
            found.setdefault(key, []).append(paying)

    returns = Return.objects.filter(order__among=keys).only(
        *_SAME, "kind", "status", "offered_amount", "refunded_at", "remote_updated_at"
    )
    for each in returns.order_by("pk"):
        if pays_back(each):
            take(each, each.refunded_at or each.remote_updated_at)
    done = Cancellation.objects.filter(
        order__among=keys, status=Cancellation.Status.COMPLETE
    ).only(*_SAME, "remote_updated_at")
    for cancellation in done.order_by("pk"):
        take(cancellation, cancellation.remote_updated_at)
    return found


def refund_of(
    order: Order, value: Decimal, lines: Collection[Line], requests: Sequence[Paying]
) -> Refund:
    """By what requests say of money, else by what the order does, else by units. What
    the platform added to a price goes back with the buyer's part."""
    paid = sum((line.paid for line in lines), _ZERO) if lines else value
    off = sum((line.of_units(line.called_off) for line in lines), _ZERO)
    at = max((one.at for one in requests if one.at is not None), default=None)
    if any(one.goods is not None for one in requests):
        cancelled, returned = (
            sum(
                (one.goods or _ZERO for one in requests if one.is_cancellation == kind),
                _ZERO,
            )
            for kind in (True, False)
        )
        amount = max(off, value * _share(cancelled, paid))
        amount += value * _share(returned, paid)
    elif order.refund_amount:
        amount = max(off, value * _share(order.refund_amount, paid))
    else:
        amount = off
        if order.return_state not in _NOT_BACK:
            amount += sum((line.of_units(line.back) for line in lines), _ZERO)
    return Refund(min(value, amount).quantize(_STEP, ROUND_HALF_UP), at)


def _goods(request: Return | Cancellation) -> Decimal | None:
    """Without shipping and tax where the request tells them apart."""
    subtotal: Decimal | None = request.refund_subtotal_amount
    if subtotal is not None:
        return subtotal
    amount: Decimal | None = request.refund_amount
    if amount is None and isinstance(request, Return):
        amount = request.offered_amount
    return amount


def _share(part: Decimal, whole: Decimal) -> Decimal:
    if whole <= 0 or part <= 0:
        return _ZERO
    return min(_ONE, part / whole)
