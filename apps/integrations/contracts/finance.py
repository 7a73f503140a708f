"""What the platform settles and pays.

Amounts are signed and add up: what is taken away is below zero. They are in major units
of `currency`; None: not said.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol


class SettlementKind(StrEnum):
    """What a line of a statement is about."""

    ORDER = "order"
    ADJUSTMENT = "adjustment"
    RESERVE = "reserve"  # held back for a time, or given back


class PayoutStatus(StrEnum):
    """How far a statement's or a payment's money has come."""

    PAID = "paid"
    PROCESSING = "processing"
    SETTLED = "settled"  # not paid yet
    FAILED = "failed"
    UNKNOWN = "unknown"


class AmountGroup(StrEnum):
    """What a named amount is part of; the supplementary ones are part of none."""

    REVENUE = "revenue"
    SHIPPING = "shipping"
    FEE = "fee"
    TAX = "tax"
    SUPPLEMENTARY = "supplementary"


@dataclass(frozen=True, slots=True)
class NamedAmount:
    """A fee, a tax, a discount by the platform's own name, which need not be known."""

    group: AmountGroup
    name: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class SettledAmounts:
    """settlement = revenue + shipping + fees and taxes + adjustment, if it adds up."""

    settlement: Decimal | None = None
    revenue: Decimal | None = None
    shipping: Decimal | None = None
    fee_tax: Decimal | None = None
    adjustment: Decimal | None = None
    named: tuple[NamedAmount, ...] = ()


@dataclass(frozen=True, slots=True)
class RemoteStatement:
    """A day's settlement. One that a file names has no sums of its own."""

    remote_id: str
    statement_at: datetime
    currency: str
    amounts: SettledAmounts = field(default_factory=SettledAmounts)
    net_sales: Decimal | None = None
    payment_status: PayoutStatus = PayoutStatus.UNKNOWN
    payment_id: str = ""
    paid_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StatementTotals:
    """What a statement comes to beside its own row: the reserve, and what is paid."""

    reserve: Decimal | None = None
    payable: Decimal | None = None


@dataclass(frozen=True, slots=True)
class RemoteSkuSettlement:
    """What was settled of one SKU of an order in one statement."""

    remote_sku_id: str
    statement_id: str = ""
    product_name: str = ""
    sku_name: str = ""
    quantity: int | None = None
    amounts: SettledAmounts = field(default_factory=SettledAmounts)


@dataclass(frozen=True, slots=True)
class RemoteSettlement:
    """A line of a statement. `subject_id` is the order's, the adjustment's or the
    reserve's ID; `order_id` the order it is about, if it is about one. A file's line
    may know no `statement_id`."""

    kind: SettlementKind
    type_text: str
    subject_id: str
    currency: str
    settled_at: datetime | None = None
    remote_id: str = ""
    statement_id: str = ""
    order_id: str = ""
    amounts: SettledAmounts = field(default_factory=SettledAmounts)
    reserve: Decimal | None = None
    reserve_status: str = ""
    release_text: str = ""
    order_placed_at: datetime | None = None
    skus: tuple[RemoteSkuSettlement, ...] = ()


@dataclass(frozen=True, slots=True)
class RemoteUnsettled:
    """What is expected to be settled, with estimates. `expected_text` is what the
    platform says of when, if that is no date."""

    kind: SettlementKind
    type_text: str
    subject_id: str
    currency: str
    remote_id: str = ""
    order_id: str = ""
    amounts: SettledAmounts = field(default_factory=SettledAmounts)
    expected_at: datetime | None = None
    expected_text: str = ""
    reason: str = ""
    order_placed_at: datetime | None = None
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RemotePayment:
    """Money sent to the seller's bank: settlement + reserve = before exchange, and
    that times the rate = amount."""

    remote_id: str
    status: PayoutStatus
    created_at: datetime
    amount: Decimal
    currency: str
    settlement: Decimal | None = None
    settlement_currency: str = ""
    reserve: Decimal | None = None
    before_exchange: Decimal | None = None
    exchange_rate: Decimal | None = None
    bank_account_ends: str = ""
    paid_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RemoteWithdrawal:
    """A movement of the seller's balance; type and status in the platform's words."""

    remote_id: str
    type: str
    status: str
    amount: Decimal
    currency: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StatementPage:
    statements: tuple[RemoteStatement, ...]
    next_page_token: str = ""
    malformed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SettlementPage:
    """`malformed` is (ID, why) of the lines that cannot be read."""

    settlements: tuple[RemoteSettlement, ...]
    next_page_token: str = ""
    total_count: int | None = None
    totals: StatementTotals = field(default_factory=StatementTotals)
    malformed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SkuSettlements:
    """All that was settled of an order, SKU by SKU and statement by statement."""

    rows: tuple[RemoteSkuSettlement, ...]
    malformed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class UnsettledPage:
    unsettled: tuple[RemoteUnsettled, ...]
    next_page_token: str = ""
    total_count: int | None = None
    malformed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PaymentPage:
    payments: tuple[RemotePayment, ...]
    next_page_token: str = ""
    malformed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class WithdrawalPage:
    withdrawals: tuple[RemoteWithdrawal, ...]
    next_page_token: str = ""
    malformed: tuple[tuple[str, str], ...] = ()


class FinanceCalls(Protocol):
    """What may be asked of a connected shop about its money."""

    def search_statements(
        self, since: datetime, until: datetime, *, page_token: str = ""
    ) -> StatementPage:
        """One page of the statements of [since, until), oldest first."""

    def statement_settlements(
        self, statement: RemoteStatement, *, page_token: str = ""
    ) -> SettlementPage:
        """One page of what a statement consists of; of orders without their SKUs."""

    def order_settlements(self, order_id: str) -> SkuSettlements:
        """SKU by SKU; nothing is there until the order is settled."""

    def search_unsettled(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        page_token: str = "",
    ) -> UnsettledPage:
        """One page of what is not settled yet, the oldest order first."""

    def search_payments(
        self, since: datetime, until: datetime, *, page_token: str = ""
    ) -> PaymentPage:
        """One page of the payments made in [since, until), oldest first. Not in all
        regions."""

    def search_withdrawals(
        self,
        since: datetime,
        until: datetime,
        *,
        types: Sequence[str] = (),
        page_token: str = "",
    ) -> WithdrawalPage:
        """One page of the withdrawals of [since, until); of all types by default."""
