"""What a recount found, written down: one open gap for a shop's day at most."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.sync.models import SyncGap, SyncGapOrder, SyncRun
from apps.sync.services.gaps.day_count import DayCount

# Lines of a gap that are kept; its counts are of all.
MOST_LISTED = 1_000


@transaction.atomic
def note_found(count: DayCount, run: SyncRun) -> SyncGap | None:
    """Open the day's gap before anything is pulled, or go on with the open one. None
    where both sides agree: then it is closed, if one was open. None as well where a
    person has left just these orders as they are."""
    gap = _open_gap(count)
    now = timezone.now()
    if gap is None and count.pairs and _is_left(count):
        return None
    if not count.pairs:
        if gap is not None:
            _write(gap, count, run, closed_at=now, state=SyncGap.State.CLOSED, left=0)
        return None
    if gap is None:
        gap = SyncGap(
            shop=count.shop,
            day=count.day.day,
            since=count.day.since,
            until=count.day.until,
            found=len(count.pairs),
            found_at=now,
        )
    _write(gap, count, run, left=len(count.pairs))
    _list_orders(gap, count)
    return gap


@transaction.atomic
def note_pulled(gap: SyncGap, count: DayCount, run: SyncRun, pulled: int) -> None:
    """After what differed was pulled again, `pulled` of which agree now. The orders of
    a gap that closes stay listed as they were found."""
    fields: dict[str, Any] = {
        "left": len(count.pairs),
        "pulled": gap.pulled + pulled,
    }
    if not count.pairs:
        fields |= {"state": SyncGap.State.CLOSED, "closed_at": timezone.now()}
    _write(gap, count, run, **fields)
    if count.pairs:
        _list_orders(gap, count)


def _open_gap(count: DayCount) -> SyncGap | None:
    rows = SyncGap.objects.select_for_update(of=["self"])
    return rows.filter(
        shop=count.shop, day=count.day.day, state=SyncGap.State.OPEN
    ).first()


def _is_left(count: DayCount) -> bool:
    latest = SyncGap.objects.filter(shop=count.shop, day=count.day.day).first()
    if latest is None or latest.state != SyncGap.State.LEFT:
        return False
    known = set(latest.orders.values_list("remote_id", flat=True))
    return count.pairs.keys() <= known


def _write(gap: SyncGap, count: DayCount, run: SyncRun, **fields: Any) -> None:
    theirs, ours = count.theirs, count.ours
    values = {
        "run": run,
        "checked_at": timezone.now(),
        "their_orders": theirs.orders,
        "our_orders": ours.orders,
        "their_units": theirs.units,
        "our_units": ours.units,
        "their_money": theirs.money_in_text,
        "our_money": ours.money_in_text,
        "without_amount": max(theirs.without_amount, ours.without_amount),
        **fields,
    }
    for name, value in values.items():
        setattr(gap, name, value)
    gap.save()


def _list_orders(gap: SyncGap, count: DayCount) -> None:
    SyncGapOrder.objects.filter(gap=gap).delete()
    rows = list(_lines(gap, count))
    SyncGapOrder.objects.bulk_create(rows[:MOST_LISTED])


def _lines(gap: SyncGap, count: DayCount) -> Iterator[SyncGapOrder]:
    for remote_id, pair in sorted(count.pairs.items()):
        for each in pair.found:
            yield SyncGapOrder(
                gap=gap,
                remote_id=remote_id[:64],
                kind=each.kind,
                theirs=each.theirs[:200],
                ours=each.ours[:200],
            )
