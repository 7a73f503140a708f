"""TikTok Shop's statements, settlements and payments to our contracts.

Source: Partner Center, "Get Statements", "Get Payments", "Get Withdrawals" (202309),
"Get Transactions by Statement", "… by Order" (202501), "Get Unsettled Transactions"
(202507).
"""

import re
from datetime import datetime
from decimal import Decimal

from apps.integrations.contracts import (
    PaymentPage,
    PayoutStatus,
    RemotePayment,
    RemoteSettlement,
    RemoteSkuSettlement,
    RemoteStatement,
    RemoteUnsettled,
    RemoteWithdrawal,
    SettledAmounts,
    SettlementKind,
    SettlementPage,
    SkuSettlements,
    StatementPage,
    StatementTotals,
    UnsettledPage,
    WithdrawalPage,
)
from apps.integrations.tiktok.finance_amounts import settled_amounts
from apps.integrations.tiktok.pages import read_rows
from apps.integrations.tiktok.reading import (
    JsonObject,
    Unreadable,
    first_object,
    identifier,
    instant,
    likely_instant,
    money,
    text,
    whole_number,
    word,
)

_STATUSES = {
    "PAID": PayoutStatus.PAID,
    "PROCESSING": PayoutStatus.PROCESSING,
    "SETTLED": PayoutStatus.SETTLED,
    "FAILED": PayoutStatus.FAILED,
}
# Where a row says its ID, for each kind; its own comes last.
_SUBJECTS = {
    SettlementKind.ORDER: ("order_id", "id"),
    SettlementKind.ADJUSTMENT: ("adjustment_id", "id"),
    SettlementKind.RESERVE: ("reserve_id", "id"),
}
_DIGITS = re.compile(r"\d{9,13}")


def statement_page_from_json(data: JsonObject) -> StatementPage:
    rows, malformed = read_rows(data, "statements", statement_from_json, "id")
    return StatementPage(rows, text(data, "next_page_token"), malformed)


def statement_from_json(row: JsonObject) -> RemoteStatement:
    """Raises Unreadable without ID, day, currency or what was settled."""
    amounts = SettledAmounts(
        settlement=_needed_money(row, "settlement_amount"),
        revenue=money(row, "revenue_amount"),
        shipping=money(row, "shipping_cost_amount"),
        fee_tax=money(row, "fee_amount"),
        adjustment=money(row, "adjustment_amount"),
    )
    return RemoteStatement(
        remote_id=_needed(row, "id", "statement"),
        statement_at=_needed_instant(row, "statement_time"),
        currency=_currency(row),
        amounts=amounts,
        net_sales=money(row, "net_sales_amount"),
        payment_status=_status(row, "payment_status"),
        payment_id=identifier(row, "payment_id"),
        paid_at=likely_instant(row, "payment_time"),
    )


def settlement_page_from_json(
    data: JsonObject, statement: RemoteStatement
) -> SettlementPage:
    """What a statement consists of. The rows name neither it nor the currency."""

    def read(row: JsonObject) -> RemoteSettlement:
        return settlement_from_json(row, statement, word(data, "currency"))

    names = ("id", "order_id", "adjustment_id", "reserve_id")
    rows, malformed = read_rows(data, "transactions", read, *names)
    totals = StatementTotals(
        reserve=money(data, "total_reserve_amount"),
        payable=money(data, "payable_amount"),
    )
    return SettlementPage(
        rows,
        text(data, "next_page_token"),
        whole_number(data, "total_count"),
        totals,
        malformed,
    )


def settlement_from_json(
    row: JsonObject, statement: RemoteStatement, currency: str = ""
) -> RemoteSettlement:
    """One line of a statement; raises Unreadable without an ID, or an amount."""
    kind = _kind(row)
    amounts = settled_amounts(row)
    reserve = money(row, "reserve_amount")
    if kind is SettlementKind.RESERVE:
        if reserve is None and amounts.settlement is None:
            raise Unreadable("the reserve has no amount")
        reserve = amounts.settlement if reserve is None else reserve
        # What is held back was settled before, what is given back, too.
        amounts = SettledAmounts(settlement=Decimal(0), named=amounts.named)
    elif kind is SettlementKind.ADJUSTMENT and amounts.settlement is None:
        amounts = SettledAmounts(amounts.adjustment, adjustment=amounts.adjustment)
    if amounts.settlement is None:
        raise Unreadable("the transaction has no settlement amount")
    return RemoteSettlement(
        kind=kind,
        type_text=word(row, "type"),
        subject_id=_subject(row, kind),
        currency=_currency({"currency": currency or statement.currency}),
        settled_at=statement.statement_at,
        remote_id=identifier(row, "id"),
        statement_id=statement.remote_id,
        order_id=_order_id(row),
        amounts=amounts,
        reserve=reserve,
        reserve_status=word(row, "reserve_status"),
        release_text=text(row, "estimated_release_time"),
        order_placed_at=likely_instant(row, "order_create_time"),
    )


def sku_settlements_from_json(data: JsonObject) -> SkuSettlements:
    rows, malformed = read_rows(data, "sku_transactions", _sku_from_json, "sku_id")
    return SkuSettlements(rows, malformed)


def _sku_from_json(row: JsonObject) -> RemoteSkuSettlement:
    amounts = settled_amounts(row)
    if amounts.settlement is None:
        raise Unreadable("the SKU has no settlement amount")
    return RemoteSkuSettlement(
        remote_sku_id=identifier(row, "sku_id"),
        statement_id=_needed(row, "statement_id", "statement"),
        product_name=text(row, "product_name"),
        sku_name=text(row, "sku_name"),
        quantity=whole_number(row, "quantity"),
        amounts=amounts,
    )


