"""Creators who let an app in, and affiliate orders as both sides see them."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
import requests

from tests.simulator.caller import Caller, connect
from tests.simulator.fans import (
    CONSENT,
    ORDERS,
    PROFILE,
    as_creator,
    consent,
    creators_at,
    let_in,
    tokens,
)
from tests.simulator.till import AFFILIATE, DAY, Till
from tests.simulator_server import SimulatorServer

US, GB, ID, VN, DE = (0, 0), (0, 1), (1, 0), (2, 2), (3, 0)
Json = dict[str, Any]


@pytest.fixture
def quiet(server: SimulatorServer) -> SimulatorServer:
    server.control("clock", {"freeze": True})
    server.control("rate_limit", {"per_second": 100_000})
    return server


def of_creator(caller: Caller, body: Json | None = None, **query: str) -> list[Json]:
    """The orders of every page."""
    orders: list[Json] = []
    query = {"page_size": "100"} | query
    while True:
        page = caller.data("POST", ORDERS, query, body or {})
        orders += page["orders"]
        if not page["next_page_token"]:
            return orders
        query["page_token"] = page["next_page_token"]


def by_sku(orders: list[Json], id: str = "sku_id") -> dict[tuple[str, str], Json]:
    rows = [(order["id"], row[id], row) for order in orders for row in order["skus"]]
    found = {(order_id, sku_id): row for order_id, sku_id, row in rows}
    assert len(found) == len(rows)
    return found


def test_a_creator_lets_an_app_in_for_good(quiet: SimulatorServer):
    creator = creators_at(quiet, "ID")[0]
    app = quiet.apps()[0]
    page = requests.get(
        quiet.url + CONSENT, {"app_key": app["app_key"], "state": "s"}, timeout=30
    )
    back = consent(quiet, creator)
    given = let_in(quiet, creator)
    now = quiet.control("clock")["now"]

    assert creator["username"] in page.text
    assert back["state"] == "a-state"
    assert back["code"].startswith("ROW_")
    assert (given["user_type"], given["seller_base_region"]) == (1, "ID")
    assert given["granted_scopes"] == app["creator_scopes"]
    assert given["access_token_expire_in"] == int(now) + 7 * DAY
    assert given["refresh_token_expire_in"] > now + 50 * 365 * DAY
    again = tokens(quiet, "refresh_token", given["refresh_token"], "refresh_token")
    assert again["data"]["open_id"] == given["open_id"]
    assert again["data"]["access_token"] != given["access_token"]


def test_creators_may_refuse_or_grant_less_and_only_some_apps_may_ask(
    quiet: SimulatorServer,
):
    creator = creators_at(quiet, "US")[0]
    refused = consent(quiet, creator, decision="refuse")
    few = as_creator(quiet, creator, choose="1", scopes=["creator.affiliate.info"])

    assert refused == {"code": "null", "error": "auth_denied", "state": "a-state"}
    assert few.code("GET", PROFILE) == 0
    assert few.code("POST", ORDERS, {"page_size": "20"}, {}) == 105005
    other = {"app_key": quiet.apps()[1]["app_key"]}
    reply = requests.get(quiet.url + CONSENT, other, timeout=30)
    assert reply.status_code == 400
    assert "may ask creators" in reply.text
    chosen = requests.post(
        quiet.url + CONSENT,
        {"app_key": quiet.apps()[0]["app_key"], "creator": "1", "decision": "approve"},
        timeout=30,
    )
    assert chosen.status_code == 400


def test_a_profile_says_who_it_is_unless_the_creator_sells_nowhere(
    quiet: SimulatorServer,
):
    creator, watcher = creators_at(quiet, "TH")[0], creators_at(quiet, "")[0]
    given = let_in(quiet, creator)
    caller = Caller(quiet, quiet.apps()[0], {}, given["access_token"])
    profile = caller.data("GET", PROFILE)

    assert profile["username"] == creator["username"]
    assert profile["selection_region"] == profile["register_region"] == "TH"
    assert profile["creator_user_open_id"] == given["open_id"]
    assert profile["user_type"] == "TIKTOK_SHOP_CREATOR"
    picture = requests.get(profile["avatar"]["url"], timeout=30)
    assert picture.headers["content-type"].startswith("image/")
    assert as_creator(quiet, watcher).code("GET", PROFILE) == 16015007


def test_a_token_of_the_wrong_kind_of_user_is_refused(quiet: SimulatorServer):
    creator, seller = as_creator(quiet, creators_at(quiet, "ID")[0]), connect(quiet, 1)
    cipher = {"shop_cipher": seller.cipher()}

    assert creator.code("GET", "/authorization/202309/shops") == 101000
    assert creator.code("POST", AFFILIATE, cipher | {"page_size": "1"}, {}) == 101000
    assert seller.code("GET", PROFILE) == 101000
    query = cipher | {"page_size": "1"}
    assert creator.code("POST", ORDERS, query, {}) == 36009004  # no cipher here
    quiet.control("tokens/deauthorise", {})
    assert creator.code("GET", PROFILE) == 105001


@pytest.mark.parametrize("shop", [US, ID, VN])
def test_pages_count_skus_and_an_order_may_be_on_two(
    quiet: SimulatorServer, shop: tuple[int, int]
):
    till = Till(quiet, shop)
    whole, pages, token = till.affiliate(), [], ""
    while True:
        page = till.affiliate(page_size="3", page_token=token)
        pages.append(page["orders"])
        if not (token := page["next_page_token"]):
            break

    everything = [order for orders in pages for order in orders]
    assert by_sku(everything) == by_sku(whole["orders"])
    counts = [sum(len(order["skus"]) for order in orders) for orders in pages]
    assert set(counts[:-1]) == {3}
    assert sum(counts) == whole["total_count"] > 6
    seen = Counter(order["id"] for order in everything)
    assert max(seen.values()) > 1
    times = [order["create_time"] for order in everything]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("shop", [US, ID, VN])
def test_a_commission_is_the_one_of_the_settlement(
    quiet: SimulatorServer, shop: tuple[int, int]
):
    till = Till(quiet, shop)
    orders = till.affiliate()["orders"]
    statuses = Counter(row["settlement_status"] for row in by_sku(orders).values())
    settled = 0
    for (order_id, sku_id), row in by_sku(orders).items():
        taken = till.order(order_id)["sku_transactions"]
        fees = [one["fee_tax_breakdown"]["fee"] for one in taken
                if one["sku_id"] == sku_id]  # fmt: skip
        settled += bool(fees)
        for fee, paid in (
            ("affiliate_commission_amount", "actual_paid_commission"),
            ("affiliate_ads_commission_amount", "actual_paid_shop_ads_commission"),
            ("affiliate_partner_commission_amount", "actual_paid_partner_commission"),
        ):
            earned = Decimal(row.get(paid, {"amount": "0"})["amount"])
            assert earned == -sum(Decimal(one[fee]) for one in fees)
        is_open = row["settlement_status"] in ("To-SETTLE", "AWAITING PAYMENT")
        assert is_open is ("actual_commission_base" not in row)
    assert settled > 3
    assert statuses["SETTLED"] > 3


def test_estimates_follow_from_price_quantity_and_rate(quiet: SimulatorServer):
    rows = list(by_sku(Till(quiet, ID).affiliate()["orders"]).values())
    for row in rows:
        base = Decimal(row["estimated_commission_base"]["amount"])
        rate = Decimal(row["commission_rate"]) / 10_000
        ads = Decimal(row["shop_ads_commission_rate"]) / 10_000
        standard = Decimal(row["estimated_paid_commission"]["amount"])
        by_ads = Decimal(row["estimated_paid_shop_ads_commission"]["amount"])
        assert base == Decimal(row["price"]["amount"]) * row["quantity"]
        assert not (standard and by_ads)
        assert abs(standard - base * rate) <= 1 or abs(by_ads - base * ads) <= 1
        assert isinstance(row["commission_rate"], str)
        is_tiered = row["commission_model"] == "Tiered commission"
        assert is_tiered is ("commission_tier_setting" in row)
        gone = row["fully_return"] == "Yes"
        assert gone is (row["refunded_quantity"] + row["returned_quantity"]
                        == row["quantity"])  # fmt: skip
    assert len({row["content_type"] for row in rows}) > 2
    assert any(row["creator_username"] for row in rows)


@pytest.mark.parametrize(
    ("region", "shop", "sign"),
    [("ID", ID, "Rp"), ("US", US, "$"), ("VN", VN, "₫")],
)
def test_a_creator_sees_the_same_orders_as_people_write_money(
    quiet: SimulatorServer, region: str, shop: tuple[int, int], sign: str
):
    sold = by_sku(Till(quiet, shop).affiliate()["orders"])
    named = {row["creator_username"] for row in sold.values()} - {""}
    earned: dict[tuple[str, str], Json] = {}
    for creator in creators_at(quiet, region):
        orders = of_creator(as_creator(quiet, creator), page_size="2")
        mine: dict[tuple[str, str], Json] = {}
        for order in orders:
            mine |= by_sku([order], "id")
        for key, row in mine.items():
            assert sold[key]["creator_username"] in ("", creator["username"])
            assert isinstance(row["commission_rate"], int)
            assert str(row["commission_rate"]) == sold[key]["commission_rate"]
            text = row["estimated_commission_base"]["amount"]
            assert sign in text
            plain = Decimal(sold[key]["estimated_commission_base"]["amount"])
            digits = "".join(c for c in text if c.isdigit())
            assert int(digits) == int(plain * (100 if region == "US" else 1))
        earned |= mine
    assert earned.keys() == sold.keys()
    assert len(named) > 1


def test_windows_are_three_months_at_most(quiet: SimulatorServer):
    till, creator = Till(quiet, ID), as_creator(quiet, creators_at(quiet, "ID")[0])
    now = int(quiet.control("clock")["now"])
    whole = till.affiliate()
    middle = whole["orders"][len(whole["orders"]) // 2]["create_time"]

    since = now + 1 - 92 * DAY
    older = till.affiliate({"create_time_ge": since, "create_time_lt": middle})
    newer = till.affiliate({"create_time_ge": middle})
    assert older["total_count"] + newer["total_count"] == whole["total_count"]
    assert all(order["create_time"] >= middle for order in newer["orders"])
    for wrong in (
        {"create_time_ge": now - 100 * DAY},
        {"create_time_ge": now - 95 * DAY, "create_time_lt": now},
        {"create_time_ge": now, "create_time_lt": now - 1},
        {"create_time_lt": "tomorrow"},
    ):
        query = till.query | {"page_size": "20"}
        assert till.caller.code("POST", AFFILIATE, query, wrong) == 98001004
        assert creator.code("POST", ORDERS, {"page_size": "20"}, wrong) == 98001004
    for query in ({}, {"page_size": "0"}, {"page_size": "101"}):
        assert till.caller.code("POST", AFFILIATE, till.query | query, {}) == 98001004


def test_a_program_can_be_asked_for(quiet: SimulatorServer):
    till = Till(quiet, ID)
    rows = by_sku(till.affiliate()["orders"])
    names = ("target_collaboration_id", "open_collaboration_id", "campaign_id")
    program = next(
        row["target_collaboration_id"] for row in rows.values()
        if "target_collaboration_id" in row
    )  # fmt: skip
    chosen = by_sku(till.affiliate({"program_id": program})["orders"])

    assert 0 < len(chosen) < len(rows)
    assert all(program in map(row.get, names) for row in chosen.values())


@pytest.mark.parametrize("shop", [GB, DE])
def test_sellers_in_britain_and_the_eu_are_not_given_it(
    quiet: SimulatorServer, shop: tuple[int, int]
):
    till = Till(quiet, shop)
    query = till.query | {"page_size": "20"}

    assert till.caller.code("POST", AFFILIATE, query, {}) == 16032001
    region = "GB" if shop == GB else "DE"
    assert of_creator(as_creator(quiet, creators_at(quiet, region)[0]))


def test_an_order_can_be_said_to_be_a_creators(quiet: SimulatorServer):
    till, creator = Till(quiet, ID), creators_at(quiet, "ID")[0]
    made = {"shop_id": till.shop["id"], "status": "DELIVERED"}
    order_id = quiet.control("orders", made)["id"]
    path = f"orders/{order_id}/creator"
    said = quiet.control(path, {"creator_id": creator["id"]})

    assert said["creator_username"] == creator["username"]
    mine = [o for o in till.affiliate()["orders"] if o["id"] == order_id]
    (row,) = by_sku(mine).values()
    assert row["settlement_status"] == "To-SETTLE"
    till.later(days=6)
    (after,) = [o for o in till.affiliate()["orders"] if o["id"] == order_id]
    assert after["skus"][0]["settlement_status"] == "SETTLED"
    estimated = row["estimated_paid_commission"]["amount"]
    assert after["skus"][0]["actual_paid_commission"]["amount"] == estimated
    with pytest.raises(AssertionError, match="shows this order already"):
        quiet.control(path, {"creator_id": ""})
    other = creators_at(quiet, "US")[0]
    fresh = quiet.control("orders", made)["id"]
    with pytest.raises(AssertionError, match="does not sell"):
        quiet.control(f"orders/{fresh}/creator", {"creator_id": other["id"]})
    quiet.control(f"orders/{fresh}/creator", {"creator_id": ""})
    assert fresh not in [order["id"] for order in till.affiliate()["orders"]]
