"""Failed sign-ins: how they are counted, and how the count is dropped."""

from typing import Any

from axes.models import AccessAttempt
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from apps.users.models import User

LOCKED = (
    "Too many failed attempts. Wait 15 minutes and try again, or set a new password."
)


def counted_name(
    request: HttpRequest | None, credentials: dict[str, Any] | None
) -> str | None:
    """What django-axes counts failures under: a fingerprint of the name that was typed,
    be there such a person or not. A name nobody has may be a mistyped password."""
    values: Any = credentials or (request.POST if request is not None else {})
    name = values.get("username")
    return _fingerprint(name) if name else None


def forget_failures(user: User) -> None:
    """Let somebody who has a new password try at once."""
    AccessAttempt.objects.filter(username=_fingerprint(user.get_username())).delete()


def _fingerprint(name: str) -> str:
    return salted_hmac("failed sign-ins", name.casefold()).hexdigest()
