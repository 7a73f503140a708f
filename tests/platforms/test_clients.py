import pytest

from apps.integrations.errors import ConsentNeeded
from apps.platforms.errors import ReconnectNeeded
from apps.platforms.models import ApiApp, Authorization, Shop
from apps.platforms.services.clients import client_for, note_consent_gone
from tests.factories.platforms import (
    connect_simulator_shops,
    make_api_app,
    make_authorization,
    make_shop,
)

pytestmark = pytest.mark.django_db

ERROR = ConsentNeeded("Your token has been deauthorized.", code=105001)


def test_a_shop_without_an_app_of_the_kind_must_be_connected():
    shop = make_shop(name="Lamps")
    analytics = make_api_app(scope_category=ApiApp.Scope.ANALYTICS)
    make_authorization(analytics, shops=[shop])

    with pytest.raises(ReconnectNeeded, match="Connect a Multi-channel management app"):
        client_for(shop)


def test_a_client_works_for_its_shop_and_no_other(simulator):
    shops = connect_simulator_shops(simulator, 2)
    simulator.control("requests", method="DELETE")

    for shop in shops:
        client_for(shop).get_orders(["1"])

    asked = [row["shop_id"] for row in simulator.control("requests?path=/order")]
    assert asked == [shop.remote_id for shop in reversed(shops)]


def test_of_two_apps_only_the_one_that_was_refused_is_marked():
    shop = make_shop()
    analytics = make_authorization(
        make_api_app(scope_category=ApiApp.Scope.ANALYTICS), shops=[shop]
    )
    orders = make_authorization(shops=[shop])

    note_consent_gone(shop, ERROR)

    states = dict(Authorization.objects.values_list("pk", "state"))
    assert states == {
        analytics.pk: Authorization.State.ACTIVE,
        orders.pk: Authorization.State.CONSENT_NEEDED,
    }
    shop.refresh_from_db()
    assert shop.state == Shop.State.RECONNECT_NEEDED


def test_a_paused_shop_stays_paused():
    shop = make_shop(state=Shop.State.PAUSED)
    make_authorization(shops=[shop])

    note_consent_gone(shop, ERROR)

    shop.refresh_from_db()
    assert shop.state == Shop.State.PAUSED
