"""The figures of a checked returns file."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from apps.integrations.contracts import RemoteReturn, ReturnKind, ReturnStatus
from apps.integrations.tiktok.exports.cells import ZERO
from apps.integrations.tiktok.exports.times import DateOrder

_PAID_BACK = frozenset(
    {ReturnStatus.SUCCESS, ReturnStatus.COMPLETE, ReturnStatus.REFUNDED_INSTEAD}
)


@dataclass(slots=True)
class ReturnsFileReport:
    """Counts and sums; amounts in major units of `currency`, of accepted returns only.

    Every row below the header is in one of the row counts: `rows` = accepted + copied
    + older + description + blank + refused. `asked_amount` is what buyers want back,
    `refunded_amount` what those get who were agreed with; `unknown_amounts` counts
    returns whose amount cannot be told. `units` come back or not, by `kinds`.
    """

    currency: str
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

    return_count: int = 0
    refused_return_count: int = 0
    units: int = 0
    asked_amount: Decimal = ZERO
    refunded_amount: Decimal = ZERO
    unknown_amounts: int = 0
    kinds: Counter[ReturnKind] = field(default_factory=Counter)
    statuses: Counter[ReturnStatus] = field(default_factory=Counter)

    def add(self, remote: RemoteReturn) -> None:
        """Count an accepted return."""
        self.return_count += 1
        self.units += sum(line.quantity for line in remote.lines)
        self.kinds[remote.kind] += 1
        self.statuses[remote.status] += 1
        total = remote.refund.total
        if total is None:
            self.unknown_amounts += 1
            return
        self.asked_amount += total
        if remote.status in _PAID_BACK:
            self.refunded_amount += total
