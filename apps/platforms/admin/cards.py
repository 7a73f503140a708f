"""What a shop's card shows, for all shops of a page in a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, QuerySet
from django.utils.safestring import SafeString

from apps.core.admin import ago
from apps.orders.models import Order
from apps.platforms.admin import words
from apps.platforms.admin.states import Shown, state_badge, state_reason
from apps.platforms.models import Authorization, Credential, Shop
from apps.platforms.services.features import Feature, State, features_of
from apps.platforms.services.token_state import TokenState, state_of, words_for
from apps.sync.models import Resource, SyncRun
from apps.users.models import AnyUser
from apps.users.roles import CHANGE_SHOP, MANAGE_CREDENTIALS, START_SYNC

MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Card:
    """One shop, put into words."""

    shop: Shop
    badge: SafeString
    badges: SafeString
    reason: str
    figures: list[tuple[str, SafeString | str]]
    last_sync: SafeString | str
    last_products_sync: SafeString | str
    tokens: str
    orders: int
    needs_consent: bool
    can_sync: bool
    is_disconnected: bool
    may_sync: bool
    may_connect: bool
    may_change: bool


def cards_for(shops: Iterable[Any], now: datetime, user: AnyUser) -> list[Card]:
    """`shops` come with `shown_state`; buttons are those `user` may press."""
    shops = list(shops)
    features = features_of(shops)
    orders = orders_a_month(Order.objects.filter(shop__in=shops), now)
    synced = _last_syncs(shops)
    consents = _consents(shops)
    return [
        _card(
            shop,
            features={f for f, state in features[shop.pk].items() if state == State.ON},
            orders=orders.get(shop.pk, 0),
            last_sync=ago(synced.get((shop.pk, Resource.ORDERS))),
            last_products_sync=ago(synced.get((shop.pk, Resource.PRODUCTS))),
            consents=consents.get(shop.pk, []),
            now=now,
            user=user,
        )
        for shop in shops
    ]


def _last_syncs(shops: list[Any]) -> dict[tuple[int, str], datetime]:
    """{(shop key, resource): when it was last pulled}."""
    runs = SyncRun.objects.filter(shop__in=shops).order_by()
    last = runs.values_list("shop", "resource").annotate(last=Max("started_at"))
    return {(shop, resource): at for shop, resource, at in last}


def orders_a_month(orders: QuerySet[Order], now: datetime) -> dict[int, int]:
    """{shop key: orders placed in the last 30 days}."""
    return dict(
        orders.filter(placed_at__gte=now - MONTH, placed_at__lte=now)
        .order_by()
        .values_list("shop")
        .annotate(number=Count("pk"))
    )


def _consents(shops: list[Any]) -> dict[int, list[Authorization]]:
    """{shop key: its living consents}, without the secrets."""
    found: dict[int, list[Authorization]] = {}
    held = Credential.objects.filter(shop__in=shops).exclude(
        authorization__state=Authorization.State.REVOKED
    )
    for row in held.select_related("authorization").only(
        "shop_id",
        *(
            f"authorization__{name}"
            for name in (
                "state",
                "last_error",
                "access_expires_at",
                "refresh_expires_at",
                "refresh_due_at",
                "refresh_begun_at",
            )
        ),
    ):
        found.setdefault(row.shop_id, []).append(row.authorization)
    return found


def _token_trouble(shop: Any, consents: list[Authorization], now: datetime) -> str:
    """What is the matter with the tokens, and what to do, in words."""
    if shop.shown_state != Shown.TOKEN_EXPIRING or not consents:
        return ""
    order = list(TokenState)
    worst = min(consents, key=lambda row: order.index(state_of(row, now)))
    return f"{words_for(worst, now)}. {state_of(worst, now).advice}"


def _card(
    shop: Any,
    *,
    features: set[Feature],
    orders: int,
    last_sync: SafeString | str,
    last_products_sync: SafeString | str,
    consents: list[Authorization],
    now: datetime,
    user: AnyUser,
) -> Card:
    may_sync = user.has_perm(START_SYNC, shop)
    access = min((row.access_expires_at for row in consents), default=None)
    refresh = min((row.refresh_expires_at for row in consents), default=None)
    return Card(
        shop=shop,
        badge=state_badge(shop),
        badges=words.shop_badges(shop, features),
        reason=state_reason(shop) or _token_trouble(shop, consents, now),
        figures=[
            ("Region", shop.get_region_display()),
            ("Currency", shop.currency),
            ("Rating", words.rating(shop.rating)),
            ("Products", words.compact(shop.product_count)),
            ("Followers", words.compact(shop.follower_count)),
            ("Orders a month", words.compact(orders)),
        ],
        last_sync=last_sync,
        last_products_sync=last_products_sync,
        tokens=words.token_line(access, refresh, now),
        orders=orders,
        needs_consent=shop.shown_state
        in (Shown.RECONNECT_NEEDED, Shown.TOKEN_EXPIRING, Shown.DISCONNECTED),
        can_sync=shop.state == Shop.State.CONNECTED and may_sync,
        is_disconnected=shop.state == Shop.State.DISCONNECTED,
        may_sync=may_sync,
        may_connect=user.has_perm(MANAGE_CREDENTIALS, shop),
        may_change=user.has_perm(CHANGE_SHOP, shop),
    )
