import pytest

from apps.platforms.errors import ReconnectNeeded
from apps.platforms.models import ApiApp, Authorization
from apps.platforms.services import clients
from apps.platforms.services.scopes import (
    ORDERS,
    SCOPES,
    credential_for,
    scope_overview,
    scopes_of,
    what_adds,
)
from tests.factories.platforms import (
    make_api_app,
    make_authorization,
    make_credential,
    make_shop,
)

pytestmark = pytest.mark.django_db
Category = ApiApp.Scope
FIGURES = "data.shop_analytics.public.read"


def consent(shop, category=Category.MULTI_CHANNEL, scopes=(), **fields):
    app = make_api_app(scope_category=category)
    row = make_authorization(app, scopes=list(scopes), **fields)
    return make_credential(shop, row)


def test_the_app_that_was_granted_the_scope_is_used():
    shop = make_shop()
    consent(shop, scopes=["seller.shop.info"])
    wanted = consent(shop, scopes=[ORDERS])

    assert credential_for(shop, ORDERS) == wanted


def test_of_several_the_scopes_own_category_goes_first():
    shop = make_shop()
    consent(shop, scopes=[ORDERS, FIGURES])
    own = consent(shop, Category.ANALYTICS, scopes=[FIGURES])

    assert credential_for(shop, FIGURES) == own


def test_one_that_works_goes_before_one_that_waits_for_consent():
    shop = make_shop()
    consent(
        shop,
        Category.ANALYTICS,
        scopes=[FIGURES],
        state=Authorization.State.CONSENT_NEEDED,
    )
    working = consent(shop, scopes=[FIGURES])

    assert credential_for(shop, FIGURES) == working


def test_where_the_platform_named_no_scopes_the_category_decides():
    shop = make_shop()
    figures = consent(shop, Category.ANALYTICS)
    orders = consent(shop)

    assert credential_for(shop, ORDERS) == orders
    assert credential_for(shop, FIGURES) == figures


def test_a_missing_app_is_named_with_what_it_would_add():
    shop = make_shop()
    consent(shop)

    with pytest.raises(ReconnectNeeded) as caught:
        credential_for(shop, FIGURES)

    assert FIGURES in str(caught.value)
    assert "Analytics and reporting" in str(caught.value)
    assert "shop figures" in str(caught.value)


def test_a_scope_the_seller_did_not_grant_is_named():
    shop = make_shop()
    held = consent(shop, scopes=["seller.shop.info"])

    with pytest.raises(ReconnectNeeded) as caught:
        clients.client_for(shop, ORDERS)

    assert ORDERS in str(caught.value)
    assert held.api_app.name in str(caught.value)


def test_a_disconnected_app_opens_nothing():
    shop = make_shop()
    consent(shop, scopes=[ORDERS], state=Authorization.State.REVOKED)

    with pytest.raises(ReconnectNeeded):
        credential_for(shop, ORDERS)


def test_a_scope_we_do_not_know_is_asked_of_whoever_has_it():
    shop = make_shop()
    held = consent(shop, scopes=["seller.new.thing"])

    assert credential_for(shop, "seller.new.thing") == held
    with pytest.raises(ReconnectNeeded, match=r"no connected app .* seller\.other"):
        credential_for(shop, "seller.other")


def test_the_overview_names_what_is_there_and_what_would_be_added(
    django_assert_num_queries,
):
    shop = make_shop()
    held = consent(shop, scopes=[ORDERS, "seller.shop.info"])
    offered = make_api_app(scope_category=Category.AFFILIATE)
    make_api_app(scope_category=Category.ANALYTICS, environment="sandbox")

    with django_assert_num_queries(2):
        overview = scope_overview(shop)

    (app,) = overview.connected
    assert app.api_app == held.api_app
    assert app.granted == (ORDERS, "seller.shop.info")
    lacks = {scope.key for scope in app.not_granted}
    assert "seller.product.basic" in lacks
    assert ORDERS not in lacks
    missing = {row.category: row for row in overview.missing}
    assert set(missing) == set(Category) - {Category.MULTI_CHANNEL}
    assert missing[Category.AFFILIATE].apps == (offered,)
    assert missing[Category.ANALYTICS].apps == ()  # ours is another environment's
    assert "creator search" in missing[Category.AFFILIATE].adds


def test_a_category_others_cover_is_not_missing():
    shop = make_shop()
    consent(shop, scopes=[ORDERS, FIGURES])

    missing = [row.category for row in scope_overview(shop).missing]

    assert Category.ANALYTICS not in missing
    assert Category.AFFILIATE in missing


def test_every_category_adds_something():
    for category in Category:
        assert scopes_of(category)
        assert what_adds(category)
    assert all(key == scope.key for key, scope in SCOPES.items())
