"""Which of our API apps signed a delivery, and which shops it opens: remembered for
seconds, so that taking one in costs no look-up."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cryptography.fernet import InvalidToken

from apps.integrations.tiktok.webhooks import is_authentic
from apps.platforms.models import ApiApp, Credential, Shop
from apps.webhooks.errors import SecretUnreadable

KEPT_SECONDS = 5.0
# A signature nobody knows may be that of an app added a moment ago; strangers must not
# make us ask the database each time.
ASKED_AGAIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Signer:
    """One app, with what its deliveries are signed by. `shops` are {the platform's ID:
    our key} of those it opens: whoever has the secret of one app cannot speak of shops
    that others connected."""

    key: int
    app_key: str
    app_secret: str
    shops: Mapping[str, int]

    def __repr__(self) -> str:
        return f"Signer({self.key})"


@dataclass(frozen=True, slots=True)
class _Known:
    signers: tuple[Signer, ...] = ()
    has_unreadable: bool = False
    read_at: float = float("-inf")

    def match(self, raw_body: bytes, authorization: str) -> Signer | None:
        return next(
            (
                each
                for each in self.signers
                if is_authentic(each.app_key, each.app_secret, raw_body, authorization)
            ),
            None,
        )


class _Memory:
    """Of this process. Threads may read at the same time; each leaves a whole."""

    known = _Known()


def signer_of(raw_body: bytes, authorization: str) -> Signer | None:
    """The app whose key and secret sign these bytes; None if none does.

    Raises SecretUnreadable where it cannot be told, because a secret cannot be
    decrypted, and DatabaseError.
    """
    if not authorization:
        return None
    if found := _known(KEPT_SECONDS).match(raw_body, authorization):
        return found
    known = _known(ASKED_AGAIN_SECONDS)
    found = known.match(raw_body, authorization)
    if found is None and known.has_unreadable:
        raise SecretUnreadable("An app's secret cannot be read: check FERNET_KEYS.")
    return found


def forget_signers() -> None:
    """Ask the database next time, for tests and whoever changes an app."""
    _Memory.known = _Known()


def _known(most_seconds: float) -> _Known:
    now = time.monotonic()
    if now - _Memory.known.read_at > most_seconds:
        _Memory.known = _read(now)
    return _Memory.known


def _read(now: float) -> _Known:
    apps = ApiApp.objects.filter(platform=Shop.Platform.TIKTOK).order_by("pk")
    try:
        return _Known(_signers(apps), read_at=now)
    except InvalidToken:
        return _those_readable(apps.values_list("pk", flat=True), now)


def _those_readable(keys: Iterable[int], now: float) -> _Known:
    """One secret that cannot be read is not to keep the others' deliveries out."""
    signers: list[Signer] = []
    has_unreadable = False
    for key in keys:
        try:
            signers += _signers(ApiApp.objects.filter(pk=key))
        except InvalidToken:
            has_unreadable = True
    return _Known(tuple(signers), has_unreadable, now)


def _signers(apps: Iterable[ApiApp]) -> tuple[Signer, ...]:
    rows = Credential.objects.order_by().values_list(
        "api_app", "shop__remote_id", "shop"
    )
    shops: dict[int, dict[str, int]] = {}
    for app_key, remote_id, shop in rows:
        shops.setdefault(app_key, {})[remote_id] = shop
    return tuple(
        Signer(app.pk, app.app_key, str(app.app_secret), shops.get(app.pk, {}))
        for app in apps
    )
