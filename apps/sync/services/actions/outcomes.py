"""What became of an action, kept: the row, its order's timeline, its run."""

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from apps.core.storing import clean, storable
from apps.orders.models import ActionRun, OrderAction, OrderEvent
from apps.orders.services.actions.runs import settle_runs
from apps.orders.services.actions.words import described
from apps.orders.services.events import note_event
from apps.sync.services.actions.answers import Answer, Fate
from apps.sync.services.actions.claiming import Claim
from apps.sync.services.stock_push.standing import pause_after
from apps.users.services.audit import By

State = OrderAction.State
Kind = OrderAction.Kind
# What a person has to see to is tried again by itself after a while.
PERSON_FOR = timedelta(minutes=30)
# Refusals that may pass: the last come half an hour apart, some two hours in all.
MOST_TRIES = 12
# Where nobody answers at all: about a day.
MOST_UNANSWERED = 56
_LONGEST = 500


@transaction.atomic
def note(claim: Claim, answer: Answer) -> OrderAction | None:
    """Keep the answer to what was claimed: the action as it is then, None if another
    worker has it now."""
    action = claim.action
    if answer.fate is Fate.DONE:
        state = State.DONE
    elif answer.fate is Fate.REFUSED or _is_tired(action, answer):
        state = State.REFUSED
    else:
        state = State.WAITING
    if not _write(claim, answer, state):
        return None
    if state == State.WAITING:
        return action
    _tell(action, answer)
    return action


def note_runs(run_ids: Collection[int]) -> None:
    """Somebody is at work on these runs; those with nothing left to be done end."""
    live = ActionRun.objects.filter(pk__in=run_ids, state=ActionRun.State.RUNNING)
    live.update(heartbeat_at=timezone.now())
    settle_runs(run_ids)


def _is_tired(action: OrderAction, answer: Answer) -> bool:
    if answer.fate is not Fate.LATER:
        return False
    most = MOST_TRIES if answer.code else MOST_UNANSWERED
    return action.attempts >= most


def _write(claim: Claim, answer: Answer, state: State) -> bool:
    action, now = claim.action, timezone.now()
    action.state, action.modified_at = state, now
    action.message = clean(answer.words)[:_LONGEST]
    action.code = (answer.code or None) if state != State.DONE else None
    action.outcome = storable(dict(answer.facts))
    if state == State.WAITING:
        action.due_at = now + _pause(action, answer)
        action.sent_at = claim.sent_at if answer.may_be_done else None
    else:
        action.ended_at, action.sent_at = now, claim.sent_at
    names = (
        "state",
        "modified_at",
        "message",
        "code",
        "outcome",
        "due_at",
        "sent_at",
        "ended_at",
    )
    return bool(claim.rows().update(**{name: getattr(action, name) for name in names}))


def _pause(action: OrderAction, answer: Answer) -> timedelta:
    asked = timedelta(seconds=answer.pause_seconds)
    if answer.fate is Fate.PERSON:
        return max(PERSON_FOR, asked)
    return max(pause_after(action.attempts), asked)


def _tell(action: OrderAction, answer: Answer) -> None:
    what, words = described(action), action.message
    by = By(action.user, process=action.process or "system")
    if action.state == State.REFUSED:
        note_event(action.order, OrderEvent.Kind.REFUSED, f"{what}. {words}", by=by)
    elif action.kind == Kind.PULL:
        note_event(action.order, OrderEvent.Kind.PULLED, "Pulled again", by=by)
    else:
        text = f"Done: {what}. {words}" if words else f"Done: {what}"
        note_event(action.order, OrderEvent.Kind.ACTION, text, by=by)
