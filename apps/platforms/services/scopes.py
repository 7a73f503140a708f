"""Permission scopes: which category of app has them, what each adds, who may what.

TikTok sorts apps into categories and grants each only some scopes; so a shop may hold
several apps. Source: Partner Center, "Scopes" and the endpoints' own pages.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, StrIndex
from django.db.models.lookups import GreaterThan

from apps.platforms.errors import ReconnectNeeded
from apps.platforms.models import ApiApp, Authorization, Credential, Shop

Category = ApiApp.Scope

AUTHORIZATION = "seller.authorization.info"
ORDERS = "seller.order.info"
PRODUCTS = "seller.product.basic"
PRODUCT_WRITE = "seller.product.write"
PRODUCT_DELETE = "seller.product.delete"
FULFILMENT = "seller.fulfillment.basic"
PACKAGE_WRITE = "seller.fulfillment.package.write"
DELIVERY = "seller.delivery.status.write"
LOGISTICS = "seller.logistics"
RETURNS = "seller.return_refund.basic"
FINANCE = "seller.finance.info"
AFFILIATE = "seller.affiliate_collaboration.read"


@dataclass(frozen=True, slots=True)
class Scope:
    """One permission: the app category that has it, and what staff gain by it."""

    key: str
    category: Category
    adds: str


_C = Category
SCOPES: dict[str, Scope] = {
    scope.key: scope
    for scope in (
        Scope(AUTHORIZATION, _C.MULTI_CHANNEL, "the list of shops, webhooks"),
        Scope("seller.shop.info", _C.MULTI_CHANNEL, "the shop's own data"),
        Scope(ORDERS, _C.MULTI_CHANNEL, "orders"),
        Scope("seller.order.ext_ref.read", _C.MULTI_CHANNEL, "outside references"),
        Scope("seller.order.ext_ref.write", _C.MULTI_CHANNEL, "outside references"),
        Scope(FULFILMENT, _C.MULTI_CHANNEL, "packages and labels"),
        Scope(PACKAGE_WRITE, _C.MULTI_CHANNEL, "shipping"),
        Scope(DELIVERY, _C.MULTI_CHANNEL, "delivery updates"),
        Scope(LOGISTICS, _C.MULTI_CHANNEL, "warehouses and carriers"),
        Scope(RETURNS, _C.MULTI_CHANNEL, "returns and refunds"),
        Scope(PRODUCTS, _C.MULTI_CHANNEL, "products"),
        Scope(PRODUCT_WRITE, _C.MULTI_CHANNEL, "editing of products, stock"),
        Scope(PRODUCT_DELETE, _C.MULTI_CHANNEL, "deletion of products"),
        # Spelled like this by the platform.
        Scope("serller.product.optimize", _C.MULTI_CHANNEL, "advice on products"),
        Scope("seller.global_product.info", _C.MULTI_CHANNEL, "global products"),
        Scope("seller.global_product.write", _C.MULTI_CHANNEL, "global products"),
        Scope("seller.global_product.delete", _C.MULTI_CHANNEL, "global products"),
        Scope(
            "seller.global_product.category.info",
            _C.MULTI_CHANNEL,
            "global categories",
        ),
        Scope(FINANCE, _C.MULTI_CHANNEL, "statements and payouts"),
        Scope("seller.promotion.info", _C.MULTI_CHANNEL, "promotions"),
        Scope("seller.promotion.write", _C.MULTI_CHANNEL, "editing of promotions"),
        Scope("seller.fbt.info", _C.MULTI_CHANNEL, "stock in TikTok's warehouses"),
        Scope("data.shop_analytics.public.read", _C.ANALYTICS, "shop figures"),
        Scope("seller.creator_marketplace.read", _C.AFFILIATE, "creator search"),
        Scope(AFFILIATE, _C.AFFILIATE, "affiliate orders"),
        Scope(
            "seller.affiliate_collaboration.write",
            _C.AFFILIATE,
            "editing of collaborations",
        ),
        Scope("seller.affiliate_messages.write", _C.AFFILIATE, "notes to creators"),
        Scope("creator.affiliate_collaboration.read", _C.AFFILIATE, "creators' deals"),
        Scope("creator.affiliate.info", _C.AFFILIATE, "creators' figures"),
        Scope("creator.affiliate.share_link.read", _C.AFFILIATE, "share links"),
        Scope("creator.showcase.read", _C.AFFILIATE, "creators' showcases"),
        Scope("creator.showcase.write", _C.AFFILIATE, "editing of showcases"),
        Scope("partner.authorization.info", _C.AFFILIATE, "partner accounts"),
        Scope("partner.tap_campaign.read", _C.AFFILIATE, "partner campaigns"),
        Scope("partner.tap_campaign.write", _C.AFFILIATE, "editing of campaigns"),
        Scope("seller.customer_service", _C.CUSTOMER_SERVICE, "buyers' conversations"),
    )
}


def credentials_of(shop: Shop) -> list[Credential]:
    """All of consents not disconnected, the oldest first."""
    return list(_held(shop).order_by("pk"))


def scopes_of(category: Category) -> list[Scope]:
    return [scope for scope in SCOPES.values() if scope.category == category]


def what_adds(category: Category) -> str:
    """What connecting an app of this category brings, as a phrase."""
    gains = dict.fromkeys(scope.adds for scope in scopes_of(category))
    return ", ".join(gains)


def grants(authorization: Authorization, scope: str) -> bool:
    """Whether the seller granted the scope; where the platform named none, whether
    the app's category has it. A scope we do not know is any app's."""
    if authorization.scopes:
        return scope in authorization.scopes
    known = SCOPES.get(scope)
    return known is None or known.category == authorization.api_app.scope_category


def credential_for(shop: Shop, scope: str) -> Credential:
    """The credential to use for calls that need `scope`.

    Of those whose seller granted it, one that works goes before one that waits for
    consent, and an app of the scope's own category before others. Raises
    ReconnectNeeded saying which scope is missing and which app would add it.
    """
    held = credentials_of(shop)
    known = SCOPES.get(scope)

    def rank(credential: Credential) -> tuple[bool, bool]:
        works = credential.authorization.state == Authorization.State.ACTIVE
        fits = known is not None and (
            credential.api_app.scope_category == known.category
        )
        return not works, not fits

    able = [row for row in held if grants(row.authorization, scope)]
    if not able:
        raise ReconnectNeeded(_what_is_missing(shop, scope, held))
    return min(able, key=rank)


def granting(scope: str) -> Q:
    """The condition on credentials that `grants` asks of one."""
    known = SCOPES.get(scope)
    of_category = Q(api_app__scope_category=known.category) if known else Q()
    told = Cast("authorization__scopes", TextField())
    said = Q(GreaterThan(StrIndex(told, Value(f'"{scope}"')), 0))
    silent = Q(authorization__scopes=[])
    return said | (silent & of_category)


def _held(shop: Shop) -> QuerySet[Credential]:
    """The credentials of consents not disconnected, with what a scope hangs on."""
    return (
        Credential.objects.select_related("shop", "api_app", "authorization__api_app")
        .filter(shop=shop)
        .exclude(authorization__state=Authorization.State.REVOKED)
    )


def _what_is_missing(shop: Shop, scope: str, held: list[Credential]) -> str:
    if scope not in SCOPES:
        return f"{shop}: no connected app has the permission {scope}."
    known = SCOPES[scope]
    label, app = known.category.label, known.category
    of_category = [row for row in held if row.api_app.scope_category == app]
    if of_category:
        return (
            f"{shop}: {of_category[0].api_app} has no permission for {known.adds} "
            f"({scope}). Add it to the app in Partner Center, then connect again."
        )
    return (
        f"{shop}: no connected app has the permission for {known.adds} ({scope}). "
        f"Connect a {label} app to add it."
    )


@dataclass(frozen=True, slots=True)
class ConnectedApp:
    """An app that opens the shop: what was granted, and what its category lacks."""

    credential: Credential
    granted: tuple[str, ...]
    not_granted: tuple[Scope, ...]

    @property
    def api_app(self) -> ApiApp:
        return self.credential.api_app

    @property
    def authorization(self) -> Authorization:
        return self.credential.authorization


@dataclass(frozen=True, slots=True)
class MissingCategory:
    """A category without an app. `apps` are ours that could be connected for it."""

    category: Category
    adds: str
    apps: tuple[ApiApp, ...]

    @property
    def label(self) -> str:
        return str(self.category.label)


@dataclass(frozen=True, slots=True)
class ScopeOverview:
    connected: tuple[ConnectedApp, ...]
    missing: tuple[MissingCategory, ...]


def scope_overview(shop: Shop) -> ScopeOverview:
    """What the shop's apps may do and what further ones would add: two queries.

    A category counts as there when its app is connected, or when others were granted
    all it would add.
    """
    connected = [_connected(row) for row in _held(shop).order_by("api_app__name")]
    granted = {key for app in connected for key in app.granted}
    present = {app.api_app.scope_category for app in connected}
    lacking = [
        category
        for category in Category
        if category not in present and not _covered(category, granted)
    ]
    apps = list(
        ApiApp.objects.serving(shop.client).filter(
            platform=shop.platform, environment=shop.environment
        )
        if lacking
        else ()
    )
    return ScopeOverview(
        tuple(connected),
        tuple(
            MissingCategory(
                category,
                what_adds(category),
                tuple(app for app in apps if app.scope_category == category),
            )
            for category in lacking
        ),
    )


def _connected(row: Credential) -> ConnectedApp:
    category = Category(row.api_app.scope_category)
    granted = tuple(row.authorization.scopes)
    lacks = [s for s in scopes_of(category) if not grants(row.authorization, s.key)]
    return ConnectedApp(row, granted, tuple(lacks))


def _covered(category: Category, granted: Iterable[str]) -> bool:
    return {scope.key for scope in scopes_of(category)} <= set(granted)
