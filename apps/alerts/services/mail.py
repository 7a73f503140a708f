"""Mail people what they are to hear of: several things that are due in one mail."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db import connection, transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from apps.alerts.models import Alert, AlertMail, Delivery, Severity
from apps.alerts.services.reading import readers
from apps.alerts.services.telling import address_of
from apps.users.models import User

# As long as one mail may take; after that a process that died had it.
LEASE = timedelta(minutes=10)
FIRST_PAUSE = timedelta(minutes=5)
MOST_ATTEMPTS = 9
MOST_IN_ONE = 100
_WORST_FIRST = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)
State = AlertMail.State


def send_due(now: datetime) -> int:
    """Mail everybody for whom something is due; how many mails went out."""
    people = AlertMail.objects.due(now).order_by().values_list("user", flat=True)
    return sum(_send_to(key, now) for key in sorted(set(people)))


def _send_to(key: int, now: datetime) -> bool:
    rows = _claim(key, now)
    if not rows:
        return False
    user = User.objects.get(pk=key)
    wanted = _still_wanted(user, rows)
    dropped = {row.pk for row in rows} - {row.pk for row in wanted}
    _settle(dropped, state=State.DROPPED)
    if not wanted:
        return False
    subject, text = in_words(user, wanted)
    keys = {row.pk for row in wanted}
    try:
        send_mail(subject, text, None, [user.email])
    except (OSError, SMTPException, ValueError) as error:
        # The host's answer may quote the mail; its kind says enough.
        _try_later(wanted, f"The mail host did not take it ({type(error).__name__}).")
        return False
    _settle(keys, state=State.SENT, sent_at=timezone.now(), error="")
    return True


@transaction.atomic
def _claim(key: int, now: datetime) -> list[AlertMail]:
    skips = connection.features.has_select_for_update_skip_locked
    due = AlertMail.objects.due(now).filter(user=key)
    locked = due.select_for_update(of=["self"], skip_locked=skips)
    rows = list(
        locked.select_related("event__alert__shop").order_by("event")[:MOST_IN_ONE]
    )
    AlertMail.objects.filter(pk__in=[row.pk for row in rows]).update(
        claimed_until=now + LEASE
    )
    return rows


def _still_wanted(user: User, rows: Sequence[AlertMail]) -> list[AlertMail]:
    """What they may see now, and still want to be mailed."""
    if not (user.is_active and user.email):
        return []
    [reader] = readers([user])
    mailed = (Delivery.NOW, Delivery.DIGEST)
    return [row for row in rows if reader.delivery(row.event.alert) in mailed]


def in_words(user: User, rows: Sequence[AlertMail]) -> tuple[str, str]:
    """Subject and text. Each alert once, the worst first, those that are over last."""
    alerts = {row.event.alert_id: row.event.alert for row in rows}
    ranked = sorted(
        alerts.values(),
        key=lambda each: (
            not each.is_open,
            _WORST_FIRST.index(Severity(each.severity)),
            each.opened_at,
        ),
    )
    text = render_to_string(
        "alerts/mail.txt",
        {
            "user": user,
            "lines": [(alert, address_of(alert.pk)) for alert in ranked],
            "is_digest": all(row.is_digest for row in rows),
            "inbox": settings.PUBLIC_URL + reverse("admin:alerts_alert_changelist"),
            "choices": settings.PUBLIC_URL + reverse("admin:alerts_alert_reading"),
        },
    )
    return _subject(ranked), text


def _subject(alerts: Sequence[Alert]) -> str:
    """Without a shop's name: subjects are seen on locked screens."""
    if len(alerts) == 1:
        [alert] = alerts
        how = alert.get_severity_display() if alert.is_open else "Over"
        return " ".join(f"{how}: {alert.title}".split())
    critical = sum(
        alert.is_open and alert.severity == Severity.CRITICAL for alert in alerts
    )
    bad = f", {critical} critical" if critical else ""
    return f"{len(alerts)} alerts{bad}"


def _try_later(rows: Sequence[AlertMail], why: str) -> None:
    now = timezone.now()
    keys = [row.pk for row in rows]
    tried = max(row.attempts for row in rows)
    AlertMail.objects.filter(pk__in=keys).update(
        attempts=F("attempts") + 1,
        error=why,
        claimed_until=None,
        due_at=now + FIRST_PAUSE * 2 ** min(tried, 6),
    )
    hopeless = AlertMail.objects.filter(pk__in=keys, attempts__gte=MOST_ATTEMPTS)
    hopeless.update(state=State.DROPPED)


def _settle(keys: set[int], **values: object) -> None:
    AlertMail.objects.filter(pk__in=keys).update(claimed_until=None, **values)
