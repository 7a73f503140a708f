"""The figures of a checked file."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from apps.integrations.contracts import CancellationStage, OrderStatus
from apps.integrations.tiktok.exports.cells import ZERO
from apps.integrations.tiktok.exports.orders import Outcome
from apps.integrations.tiktok.exports.rows import RowCounts
from apps.integrations.tiktok.exports.times import DateOrder


@dataclass(slots=True)
class Total:
    """A sum over all accepted orders, and over those not cancelled."""

    all: Decimal = ZERO
    not_cancelled: Decimal = ZERO

    def add(self, amount: Decimal, *, is_cancelled: bool) -> None:
        """Add one order's amount."""
        self.all += amount
        if not is_cancelled:
            self.not_cancelled += amount


@dataclass(slots=True)
class OrdersFileReport:
    """Counts and sums; amounts in major units of `currency`, of accepted orders only.

    `is_date_order_told` is whether the file or the user said so; else the region did.
    Every row below the header is in one of the row counts: `rows` = accepted + copied
    + older + description + blank + refused. `original_amount` is before discounts,
    `amount` after them, `order_amount` what buyers pay, once per order.
    `refund_column_amount` is the file's, `refunded_amount` leaves out never-paid
    orders.
    """

    currency: str
    region_guess: str
    date_order: DateOrder
    is_date_order_told: bool
    encoding: str
    unknown_columns: tuple[str, ...]
    missing_optional_columns: tuple[str, ...]

    rows: int = 0
    accepted_rows: int = 0
    copied_rows: int = 0
    older_rows: int = 0
    description_rows: int = 0
    blank_rows: int = 0
    refused_rows: int = 0

    order_count: int = 0
    refused_order_count: int = 0
    units: int = 0
    returned_units: int = 0
    original_amount: Total = field(default_factory=Total)
    amount: Total = field(default_factory=Total)
    order_amount: Total = field(default_factory=Total)
    refund_column_amount: Decimal = ZERO
    refunded_amount: Decimal = ZERO
    statuses: Counter[OrderStatus] = field(default_factory=Counter)
    stages: Counter[CancellationStage] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        """Count one order, or a row that belongs to none."""
        facts = outcome.facts
        if facts is None:
            self.refused_rows += outcome.rows
            self.refused_order_count += outcome.is_named
            return
        self.copied_rows += outcome.copied
        self.older_rows += outcome.older
        self.accepted_rows += outcome.rows - outcome.copied - outcome.older
        self.order_count += 1
        for line in facts.lines:
            self.units += line.quantity
            self.returned_units += line.returned_quantity or 0
        self.statuses[facts.status] += 1
        is_cancelled = facts.status is OrderStatus.CANCELLED
        if is_cancelled:
            self.stages[facts.stage] += 1
        self.original_amount.add(facts.sums.original, is_cancelled=is_cancelled)
        self.amount.add(facts.sums.goods, is_cancelled=is_cancelled)
        self.order_amount.add(facts.total, is_cancelled=is_cancelled)
        self.refund_column_amount += facts.amounts.refund or ZERO
        self.refunded_amount += facts.refund or ZERO

    def count_rows(self, counts: RowCounts) -> None:
        """Take over what the rows were that belong to no order."""
        self.rows = counts.all
        self.blank_rows = counts.blank
        self.description_rows = counts.description
