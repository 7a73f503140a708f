"""Which days of a shop are to be counted anew, found by what was changed.

An order is counted on a day (`CountedOrder`); when it changes, that day and the one it
belongs to now are due. Whoever stores orders holds the shop's lock, and so does who
looks for changes, for a moment: what was written before is seen, what comes later is
newer than the mark.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from apps.backoffice.models import CountedOrder, SalesDue, SalesMark
from apps.backoffice.services.analytics.moments import COLUMNS, moment_of
from apps.content.models import AffiliateOrder
from apps.core import bulk
from apps.core.storing import portions
from apps.imports.models import ImportRun
from apps.orders.models import Cancellation, Order, Return
from apps.platforms.models import Shop

# Clocks of several servers differ, and notes are written without the shop's lock.
OVERLAP = timedelta(minutes=2)
BATCH = 5_000


def mark_changes(shop: Shop) -> int:
    """Note the days that changes since the last time are about; how many orders were
    looked at. Safe to repeat, and to break off: the mark moves at the end."""
    mark = _mark_of(shop)
    if mark.changes_until is None or mark.time_zone != shop.time_zone:
        return mark_all(shop)
    until, keys = _changed_since(shop, mark.changes_until - OVERLAP)
    for some in portions(sorted(keys), BATCH):
        _mark_orders(shop, some)
    _move(shop, until)
    return len(keys)


def mark_all(shop: Shop) -> int:
    """Give each order of a shop its day by the shop's clock now, and mark the days that
    change; how many orders there are. Call `mark_days` to have all counted anew."""
    if _mark_of(shop).time_zone != shop.time_zone:
        mark_days(shop, counted_days(shop))
    until, last, seen = _quiet_now(shop), 0, 0
    _mark_gone(shop)
    orders = Order.objects.filter(shop=shop).order_by("pk")
    while keys := list(orders.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        _mark_orders(shop, keys, only_moved=True)
        last, seen = keys[-1], seen + len(keys)
    _move(shop, until)
    return seen


def counted_days(shop: Shop) -> set[date]:
    """Days of a shop on which orders are counted."""
    rows = CountedOrder.objects.filter(shop=shop).order_by()
    return set(rows.values_list("day", flat=True).distinct())


@transaction.atomic
def mark_days(shop: Shop, days: Iterable[date]) -> None:
    """These days are to be counted anew, also if somebody is about to."""
    rows = [SalesDue(shop=shop, day=day) for day in sorted(set(days))]
    if rows:
        lock(shop)
        SalesDue.objects.filter(shop=shop, day__in=[row.day for row in rows]).delete()
        SalesDue.objects.bulk_create(rows)


def _changed_since(shop: Shop, since: datetime) -> tuple[datetime, set[int]]:
    """(until when, keys of orders that were changed, or that something changed of)"""
    until = _quiet_now(shop)
    keys = set(_keys(Order.objects.filter(shop=shop, modified_at__gte=since), "pk"))
    for model in (Return, Cancellation):
        rows = model.objects.filter(shop=shop, modified_at__gte=since)
        keys |= set(_keys(rows.filter(order__isnull=False), "order"))
    told = AffiliateOrder.objects.filter(shop=shop, modified_at__gte=since)
    named = set(told.order_by().values_list("remote_order_id", flat=True))
    for some in portions(sorted(named)):
        orders = Order.objects.filter(shop=shop, remote_id__among=some)
        keys |= set(_keys(orders, "pk"))
    undone = Q(undone_at__gte=since) | Q(state=ImportRun.State.UNDOING)
    if ImportRun.objects.filter(undone, shop=shop).exists():
        _mark_gone(shop)
    return until, keys


@transaction.atomic
def _quiet_now(shop: Shop) -> datetime:
    """A moment before which all that was changed of the shop can be read by now."""
    Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
    return timezone.now()


def _keys(rows: QuerySet[Any], name: str) -> QuerySet[Any, int]:
    return rows.order_by().values_list(name, flat=True)


@transaction.atomic
def _mark_orders(
    shop: Shop, keys: Collection[int], *, only_moved: bool = False
) -> None:
    """Note on which days these orders count now, and what that makes due: the days they
    leave and come to, and unless `only_moved` those they stay on."""
    zone = shop.zone
    lock(shop)
    rows = CountedOrder.objects.filter(order__among=list(keys))
    before = {row.order_id: row for row in rows}
    orders = Order.objects.filter(pk__among=list(keys)).only(*COLUMNS)
    now = {order.pk: moment_of(order, zone) for order in orders}
    due: set[date] = set()
    new, moved, gone = [], [], []
    for key in keys:
        row, moment = before.get(key), now.get(key)
        day = moment.day if moment else None
        was = row.day if row else None
        if day != was or not only_moved:
            due |= {each for each in (day, was) if each}
        if row is None and day is not None:
            new.append(CountedOrder(order_id=key, shop=shop, day=day))
        elif row is not None and day is None:
            gone.append(row.pk)
        elif row is not None and day is not None and row.day != day:
            row.day = day
            moved.append(row)
    bulk.insert(new)
    bulk.update(moved, ["day"])
    CountedOrder.objects.filter(pk__among=gone).delete()
    mark_days(shop, due)


@transaction.atomic
def _mark_gone(shop: Shop) -> None:
    """Orders that are no more, as after an import was undone."""
    lock(shop)
    gone = CountedOrder.objects.filter(shop=shop).exclude(
        Exists(Order.objects.filter(pk=OuterRef("order_id")))
    )
    rows = dict(gone.values_list("pk", "day"))
    CountedOrder.objects.filter(pk__among=list(rows)).delete()
    mark_days(shop, rows.values())


def _mark_of(shop: Shop) -> SalesMark:
    mark, _ = SalesMark.objects.get_or_create(
        shop=shop, defaults={"time_zone": shop.time_zone}
    )
    return mark


def lock(shop: Shop) -> None:
    """Against others who mark or count days of the shop, until the transaction ends;
    whoever stores orders goes on."""
    SalesMark.objects.select_for_update().get(shop=shop)


def _move(shop: Shop, until: datetime) -> None:
    SalesMark.objects.filter(shop=shop).update(
        time_zone=shop.time_zone, changes_until=until
    )
