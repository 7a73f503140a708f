"""What each kind of app asks a seller for, in plain words."""

from apps.integrations.tiktok.scopes import READ, WRITE, in_words
from apps.platforms.models import ApiApp, Authorization

_ALWAYS = ("seller.authorization.info", "seller.shop.info")
# What our features call for; a category has more.
CREATORS = ("creator.affiliate_collaboration.read", "creator.affiliate.info")
_WANTED: dict[ApiApp.Scope, tuple[str, ...]] = {
    ApiApp.Scope.MULTI_CHANNEL: (
        "seller.order.info",
        "seller.fulfillment.basic",
        "seller.logistics",
        "seller.return_refund.basic",
        "seller.product.basic",
        "seller.product.write",
        "seller.finance.info",
        "seller.promotion.info",
    ),
    ApiApp.Scope.ANALYTICS: ("data.shop_analytics.public.read",),
    ApiApp.Scope.AFFILIATE: (
        "seller.affiliate_collaboration.read",
        "seller.creator_marketplace.read",
    ),
    ApiApp.Scope.CUSTOMER_SERVICE: ("seller.customer_service",),
}


def asked_for(app: ApiApp) -> dict[str, list[tuple[str, str]]]:
    """{read or write: [(in plain words, key)]}."""
    return _in_words(wanted_scopes(app))


def asked_of_creator() -> dict[str, list[tuple[str, str]]]:
    """The same of a creator's account."""
    return _in_words(CREATORS)


def _in_words(wanted: tuple[str, ...]) -> dict[str, list[tuple[str, str]]]:
    return {
        "read": [(READ[scope], scope) for scope in wanted if scope in READ],
        "write": [(WRITE[scope], scope) for scope in wanted if scope in WRITE],
    }


def wanted_scopes(app: ApiApp) -> tuple[str, ...]:
    return _ALWAYS + _WANTED[ApiApp.Scope(app.scope_category)]


def not_granted(app: ApiApp, authorization: Authorization | None) -> list[str]:
    """In words, what the app asks for and the seller did not grant; nothing where the
    platform did not say what was granted."""
    if authorization is None or not authorization.scopes:
        return []
    missing = set(wanted_scopes(app)) - set(authorization.scopes)
    return [in_words(scope) for scope in wanted_scopes(app) if scope in missing]
