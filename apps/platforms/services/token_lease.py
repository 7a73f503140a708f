"""The lease on a consent's row: who may refresh, and what is left when no pair came.

Taken with a conditional UPDATE, so no transaction is open while the platform is asked.
`token_store` ends it together with the pair it stores.
"""

import logging
import random
import time
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from apps.integrations.errors import ConsentNeeded, PlatformError
from apps.platforms.errors import ReconnectNeeded, RefreshInProgress
from apps.platforms.models import Authorization
from apps.platforms.services.consent import stop_shops

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
# After a failure the next try comes about as long after it as the trouble has lasted.
SOONEST_RETRY = timedelta(minutes=1)
LATEST_RETRY = timedelta(minutes=30)


def leased(
    authorization: Authorization,
    holder: str,
    wait_seconds: float,
    sleep: Callable[[float], None],
) -> Authorization:
    """The row under our lease, as it was before it; or one with a newer pair."""
    deadline = time.monotonic() + wait_seconds
    while True:
        row = stored_row(authorization.pk)
        if row.state == Authorization.State.REVOKED:
            raise ReconnectNeeded(f"{row}: disconnected. Connect the shop again.")
        if row.generation > authorization.generation:
            return row
        if row.state == Authorization.State.CONSENT_NEEDED:
            if row.access_is_over(timezone.now(), timedelta(0)):
                stop_shops(row, row.last_error)
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


def note_refusal(row: Authorization, error: ConsentNeeded) -> Authorization:
    """The platform refuses what we hold. Not the end until re-read: another process
    may have stored a newer pair meanwhile."""
    noted = Authorization.objects.filter(pk=row.pk, generation=row.generation).update(
        state=Authorization.State.CONSENT_NEEDED,
        last_error=str(error)[:300],
        refreshing_by="",
        refreshing_until=None,
        refresh_begun_at=None,
    )
    current = stored_row(row.pk)
    if not noted:
        if current.state == Authorization.State.REVOKED:
            raise ReconnectNeeded(f"{row}: disconnected meanwhile.") from error
        return current
    if current.access_is_over(timezone.now(), timedelta(0)):
        stop_shops(current, str(error))
    logger.warning("refresh refused authorization_id=%s code=%s", row.pk, error.code)
    raise ReconnectNeeded(f"{row.seller_name}: {error}") from error


def note_failure(row: Authorization, holder: str, error: PlatformError) -> None:
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


def stored_row(pk: int) -> Authorization:
    return Authorization.objects.select_related("api_app").get(pk=pk)
