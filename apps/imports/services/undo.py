"""Take back what a run did: what it brought goes, the rest is as it was before.

Nothing is taken back that something later depends on: see `depending`. Batches are each
a transaction, in which what was taken back is struck off the run's changes; so after a
crash the same call goes on.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from apps.imports.errors import UndoRefused, UndoUnderWay
from apps.imports.models import ImportRun
from apps.imports.services.depending import Dependent
from apps.imports.services.stages import take
from apps.imports.services.ways_back import WAYS, Way
from apps.orders.services.preferences import locked_shop
from apps.platforms.models import Shop
from apps.users.services import audit
from apps.users.services.audit import By

State = ImportRun.State
Progress = Callable[[int, int], None]
BATCH = 200
LOOKED_AT = 1_000
MOST_SHOWN = 50
# Also once more, for what something depended on while it was undone first.
_UNDOABLE = (State.DONE, State.PARTLY, State.STOPPED, State.FAILED, State.UNDONE)
_OTHER_WAYS = {
    ImportRun.Kind.STOCK: "The stock documents of a file are taken back instead.",
    ImportRun.Kind.MAPPING: "Matches are undone on the page of decisions instead.",
}


@dataclass(slots=True)
class UndoPreview:
    """How many items would go and how many be as they were before, and those that
    something later depends on: how many of those `looked_at`, and the first of them."""

    removed: int = 0
    restored: int = 0
    dependent_count: int = 0
    dependent: list[Dependent] = field(default_factory=list)
    looked_at: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether all were looked at."""
        return self.looked_at >= self.removed + self.restored


@dataclass(slots=True)
class Undone:
    """How many items went and how many are as they were before; `kept` are those that
    something came to depend on meanwhile."""

    removed: int = 0
    restored: int = 0
    kept: list[Dependent] = field(default_factory=list)


def preview_undo(run: ImportRun, most: int | None = None) -> UndoPreview:
    """What undoing a run would come to; what depends on them is asked of all items, or
    of the first `most`. Raises UndoRefused for runs of a kind that has no way back."""
    way, shop = _way_of(run)
    changes = way.changes(run)
    removed = run.changes.filter(before__isnull=True).count()
    found = UndoPreview(removed, run.changes.count() - removed)
    last = 0
    while most is None or found.looked_at < most:
        left = LOOKED_AT if most is None else min(LOOKED_AT, most - found.looked_at)
        if not (some := list(changes.filter(pk__gt=last)[:left])):
            break
        last = some[-1].pk
        found.looked_at += len(some)
        dependent = way.depending(run, shop, some)
        found.dependent_count += len(dependent)
        found.dependent += dependent[: MOST_SHOWN - len(found.dependent)]
    return found


def undo(run: ImportRun, by: By, *, on_progress: Progress | None = None) -> Undone:
    """Take back what a run did, all of it. The same file can be read again then, and
    repeating a call that broke off goes on with it.

    `on_progress` is told items done and items in all. Raises UndoRefused, and nothing
    is changed, while something later depends on any of them, where nothing is left to
    be taken back or the run is at work; UndoUnderWay where another does it.
    """
    way, shop = _way_of(run)
    _begin(run, way)
    result, total, done = Undone(), run.changes.count(), 0
    try:
        for is_new in (True, False):
            changes = run.changes.filter(before__isnull=is_new).order_by("pk")
            last = 0
            while keys := list(
                changes.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]
            ):
                last = keys[-1]
                _undo_batch(run, way, shop, keys, by, result)
                done += len(keys)
                if on_progress is not None:
                    on_progress(done, total)
        _end(run, shop, by, result)
    except BaseException:
        # Nobody is at it any more.
        ImportRun.objects.filter(pk=run.pk, state=State.UNDOING).update(heard_at=None)
        raise
    return result


def has_way_back(run: ImportRun) -> bool:
    """Whether runs of its kind can be undone."""
    return run.kind in WAYS and run.shop_id is not None


def _way_of(run: ImportRun) -> tuple[Way, Shop]:
    way = WAYS.get(run.kind)
    if way is None or run.shop is None:
        other = _OTHER_WAYS.get(ImportRun.Kind(run.kind), "")
        what = "Only imports of orders, returns and products can be undone."
        raise UndoRefused(f"{what} {other}".strip())
    return way, run.shop


def _begin(run: ImportRun, way: Way) -> None:
    run.refresh_from_db()
    if run.state == State.UNDOING:
        if not take(run, State.UNDOING):
            raise UndoUnderWay("This import is being undone already.")
        return
    state = run.get_state_display().lower()
    if run.state not in _UNDOABLE:
        raise UndoRefused(
            f"This import is {state}; it can be undone once it has ended."
        )
    if not run.changes.exists():
        is_undone = run.state == State.UNDONE
        nothing = f"It has changed no {way.noun}."
        why = "It was undone already." if is_undone else nothing
        raise UndoRefused(f"There is nothing to undo in this import. {why}")
    if count := (found := preview_undo(run)).dependent_count:
        first = found.dependent[0]
        items = f"1 {way.noun}" if count == 1 else f"{count:,} {way.noun}s"
        raise UndoRefused(
            f"Something later depends on {items} of this import, so nothing was "
            f"undone. {way.noun.capitalize()} {first.remote_id}: {first.why}"
        )
    moved = ImportRun.objects.filter(pk=run.pk, state__in=_UNDOABLE)
    if not moved.update(state=State.UNDOING, heard_at=timezone.now()):
        run.refresh_from_db()
        raise UndoUnderWay(f"This import is {run.get_state_display().lower()} now.")
    run.refresh_from_db()


@transaction.atomic
def _undo_batch(
    run: ImportRun, way: Way, shop: Shop, keys: Sequence[int], by: By, result: Undone
) -> None:
    """Looks once more, under the locks, at what depends on these items."""
    locked_shop(shop.pk)
    mine = ImportRun.objects.filter(pk=run.pk, state=State.UNDOING)
    if not mine.update(heard_at=timezone.now()):
        raise UndoUnderWay("This import was undone meanwhile.")
    changes = {
        getattr(row, f"{way.column}_id"): row
        for row in way.changes(run, "before").filter(pk__in=keys)
    }
    way.lock(changes)
    kept = way.depending(run, shop, list(changes.values()))
    for each in kept:
        del changes[each.key]
    way.take_back(run, shop, {key: row.before for key, row in changes.items()}, by)
    run.changes.filter(pk__in=[row.pk for row in changes.values()]).delete()
    gone = sum(row.before is None for row in changes.values())
    result.kept += kept
    result.removed += gone
    result.restored += len(changes) - gone


@transaction.atomic
def _end(run: ImportRun, shop: Shop, by: By, result: Undone) -> None:
    mine = ImportRun.objects.filter(pk=run.pk, state=State.UNDOING)
    columns = {
        "state": State.UNDONE,
        "undone_at": timezone.now(),
        "undone_by": by.user,
        "heard_at": None,
    }
    if not mine.update(**columns):
        raise UndoUnderWay("This import was undone meanwhile.")
    audit.record(
        "undid an import",
        shop,
        actor=by.user,
        process=by.process,
        client=shop.client,
        address=by.address,
        file=run.file_name,
        run=run.pk,
        removed=result.removed,
        restored=result.restored,
        kept=len(result.kept),
    )
    run.refresh_from_db()
