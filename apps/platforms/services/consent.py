"""A consent ends, or lacks a permission: the shops that live by it stop.

Tokens are not touched here; what is wiped, `token_store` wipes.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Least
from django.utils import timezone

from apps.platforms.models import (
    ApiApp,
    Authorization,
    CreatorAccount,
    Credential,
    Shop,
)
from apps.platforms.services.trail import Actor, record

logger = logging.getLogger(__name__)


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
    stop_shops(authorization, reason)


def note_scope_missing(authorization: Authorization, reason: str) -> None:
    """The consent stands but lacks a permission its shops live by (105005)."""
    stop_shops(authorization, reason)


def take_shop_away(shop: Shop, reason: str) -> bool:
    """The consent stands, but opens this shop no more: it stops alone."""
    return bool(
        Shop.objects.connected()
        .filter(pk=shop.pk)
        .update(state=Shop.State.RECONNECT_NEEDED, state_reason=reason[:300])
    )


def note_end(authorization: Authorization, ends_at: datetime) -> bool:
    """The platform says when the authorization ends; whether that was news."""
    changed = (
        Authorization.objects.filter(
            pk=authorization.pk, generation=authorization.generation
        )
        .exclude(state=Authorization.State.REVOKED)
        .exclude(refresh_expires_at=ends_at)
        .update(refresh_expires_at=ends_at)
    )
    if changed:
        by = Actor(process="webhook")
        record("heard when a consent ends", authorization, by, ends_at=str(ends_at))
    return bool(changed)


def stop_shops_without_access(now: datetime) -> int:
    """Say so of shops whose consent was lost earlier and whose last access token has
    now ended; how many consents that concerned."""
    over = Authorization.objects.filter(
        state=Authorization.State.CONSENT_NEEDED,
        access_expires_at__lte=now,
        credentials__shop__state=Shop.State.CONNECTED,
    ).distinct()
    return sum(bool(stop_shops(row, row.last_error)) for row in over)


@transaction.atomic
def stop_shops(authorization: Authorization, reason: str) -> int:
    """Flip the connected shops that live by this consent, and the creator's account it
    opens, if it is still the one we read; how many shops.

    A shop lives by its multi-channel app, which brings the orders; where it has none,
    by any it has. Losing a further app (analytics, say) stops nothing else.
    """
    same = Authorization.objects.select_for_update().filter(
        pk=authorization.pk, generation=authorization.generation
    )
    if not same:
        return 0
    CreatorAccount.objects.connected().filter(authorization=authorization).update(
        state=CreatorAccount.State.RECONNECT_NEEDED, state_reason=reason[:300]
    )
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
