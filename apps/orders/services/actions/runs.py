"""How far runs have come, and when they are over."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from apps.core.storing import clean
from apps.orders.models import ActionRun, OrderAction, OrderEvent
from apps.orders.services.actions.wishes import Wish
from apps.orders.services.actions.words import described
from apps.orders.services.events import Happening, note_events
from apps.platforms.models import Shop
from apps.users.services.audit import By

State = ActionRun.State
Kind = OrderAction.Kind
MIXED = "mixed"
_LIVE = (State.WAITING, State.RUNNING)
RESULT_HEADER = ("row", "order", "package", "what", "state", "message")


@dataclass(frozen=True, slots=True)
class Progress:
    """Of a run's `total` rows; `not_taken` never became actions of it."""

    total: int = 0
    not_taken: int = 0
    held: int = 0
    waiting: int = 0
    sending: int = 0
    done: int = 0
    refused: int = 0
    withdrawn: int = 0

    @property
    def over(self) -> int:
        return self.not_taken + self.done + self.refused + self.withdrawn

    @property
    def percent(self) -> int:
        return 100 * self.over // self.total if self.total else 100


def begin_run(
    shop: Shop,
    wishes: Sequence[Wish],
    by: By,
    *,
    source: str,
    title: str,
    key: str,
    group: str,
) -> ActionRun:
    """A run for these wishes, empty so far."""
    kinds = {Kind(wish.kind) for wish in wishes}
    kind = kinds.pop() if len(kinds) == 1 else None
    return ActionRun.objects.create(
        shop=shop,
        group=group,
        kind=kind or MIXED,
        title=clean(title)[:200] or (str(kind.label) if kind else "Many actions"),
        user=by.user,
        source=source,
        key=key[:80],
        total=len(wishes),
    )


def progress(run: ActionRun) -> Progress:
    """One query."""
    return progress_of([run])[run.pk]


def progress_of(runs: Sequence[ActionRun]) -> dict[int, Progress]:
    """{key of run: progress}; one query."""
    counts: dict[int, dict[str, int]] = {run.pk: {} for run in runs}
    rows = OrderAction.objects.filter(run__in=counts).order_by()
    for run_id, state, count in rows.values_list("run", "state").annotate(Count("pk")):
        counts[run_id][state] = count
    return {
        run.pk: Progress(
            total=run.total, not_taken=len(run.refused_rows), **counts[run.pk]
        )
        for run in runs
    }


def result_rows(run: ActionRun) -> Iterator[Sequence[object]]:
    """Rows below RESULT_HEADER, for a CSV, in the order asked (core.exports makes them
    harmless)."""
    actions = run.actions.select_related("order", "package")
    rows = [
        (
            action.row,
            action.order.remote_id,
            action.package.remote_id if action.package else "",
            described(action),
            str(action.get_state_display()),
            action.message,
        )
        for action in actions.order_by("pk")
    ]
    rows += [
        (row, order_id, "", "", "Not asked for", why)
        for row, order_id, why in run.refused_rows
    ]
    yield from sorted(rows, key=lambda each: each[0] or 0)


def settle_runs(run_ids: Iterable[int]) -> None:
    """End runs of which nothing is left to be done; those with something held back wait
    until a person lets it go. What a worker of a stopped run took, and did not send, is
    withdrawn as the rest was."""
    run_ids = set(run_ids)
    _withdraw_stopped(run_ids)
    runs = list(ActionRun.objects.filter(pk__in=run_ids, state__in=_LIVE))
    now = timezone.now()
    for run, at in zip(runs, progress_of(runs).values(), strict=True):
        if at.waiting or at.sending:
            continue
        live = ActionRun.objects.filter(pk=run.pk, state__in=_LIVE)
        if at.held:
            live.update(state=State.WAITING, process="", modified_at=now)
        else:
            state = _end_of(at, is_stopped=run.is_stop_asked)
            live.update(state=state, ended_at=now, process="", modified_at=now)


@transaction.atomic
def _withdraw_stopped(run_ids: Collection[int]) -> None:
    left = OrderAction.objects.select_for_update(of=["self"], no_key=True).filter(
        run__in=ActionRun.objects.filter(
            pk__in=run_ids, state__in=_LIVE, is_stop_asked=True
        ),
        state=OrderAction.State.WAITING,
        sent_at=None,
    )
    actions = list(left.select_related("order", "package").order_by("pk"))
    if not actions:
        return
    now = timezone.now()
    OrderAction.objects.filter(pk__in=[each.pk for each in actions]).update(
        state=OrderAction.State.WITHDRAWN, ended_at=now, modified_at=now
    )
    kind, by = OrderEvent.Kind.ACTION, By(process="system")
    note_events(
        [
            Happening(each.order, kind, f"Withdrawn: {described(each)}", by)
            for each in actions
        ]
    )


def _end_of(at: Progress, *, is_stopped: bool) -> State:
    if is_stopped and at.withdrawn:
        return State.STOPPED
    return State.DONE if at.done == at.total else State.PARTLY
