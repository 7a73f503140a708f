"""What was settled of one order, beside what was expected of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Prefetch

from apps.finance.models import (
    SettlementComponent,
    SettlementTransaction,
    SettlementType,
    UnsettledTransaction,
)
from apps.finance.rules.expected import (
    Expected,
    Judgement,
    Settled,
    Sold,
    expected_revenue,
    is_settlement_late,
    judge_order,
)
from apps.finance.services.owing import settings_of
from apps.orders.models import Order, OrderLine, Return

_ACCEPTED = (
    Return.Status.SUCCESS,
    Return.Status.COMPLETE,
    Return.Status.REFUNDED_INSTEAD,
)


@dataclass(frozen=True, slots=True)
class OrderMoney:
    """`settlements` are the order's own lines, `others` adjustments and reserves about
    it, with their parts; `unsettled` what is still to come. `judgement` is empty where
    its settlements are in another currency than the order."""

    settlements: Sequence[SettlementTransaction]
    others: Sequence[SettlementTransaction]
    unsettled: UnsettledTransaction | None
    judgement: Judgement | None
    is_late: bool = False

    @property
    def is_there(self) -> bool:
        return bool(self.settlements or self.others or self.unsettled)


def order_money(
    order: Order, lines: Sequence[OrderLine], returns: Sequence[Return], now: datetime
) -> OrderMoney:
    """Four queries, however many lines and settlements there are."""
    rows = list(
        order.settlements.select_related("statement")
        .prefetch_related(
            Prefetch("components", SettlementComponent.objects.order_by("pk")),
        )
        .order_by("settled_at", "pk")
    )
    settlements = [row for row in rows if row.type == SettlementType.ORDER]
    others = [row for row in rows if row.type != SettlementType.ORDER]
    estimates = list(
        order.unsettled.filter(type=SettlementType.ORDER).order_by("-seen_at", "-pk")
    )
    unsettled = next((row for row in estimates if row.closed_at is None), None)
    currencies = {row.currency for row in (*settlements, *estimates)}
    judgement = None
    if currencies <= {order.currency}:
        estimate = estimates[0].settlement_amount if estimates else None
        judgement = judge_order(
            expected_of(order, lines, returns),
            [
                Settled(row.settlement_amount, row.revenue_amount, row.settled_at)
                for row in settlements
            ],
            estimate,
        )
    settings = settings_of(order.shop)
    since = settings.covered_since
    is_known = since is not None and (order.delivered_at or since) >= since
    is_late = (
        is_known
        and not settlements
        and is_settlement_late(
            order.delivered_at, now, holding=timedelta(days=settings.holding_days)
        )
    )
    return OrderMoney(settlements, others, unsettled, judgement, is_late)


def expected_of(
    order: Order, lines: Sequence[OrderLine], returns: Sequence[Return]
) -> Expected:
    """Revenue that its lines should bring, after what was accepted to be refunded."""
    if order.status in (Order.Status.CANCELLED, Order.Status.UNPAID):
        return Expected(Decimal(0), is_exact=True)
    refunded = Decimal(0)
    for each in returns:
        if each.status in _ACCEPTED:
            refunded += each.refund_subtotal_amount or each.refund_amount or Decimal(0)
    sold = [_sold(line) for line in lines]
    return expected_revenue(sold, refunded, currency=order.currency)


def _sold(line: OrderLine) -> Sold:
    """What is left of a line after units of it were called off."""
    left = line.quantity - (line.cancelled_quantity or 0)
    share = Decimal(max(left, 0)) / line.quantity
    return Sold(
        original=line.original_amount * share,
        seller_discount=line.seller_discount_amount * share,
        amount=line.amount * share,
        is_cancelled=left <= 0,
    )
