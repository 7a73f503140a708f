"""Passwords: change one's own, or set a new one with a link from a mail."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from apps.users.models import AuditEntry, User
from apps.users.services.audit import record
from apps.users.services.signin import forget_failures

MAILED = "was mailed a link for a new password"
# Whoever asks again and again fills nobody's mailbox.
BETWEEN_MAILS = timedelta(minutes=5)


def person_to_mail(email: str) -> User | None:
    """Who may be mailed a link: active, and with a password of their own."""
    person = User.objects.filter(email__iexact=email, is_active=True).first()
    return person if person and person.has_usable_password() else None


def mail_reset_link(user_id: int) -> bool:
    """Whether a mail went out. The link is worked out here and stored nowhere; it ends
    when it is used or the person signs in. Asked again within minutes, it stays
    silent: the trail says when the last one went.

    Raises what the mail host does (OSError, SMTPException).
    """
    person = User.objects.filter(pk=user_id, is_active=True).first()
    if person is None or not person.email or _was_mailed_lately(person):
        return False
    send_mail(
        "A new password for Shopdesk",
        render_to_string("users/reset_mail.txt", _context(person)),
        None,
        [person.email],
    )
    record(MAILED, person)
    return True


def note_change(user: User, verb: str, *, address: str | None) -> None:
    """Write a new password down, and let its owner try at once where they were locked
    out. Sessions elsewhere end by themselves: each holds a hash of the old one."""
    forget_failures(user)
    record(verb, user, actor=user, address=address)


def _context(person: User) -> dict[str, object]:
    key = urlsafe_base64_encode(force_bytes(person.pk))
    token = default_token_generator.make_token(person)
    path = reverse("users:password_reset_confirm", args=[key, token])
    return {
        "person": person,
        "address": settings.PUBLIC_URL + path,
        "hours": settings.PASSWORD_RESET_TIMEOUT // 3600,
    }


def _was_mailed_lately(person: User) -> bool:
    return AuditEntry.objects.filter(
        target_type=User._meta.label_lower,
        target_id=str(person.pk),
        verb=MAILED,
        at__gt=timezone.now() - BETWEEN_MAILS,
    ).exists()
