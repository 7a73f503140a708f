"""What a person does about a run."""

from django.db import transaction

from apps.orders.errors import ActionRefused
from apps.orders.models import ActionRun, OrderAction
from apps.orders.services.actions.changing import (
    actions_of,
    asked_anew,
    locked_run,
    note,
    record,
    reopen,
    wait_anew,
    withdraw_all,
    without_objections,
)
from apps.orders.services.actions.runs import settle_runs
from apps.users.services.audit import By

State = OrderAction.State


@transaction.atomic
def release_run(run: ActionRun, by: By) -> int:
    """Let all of a run that was held back go out; how many. What cannot be done any
    more stays held, with the reason."""
    run = locked_run(run)
    free = without_objections(actions_of(run, State.HELD))
    wait_anew(free)
    note(free, "Released", by)
    if free:
        record("released a run", run, by, count=len(free))
    return len(free)


@transaction.atomic
def retry_failed(run: ActionRun, by: By) -> int:
    """Send the refused of a run again, and only those; how many. Raises ActionRefused
    where none is left to be repeated."""
    run = locked_run(run)
    refused = actions_of(run, State.REFUSED)
    anew = asked_anew(refused)
    free = without_objections([each for each in refused if each.pk not in anew])
    if not free:
        raise ActionRefused("Nothing of this run is left to be repeated.")
    wait_anew(free)
    note(free, "Asked again", by)
    record("retried a run", run, by, count=len(free))
    reopen(run)
    return len(free)


@transaction.atomic
def stop_run(run: ActionRun, by: By) -> int:
    """Withdraw what of a run was not sent yet; how many. What is being sent ends.
    Repeating it changes nothing."""
    run = locked_run(run)
    left = actions_of(run, State.HELD, State.WAITING)
    unsent = [action for action in left if action.sent_at is None]
    if run.state not in (ActionRun.State.WAITING, ActionRun.State.RUNNING):
        raise ActionRefused("This run has ended already.")
    if not run.is_stop_asked:
        run.is_stop_asked = True
        run.save(update_fields=["is_stop_asked", "modified_at"])
        record("stopped a run", run, by, count=len(unsent))
    withdraw_all(unsent)
    note(unsent, "Withdrawn", by)
    settle_runs([run.pk])
    return len(unsent)
