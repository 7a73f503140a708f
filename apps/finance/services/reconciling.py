"""Writes down whether statements and payments add up; the sums are the rules'."""

from collections import defaultdict
from collections.abc import Collection
from datetime import timedelta
from decimal import Decimal

from django.db.models import Min, Sum
from django.utils import timezone

from apps.core import bulk
from apps.finance.models import (
    Payment,
    SettlementTransaction,
    SettlementType,
    ShopFinanceSettings,
    Source,
    Statement,
)
from apps.finance.rules.reconcile import (
    Amount,
    Parts,
    Payout,
    difference_of,
    difference_of_payment,
    difference_of_rows,
    difference_of_statements,
    is_off,
)
from apps.platforms.models import Shop

# A payment is for statements of so long before the first of them that we have.
_LONGEST_SPAN = timedelta(days=31)


def judge_statement(row: Statement) -> None:
    """By its own parts, not saved. What is paid of it is what was settled and the
    reserve."""
    own = difference_of(
        Parts(
            row.settlement_amount,
            row.revenue_amount,
            row.shipping_amount,
            row.fee_tax_amount,
            row.adjustment_amount,
        )
    )
    kept = None
    if row.reserve_amount is not None:
        parts = [row.settlement_amount, row.reserve_amount]
        kept = difference_of_rows(row.payable_amount, parts)
    told = [difference for difference in (own, kept) if difference is not None]
    row.difference_amount = next(filter(None, told), told[0] if told else None)
    row.is_off = is_off(row.difference_amount, row.rows_difference_amount)


def reconcile_statements(keys: Collection[int]) -> None:
    """Compare statements with their lines, once these have all been read; with none,
    only a statement over nothing agrees."""
    if not keys:
        return
    sums = _sums_by_statement(keys)
    rows = list(Statement.objects.filter(pk__in=keys))
    changed = []
    for row in rows:
        before = _verdict(row)
        is_read = row.transactions_read_at is not None and row.source == Source.API
        row.rows_difference_amount = None
        if is_read and row.settlement_amount is not None:
            settled = sums.get(row.pk, Decimal(0))
            row.rows_difference_amount = settled - row.settlement_amount
        judge_statement(row)
        if _verdict(row) != before:
            row.modified_at = timezone.now()
            changed.append(row)
    names = {"rows_difference_amount", "difference_amount", "is_off", "modified_at"}
    bulk.update(changed, names)


def _verdict(row: Statement) -> tuple[Amount, Amount, bool]:
    return row.difference_amount, row.rows_difference_amount, row.is_off


def reconcile_payments(shop: Shop) -> None:
    """Link a shop's statements with the payments they name, and compare the two."""
    payments = list(Payment.objects.filter(shop=shop))
    for payment in payments:
        # A payment that failed is followed by another one for the same statements.
        named = Statement.objects.filter(shop=shop, payment_remote_id=payment.remote_id)
        named.exclude(payment=payment).update(payment=payment)
    statements: dict[int, list[Statement]] = defaultdict(list)
    for row in Statement.objects.filter(shop=shop, payment__isnull=False):
        statements[row.payment_id or 0].append(row)
    first = Statement.objects.filter(shop=shop).aggregate(at=Min("statement_at"))["at"]
    settings = ShopFinanceSettings.objects.filter(shop=shop).first()
    since = settings.covered_since if settings else None
    changed = []
    for payment in payments:
        rows = statements[payment.pk]
        paid = payout_of(payment, [row.settlement_amount for row in rows])
        mine = min((row.statement_at for row in rows), default=None)
        is_complete = mine is not None and (
            mine > first or (since is not None and mine - since > _LONGEST_SPAN)
        )
        if _judge_payment(payment, paid, is_complete=is_complete):
            payment.modified_at = timezone.now()
            changed.append(payment)
    bulk.update(
        changed,
        {
            "difference_amount",
            "statements_difference_amount",
            "is_off",
            "modified_at",
        },
    )


def payout_of(payment: Payment, statements: list[Amount]) -> Payout:
    return Payout(
        amount=payment.amount,
        currency=payment.currency,
        settlement=payment.settlement_amount,
        settlement_currency=payment.settlement_currency,
        reserve=payment.reserve_amount,
        before_exchange=payment.before_exchange_amount,
        rate=payment.exchange_rate,
        statements=statements,
    )


def _judge_payment(payment: Payment, paid: Payout, *, is_complete: bool) -> bool:
    """Whether that differs from what was written down."""
    before = (
        payment.difference_amount,
        payment.statements_difference_amount,
        payment.is_off,
    )
    payment.difference_amount = difference_of_payment(paid)
    beyond = difference_of_statements(paid)
    # Of the first payment we know, statements before our time may be missing.
    payment.statements_difference_amount = beyond if is_complete or not beyond else None
    payment.is_off = is_off(
        payment.difference_amount, payment.statements_difference_amount
    )
    return before != (
        payment.difference_amount,
        payment.statements_difference_amount,
        payment.is_off,
    )


def _sums_by_statement(keys: Collection[int]) -> dict[int, Decimal]:
    """{statement: what its lines come to}. Reserves move money that was settled."""
    rows = (
        SettlementTransaction.objects.filter(statement__in=keys)
        .exclude(type=SettlementType.RESERVE)
        .order_by()
        .values_list("statement")
        .annotate(Sum("settlement_amount"))
    )
    return {key: amount for key, amount in rows if key is not None}
