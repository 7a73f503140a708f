"""Money as a platform tells of it, and as we keep it. All figures are ours."""

import itertools
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.finance.models import (
    Payment,
    SettlementTransaction,
    Source,
    Statement,
    UnsettledTransaction,
)
from apps.finance.services.settlements import ingest_settlements
from apps.finance.services.statements import (
    ingest_statements,
    note_transactions_read,
)
from apps.integrations import contracts
from apps.integrations.contracts import (
    AmountGroup,
    NamedAmount,
    PayoutStatus,
    RemotePayment,
    RemoteSettlement,
    RemoteSkuSettlement,
    RemoteStatement,
    RemoteUnsettled,
    SettledAmounts,
    SettlementKind,
    StatementTotals,
)
from apps.platforms.models import Shop

SETTLED = datetime(2026, 9, 21, tzinfo=UTC)
DAY = timedelta(days=1)
D = Decimal

_numbers = itertools.count(1)


def amounts(
    settlement: str = "89.85",
    revenue: str | None = "104.00",
    shipping: str | None = "-4.15",
    fee_tax: str | None = "-10.00",
    adjustment: str | None = None,
    named: Iterable[NamedAmount] | None = None,
) -> SettledAmounts:
    def amount(text: str | None) -> Decimal | None:
        return None if text is None else D(text)

    parts = NAMED if named is None and fee_tax == "-10.00" else (named or ())
    return SettledAmounts(
        D(settlement),
        amount(revenue),
        amount(shipping),
        amount(fee_tax),
        amount(adjustment),
        tuple(parts),
    )


NAMED = (
    NamedAmount(AmountGroup.REVENUE, "subtotal_before_discount_amount", D("110")),
    NamedAmount(AmountGroup.REVENUE, "seller_discount_amount", D("-6")),
    NamedAmount(AmountGroup.SHIPPING, "actual_shipping_fee_amount", D("-4.15")),
    NamedAmount(AmountGroup.FEE, "platform_commission_amount", D("-9")),
    NamedAmount(AmountGroup.TAX, "vat_amount", D("-1")),
)


def remote_statement(remote_id: str = "7301", **changes: Any) -> RemoteStatement:
    values: dict[str, Any] = {
        "statement_at": SETTLED,
        "currency": "MYR",
        "amounts": amounts(named=()),
        "payment_status": PayoutStatus.PROCESSING,
    }
    return RemoteStatement(remote_id, **values | changes)


def remote_settlement(order_id: str = "5801", **changes: Any) -> RemoteSettlement:
    values: dict[str, Any] = {
        "kind": SettlementKind.ORDER,
        "type_text": "ORDER",
        "subject_id": order_id,
        "order_id": order_id,
        "currency": "MYR",
        "settled_at": SETTLED,
        "remote_id": f"9{order_id}",
        "statement_id": "7301",
        "amounts": amounts(),
    }
    return RemoteSettlement(**values | changes)


def of_file(order_id: str = "5801", **changes: Any) -> RemoteSettlement:
    """As an older file tells it: no statement, no ID of the API's."""
    return remote_settlement(
        order_id,
        **{"remote_id": "", "statement_id": "", "type_text": "Order"} | changes,
    )


def remote_sku(sku_id: str = "1729", **changes: Any) -> RemoteSkuSettlement:
    values: dict[str, Any] = {
        "statement_id": "7301",
        "product_name": "Rattan lamp",
        "quantity": 1,
        "amounts": amounts(),
    }
    return RemoteSkuSettlement(sku_id, **values | changes)


def remote_unsettled(order_id: str = "5901", **changes: Any) -> RemoteUnsettled:
    values: dict[str, Any] = {
        "kind": SettlementKind.ORDER,
        "type_text": "ORDER",
        "subject_id": order_id,
        "order_id": order_id,
        "currency": "MYR",
        "amounts": amounts("40.00", "48.00", "-3.00", "-5.00"),
        "expected_at": SETTLED + 9 * DAY,
        "reason": "Waiting for delivery",
    }
    return RemoteUnsettled(**values | changes)


def remote_payment(remote_id: str = "3901", **changes: Any) -> RemotePayment:
    values: dict[str, Any] = {
        "status": PayoutStatus.PAID,
        "created_at": SETTLED + 2 * DAY,
        "paid_at": SETTLED + 2 * DAY,
        "amount": D("69.85"),
        "currency": "MYR",
        "settlement": D("89.85"),
        "settlement_currency": "MYR",
        "reserve": D("-20"),
        "before_exchange": D("69.85"),
        "exchange_rate": D("1.000000"),
        "bank_account_ends": "4421",
    }
    return RemotePayment(remote_id, **values | changes)


def make_statement(
    shop: Shop,
    *settlements: RemoteSettlement,
    totals: StatementTotals | None = None,
    **changes: Any,
) -> Statement:
    """A statement of the API with all its lines read."""
    remote_id = changes.pop("remote_id", f"73{next(_numbers):06}")
    ingest_statements(shop, [remote_statement(remote_id, **changes)])
    ingest_settlements(shop, settlements, contracts.Source.API)
    row = Statement.objects.get(shop=shop, remote_id=remote_id)
    note_transactions_read(row, totals or StatementTotals())
    row.refresh_from_db()
    return row


def make_settlement(shop: Shop, **changes: Any) -> SettlementTransaction:
    """A row as it is kept, without a statement."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "key": f"order {number}",
        "subject_id": str(number),
        "type": SettlementTransaction.Type.ORDER,
        "currency": shop.currency,
        "settlement_amount": D("40.00"),
        "settled_at": SETTLED,
        "source": Source.API,
    }
    return SettlementTransaction.objects.create(shop=shop, **values | changes)


def make_payment(shop: Shop, **changes: Any) -> Payment:
    values: dict[str, Any] = {
        "remote_id": f"39{next(_numbers):06}",
        "status": Payment.Status.PAID,
        "currency": shop.currency,
        "amount": D("69.85"),
        "remote_created_at": SETTLED + 2 * DAY,
    }
    return Payment.objects.create(shop=shop, **values | changes)


def make_unsettled(shop: Shop, **changes: Any) -> UnsettledTransaction:
    number = next(_numbers)
    values: dict[str, Any] = {
        "key": f"order {number}",
        "subject_id": str(number),
        "type": SettlementTransaction.Type.ORDER,
        "currency": shop.currency,
        "settlement_amount": D("33.00"),
        "source": Source.API,
        "seen_at": SETTLED,
    }
    return UnsettledTransaction.objects.create(shop=shop, **values | changes)
