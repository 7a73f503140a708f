"""Tokens: the only place that writes them, one refresh at a time.

A refresh token works once. The lease on the row (a conditional UPDATE, no open
transaction while the platform is asked) lets one process spend it; the others wait
and read what it stored.

Asking is announced first: `refresh_begun_at` is committed before the platform is asked
and cleared with its answer. Found there later, it tells that an answer was lost. Then,
should the platform refuse the token we hold, the one before it is tried once; only when
both are refused must a person help. Nothing short of a refusal ends anything.
"""

import logging
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Least
from django.utils import timezone

from apps.integrations.contracts import TokenPair
from apps.integrations.errors import ConsentNeeded, PlatformError
from apps.platforms.errors import ReconnectNeeded, RefreshInProgress
from apps.platforms.models import (
    ApiApp,
    Authorization,
    ConnectAttempt,
    Credential,
    Shop,
)
from apps.users.models import Client, User
from apps.users.services import audit

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
MARGIN = timedelta(minutes=5)
# After a failure the next try comes about as long after it as the trouble has lasted.
SOONEST_RETRY = timedelta(minutes=1)
LATEST_RETRY = timedelta(minutes=30)
# Documented: 7 days. An access token that claims years is not believed.
LONGEST_ACCESS = timedelta(days=731)
USE_NOTED_EVERY = timedelta(minutes=1)
# How long a pair that exists nowhere else is offered to a database that is away.
_STORE_PAUSES = (0.2, 1.0, 3.0, 10.0)


