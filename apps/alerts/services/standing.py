"""Whether the checks themselves go on: who watches the watchman.

A Beat or worker that has stopped cannot say so. So everything that still runs asks:
each request to the health address, each sweep, and the page of alerts as it is shown.
"""

from datetime import datetime, timedelta

from apps.alerts.models import Alert, AlertCheck, Code
from apps.alerts.rules.conditions import Result
from apps.alerts.rules.words import Severity, State
from apps.alerts.services.checking import keep
from apps.alerts.services.looks.finding import Finding, span

STOPPED_AFTER = timedelta(minutes=20)


def last_check() -> AlertCheck | None:
    """The last one that came to its end, or has only begun for the first time."""
    return AlertCheck.objects.filter(pk=1).first()


def silence(row: AlertCheck | None, now: datetime) -> timedelta | None:
    """How long nothing has been looked at; None while all is well. Where there has
    never been a look there is nothing that could have stopped."""
    if row is None:
        return None
    pause = now - (row.at or row.begun_at)
    return pause if pause > STOPPED_AFTER else None


def note_if_stopped(now: datetime) -> bool:
    """Open an alert where the checks have stopped; whether they have. One query while
    all is well, two while it is known."""
    pause = silence(last_check(), now)
    if pause is None:
        return False
    known = Alert.objects.open().filter(shop__isnull=True, code=Code.CHECKS_STOPPED)
    if not known.exists():
        keep(None, [_finding(pause)], now)
    return True


def note_going_on(now: datetime) -> None:
    """A look has come to its end."""
    keep(None, [Finding(None, Code.CHECKS_STOPPED, Result(State.OK))], now)


def _finding(pause: timedelta) -> Finding:
    return Finding(
        None,
        Code.CHECKS_STOPPED,
        Result(State.FIRING, pause, STOPPED_AFTER, Severity.CRITICAL, is_clear=False),
        f"Nothing has been looked at for {span(pause)}",
        "The scheduler or the workers have stopped, so what is said of shops may be "
        "old. Start them, or look into their logs.",
    )
