"""The second factor: set it up, prove it, turn it off.

Backup codes are the library's static tokens, of which only fingerprints are stored:
eighty random bits need no salt. Wrong codes are throttled by the library, the app's
and the backup codes each by themselves.
"""

import re
from base64 import b32encode
from datetime import timedelta
from hashlib import sha256
from os import urandom
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken

from apps.users.errors import NotSetUp, TooManyCodes, WrongCode
from apps.users.models import Authenticator, User
from apps.users.models.authenticator import DIGITS, STEP_SECONDS
from apps.users.roles import CHANGE_SHOP, MANAGE_CREDENTIALS, MANAGE_TEAM
from apps.users.services.audit import record

BACKUP_CODES = 10
# A key that was shown and not confirmed is not shown again after this.
SETUP_TIME = timedelta(minutes=30)
ISSUER = "Shopdesk"
_FINGERPRINT = 16
_FOR_ADMINS = (MANAGE_TEAM, MANAGE_CREDENTIALS, CHANGE_SHOP)


def must_have(user: User) -> bool:
    """Whether TWO_FACTOR_REQUIRED asks this person for a second factor."""
    if settings.TWO_FACTOR_REQUIRED == "admins":
        return any(user.access.may(permission) for permission in _FOR_ADMINS)
    return bool(settings.TWO_FACTOR_REQUIRED == "everyone")


def is_on(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, confirmed=True).exists())


def codes_left(user: User) -> int:
    return int(StaticToken.objects.filter(device__user=user).count())


@transaction.atomic
def begin(user: User) -> Authenticator:
    """The authenticator to be set up: the one begun a moment ago, or a fresh one.

    Raises NotSetUp if one is in use already.
    """
    rows = Authenticator.objects.select_for_update()
    begun: Authenticator | None = rows.filter(user=user).first()
    if begun is not None:
        if begun.confirmed:
            raise NotSetUp(
                "Two-factor sign-in is on. Turn it off to use another phone."
            )
        if begun.created_at > timezone.now() - SETUP_TIME:
            return begun
        begun.delete()
    fresh: Authenticator = Authenticator.objects.create(
        user=user, name="App", confirmed=False
    )
    return fresh


def key_in_words(authenticator: Authenticator) -> str:
    """The key as apps take it by hand: base32, in groups of four."""
    return _grouped(b32encode(authenticator.binary_key).decode(), " ")


def setup_address(authenticator: Authenticator) -> str:
    """What the QR code says: otpauth://totp/…, as authenticator apps read it.

    Source: github.com/google/google-authenticator/wiki/Key-Uri-Format.
    """
    label = quote(f"{ISSUER}:{authenticator.user.get_username()}")
    values = {
        "secret": b32encode(authenticator.binary_key).decode(),
        "issuer": ISSUER,
        "digits": DIGITS,
        "period": STEP_SECONDS,
    }
    return f"otpauth://totp/{label}?{urlencode(values)}"


def confirm(
    user: User, code: str, *, address: str | None
) -> tuple[Authenticator, list[str]]:
    """Turn two-factor sign-in on with the app's first code; also the backup codes,
    which nothing can show again.

    Raises WrongCode or TooManyCodes.
    """
    with transaction.atomic():
        rows = Authenticator.objects.select_for_update()
        authenticator = rows.filter(user=user, confirmed=False).first()
        refusal = _refusal(authenticator, _plain(code))
        if refusal is None:
            authenticator.confirmed = True
            authenticator.save(update_fields=["confirmed"])
            codes = _replace_codes(user)
            record("turned on two-factor sign-in", user, actor=user, address=address)
            return authenticator, codes
    raise refusal