class TokenEndpoint(Protocol):
    """What a platform's token host can do with an app's key and secret."""

    def exchange_code(self, code: str) -> TokenPair: ...

    def refresh(self, refresh_token: str) -> TokenPair: ...


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it, for the audit trail: a person, or else a process by its name."""

    user: User | None = None
    process: str = "system"
    address: str | None = None


ON_DEMAND = Actor(process="on demand")


def usable(authorization: Authorization, endpoint: TokenEndpoint) -> Authorization:
    """The row with an access token that still works, refreshed if it ends in minutes.

    While it lives, a refresh that fails is no reason to stop. Raises as `refresh`.
    """
    if authorization.state == Authorization.State.REVOKED:
        raise ReconnectNeeded(f"{authorization}: disconnected. Connect the shop again.")
    if not authorization.access_is_over(timezone.now(), MARGIN):
        return authorization
    try:
        return refresh(authorization, endpoint)
    except (PlatformError, ReconnectNeeded, RefreshInProgress):
        if authorization.access_is_over(timezone.now(), timedelta(0)):
            raise
        return authorization


def refresh(
    authorization: Authorization,
    endpoint: TokenEndpoint,
    *,
    by: Actor = ON_DEMAND,
    wait_seconds: float = 45.0,
    sleep: Callable[[float], None] = time.sleep,
) -> Authorization:
    """Spend the refresh token for a new pair; return the row with the new pair.

    When another process is at it, wait and return what it stored: `authorization` is
    what the caller saw, and one newer generation is all it wants. Not for use inside
    a transaction, which could take the pair back.

    Raises ReconnectNeeded if only a person can help, RefreshInProgress if the other
    process takes too long, PlatformError if the platform does not answer.
    """
    holder = uuid.uuid4().hex
    row = _leased(authorization, holder, wait_seconds, sleep)
    if row.generation > authorization.generation:
        return row
    # As it was before the lease: somebody asked and never noted an answer.
    answer_was_lost = row.refresh_begun_at is not None
    try:
        pair, spent = _new_pair(row, endpoint, try_previous=answer_was_lost)
    except ConsentNeeded as error:
        return _note_refusal(row, error)
    except PlatformError as error:
        _note_failure(row, holder, error)
        raise
    _persistently(lambda: _store_pair(row, pair, spent, by))
    stored = _row(row.pk)
    if stored.state == Authorization.State.REVOKED:
        raise ReconnectNeeded(f"{row}: disconnected meanwhile.")
    logger.info("tokens refreshed authorization_id=%s by=%s", row.pk, by.process)
    return stored


@transaction.atomic
def store_new_authorization(
    api_app: ApiApp,
    pair: TokenPair,
    *,
    by: Actor | None = None,
    client: Client | None = None,
) -> Authorization:
    """Keep a fresh consent: the seller's first to this app, or one that renews it.

    Shops it opens that rested after failures are woken. `by` and `client` are for the
    audit trail.
    """
    by = by or Actor(process="connect")
    now = timezone.now()
    row, is_new = Authorization.objects.get_or_create(
        api_app=api_app, open_id=pair.open_id, defaults=_columns(pair)
    )
    row = Authorization.objects.select_for_update().get(pk=row.pk)
    for name, value in _columns(pair).items():
        setattr(row, name, value)
    row.generation += 1
    row.refreshing_by, row.refreshing_until = "", None
    row.refresh_begun_at, row.previous_refresh_token = None, ""
    row.connected_by, row.connected_at = by.user, now
    row.save()
    Shop.objects.filter(credentials__authorization=row).update(
        failures_in_a_row=0, rested_until=None, rest_reason=""
    )
    _audit(
        "stored consent" if is_new else "renewed consent",
        row,
        by,
        client,
        scopes=list(pair.scopes),
    )
    return row


@transaction.atomic
def wipe(
    authorization: Authorization,
    *,
    by: Actor | None = None,
    client: Client | None = None,
) -> None:
    """Forget all secrets of a consent: tokens, ciphers, what a connection under way
    still holds. A refresh that is under way elsewhere can no longer store its pair."""
    client = client or _client_of(authorization)
    Authorization.objects.filter(pk=authorization.pk).update(
        access_token="",
        refresh_token="",
        previous_refresh_token="",
        state=Authorization.State.REVOKED,
        generation=F("generation") + 1,
        refreshing_by="",
        refreshing_until=None,
        refresh_begun_at=None,
        last_error="",
        modified_at=timezone.now(),
    )
    Credential.objects.filter(authorization=authorization).update(shop_cipher="")
    ConnectAttempt.objects.filter(authorization=authorization).update(
        code="", offered=""
    )
    _audit("wiped tokens", authorization, by or Actor(), client)


def note_used(authorization: Authorization, now: datetime | None = None) -> None:
    """Remember that the tokens serve, at the cost of one UPDATE a minute at most."""
    now = now or timezone.now()
    before = now - USE_NOTED_EVERY
    if authorization.last_used_at and authorization.last_used_at > before:
        return
    long_ago = Q(last_used_at__isnull=True) | Q(last_used_at__lte=before)
    Authorization.objects.filter(long_ago, pk=authorization.pk).update(last_used_at=now)
    authorization.last_used_at = now


def mark_reconnect_needed(authorization: Authorization, reason: str) -> None:
    """The platform took the access away (105001, a notice of de-authorisation): stop
    pulling the shops that depend on it until a person connects them again.

    Where somebody has done that since `authorization` was read, nothing happens.
    """
    now = timezone.now()
    changed = (
        Authorization.objects.filter(
            pk=authorization.pk,
            generation=authorization.generation,
        )
        .exclude(state=Authorization.State.REVOKED)
        .update(
            state=Authorization.State.CONSENT_NEEDED,
            access_expires_at=Least("access_expires_at", now),
            last_error=reason[:300],
            refresh_begun_at=None,
        )
    )
    if changed:
        logger.warning("consent gone authorization_id=%s", authorization.pk)
    _stop_shops(authorization, reason)


def note_scope_missing(authorization: Authorization, reason: str) -> None:
    """The consent stands but lacks a permission its shops live by (105005)."""
    _stop_shops(authorization, reason)


def stop_shops_without_access(now: datetime) -> int:
    """Say so of shops whose consent was lost earlier and whose last access token has
    now ended; how many consents that concerned."""
    over = Authorization.objects.filter(
        state=Authorization.State.CONSENT_NEEDED,
        access_expires_at__lte=now,
        credentials__shop__state=Shop.State.CONNECTED,
    ).distinct()
    return sum(bool(_stop_shops(row, row.last_error)) for row in over)


def _leased(
    authorization: Authorization,
    holder: str,
    wait_seconds: float,
    sleep: Callable[[float], None],
) -> Authorization:
    """The row under our lease, as it was before it; or one with a newer pair."""
    deadline = time.monotonic() + wait_seconds
    while True:
        row = _row(authorization.pk)
        if row.state == Authorization.State.REVOKED:
            raise ReconnectNeeded(f"{row}: disconnected. Connect the shop again.")
        if row.generation > authorization.generation:
            return row
        if row.state == Authorization.State.CONSENT_NEEDED:
            if row.access_is_over(timezone.now(), timedelta(0)):
                _stop_shops(row, row.last_error)
            raise ReconnectNeeded(f"{row.seller_name}: {row.last_error}")
        if _take_lease(row, holder):
            return row
        if time.monotonic() > deadline:
            raise RefreshInProgress(
                f"{row.seller_name}: another process is still refreshing the tokens."
            )
        sleep(0.1)


def _take_lease(row: Authorization, holder: str) -> bool:
    """Lease and intent in one committed UPDATE. The first intent's instant is kept: it
    tells how long no answer has been noted."""
    now = timezone.now()
    free = Q(refreshing_until__isnull=True) | Q(refreshing_until__lt=now)
    # The intent is compared as well: a holder that failed meanwhile has left one.
    with transaction.atomic(durable=True):
        return bool(
            Authorization.objects.filter(
                free,
                pk=row.pk,
                generation=row.generation,
                state=Authorization.State.ACTIVE,
                refresh_begun_at=row.refresh_begun_at,
            ).update(
                refreshing_by=holder,
                refreshing_until=now + LEASE,
                refresh_begun_at=Coalesce(F("refresh_begun_at"), now),
            )
        )


def _new_pair(
    row: Authorization, endpoint: TokenEndpoint, *, try_previous: bool
) -> tuple[TokenPair, str]:
    """A new pair and the refresh token that bought it."""
    token, previous = str(row.refresh_token), str(row.previous_refresh_token)
    try:
        return endpoint.refresh(token), token
    except ConsentNeeded as error:
        if not (try_previous and previous):
            raise
        logger.warning(
            "refresh refused, trying the token before authorization_id=%s code=%s",
            row.pk,
            error.code,
        )
    return endpoint.refresh(previous), previous


def _store_pair(row: Authorization, pair: TokenPair, spent: str, by: Actor) -> None:
    """The old refresh token is spent, so the pair is kept even if the lease ran out:
    whoever took it over is about to be refused and will find this newer generation."""
    columns = _columns(pair)
    for name in ("seller_name", "seller_region", "scopes"):
        if not columns[name]:
            del columns[name]
    with transaction.atomic(durable=True):
        stored = Authorization.objects.filter(
            pk=row.pk, generation=row.generation
        ).update(
            **columns,
            previous_refresh_token=spent,
            generation=row.generation + 1,
            refreshing_by="",
            refreshing_until=None,
            refresh_begun_at=None,
            modified_at=timezone.now(),
        )
        if stored:
            _note_refreshed(row, by)
    if not stored:
        logger.error("refreshed tokens lost a race authorization_id=%s", row.pk)


def _note_refreshed(row: Authorization, by: Actor) -> None:
    """Beside the pair, but it must not take the pair down with it."""
    try:
        with transaction.atomic():
            _audit("refreshed tokens", row, by, generation=row.generation + 1)
    except DatabaseError:
        logger.exception("refresh not audited authorization_id=%s", row.pk)


def _persistently(store: Callable[[], None]) -> None:
    """A spent token's answer exists nowhere else: outlast a database that is away."""
    for pause in (*_STORE_PAUSES, None):
        try:
            store()
        except (OperationalError, InterfaceError):
            if pause is None:
                raise
            logger.warning("tokens not stored yet, trying again")
            if not connection.in_atomic_block:
                connection.close()
            time.sleep(pause)
        else:
            return


