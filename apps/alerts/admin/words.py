"""How alerts are put, the same on every page."""

from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.alerts.models import Alert, Severity
from apps.alerts.services.kinds import KINDS
from apps.alerts.services.looks.finding import span
from apps.core.addresses import address_of
from apps.core.admin import badge
from apps.users.models import User
from apps.users.services.audit import By

BADGES = {
    Severity.CRITICAL: "bad",
    Severity.WARNING: "attention",
    Severity.INFO: "progress",
}


def by_whom(request: HttpRequest) -> By:
    """Who answers for a deed, as the trail notes it."""
    user = request.user
    assert isinstance(user, User)
    return By(user, address_of(request))


def severity_badge(severity: str) -> SafeString:
    known = Severity(severity)
    return badge(str(known.label), BADGES[known])


def state_badge(alert: Alert, now: datetime) -> SafeString | str:
    """What is to be known beside how bad it is; nothing of one that is simply open."""
    if not alert.is_open:
        return badge("Resolved", "good")
    if alert.is_snoozed(now):
        return badge("Snoozed", "neutral")
    return badge("Back again", "attention") if alert.is_back else ""


def snoozed_words(alert: Alert, now: datetime) -> str:
    if not alert.is_snoozed(now):
        return ""
    if alert.is_snoozed_until_worse:
        return "Nobody is told until it gets worse."
    until = alert.snoozed_until
    return f"Nobody is told until {until:%d %b %H:%M} UTC, or until it gets worse."


def measured(alert: Alert, value: float | None) -> str:
    """A value or threshold in the unit of its kind."""
    if value is None:
        return ""
    unit = KINDS[alert.code].unit
    if unit == "share":
        return f"{value:.1%}"
    if unit == "minutes":
        delta = timedelta(minutes=value)
        return "over" if delta <= timedelta(0) else span(delta)
    return f"{value:,.0f}"
