"""The mail that carries an invitation."""

from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from apps.platforms.models import Invitation
from apps.platforms.services.team.invitations import LIFE
from apps.platforms.services.team.seats import seat_of

# A task that died, or a mail host that was away, is followed by the sweep.
WAIT = timedelta(minutes=5)
GIVE_UP = timedelta(days=1)


def send(invitation: Invitation) -> bool:
    """Mail the link, and note whether the mail host took it."""
    address = settings.PUBLIC_URL + reverse("users:invitation", args=[invitation.token])
    context = {
        "invitation": invitation,
        "role": seat_of(invitation).in_words,
        "shops": list(invitation.shops.all()),
        "address": address,
    }
    rows = Invitation.objects.filter(pk=invitation.pk)
    client = " ".join(str(invitation.client).split())
    now = timezone.now()
    try:
        send_mail(
            f"{client} invites you to Shopdesk",
            render_to_string("users/invitation_mail.txt", context),
            None,
            [invitation.email],
        )
    except (OSError, SMTPException, ValueError) as error:
        # ValueError: an address or a subject no mail can carry. The host's answer may
        # quote the mail; its kind says enough.
        text = f"The mail host did not take it ({type(error).__name__})."
        rows.update(mail_state=Invitation.Mail.FAILED, mail_error=text, modified_at=now)
        return False
    rows.update(
        mail_state=Invitation.Mail.SENT, mail_error="", mailed_at=now, modified_at=now
    )
    return True


def waiting(now: datetime) -> list[Invitation]:
    """Open invitations whose mail should have gone out by now, and did not.

    One that failed is tried again after as long as it has been tried for: soon at
    first, some nine times in the day after which it is given up.
    """
    unsent = Invitation.objects.open(now).exclude(mail_state=Invitation.Mail.SENT)
    # Its life began when it was last asked for.
    recent = unsent.filter(expires_at__gt=now + LIFE - GIVE_UP)
    return [row for row in recent if _is_due(row, now)]


def _is_due(row: Invitation, now: datetime) -> bool:
    asked_at = row.expires_at - LIFE
    if row.mail_state == Invitation.Mail.QUEUED:
        return asked_at <= now - WAIT
    return now - row.modified_at >= max(WAIT, row.modified_at - asked_at)
