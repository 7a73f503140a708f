"""Who sells for an applicant's shops and what for, and for whom creators sell."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from apps.content.models import AffiliateOrder
from apps.credit.rules.snapshot import age_of, in_window, month_index
from apps.credit.rules.table import WINDOW_DAYS
from apps.credit.services.commission_rows import Earned
from apps.credit.services.order_rows import Known
from apps.platforms.models import Shop


@dataclass(frozen=True, slots=True)
class Paid:
    """A commission that a shop pays; `amount` None where it is not known."""

    creator: str
    age: int
    currency: str
    amount: Decimal | None
    at: datetime


def paid_by(shops: Collection[Shop], as_of: date) -> list[Paid]:
    """Commissions that shops pay for sales of the window. One query."""
    zones = {shop.pk: shop.zone for shop in shops}
    if not zones:
        return []
    last = datetime.combine(as_of + timedelta(days=1), time(), tzinfo=UTC)
    rows = AffiliateOrder.objects.filter(
        shop__in=list(zones),
        placed_at__gte=last - timedelta(days=WINDOW_DAYS + 2),
        placed_at__lt=last,
    ).with_commission()
    found = []
    for row in rows.select_related("creator").order_by("pk"):
        age = age_of(row.placed_at, zones[row.shop_id or 0], as_of)
        if in_window(age):
            creator = row.creator.username if row.creator else ""
            paid = Paid(creator, age, row.currency, row.commission, row.placed_at)
            found.append(paid)
    return found


def partners(
    orders: Iterable[Known], paid: Iterable[Paid], earned: Iterable[Earned]
) -> tuple[float | None, float | None]:
    """Creators who sold for the shops and brands that the creators sold for, in the
    oldest and in the newest month; None of both where nobody is named."""
    months: dict[int, set[str]] = {0: set(), 1: set(), 2: set()}
    for known in orders:
        handle = known.order.creator_handle.strip().removeprefix("@").casefold()
        if known.is_sale and known.paid_age is not None and handle:
            months[month_index(known.paid_age)].add(f"@{handle}")
    for one in paid:
        if one.creator:
            months[month_index(one.age)].add(f"@{one.creator.casefold()}")
    for sale in earned:
        if sale.brand:
            months[month_index(sale.age)].add(sale.brand)
    if not any(months.values()):
        return None, None
    return float(len(months[0])), float(len(months[2]))
