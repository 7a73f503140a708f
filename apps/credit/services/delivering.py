"""Posting to lenders' webhooks what waits for them, signed, until it has arrived."""

import time
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from apps.core import posting
from apps.credit.models import LenderDelivery

# After each try that failed; then it is given up.
PAUSES = tuple(
    timedelta(minutes=minutes) for minutes in (0.5, 2, 10, 30, 120, 360, 720)
)
LEASE = timedelta(minutes=1)
LONGEST_SWEEP = 30.0  # seconds
State = LenderDelivery.State


def deliver_due(now: datetime) -> int:
    """Post what is due; how many arrived. It ends in time for the next sweep, and a
    lender who is away holds up nobody else."""
    done = 0
    away: set[int] = set()
    end = time.monotonic() + LONGEST_SWEEP
    while time.monotonic() < end:
        delivery = _claim(now, away)
        if delivery is None:
            break
        _deliver(delivery)
        if delivery.state == State.DONE:
            done += 1
        else:
            away.add(delivery.lender_id)
    return done


@transaction.atomic
def _claim(now: datetime, away: set[int]) -> LenderDelivery | None:
    """The next one, in nobody else's hands for a minute."""
    skips = connection.features.has_select_for_update_skip_locked
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    due = LenderDelivery.objects.filter(free, state=State.DUE, next_try_at__lte=now)
    rows = due.exclude(lender__in=away).exclude(lender__hook_address="")
    locked = rows.select_for_update(of=["self"], skip_locked=skips)
    row = locked.select_related("lender").order_by("next_try_at", "pk").first()
    if row is not None:
        row.claimed_until = timezone.now() + LEASE
        row.save(update_fields=["claimed_until", "modified_at"])
    return row


def _deliver(delivery: LenderDelivery) -> None:
    lender = delivery.lender
    answer = posting.post(
        lender.hook_address,
        lender.hook_secret,
        delivery.body,
        delivery=f"{delivery.event}-{delivery.pk}",
    )
    delivery.attempts += 1
    delivery.claimed_until = None
    delivery.last_error = "" if answer.is_ok else answer.words
    if answer.is_ok:
        delivery.state, delivery.delivered_at = State.DONE, timezone.now()
    elif delivery.attempts > len(PAUSES):
        delivery.state = State.GIVEN_UP
    else:
        pause = PAUSES[delivery.attempts - 1]
        delivery.next_try_at = timezone.now() + pause
    delivery.save()