def _note_refusal(row: Authorization, error: ConsentNeeded) -> Authorization:
    """The platform refuses what we hold. Not the end until re-read: another process
    may have stored a newer pair meanwhile."""
    noted = Authorization.objects.filter(pk=row.pk, generation=row.generation).update(
        state=Authorization.State.CONSENT_NEEDED,
        last_error=str(error)[:300],
        refreshing_by="",
        refreshing_until=None,
        refresh_begun_at=None,
    )
    current = _row(row.pk)
    if not noted:
        if current.state == Authorization.State.REVOKED:
            raise ReconnectNeeded(f"{row}: disconnected meanwhile.") from error
        return current
    if current.access_is_over(timezone.now(), timedelta(0)):
        _stop_shops(current, str(error))
    logger.warning("refresh refused authorization_id=%s code=%s", row.pk, error.code)
    raise ReconnectNeeded(f"{row.seller_name}: {error}") from error


def _note_failure(row: Authorization, holder: str, error: PlatformError) -> None:
    """No answer, or none that decides. The intent stays: the platform may have
    rotated without our hearing of it."""
    now = timezone.now()
    since = row.refresh_begun_at or now
    Authorization.objects.filter(pk=row.pk, refreshing_by=holder).update(
        refreshing_by="",
        refreshing_until=None,
        last_error=str(error)[:300],
        refresh_due_at=now + retry_pause(now - since, error.retry_after_seconds),
    )


