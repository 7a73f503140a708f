"""Renew a shop's tokens now, because a person asked."""

from collections.abc import Iterator

from apps.platforms.errors import ShopRefuses
from apps.platforms.models import Authorization, Shop
from apps.platforms.services.clients import refresh_now
from apps.platforms.services.trail import Actor

# A person waits for the answer; a process that holds the lease longer is told of.
PATIENCE_SECONDS = 5.0


def renew(
    shop: Shop, *, by: Actor, authorization: str = ""
) -> Iterator[tuple[Authorization, Authorization]]:
    """(before, after) of each consent that opens the shop, or of the one with that
    key; each is committed by itself.

    Raises ShopRefuses where there is none; what refresh_now raises ends the round.
    """
    rows = Authorization.objects.filter(credentials__shop=shop)
    if authorization:
        is_key = authorization.isdecimal() and len(authorization) < 19
        rows = rows.filter(pk=authorization) if is_key else rows.none()
    found = list(rows.select_related("api_app").order_by("pk").distinct())
    if not found:
        raise ShopRefuses(f"{shop} has no tokens. Connect it first.")
    for row in found:
        yield row, refresh_now(row, by=by, wait_seconds=PATIENCE_SECONDS)
