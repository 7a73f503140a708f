"""Creators: asked for with the right versions, read with what is certain of them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.integrations.contracts.affiliate import (
    ContentType,
    CreatorProfile,
    Settlement,
)
from apps.integrations.errors import ScopeMissing
from apps.integrations.tiktok.affiliate import (
    creator_page_from_json,
    profile_from_json,
    seller_page_from_json,
    settlement_of,
)
from apps.integrations.tiktok.auth import creator_authorize_url
from apps.integrations.tiktok.hosts import Hosts
from tests.integrations.tiktok.fakes import FakeSession, failure, make_client, success
from tests.integrations.tiktok.odd_values import anything

D = Decimal
PLACED = 1_790_000_000
SINCE = datetime.fromtimestamp(PLACED, tz=UTC)


def dong(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "VND"}


def make_sold(**fields: Any) -> dict[str, Any]:
    return {
        "sku_id": "1731000000000000001",
        "product_id": "1730000000000000001",
        "creator_username": "goc.bep",
        "content_type": "LIVE",
        "content_id": "7493000000000000001",
        "quantity": 2,
        "price": dong("100000"),
        "commission_rate": "1550",
        "shop_ads_commission_rate": 300,
        "estimated_commission_base": dong("200000"),
        "estimated_paid_commission": dong("31000"),
        "estimated_paid_shop_ads_commission": dong("0"),
        "settlement_status": "To-SETTLE",
        "fully_return": "No",
    } | fields


def make_page(*skus: dict[str, Any], **order: Any) -> dict[str, Any]:
    first = {"id": "576000000000000001", "create_time": PLACED, "skus": list(skus)}
    return {"orders": [first | order], "next_page_token": "p2", "total_count": 9}


def test_each_call_has_its_version_its_window_and_its_page():
    session = FakeSession(
        success(make_page(make_sold())), success({}), success({"username": "goc.bep"})
    )
    client = make_client(session)

    page = client.search_affiliate_orders(
        SINCE, SINCE + timedelta(days=7), page_token="p1"
    )
    assert client.search_creator_orders(SINCE, SINCE + timedelta(days=1)).skus == ()
    assert client.creator_profile().username == "goc.bep"

    assert (page.next_page_token, page.total_count) == ("p2", 9)
    of_shop, of_creator, profile = session.sent
    assert of_shop.url.endswith("/affiliate_seller/202410/orders/search")
    assert of_shop.json == {
        "create_time_ge": PLACED,
        "create_time_lt": PLACED + 7 * 86_400,
    }
    assert (of_shop.params["page_size"], of_shop.params["page_token"]) == ("100", "p1")
    assert "shop_cipher" in of_shop.params
    assert of_creator.url.endswith("/affiliate_creator/202410/orders/search")
    assert profile.url.endswith("/affiliate_creator/202508/profiles")
    assert all("shop_cipher" not in sent.params for sent in (of_creator, profile))


def test_an_empty_window_asks_nothing_and_one_too_long_is_a_fault_of_ours():
    client = make_client(FakeSession())

    assert client.search_affiliate_orders(SINCE, SINCE).skus == ()
    with pytest.raises(ValueError, match="three months"):
        client.search_creator_orders(SINCE, SINCE + timedelta(days=90))


def test_a_missing_permission_is_told_as_such():
    session = FakeSession(failure(105005, "no scope"))

    with pytest.raises(ScopeMissing):
        make_client(session).search_affiliate_orders(SINCE, SINCE + timedelta(days=1))


def test_a_shops_sale_is_read_with_rates_in_hundredths_of_a_percent():
    (sold,) = seller_page_from_json(make_page(make_sold(), delivery_time=PLACED)).skus

    assert (sold.order_id, sold.placed_at) == ("576000000000000001", SINCE)
    assert (sold.rate, sold.shop_ads_rate) == (D("0.155"), D("0.03"))
    assert (sold.content_type, sold.settlement) == (
        ContentType.LIVE,
        Settlement.TO_SETTLE,
    )
    assert (sold.estimated.base, sold.estimated.commission) == (D(200000), D(31000))
    assert (sold.actual.commission, sold.is_fully_returned) == (None, False)
    assert sold.texts["estimated_paid_commission"] == "31000 VND"
    assert (sold.currency, sold.unread, sold.delivered_at) == ("VND", (), SINCE)


def test_a_creators_amounts_are_read_as_people_write_them():
    row = {
        "id": "1731000000000000001",
        "shop_name": "Toko",
        "price": {"amount": "Rp9.900", "currency": "IDR"},
        "commission_rate": 1000,
        "estimated_commission": {"amount": "Rp1.980", "currency": "IDR"},
        "actual_commission": {"amount": "Rp1.900", "currency": "IDR"},
        "actual_bonus_commission": {"amount": "Rp9,900", "currency": "IDR"},
        "actual_creator_commission_reward_fee": {"amount": "100", "currency": "IRD"},
        "estimated_creator_commission_reward_fee": {"amount": "1", "currency": "USD"},
        "pit": {"amount": "Rp20", "currency": "IDR"},
        "isr": {"amount": "Rp10", "currency": "IDR"},
    }

    (sold,) = creator_page_from_json(make_page(row, status="SETTLED")).skus

    assert (sold.sku_id, sold.shop_name) == ("1731000000000000001", "Toko")
    assert (sold.price, sold.actual.commission) == (D(9900), D(1900))
    assert (sold.actual.cofunded, sold.actual.taxes) == (D(100), D(30))
    assert sold.settlement is Settlement.SETTLED
    # What could mean two things, and what is in another currency, is left open.
    assert (sold.actual.bonus, sold.estimated.cofunded) == (None, None)
    assert set(sold.unread) == {
        "actual_bonus_commission",
        "estimated_creator_commission_reward_fee",
    }
    assert sold.texts["actual_bonus_commission"] == "Rp9,900 IDR"


@pytest.mark.parametrize(
    ("spelled", "meant"),
    [
        ("AWAITING PAYMENT", Settlement.AWAITING_PAYMENT),
        ("awaiting_payment", Settlement.AWAITING_PAYMENT),
        ("To-SETTLE", Settlement.TO_SETTLE),
        ("Settled", Settlement.SETTLED),
        ("INELIGIBLE", Settlement.INELIGIBLE),
        ("Unknown", Settlement.UNKNOWN),
        ("something new", Settlement.UNKNOWN),
    ],
)
def test_a_settlement_is_known_however_it_is_spelled(spelled, meant):
    assert settlement_of(spelled) is meant


def test_a_deprecated_status_counts_where_it_makes_something_sure():
    def told(status: str) -> Settlement:
        page = make_page(make_sold(settlement_status=""), status=status)
        return seller_page_from_json(page).skus[0].settlement

    assert told("CANCELLED") is Settlement.INELIGIBLE
    assert told("PROCESSING") is Settlement.TO_SETTLE
    assert told("COMPLETED") is Settlement.UNKNOWN


def test_an_order_goes_on_on_the_next_page_and_a_broken_one_holds_up_nobody():
    page = make_page(make_sold(), make_sold(sku_id="1731000000000000002"))
    page["orders"] += [
        {"id": "576000000000000002", "skus": [make_sold()]},
        {
            "id": "576000000000000003",
            "create_time": PLACED,
            "skus": [make_sold(sku_id="", product_id="")],
        },
        "nonsense",
    ]

    read = seller_page_from_json(page)

    assert [sku.sku_id[-1] for sku in read.skus] == ["1", "2"]
    assert [key for key, _ in read.malformed] == [
        "576000000000000002",
        "576000000000000003",
        "",
    ]


def test_a_creator_is_known_by_whichever_field_tells():
    told = {"creator_user_open_id": "id-1", "selection_region": "VN"}

    assert profile_from_json({"username": "a", **told}) == CreatorProfile(
        "id-1", "a", "", "VN"
    )
    assert profile_from_json({"profile": {"open_id": "id-2"}}).open_id == "id-2"
    assert profile_from_json({}) == CreatorProfile()


def test_creators_consent_at_a_page_of_their_own():
    hosts = Hosts(consent_creator="https://creators.example.com/")

    address = creator_authorize_url("key", "a state", hosts=hosts)

    assert address == (
        "https://creators.example.com/alliance/creator/auth?app_key=key&state=a+state"
    )


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(make_sold())), anything, max_size=6))
def test_any_sale_is_read_or_said_to_be_unreadable(changes):
    page = seller_page_from_json(make_page(make_sold(**changes)))

    assert len(page.skus) + len(page.malformed) == 1
