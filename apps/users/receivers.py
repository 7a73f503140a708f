"""Sign-ins and sign-outs in the audit trail.

Django tells of them by signals and in no other way, wherever they happen. This is the
only place where we listen to any.
"""

from typing import Any

from django.contrib.auth.signals import (
    user_logged_in,
    user_logged_out,
    user_login_failed,
)
from django.dispatch import receiver
from django.http import HttpRequest

from apps.core.addresses import address_of
from apps.users.gates import begin_session
from apps.users.models import User
from apps.users.services.audit import record


@receiver(user_logged_in)
def note_sign_in(request: HttpRequest, user: User, **_: Any) -> None:
    begin_session(request)
    if _is_from_outside(request):
        record("signed in", user, actor=user, address=address_of(request))


@receiver(user_logged_out)
def note_sign_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None and _is_from_outside(request):
        record("signed out", user, actor=user, address=address_of(request))


@receiver(user_login_failed)
def note_failure(
    credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any
) -> None:
    """Of people there are. A name nobody has may be a password in the wrong field."""
    if request is None or getattr(request, "axes_failures_since_start", None) is None:
        return  # locked out: nothing was tried, and the lock was written down once
    person = User.objects.filter(username=credentials.get("username")).first()
    if person is None:
        return
    actor = request.user if isinstance(request.user, User) else None
    was_locked = getattr(request, "axes_locked_out", False)
    details: dict[str, Any] = {"locked_out": True} if was_locked else {}
    record(
        "gave a wrong password" if actor else "failed to sign in",
        person,
        actor=actor,
        process="somebody",
        address=address_of(request),
        **details,
    )


def _is_from_outside(request: HttpRequest) -> bool:
    """A program that signs somebody in has no real request at hand: nobody came."""
    return request.method is not None
