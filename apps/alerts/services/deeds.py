"""What people do about an alert: see to it, put it off, close it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.alerts.errors import AlertRefuses
from apps.alerts.models import Alert, AlertEvent
from apps.users.services import audit
from apps.users.services.audit import By

Name = AlertEvent.Name
# What can be asked for: (words, how long; None until it gets worse).
SNOOZES: dict[str, tuple[str, timedelta | None]] = {
    "hour": ("For 1 hour", timedelta(hours=1)),
    "day": ("For 1 day", timedelta(days=1)),
    "worse": ("Until it gets worse", None),
}


@transaction.atomic
def take(alert: Alert, by: By, now: datetime | None = None) -> bool:
    """This person sees to it: no reminders while it gets no worse. Whether that is
    news."""
    alert = _open(alert)
    if alert.taken_by == by.user and alert.is_acknowledged:
        return False
    alert.taken_by, alert.taken_at = by.user, now or timezone.now()
    alert.is_acknowledged = True
    _keep(alert, Name.TAKEN, by, now, "took an alert")
    return True


@transaction.atomic
def let_go(alert: Alert, by: By, now: datetime | None = None) -> bool:
    """It is nobody's any more. Whether that is news."""
    alert = _open(alert)
    if alert.taken_by is None:
        return False
    alert.taken_by = alert.taken_at = None
    alert.is_acknowledged = False
    _keep(alert, Name.LET_GO, by, now, "let an alert go")
    return True


@transaction.atomic
def snooze(alert: Alert, how: str, by: By, now: datetime | None = None) -> bool:
    """Tell nobody for as long as `how` says, one of SNOOZES; what gets worse is told
    in any case. Whether that is news."""
    if how not in SNOOZES:
        raise AlertRefuses(f"Snooze for one of these: {', '.join(SNOOZES)}.")
    now = now or timezone.now()
    alert = _open(alert)
    words, length = SNOOZES[how]
    if length is None and alert.is_snoozed_until_worse:
        return False
    alert.snoozed_until = now + length if length else None
    alert.is_snoozed_until_worse = length is None
    _keep(alert, Name.SNOOZED, by, now, "snoozed an alert", words)
    return True


@transaction.atomic
def wake(alert: Alert, by: By, now: datetime | None = None) -> bool:
    """Snoozed no longer. Whether that is news."""
    now = now or timezone.now()
    alert = _open(alert)
    if not alert.is_snoozed(now):
        return False
    alert.snoozed_until, alert.is_snoozed_until_worse = None, False
    _keep(alert, Name.WOKEN, by, now, "woke an alert")
    return True


@transaction.atomic
def resolve(alert: Alert, by: By, now: datetime | None = None) -> bool:
    """Close it by hand. While its cause is there, the next look brings it back.
    Whether that is news."""
    now = now or timezone.now()
    alert = _locked(alert)
    if not alert.is_open:
        return False
    alert.state = Alert.State.RESOLVED
    alert.resolved_at, alert.resolved_by = now, by.user
    alert.snoozed_until, alert.is_snoozed_until_worse = None, False
    _keep(alert, Name.RESOLVED, by, now, "resolved an alert")
    return True


def _open(alert: Alert) -> Alert:
    alert = _locked(alert)
    if not alert.is_open:
        raise AlertRefuses("It is over already.")
    return alert


def _locked(alert: Alert) -> Alert:
    rows = Alert.objects.select_for_update(of=["self"])
    return rows.select_related("shop__client", "taken_by").get(pk=alert.pk)


def _keep(
    alert: Alert,
    name: Name,
    by: By,
    now: datetime | None,
    verb: str,
    words: str = "",
) -> None:
    alert.save()
    AlertEvent.objects.create(
        alert=alert,
        at=now or timezone.now(),
        name=name,
        severity=alert.severity,
        user=by.user,
        words=words,
    )
    audit.record(
        verb,
        alert,
        client=alert.shop.client if alert.shop else None,
        actor=by.user,
        address=by.address,
        process=by.process,
        kind=alert.code,
    )


Deed = Callable[[Alert, By], Any]
