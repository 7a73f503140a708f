"""What a person does about one thing that was asked for."""

from django.db import transaction
from django.utils import timezone

from apps.orders.errors import ActionRefused
from apps.orders.models import OrderAction
from apps.orders.services.actions.changing import (
    asked_anew,
    locked,
    note,
    objections_to,
    record,
    reopen,
    wait_anew,
    withdraw_all,
)
from apps.orders.services.actions.runs import settle_runs
from apps.users.services.audit import By

State = OrderAction.State


@transaction.atomic
def withdraw(action: OrderAction, by: By) -> OrderAction:
    """Ask for it no longer; raises ActionRefused where it is being sent or over.
    Repeating it changes nothing."""
    action = locked(action)
    if action.state == State.WITHDRAWN:
        return action
    if action.state not in OrderAction.OPEN:
        raise ActionRefused(f"It is over: {action.get_state_display().lower()}.")
    if action.state == State.SENDING or action.sent_at is not None:
        raise ActionRefused("It was sent: wait for TikTok's answer.")
    withdraw_all([action])
    note([action], "Withdrawn", by)
    record("withdrew an action", action, by)
    if action.run_id is not None:
        settle_runs([action.run_id])
    return action


@transaction.atomic
def release(action: OrderAction, by: By) -> OrderAction:
    """Let what was held back go out. Raises ActionRefused where it is over, or cannot
    be done any more. Of one that waits already it changes nothing."""
    action = locked(action)
    if action.state in (State.WAITING, State.SENDING):
        return action
    if action.state != State.HELD:
        raise ActionRefused(f"It is over: {action.get_state_display().lower()}.")
    if why_not := objections_to([action])[action.pk]:
        raise ActionRefused(why_not)
    wait_anew([action])
    note([action], "Released", by)
    record("released an action", action, by)
    return action


@transaction.atomic
def retry(action: OrderAction, by: By) -> OrderAction:
    """Send a refused one again; raises ActionRefused where it was not refused, cannot
    be done any more, or is asked for anew already."""
    action = locked(action)
    if action.state in (State.WAITING, State.SENDING):
        return action
    if action.state != State.REFUSED:
        raise ActionRefused(f"It is not refused: {action.get_state_display().lower()}.")
    if asked_anew([action]):
        raise ActionRefused("It is asked for anew already.")
    if why_not := objections_to([action])[action.pk]:
        raise ActionRefused(why_not)
    wait_anew([action])
    note([action], "Asked again", by)
    record("retried an action", action, by)
    reopen(action.run)
    return action


@transaction.atomic
def dismiss(action: OrderAction, by: By) -> OrderAction:
    """A person has seen to a refused one. Repeating it changes nothing."""
    action = locked(action)
    if action.state != State.REFUSED:
        raise ActionRefused(f"It is not refused: {action.get_state_display().lower()}.")
    if action.dismissed_at is None:
        action.dismissed_at = timezone.now()
        action.save(update_fields=["dismissed_at", "modified_at"])
        record("dismissed a failed action", action, by)
    return action
