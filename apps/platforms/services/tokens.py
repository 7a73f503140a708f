"""Tokens: the only place that writes them, one refresh at a time.

A refresh token works once. The lease on the row (a conditional UPDATE, no open
transaction while the platform is asked) lets one process spend it; the others wait
and read what it stored.
"""

import logging
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.integrations.contracts import TokenPair
from apps.integrations.errors import ConsentNeeded, PlatformError
from apps.platforms.errors import ReconnectNeeded, RefreshInProgress
from apps.platforms.models import ApiApp, Authorization, Shop

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
MARGIN = timedelta(minutes=5)
RETRY_AFTER = timedelta(minutes=10)
# Documented: 7 days. An access token that claims years is not believed.
LONGEST_ACCESS = timedelta(days=731)


class TokenEndpoint(Protocol):
    """What a platform's token host can do with an app's key and secret."""

    def exchange_code(self, code: str) -> TokenPair: ...

    def refresh(self, refresh_token: str) -> TokenPair: ...


def usable(authorization: Authorization, endpoint: TokenEndpoint) -> Authorization:
    """The row with an access token that lives for some minutes yet, refreshed if need
    be. Raises as `refresh` does."""
    if authorization.access_is_over(timezone.now(), MARGIN):
        return refresh(authorization, endpoint)
    return authorization


def refresh(
    authorization: Authorization,
    endpoint: TokenEndpoint,
    *,
    wait_seconds: float = 45.0,
    sleep: Callable[[float], None] = time.sleep,
) -> Authorization:
    """Spend the refresh token for a new pair; return the row with the new pair.

    When another process is at it, wait and return what it stored: `authorization` is
    what the caller saw, and one newer generation is all it wants.

    Raises ReconnectNeeded if only a person can help, RefreshInProgress if the other
    process takes too long, PlatformError if the platform does not answer.
    """
    deadline = time.monotonic() + wait_seconds
    holder = uuid.uuid4().hex
    while True:
        row = Authorization.objects.select_related("api_app").get(pk=authorization.pk)
        if row.generation > authorization.generation:
            return row
        if row.state == Authorization.State.CONSENT_NEEDED:
            if row.access_is_over(timezone.now(), timedelta(0)):
                mark_reconnect_needed(row, row.last_error)
            raise ReconnectNeeded(f"{row.seller_name}: {row.last_error}")
        if _take_lease(row, holder):
            break
        if time.monotonic() > deadline:
            raise RefreshInProgress(
                f"{row.seller_name}: another process is still refreshing the tokens."
            )
        sleep(0.1)
    try:
        pair = endpoint.refresh(str(row.refresh_token))
    except ConsentNeeded as error:
        return _note_refusal(row, error)
    except PlatformError as error:
        _release(row, holder, error=str(error), due_at=timezone.now() + RETRY_AFTER)
        raise
    _store_pair(row, pair)
    logger.info("tokens refreshed authorization_id=%s", row.pk)
    return Authorization.objects.select_related("api_app").get(pk=row.pk)


@transaction.atomic
def store_new_authorization(api_app: ApiApp, pair: TokenPair) -> Authorization:
    """Keep a fresh consent: the seller's first to this app, or one that renews it."""
    row, _ = Authorization.objects.get_or_create(
        api_app=api_app, open_id=pair.open_id, defaults=_columns(pair)
    )
    row = Authorization.objects.select_for_update().get(pk=row.pk)
    for name, value in _columns(pair).items():
        setattr(row, name, value)
    row.generation += 1
    row.refreshing_by, row.refreshing_until = "", None
    row.save()
    return row


def _columns(pair: TokenPair) -> dict[str, object]:
    now = timezone.now()
    access_expires_at = min(pair.access_expires_at, now + LONGEST_ACCESS)
    return {
        "seller_name": pair.seller_name[:120],
        "seller_region": pair.seller_region[:8],
        "user_type": pair.user_type,
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


def _take_lease(row: Authorization, holder: str) -> bool:
    now = timezone.now()
    free = Q(refreshing_until__isnull=True) | Q(refreshing_until__lt=now)
    return bool(
        Authorization.objects.filter(free, pk=row.pk, generation=row.generation).update(
            refreshing_by=holder, refreshing_until=now + LEASE
        )
    )


def _store_pair(row: Authorization, pair: TokenPair) -> None:
    """The old refresh token is spent, so the pair is kept even if the lease ran out:
    whoever took it over is about to be refused and will find this newer generation."""
    columns = _columns(pair)
    for name in ("seller_name", "seller_region", "scopes"):
        if not columns[name]:
            del columns[name]
    stored = Authorization.objects.filter(pk=row.pk, generation=row.generation).update(
        **columns,
        generation=row.generation + 1,
        refreshing_by="",
        refreshing_until=None,
        modified_at=timezone.now(),
    )
    if not stored:
        logger.error("refreshed tokens lost a race authorization_id=%s", row.pk)


def _note_refusal(row: Authorization, error: ConsentNeeded) -> Authorization:
    """The platform refuses the refresh token. Not the end until re-read: another
    process may have stored a newer pair meanwhile."""
    noted = Authorization.objects.filter(pk=row.pk, generation=row.generation).update(
        state=Authorization.State.CONSENT_NEEDED,
        last_error=str(error)[:300],
        refreshing_by="",
        refreshing_until=None,
    )
    current = Authorization.objects.select_related("api_app").get(pk=row.pk)
    if not noted:
        return current
    if current.access_is_over(timezone.now(), timedelta(0)):
        mark_reconnect_needed(current, str(error))
    logger.warning("refresh refused authorization_id=%s code=%s", row.pk, error.code)
    raise ReconnectNeeded(f"{row.seller_name}: {error}") from error


@transaction.atomic
def mark_reconnect_needed(authorization: Authorization, reason: str) -> None:
    """Stop pulling the shops this consent opened until a person connects them again.

    Changes nothing if a newer pair than `authorization` shows has been stored since.
    """
    is_current = Authorization.objects.filter(
        pk=authorization.pk, generation=authorization.generation
    ).update(state=Authorization.State.CONSENT_NEEDED, last_error=reason[:300])
    if not is_current:
        return
    Shop.objects.connected().filter(credentials__authorization=authorization).update(
        state=Shop.State.RECONNECT_NEEDED, state_reason=reason[:300]
    )


def _release(row: Authorization, holder: str, *, error: str, due_at: datetime) -> None:
    Authorization.objects.filter(pk=row.pk, refreshing_by=holder).update(
        refreshing_by="",
        refreshing_until=None,
        last_error=error[:300],
        refresh_due_at=due_at,
    )