def unsettled_page_from_json(data: JsonObject) -> UnsettledPage:
    names = ("id", "order_id", "adjustment_id")
    rows, malformed = read_rows(data, "transactions", unsettled_from_json, *names)
    return UnsettledPage(
        rows,
        text(data, "next_page_token"),
        whole_number(data, "total_count"),
        malformed,
    )


def unsettled_from_json(row: JsonObject) -> RemoteUnsettled:
    """Estimates; raises Unreadable without an ID, a currency or an amount."""
    kind = _kind(row)
    amounts = settled_amounts(row, "est_")
    if amounts.settlement is None and kind is SettlementKind.ADJUSTMENT:
        amounts = SettledAmounts(amounts.adjustment, adjustment=amounts.adjustment)
    if amounts.settlement is None:
        raise Unreadable("the transaction has no estimate")
    expected_at, expected_text = _expected(text(row, "estimated_settlement"))
    return RemoteUnsettled(
        kind=kind,
        type_text=word(row, "type"),
        subject_id=_subject(row, kind),
        currency=_currency(row),
        remote_id=identifier(row, "id"),
        order_id=_order_id(row),
        amounts=amounts,
        expected_at=expected_at,
        expected_text=expected_text,
        reason=text(row, "unsettled_reason"),
        order_placed_at=likely_instant(row, "order_create_time"),
        delivered_at=likely_instant(row, "order_delivery_time"),
    )


def payment_page_from_json(data: JsonObject) -> PaymentPage:
    rows, malformed = read_rows(data, "payments", payment_from_json, "id")
    return PaymentPage(rows, text(data, "next_page_token"), malformed)


def payment_from_json(row: JsonObject) -> RemotePayment:
    """Raises Unreadable without ID, time or amount."""
    amount = first_object(row, "amount")
    settlement = first_object(row, "settlement_amount")
    before = first_object(row, "payment_amount_before_exchange")
    account = re.sub(r"\W", "", text(row, "bank_account"))
    return RemotePayment(
        remote_id=_needed(row, "id", "payment"),
        status=_status(row, "status"),
        created_at=_needed_instant(row, "create_time"),
        amount=_needed_money(amount, "value"),
        currency=_currency(amount),
        settlement=money(settlement, "value"),
        settlement_currency=word(settlement, "currency") or word(before, "currency"),
        reserve=money(first_object(row, "reserve_amount"), "value"),
        before_exchange=money(before, "value"),
        exchange_rate=money(row, "exchange_rate"),
        bank_account_ends=account[-4:],
        paid_at=likely_instant(row, "paid_time"),
    )


def withdrawal_page_from_json(data: JsonObject) -> WithdrawalPage:
    rows, malformed = read_rows(data, "withdrawals", withdrawal_from_json, "id")
    return WithdrawalPage(rows, text(data, "next_page_token"), malformed)


def withdrawal_from_json(row: JsonObject) -> RemoteWithdrawal:
    """Raises Unreadable without ID, time, amount or currency."""
    return RemoteWithdrawal(
        remote_id=_needed(row, "id", "withdrawal"),
        type=word(row, "type"),
        status=word(row, "status"),
        amount=_needed_money(row, "amount"),
        currency=_currency(row),
        created_at=_needed_instant(row, "create_time"),
    )


def _kind(row: JsonObject) -> SettlementKind:
    """By its type; where that is missing, by what it has an ID of."""
    told = word(row, "type")
    if told in ("ORDER", "RESERVE"):
        return SettlementKind(told.lower())
    if told or identifier(row, "adjustment_id"):
        return SettlementKind.ADJUSTMENT
    if identifier(row, "reserve_id"):
        return SettlementKind.RESERVE
    return SettlementKind.ORDER


def _subject(row: JsonObject, kind: SettlementKind) -> str:
    ids = (identifier(row, name) for name in _SUBJECTS[kind])
    subject = next(filter(None, ids), "")
    if not subject:
        raise Unreadable(f"the {kind.value} has no ID")
    return subject


def _order_id(row: JsonObject) -> str:
    names = ("order_id", "adjustment_order_id", "associated_order_id")
    return next(filter(None, (identifier(row, name) for name in names)), "")


def _expected(told: str) -> tuple[datetime | None, str]:
    """A Unix time, or words such as "7 days after delivery"."""
    if _DIGITS.fullmatch(told):
        return likely_instant({"at": told}, "at"), ""
    return None, told


def _status(row: JsonObject, name: str) -> PayoutStatus:
    return _STATUSES.get(word(row, name), PayoutStatus.UNKNOWN)


def _needed(row: JsonObject, name: str, what: str) -> str:
    found = identifier(row, name)
    if not found:
        raise Unreadable(f"the {what} has no ID")
    return found


def _needed_money(row: JsonObject, name: str) -> Decimal:
    amount = money(row, name)
    if amount is None:
        raise Unreadable(f"{name} is missing")
    return amount


def _needed_instant(row: JsonObject, name: str) -> datetime:
    moment = instant(row, name)
    if moment is None:
        raise Unreadable(f"{name} is missing")
    return moment


def _currency(row: JsonObject) -> str:
    code = word(row, "currency")
    if len(code) != 3 or not code.isalpha():
        raise Unreadable("the currency is missing")
    return code
