"""Take back what a run did to orders: those it brought go, the others are as they were.

Nothing is taken back that something later depends on: see `depending`. Batches are each
a transaction, in which what was taken back is struck off the run's changes; so after a
crash the same call goes on.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.imports.errors import UndoRefused, UndoUnderWay
from apps.imports.models import ImportChange, ImportRun
from apps.imports.services.depending import Dependent, depending
from apps.imports.services.stages import take
from apps.orders.models import Order, OrderEvent
from apps.orders.services.events import Happening, note_events
from apps.orders.services.preferences import locked_shop
from apps.orders.services.restoring import remove, restore
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
    ImportRun.Kind.PRODUCTS: (
        "A product list only tells what TikTok has, and the next pull tells it again."
    ),
}


@dataclass(slots=True)
class UndoPreview:
    """How many orders would go and how many be as they were before, and those that
    something later depends on: how many, and the first of them."""

    removed: int = 0
    restored: int = 0
    dependent_count: int = 0
    dependent: list[Dependent] = field(default_factory=list)


@dataclass(slots=True)
class Undone:
    """How many orders went and how many are as they were before; `kept` are those that
    something came to depend on meanwhile."""

    removed: int = 0
    restored: int = 0
    kept: list[Dependent] = field(default_factory=list)


def preview_undo(run: ImportRun) -> UndoPreview:
    """What undoing a run would come to. Raises UndoRefused for runs that are not of
    orders."""
    shop = _shop_of(run)
    changes = _changes(run)
    removed = changes.filter(before__isnull=True).count()
    found = UndoPreview(removed, changes.count() - removed)
    last = 0
    while some := list(changes.filter(pk__gt=last)[:LOOKED_AT]):
        last = some[-1].pk
        dependent = depending(run, shop, some)
        found.dependent_count += len(dependent)
        found.dependent += dependent[: MOST_SHOWN - len(found.dependent)]
    return found


def undo(run: ImportRun, by: By, *, on_progress: Progress | None = None) -> Undone:
    """Take back what a run did to orders, all of it. The same file can be read again
    then, and repeating a call that broke off goes on with it.

    `on_progress` is told orders done and orders in all. Raises UndoRefused, and nothing
    is changed, while something later depends on any of them, where nothing is left to
    be taken back or the run is at work; UndoUnderWay where another does it.
    """
    shop = _shop_of(run)
    _begin(run)
    result, total, done = Undone(), run.changes.count(), 0
    try:
        for is_new in (True, False):
            changes = _changes(run).filter(before__isnull=is_new)
            last = 0
            while keys := list(
                changes.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]
            ):
                last = keys[-1]
                _undo_batch(run, shop, keys, by, result)
                done += len(keys)
                if on_progress is not None:
                    on_progress(done, total)
        _end(run, shop, by, result)
    except BaseException:
        # Nobody is at it any more.
        ImportRun.objects.filter(pk=run.pk, state=State.UNDOING).update(heard_at=None)
        raise
    return result


def _shop_of(run: ImportRun) -> Shop:
    if run.kind != ImportRun.Kind.ORDERS or run.shop is None:
        other = _OTHER_WAYS.get(ImportRun.Kind(run.kind), "")
        raise UndoRefused(f"Only imports of orders can be undone. {other}".strip())
    return run.shop


def _changes(run: ImportRun, *columns: str) -> QuerySet[ImportChange]:
    """With what `depending` asks of them, and these columns."""
    rows = run.changes.select_related("order").order_by("pk")
    order = ("order__remote_id", "order__buyer_erased_at")
    return rows.only("run", "after", *order, *columns)


def _begin(run: ImportRun) -> None:
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
        why = "It was undone already." if is_undone else "It has changed no order."
        raise UndoRefused(f"There is nothing to undo in this import. {why}")
    if count := (found := preview_undo(run)).dependent_count:
        first = found.dependent[0]
        orders = "1 order" if count == 1 else f"{count:,} orders"
        raise UndoRefused(
            f"Something later depends on {orders} of this import, so nothing was "
            f"undone. Order {first.remote_id}: {first.why}"
        )
    moved = ImportRun.objects.filter(pk=run.pk, state__in=_UNDOABLE)
    if not moved.update(state=State.UNDOING, heard_at=timezone.now()):
        run.refresh_from_db()
        raise UndoUnderWay(f"This import is {run.get_state_display().lower()} now.")
    run.refresh_from_db()


@transaction.atomic
def _undo_batch(
    run: ImportRun, shop: Shop, keys: Sequence[int], by: By, result: Undone
) -> None:
    """Looks once more, under the locks, at what depends on these orders."""
    locked_shop(shop.pk)
    mine = ImportRun.objects.filter(pk=run.pk, state=State.UNDOING)
    if not mine.update(heard_at=timezone.now()):
        raise UndoUnderWay("This import was undone meanwhile.")
    changes = {row.order_id: row for row in _changes(run, "before").filter(pk__in=keys)}
    # Whoever writes a note waits for this, or is seen.
    rows = Order.objects.filter(pk__in=changes).order_by("pk")
    list(rows.select_for_update().values_list("pk"))
    kept = depending(run, shop, list(changes.values()))
    for each in kept:
        del changes[each.order_id]
    before = {key: change.before for key, change in changes.items() if change.before}
    gone = changes.keys() - before.keys()
    if before:
        orders = restore(shop, before)
        note_events([_happening(run, order, by) for order in orders])
    if gone:
        remove(shop, gone)
    run.changes.filter(order__in=changes).delete()
    result.kept += kept
    result.removed += len(gone)
    result.restored += len(before)


def _happening(run: ImportRun, order: Order, by: By) -> Happening:
    text = f"Back to what it was before “{run.file_name}” was read in"
    return Happening(order, OrderEvent.Kind.CHANGED, text, by=by)


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
