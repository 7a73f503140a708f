"""One step of a booking, before it is a movement."""

from dataclasses import dataclass
from datetime import datetime

from apps.inventory.models import Booking, StockLevel, StockMovement
from apps.inventory.models.ledger import Position


@dataclass(frozen=True, slots=True)
class Step:
    """A change of one booking in its level, which the caller has locked."""

    booking: Booking
    level: StockLevel
    change: Position
    reason: StockMovement.Reason
    occurred_at: datetime