def retry_pause(lasted: timedelta, asked_seconds: float = 0.0) -> timedelta:
    """The pause after a failure, from how long the trouble has lasted.

    Doubles the time so far, between a minute and half an hour, spread by a fifth so
    that a hundred sellers do not come back at once; never less than was asked for.
    """
    pause = min(max(lasted, SOONEST_RETRY), LATEST_RETRY)
    spread = random.uniform(0.8, 1.2)  # noqa: S311 - spreads callers
    return max(pause * spread, timedelta(seconds=asked_seconds))


def _columns(pair: TokenPair) -> dict[str, Any]:
    now = timezone.now()
    access_expires_at = min(pair.access_expires_at, now + LONGEST_ACCESS)
    return {
        "seller_name": pair.seller_name[:120],
        "seller_region": pair.seller_region[:8],
        "user_type": pair.user_type if 0 <= pair.user_type < 100 else 0,
        "scopes": list(pair.scopes),
        "access_token": pair.access_token,
        "refresh_token": pair.refresh_token,
        "access_expires_at": access_expires_at,
        "refresh_expires_at": pair.refresh_expires_at,
        "refresh_due_at": now + (access_expires_at - now) / 2,
        "refreshed_at": now,
        "state": Authorization.State.ACTIVE,
        "last_error": "",
    }


@transaction.atomic
def _stop_shops(authorization: Authorization, reason: str) -> int:
    """Flip the connected shops that live by this consent, if it is still the one we
    read; how many.

    A shop lives by its multi-channel app, which brings the orders; where it has none,
    by any it has. Losing a further app (analytics, say) stops nothing else.
    """
    same = Authorization.objects.select_for_update().filter(
        pk=authorization.pk, generation=authorization.generation
    )
    if not same:
        return 0
    shops = Shop.objects.connected().filter(credentials__authorization=authorization)
    if authorization.api_app.scope_category != ApiApp.Scope.MULTI_CHANNEL:
        lives_by_another = Credential.objects.exclude(
            authorization=authorization
        ).exclude(authorization__state=Authorization.State.REVOKED)
        shops = shops.exclude(credentials__in=lives_by_another)
    keys = list(shops.values_list("pk", flat=True).distinct())
    return Shop.objects.filter(pk__in=keys).update(
        state=Shop.State.RECONNECT_NEEDED, state_reason=reason[:300]
    )


def _audit(
    verb: str,
    row: Authorization,
    by: Actor,
    client: Client | None = None,
    **details: object,
) -> None:
    audit.record(
        verb,
        row,
        actor=by.user,
        process=by.process,
        client=client or _client_of(row),
        address=by.address,
        **details,
    )


def _client_of(row: Authorization) -> Client | None:
    """Whose audit trail it belongs in: the client of the shops it opens."""
    return Client.objects.filter(shops__credentials__authorization=row.pk).first()


def _row(pk: int) -> Authorization:
    return Authorization.objects.select_related("api_app").get(pk=pk)
