"""How far a cancelled order had come, and what was really paid back."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from apps.integrations.contracts import CancellationStage

NEVER_PAID = ("overdue to pay", "unpaid_time_out", "unpaid time out")
FAILED_DELIVERY = (
    "package delivery failed",
    "pengiriman paket gagal",
    "package rejected",
    "package damaged",
    "package lost",
)


@dataclass(frozen=True, slots=True)
class Cancellation:
    """The signs an export has; `is_paid_known` is whether it has a Paid Time at all."""

    reason: str
    paid_at: datetime | None
    shipped_at: datetime | None
    is_cod: bool | None
    is_paid_known: bool

    def stage(self) -> CancellationStage:
        """The stage the order was cancelled in.

        A shipping time is the strong sign; a tracking id is none, a label has one
        before anything moves. Cash on delivery has no paid time until delivered, so
        its absence says nothing there.
        """
        reason = self.reason.casefold()
        if self.shipped_at or any(words in reason for words in FAILED_DELIVERY):
            return CancellationStage.FAILED_DELIVERY
        if self.paid_at:
            return CancellationStage.BEFORE_SHIPPING
        is_overdue = any(words in reason for words in NEVER_PAID)
        if is_overdue or (self.is_paid_known and not self.is_cod):
            return CancellationStage.BEFORE_PAYMENT
        return CancellationStage.BEFORE_SHIPPING

    def refund(self, column: Decimal | None) -> Decimal | None:
        """The refund of a cancelled order, given what its column says.

        The column may be filled although nobody ever paid: before payment, and for
        cash on delivery that was never collected.
        """
        is_never_paid = self.stage() is CancellationStage.BEFORE_PAYMENT
        is_uncollected = self.is_cod and self.is_paid_known and not self.paid_at
        return Decimal(0) if is_never_paid or is_uncollected else column
