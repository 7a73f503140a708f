"""How far runs are, and how they and their rows are put."""

from collections.abc import Sequence
from typing import Any

from django.utils.safestring import SafeString

from apps.core.admin import badge
from apps.orders.models import ActionRun
from apps.orders.services import priority
from apps.orders.services.actions import Progress, progress_of

State = ActionRun.State
UNDER_WAY = (State.WAITING, State.RUNNING)
RUN_BADGES = {
    State.WAITING: "progress",
    State.RUNNING: "progress",
    State.DONE: "good",
    State.PARTLY: "attention",
    State.STOPPED: "attention",
}


def run_badge(run: ActionRun) -> SafeString:
    return badge(run.get_state_display(), RUN_BADGES[State(run.state)])


def far_of(runs: Sequence[ActionRun]) -> dict[int, Progress]:
    """{key of run: how far it is}; one query."""
    found = progress_of(runs)
    for run in runs:
        if run.kind == priority.KIND:
            found[run.pk] = priority.progress(run)
    return found


def status_of(run: ActionRun) -> dict[str, Any]:
    """As JSON: how far it is, and the words for it."""
    far = far_of([run])[run.pk]
    return {
        "is_over": run.state not in UNDER_WAY,
        "state": run.state,
        "badge": run.get_state_display(),
        "done": far.over,
        "total": far.total,
        "words": f"{far.over:,} of {far.total:,}",
        "counts": counts_of(far),
    }


def counts_of(far: Progress) -> dict[str, int]:
    return {
        "held": far.held,
        "waiting": far.waiting,
        "sending": far.sending,
        "done": far.done,
        "refused": far.refused,
        "not_taken": far.not_taken,
        "withdrawn": far.withdrawn,
    }
