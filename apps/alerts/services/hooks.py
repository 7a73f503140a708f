"""Hooks of a client: made, changed, tried, and served."""

import json
import secrets
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from apps.alerts.models import AlertHook, AlertHookDelivery
from apps.core import posting
from apps.users.models import Client
from apps.users.services import audit
from apps.users.services.audit import By

# After each try that failed; then it is given up.
PAUSES = tuple(
    timedelta(minutes=minutes) for minutes in (0.5, 2, 10, 30, 120, 360, 720)
)
LEASE = timedelta(minutes=1)
LONGEST_SWEEP = 30.0  # seconds
State = AlertHookDelivery.State


@transaction.atomic
def make(
    client: Client,
    by: By,
    *,
    name: str,
    address: str,
    codes: Sequence[str] = (),
    is_on: bool = True,
) -> tuple[AlertHook, str]:
    """A hook, and its secret, which is told once. Raises HookRefused."""
    secret = secrets.token_urlsafe(32)
    hook = AlertHook(client=client, name=name, address=address, secret=secret)
    hook.codes, hook.is_on = list(codes), is_on
    posting.checked(hook.address)
    hook.save()
    _record("made an alert hook", hook, by)
    return hook, secret


@transaction.atomic
def change(hook: AlertHook, by: By, **values: object) -> None:
    """Raises HookRefused."""
    hook = _locked(hook)
    for name, value in values.items():
        setattr(hook, name, value)
    posting.checked(hook.address)
    hook.save()
    _record("changed an alert hook", hook, by, changed=sorted(values))


@transaction.atomic
def renew_secret(hook: AlertHook, by: By) -> str:
    """A new one, told once; the old one signs nothing any more."""
    hook = _locked(hook)
    hook.secret = secrets.token_urlsafe(32)
    hook.save(update_fields=["secret", "modified_at"])
    _record("renewed the secret of an alert hook", hook, by)
    return hook.secret


@transaction.atomic
def remove(hook: AlertHook, by: By) -> None:
    """With the log of its deliveries."""
    hook = _locked(hook)
    _record("removed an alert hook", hook, by)
    hook.delete()


def try_out(hook: AlertHook, by: By) -> AlertHookDelivery:
    """Post a test now; what came of it is in its row."""
    body = {"event": "test", "at": timezone.now().isoformat(), "hook": hook.name}
    delivery = AlertHookDelivery.objects.create(
        hook=hook,
        body=json.dumps(body, ensure_ascii=False),
        claimed_until=timezone.now() + LEASE,
    )
    _deliver(delivery, is_last=True)
    _record("tried an alert hook", hook, by, was_delivered=delivery.state == State.DONE)
    return delivery


def deliver_due(now: datetime) -> int:
    """Post what is due; how many arrived. It ends in time for the next sweep, and a
    tool that is away holds up nobody else's."""
    done = 0
    away: set[int] = set()
    end = time.monotonic() + LONGEST_SWEEP
    while time.monotonic() < end:
        delivery = _claim(now, away)
        if delivery is None:
            break
        _deliver(delivery, is_last=delivery.attempts >= len(PAUSES))
        if delivery.state == State.DONE:
            done += 1
        else:
            away.add(delivery.hook_id)
    return done


@transaction.atomic
def _claim(now: datetime, away: set[int]) -> AlertHookDelivery | None:
    """The next one, in nobody else's hands for a minute. What waits for a hook that is
    off waits on, and so does what waits for hooks that are away."""
    skips = connection.features.has_select_for_update_skip_locked
    due = AlertHookDelivery.objects.due(now).filter(hook__is_on=True)
    rows = due.exclude(hook__in=away).select_for_update(of=["self"], skip_locked=skips)
    row = rows.select_related("hook").order_by("next_try_at", "pk").first()
    if row is not None:
        row.claimed_until = timezone.now() + LEASE
        row.save(update_fields=["claimed_until"])
    return row


def _deliver(delivery: AlertHookDelivery, *, is_last: bool) -> None:
    hook = delivery.hook
    answer = posting.post(
        hook.address, hook.secret, delivery.body, delivery=str(delivery.pk)
    )
    delivery.attempts += 1
    delivery.http_status = answer.status or None
    delivery.milliseconds = answer.milliseconds
    delivery.message = answer.words
    delivery.claimed_until = None
    if answer.is_ok:
        delivery.state = State.DONE
    elif is_last:
        delivery.state = State.FAILED
    else:
        pause = PAUSES[delivery.attempts - 1]
        delivery.next_try_at = timezone.now() + pause
    delivery.save()


def _locked(hook: AlertHook) -> AlertHook:
    rows = AlertHook.objects.select_for_update(of=["self"])
    return rows.select_related("client").get(pk=hook.pk)


def _record(verb: str, hook: AlertHook, by: By, **details: Any) -> None:
    audit.record(
        verb,
        hook,
        client=hook.client,
        actor=by.user,
        address=by.address,
        process=by.process,
        **details,
    )