def verify(user: User, code: str, *, address: str | None) -> Authenticator:
    """The second step of signing in, with a code of the app or a backup code, which
    is used up.

    Raises WrongCode or TooManyCodes, and wrong codes are written down.
    """
    by_app, refusal = _use(user, code)
    if refusal is not None:
        if isinstance(refusal, WrongCode):
            record("failed the second step", user, actor=user, address=address)
        raise refusal
    details: dict[str, Any] = {} if by_app else {"backup_codes_left": codes_left(user)}
    record("passed the second step", user, actor=user, address=address, **details)
    authenticator: Authenticator = Authenticator.objects.get(user=user)
    return authenticator


def turn_off(user: User, code: str, *, address: str | None) -> None:
    """Raises WrongCode or TooManyCodes."""
    _prove(user, code)
    with transaction.atomic():
        _remove(user)
        record("turned off two-factor sign-in", user, actor=user, address=address)


def new_backup_codes(user: User, code: str, *, address: str | None) -> list[str]:
    """Ten new ones; those before no longer work. Raises WrongCode or TooManyCodes."""
    _prove(user, code)
    with transaction.atomic():
        codes = _replace_codes(user)
        record("made new backup codes", user, actor=user, address=address)
    return codes


@transaction.atomic
def reset(user: User, *, by: User | None, address: str | None) -> bool:
    """For somebody who lost phone and codes; whether there was anything to take away.

    They sign in with their password alone, or are led to set it up anew. Without `by`
    it was somebody at the server's shell.
    """
    had = _remove(user)
    if had:
        record(
            "reset two-factor sign-in",
            user,
            actor=by,
            process="reset_second_factor",
            address=address,
        )
    return had


def _prove(user: User, code: str) -> None:
    _, refusal = _use(user, code)
    if refusal is not None:
        raise refusal


def _use(user: User, code: str) -> tuple[bool, Exception | None]:
    """Whether the app made the code, and why it is refused, if it is.

    The refusal is handed back, not raised: what counts wrong codes must be committed.
    """
    plain = _plain(code)
    by_app = len(plain) == DIGITS
    with transaction.atomic():
        rows = (Authenticator if by_app else StaticDevice).objects.select_for_update()
        device = rows.filter(user=user, confirmed=True).first()
        return by_app, _refusal(device, plain if by_app else _fingerprint(plain))


def _refusal(device: Any, token: str) -> Exception | None:
    if device is None:
        return WrongCode("That is not the code. Wait for the next one and try it.")
    allowed, why = device.verify_is_allowed()
    if not allowed:
        wait = why["locked_until"] - timezone.now()
        return TooManyCodes(
            f"Too many wrong codes. Try again in {_in_words(wait)}; "
            "this one was not looked at."
        )
    if device.verify_token(token):
        return None
    return WrongCode("That is not the code. Wait for the next one and try it.")


def _in_words(wait: timedelta) -> str:
    seconds = max(1, round(wait.total_seconds()))
    return f"{seconds} seconds" if seconds < 120 else f"{seconds // 60 + 1} minutes"


def _replace_codes(user: User) -> list[str]:
    device, _ = StaticDevice.objects.get_or_create(
        user=user, defaults={"name": "Backup codes"}
    )
    device.token_set.all().delete()
    device.throttle_reset()
    codes = [b32encode(urandom(10)).decode().lower() for _ in range(BACKUP_CODES)]
    StaticToken.objects.bulk_create(
        StaticToken(device=device, token=_fingerprint(code)) for code in codes
    )
    return [_grouped(code, "-") for code in codes]


def _remove(user: User) -> bool:
    StaticDevice.objects.filter(user=user).delete()
    removed, _ = Authenticator.objects.filter(user=user).delete()
    return bool(removed)


def _fingerprint(code: str) -> str:
    return sha256(code.encode()).hexdigest()[:_FINGERPRINT]


def _plain(code: str) -> str:
    """Without the spaces and dashes that make it readable."""
    return re.sub(r"[\s-]", "", code).lower()


def _grouped(text: str, separator: str) -> str:
    return separator.join(text[at : at + 4] for at in range(0, len(text), 4))
