"""Counting the days of a shop that are due, from its rows.

What a day comes to is worked out with nothing locked, then written in one short
transaction: all rows of the day go, those that follow from the orders come, and the
note that it was due is taken away. Where that note was replaced meanwhile, something
changed after the orders were read; then nothing is written, and the day stays due.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count

from apps.backoffice.models import CountedOrder, SalesDay, SalesDue, SalesHour
from apps.backoffice.rules.sales import Sales
from apps.backoffice.services.analytics.facts import Counted, counted_orders
from apps.backoffice.services.analytics.marking import lock, mark_changes
from apps.core import bulk
from apps.platforms.models import Shop

ORDERS_AT_ONCE = 5_000
DAYS_AT_ONCE = 366
_ZERO = Decimal(0)
Split = SalesDay.Split

# What a row is known by within its shop: of a split, day, key, date of the rate and
# currency; of an hour, day, hour, date of the rate and currency.
DayKey = tuple[str, date, str, date, str]
HourKey = tuple[date, int, date, str]


@dataclass(slots=True)
class Sum:
    """What a row of the tables holds."""

    gmv: Decimal = _ZERO
    cancelled: Decimal = _ZERO
    refunds: Decimal = _ZERO
    orders: int = 0
    units: int = 0

    def add(self, sales: Sales) -> None:
        self.gmv += sales.gmv
        self.cancelled += sales.cancelled
        self.refunds += sales.refunds
        self.units += sales.units


@dataclass(slots=True)
class Sums:
    days: dict[DayKey, Sum] = field(default_factory=lambda: defaultdict(Sum))
    hours: dict[HourKey, Sum] = field(default_factory=lambda: defaultdict(Sum))

    def add(self, order: Counted) -> None:
        """An order counts once in each row that any of its lines is in."""
        at, currency = order.moment, order.currency
        whole = self.days[Split.WHOLE.value, at.day, "", at.rate_on, currency]
        hour = self.hours[at.day, at.hour, at.rate_on, currency]
        rows = [whole, hour]
        for line in order.lines:
            through = line.sold_through
            parts = [
                self.days[split.value, at.day, key, at.rate_on, currency]
                for split, key in (
                    (Split.ITEM, line.item),
                    (Split.CHANNEL, through.channel.value),
                    (Split.CREATOR, through.creator),
                )
            ]
            for row in (whole, hour, *parts):
                row.add(line.sales)
            rows += [part for part in parts if not _among(part, rows)]
        for row in rows:
            row.orders += 1


def count_sales(shop: Shop) -> int:
    """Mark what changed at a shop and count what is due: how many days. Safe to repeat
    and to break off at any point."""
    mark_changes(shop)
    return count_due(shop)


def count_due(shop: Shop) -> int:
    """Count a shop's days that are due, until none is left that this call found: how
    many it wrote."""
    written = 0
    due = dict(SalesDue.objects.filter(shop=shop).values_list("day", "pk"))
    for days in _some_at_once(shop, sorted(due)):
        sums = sums_of(shop, days)
        written += _write(shop, {day: due[day] for day in days}, sums)
    return written


def sums_of(shop: Shop, days: Collection[date]) -> Sums:
    """What these days of a shop come to, by the orders that are counted on them."""
    rows = CountedOrder.objects.filter(shop=shop, day__in=days).order_by()
    keys = list(rows.values_list("order_id", flat=True))
    sums = Sums()
    for order in counted_orders(keys, shop.zone):
        # One that has moved since is marked by the next look at what changed.
        if order.moment.day in days:
            sums.add(order)
    return sums


def _among(part: Sum, rows: Iterable[Sum]) -> bool:
    return any(part is row for row in rows)


def _some_at_once(shop: Shop, days: list[date]) -> Iterable[list[date]]:
    """Portions of days that hold a bearable number of orders together."""
    rows = CountedOrder.objects.filter(shop=shop, day__in=days[:10_000]).order_by()
    held: dict[date, int] = defaultdict(int)
    for day, number in (
        rows.values("day").annotate(n=Count("pk")).values_list("day", "n")
    ):
        held[day] = number
    some: list[date] = []
    orders = 0
    for day in days:
        is_full = len(some) >= DAYS_AT_ONCE or orders + held[day] > ORDERS_AT_ONCE
        if some and is_full:
            yield some
            some, orders = [], 0
        some.append(day)
        orders += held[day]
    if some:
        yield some


@transaction.atomic
def _write(shop: Shop, due: Mapping[date, int], sums: Sums) -> int:
    """Only the days whose note, {day: its key}, is still there."""
    lock(shop)
    notes = SalesDue.objects.filter(pk__in=list(due.values()))
    days = set(notes.values_list("day", flat=True))
    if not days:
        return 0
    for model in (SalesDay, SalesHour):
        model.objects.filter(shop=shop, day__in=days).delete()
    bulk.insert(
        [
            bulk.new_row(
                SalesDay,
                shop_id=shop.pk,
                split=split,
                day=day,
                key=key,
                rate_on=rate_on,
                currency=currency,
                **_columns(total),
            )
            for (split, day, key, rate_on, currency), total in sums.days.items()
            if day in days
        ]
    )
    bulk.insert(
        [
            bulk.new_row(
                SalesHour,
                shop_id=shop.pk,
                day=day,
                hour=hour,
                rate_on=rate_on,
                currency=currency,
                **_columns(total),
            )
            for (day, hour, rate_on, currency), total in sums.hours.items()
            if day in days
        ]
    )
    notes.delete()
    return len(days)


def _columns(total: Sum) -> dict[str, Any]:
    return {
        "gmv": total.gmv,
        "cancelled": total.cancelled,
        "refunds": total.refunds,
        "orders": total.orders,
        "units": total.units,
    }
