"""Whether what was counted is what the rows come to: read another way, without the
notes of which order counts where."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone

from apps.backoffice.models import SalesDay, SalesHour
from apps.backoffice.services.analytics.counting import (
    Sum,
    Sums,
    count_due,
    count_sales,
)
from apps.backoffice.services.analytics.facts import counted_orders
from apps.backoffice.services.analytics.marking import mark_days
from apps.backoffice.services.analytics.settled import count_settled, differing
from apps.core.storing import portions
from apps.orders.models import Order
from apps.platforms.models import Shop

logger = logging.getLogger(__name__)

RECENT = timedelta(days=35)
BATCH = 5_000
COLUMNS = ("gmv", "cancelled", "refunds", "orders", "units")


@dataclass(frozen=True, slots=True)
class Difference:
    """`row` says which sum, `held` what it is, `rows` what the orders come to."""

    day: date
    row: str
    column: str
    held: Decimal | int
    rows: Decimal | int

    def __str__(self) -> str:
        return f"{self.day} {self.row} {self.column}: {self.held}, not {self.rows}"


def differences(shop: Shop, since: date, until: date) -> Iterator[Difference]:
    """Sums of a shop's days, both included, that are not what its orders come to."""
    wanted = _from_rows(shop, since, until)
    held = _held(shop, since, until)
    for day_key in sorted({*wanted.days, *held.days}):
        split, day, key, rate_on, currency = day_key
        name = " ".join(filter(None, (split, key, currency, f"at rates of {rate_on}")))
        pair = held.days.get(day_key), wanted.days.get(day_key)
        yield from _between(day, name, *pair)
    for hour_key in sorted({*wanted.hours, *held.hours}):
        day, hour, rate_on, currency = hour_key
        name = f"{hour} h {currency} at rates of {rate_on}"
        pair = held.hours.get(hour_key), wanted.hours.get(hour_key)
        yield from _between(day, name, *pair)


def verify_recent(shop: Shop) -> list[Difference]:
    """What differed in the last weeks after all was counted that was known to be due;
    those days are counted anew. None, if all is well."""
    count_sales(shop)
    until = timezone.now().astimezone(shop.zone).date()
    found = list(differences(shop, until - RECENT, until))
    if found:
        days = {each.day for each in found}
        logger.error("sales differed shop=%s days=%s", shop.pk, len(days))
        mark_days(shop, days)
        count_due(shop)
    if settled := differing(shop):
        logger.info("settled days are behind shop=%s days=%s", shop.pk, len(settled))
        count_settled(shop)
    return found


def _between(
    day: date, row: str, held: Sum | None, wanted: Sum | None
) -> Iterator[Difference]:
    held, wanted = held or Sum(), wanted or Sum()
    for name in COLUMNS:
        pair = getattr(held, name), getattr(wanted, name)
        if pair[0] != pair[1]:
            yield Difference(day, row, name, *pair)


def _held(shop: Shop, since: date, until: date) -> Sums:
    sums = Sums()
    for row in SalesDay.objects.filter(shop=shop, day__range=(since, until)):
        key = (row.split, row.day, row.key, row.rate_on, row.currency)
        sums.days[key] = _sum(row)
    for hour in SalesHour.objects.filter(shop=shop, day__range=(since, until)):
        sums.hours[hour.day, hour.hour, hour.rate_on, hour.currency] = _sum(hour)
    return sums


def _sum(row: SalesDay | SalesHour) -> Sum:
    return Sum(row.gmv, row.cancelled, row.refunds, row.orders, row.units)


def _from_rows(shop: Shop, since: date, until: date) -> Sums:
    start = datetime.combine(since, time(), UTC) - timedelta(days=1)
    end = datetime.combine(until, time(), UTC) + timedelta(days=2)
    within = (start, end)
    unpaid = Q(paid_at__isnull=True)
    late = Q(delivered_at__range=within) | Q(placed_at__range=within)
    orders = Order.objects.filter(Q(paid_at__range=within) | unpaid & late, shop=shop)
    sums = Sums()
    keys = list(orders.order_by("pk").values_list("pk", flat=True))
    for some in portions(keys, BATCH):
        for order in counted_orders(some, shop.zone):
            if since <= order.moment.day <= until:
                sums.add(order)
    return sums
