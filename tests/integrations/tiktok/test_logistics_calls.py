"""How goods can be sent, and by whom."""

import pytest

from apps.integrations.contracts import DeliveryOption, ShippingProvider
from apps.integrations.errors import NotFound, RequestRefused
from tests.integrations.tiktok.fakes import FakeSession, failure, make_client, success


@pytest.mark.parametrize(
    "kind",
    [
        *("STANDARD", "EXPRESS", "ECONOMY", "SEND_BY_SELLER"),
        *("INSTANT", "SAMEDAY", "NEXTDAY", "CARGO", "BY_DRONE"),
    ],
)
def test_a_warehouse_has_delivery_options(kind):
    rows = [
        {"id": 7091000000000000004, "name": "Standard\n", "type": kind.lower()},
        {"name": "without an id"},
        "?",
    ]
    session = FakeSession(success({"delivery_options": rows}))

    options = make_client(session).delivery_options("7100000000000000003")

    [sent] = session.sent
    assert sent.method == "GET"
    assert sent.url.endswith(
        "/logistics/202309/warehouses/7100000000000000003/delivery_options"
    )
    assert options == [DeliveryOption("7091000000000000004", "Standard", kind)]


def test_a_delivery_option_has_carriers():
    rows = [{"id": "6617000000000000009", "name": "Quick Parcel"}, {"id": ""}, None]
    session = FakeSession(success({"shipping_providers": rows}))

    providers = make_client(session).shipping_providers("7091")

    assert session.sent[0].url.endswith(
        "/logistics/202309/delivery_options/7091/shipping_providers"
    )
    assert providers == [ShippingProvider("6617000000000000009", "Quick Parcel")]


def test_where_the_platform_delivers_there_are_no_carriers_and_no_error():
    session = FakeSession(failure(21008117, "fulfilled by TikTok"))

    assert make_client(session).shipping_providers("7091") == []


@pytest.mark.parametrize("data", [{}, {"shipping_providers": None}, None])
def test_none_is_an_answer_too(data):
    client = make_client(FakeSession(success(data), success(data)))

    assert client.shipping_providers("7091") == []
    assert client.delivery_options("7091") == []


def test_an_option_that_does_not_exist_is_an_error():
    session = FakeSession(failure(21008116, "No Subscription"))

    with pytest.raises(RequestRefused, match="no such delivery option"):
        make_client(session).shipping_providers("7091")
    with pytest.raises(NotFound):
        make_client(FakeSession()).delivery_options("")
