"""A consent's tokens: handed out while they serve, refreshed one process at a time.

A refresh token works once. The lease on the row (`token_lease`) lets one process spend
it; the others wait and read what it stored (`token_store`, the only writer of tokens).

Asking is announced first: `refresh_begun_at` is committed before the platform is asked
and cleared with its answer. Found there later, it tells that an answer was lost. Then,
should the platform refuse the token we hold, the one before it is tried once; only when
both are refused must a person help. Nothing short of a refusal ends anything.
"""

import logging
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from django.db.models import Q
from django.utils import timezone

from apps.integrations.contracts import TokenPair
from apps.integrations.errors import ConsentNeeded, PlatformError
from apps.platforms.errors import ReconnectNeeded, RefreshInProgress
from apps.platforms.models import Authorization
from apps.platforms.services.token_lease import (
    leased,
    note_failure,
    note_refusal,
    stored_row,
)
from apps.platforms.services.token_store import store_refreshed
from apps.platforms.services.trail import Actor

logger = logging.getLogger(__name__)

MARGIN = timedelta(minutes=5)
USE_NOTED_EVERY = timedelta(minutes=1)
ON_DEMAND = Actor(process="on demand")


class TokenEndpoint(Protocol):
    """What a platform's token host can do with an app's key and secret."""

    def exchange_code(self, code: str) -> TokenPair: ...

    def refresh(self, refresh_token: str) -> TokenPair: ...


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
    row = leased(authorization, holder, wait_seconds, sleep)
    if row.generation > authorization.generation:
        return row
    # As it was before the lease: somebody asked and never noted an answer.
    answer_was_lost = row.refresh_begun_at is not None
    try:
        pair, spent = _new_pair(row, endpoint, try_previous=answer_was_lost)
    except ConsentNeeded as error:
        return note_refusal(row, error)
    except PlatformError as error:
        note_failure(row, holder, error)
        raise
    store_refreshed(row, pair, spent=spent, by=by)
    stored = stored_row(row.pk)
    if stored.state == Authorization.State.REVOKED:
        raise ReconnectNeeded(f"{row}: disconnected meanwhile.")
    logger.info("tokens refreshed authorization_id=%s by=%s", row.pk, by.process)
    return stored


def note_used(authorization: Authorization, now: datetime | None = None) -> None:
    """Remember that the tokens serve, at the cost of one UPDATE a minute at most."""
    now = now or timezone.now()
    before = now - USE_NOTED_EVERY
    if authorization.last_used_at and authorization.last_used_at > before:
        return
    long_ago = Q(last_used_at__isnull=True) | Q(last_used_at__lte=before)
    Authorization.objects.filter(long_ago, pk=authorization.pk).update(last_used_at=now)
    authorization.last_used_at = now


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
