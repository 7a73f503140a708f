"""What is kept of a consent's tokens, and wiped: the only module that writes them.

Each pair, from a person's consent or from a refresh, has the next generation number,
and so has a wiped row: a refreshed pair is stored only over the generation it was
bought for.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)
from django.db.models import F
from django.utils import timezone

from apps.integrations.contracts import TokenPair
from apps.platforms.models import (
    ApiApp,
    Authorization,
    ConnectAttempt,
    Credential,
    Shop,
)
from apps.platforms.services import trail
from apps.platforms.services.trail import Actor
from apps.users.models import Client

logger = logging.getLogger(__name__)

# Documented: 7 days. An access token that claims years is not believed.
LONGEST_ACCESS = timedelta(days=731)
# How long a pair that exists nowhere else is offered to a database that is away.
_STORE_PAUSES = (0.2, 1.0, 3.0, 10.0)


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
    trail.record(
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
    client = client or trail.client_of(authorization)
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
    trail.record("wiped tokens", authorization, by or Actor(), client)


def store_refreshed(
    row: Authorization, pair: TokenPair, *, spent: str, by: Actor
) -> None:
    """Keep the pair that `spent`, a refresh token, has bought; it waits for a database
    that is away. Where a newer pair was stored since `row` was read, that one stays."""
    _persistently(lambda: _store_pair(row, pair, spent, by))


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
            trail.record("refreshed tokens", row, by, generation=row.generation + 1)
    except DatabaseError:
        logger.exception("refresh not audited authorization_id=%s", row.pk)


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
