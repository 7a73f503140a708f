"""Where a push stands, from what is to be told and what was taken. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from apps.integrations.contracts import StockFault
from apps.inventory.services.telling import Told, WhyNot
from apps.sync.models import StockPush

State = StockPush.State

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=30)
OFF_SALE = "Sold out: the listing was taken off sale, because TikTok takes no 0 here."
ONE_LEFT = (
    "None is there, but TikTok takes no 0: the shop still sells one piece. Take the "
    "listing off sale in Seller Center, or bring stock in."
)
# What `settle` may change.
FIELDS = (
    "state",
    "wanted",
    "wanted_total",
    "due_since",
    "is_forced",
    "sent",
    "sending_since",
    "process",
    "accepted",
    "accepted_total",
    "accepted_at",
    "attempts",
    "next_try_at",
    "fault",
    "fault_code",
    "message",
    "is_taken_off_sale",
)


def as_taken(wanted: Mapping[str, int], *, is_zero_refused: bool) -> dict[str, int]:
    """What is sent: where the platform takes no 0, one piece in its place."""
    least = 1 if is_zero_refused else 0
    return {key: max(least, pieces) for key, pieces in wanted.items()}


def renew(
    push: StockPush,
    told: Told,
    now: datetime,
    *,
    is_zero_refused: bool,
    is_forced: bool = False,
) -> None:
    """Let a push say what the shop is to be told now. One that is under way goes on,
    and is settled when its answer comes."""
    is_waiting_for_us = told.reason is WhyNot.NOT_LIVE and push.is_taken_off_sale
    if told.total is None and not is_waiting_for_us:
        push.wanted, push.wanted_total, push.is_forced = {}, None, False
        push.fault, push.fault_code = told.reason or "", None
        push.message = told.why_not
    else:
        push.wanted = told.quantities
        push.wanted_total = sum(push.wanted.values())
        push.is_forced = push.is_forced or is_forced
    if push.state != State.SENDING:
        settle(push, now, is_zero_refused=is_zero_refused)


def settle(push: StockPush, now: datetime, *, is_zero_refused: bool) -> None:
    """The state that follows from what is wanted and what was accepted."""
    if push.wanted_total is None:
        _rest(push, State.UNKNOWN)
    elif push.is_taken_off_sale:
        if push.wanted_total:
            _be_due(push, now)
        else:
            _clear(push)
            push.message = OFF_SALE
            _rest(push, State.IN_STEP)
    elif push.is_forced or not _is_taken(push, is_zero_refused=is_zero_refused):
        _be_due(push, now)
    elif push.accepted == push.wanted:
        _clear(push)
        _rest(push, State.IN_STEP)
    else:
        _clear(push)
        push.fault, push.message = StockFault.ZERO_REFUSED.value, ONE_LEFT
        _rest(push, State.BLOCKED)


def pause_after(attempts: int) -> timedelta:
    """5 seconds after the first failure, doubled with each further one, capped."""
    doublings: int = 2 ** min(max(attempts - 1, 0), 10)
    return min(FIRST_PAUSE * doublings, LONGEST_PAUSE)


def facts(push: StockPush) -> tuple[Any, ...]:
    """All that is stored of it, to see whether it has changed."""
    return tuple(getattr(push, name) for name in FIELDS)


def _is_taken(push: StockPush, *, is_zero_refused: bool) -> bool:
    """Not where something was sent since of which nobody heard: it may stand, and if it
    is the same figure somebody wanted it sent again."""
    taken = as_taken(push.wanted, is_zero_refused=is_zero_refused)
    return bool(push.accepted == taken and not push.sent)


def _be_due(push: StockPush, now: datetime) -> None:
    """At once, unless it failed and its time has not come: then the newest figure goes
    when it has."""
    has_failed = push.state in (State.FAILED, State.BLOCKED)
    is_early = push.next_try_at is not None and push.next_try_at > now
    push.due_since = push.due_since or now
    if has_failed and is_early and not push.is_forced:
        return
    if push.state == State.UNKNOWN or push.is_forced:
        _clear(push, keeps_force=True)
    if push.state != State.DUE or push.is_forced:
        push.next_try_at = None
    push.state = State.DUE


def _clear(push: StockPush, *, keeps_force: bool = False) -> None:
    """Of what went wrong before."""
    push.attempts, push.fault, push.fault_code, push.message = 0, "", None, ""
    push.is_forced = push.is_forced and keeps_force


def _rest(push: StockPush, state: StockPush.State) -> None:
    push.state = state
    push.due_since = push.next_try_at = None
