"""When an order counts, by whose clock. No database."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from apps.orders.models import Order
from apps.orders.services.aftersales import paid_moment

# What must be loaded of an order for `counts_at`.
COLUMNS = (
    "status",
    "cancellation_stage",
    "is_cod",
    "is_sample",
    "is_replacement",
    "placed_at",
    "paid_at",
    "delivered_at",
)


@dataclass(frozen=True, slots=True)
class Moment:
    """`day` and `hour` are the shop's, `rate_on` is the UTC date."""

    day: date
    hour: int
    rate_on: date


def counts_at(order: Order) -> datetime | None:
    """When the buyer's money came in; None for orders that are no sale: never paid, a
    free sample, a piece sent in place of another."""
    is_sale = not (order.is_sample or order.is_replacement)
    return paid_moment(order) if is_sale else None


def moment_of(order: Order, zone: ZoneInfo) -> Moment | None:
    at = counts_at(order)
    if at is None:
        return None
    local = at.astimezone(zone)
    return Moment(local.date(), local.hour, at.astimezone(UTC).date())
