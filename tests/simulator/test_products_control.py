"""What a test can do to products from outside, and what outlives a restart."""

import resource
from pathlib import Path
from typing import Any

import pytest

from apps.simulator.world import crowd
from apps.simulator.world.listings import Listing
from apps.simulator.world.sellers import Shop
from apps.simulator.world.shelves import Shelves
from apps.simulator.world.world import World, first_day_for
from tests.simulator.caller import connect
from tests.simulator.product_caller import Products, new_product
from tests.simulator_server import SimulatorServer, run_simulator

Json = dict[str, Any]
NOW = 1_795_000_000


def make_shelves(seed: int = 7) -> tuple[Shelves, list[Shop]]:
    world = World(seed, 200, first_day_for(NOW))
    return Shelves(world), list(world.shops.values())


def states(shelves: Shelves, shop: Shop) -> dict[str, Json]:
    return {
        listing.id: listing.as_json() for listing in shelves.of(shop).by_id.values()
    }


def test_the_same_seed_grows_the_same_products():
    first, shops = make_shelves()
    second, others = make_shelves()
    different, strangers = make_shelves(seed=8)

    for shop, other, stranger in zip(shops, others, strangers, strict=True):
        assert states(first, shop) == states(second, other)
        assert not set(states(first, shop)) & set(states(different, stranger))


def test_times_spread_over_the_ninety_days_before_the_world_began():
    shelves, shops = make_shelves()
    start = first_day_for(NOW) * 86_400

    for shop in shops:
        listings = list(shelves.of(shop).by_id.values())
        for row in listings:
            assert start <= row.created <= row.updated <= NOW
        days = {(row.created - start) // 86_400 for row in listings}
        assert len(days) > len(listings) // 2


def test_unchanged_products_are_not_kept_in_memory():
    shelves, shops = make_shelves()
    listings = shelves.of(shops[0])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    made = crowd.grow(listings, 7, 10_000, NOW)

    assert made == 9_970
    assert len(listings.by_id) == 10_000
    added = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert added < 100_000  # kilobytes
    assert sum(row.base is not None for row in listings.by_id.values()) < 10
    assert crowd.grow(listings, 7, 5_000, NOW) == 0


def test_churn_changes_a_share_of_the_products():
    shelves, shops = make_shelves()
    listings = shelves.of(shops[0])
    crowd.grow(listings, 7, 1_000, NOW)
    before = {row.id: (row.updated, row.content) for row in listings.by_update}

    changed = crowd.churn(listings, 5, NOW + 60)

    assert changed == 50
    moved = [row for row in listings.by_update if row.updated == NOW + 60]
    assert len(moved) == 50
    titles = 0
    for row in moved:
        old, new = before[row.id][1], row.content
        assert [s["id"] for s in old["skus"]] == [s["id"] for s in new["skus"]]
        titles += old["title"] != new["title"]
        for was, sku in zip(old["skus"], new["skus"], strict=True):
            assert was.get("combined_skus") or was["price"] != sku["price"]
    assert titles == 17


def test_a_listing_comes_back_from_its_state_as_it_was():
    shelves, shops = make_shelves()
    for listing in shelves.of(shops[0]).by_id.values():
        again = Listing(**listing.as_json())
        assert again.as_json() == listing.as_json()
        assert again.content == listing.content


def test_products_are_listed_and_shown_in_any_status(shop: Products):
    rows = shop.server.control(f"listings?shop_id={shop.shop['id']}")
    frozen = shop.server.control("listings?status=FREEZE")

    assert {row["id"] for row in rows} == {row["id"] for row in shop.search_all()}
    assert len(frozen) == 7
    product = shop.control(frozen[0]["id"])["product"]
    assert product["status"] == "FREEZE"
    assert product["skus"]


def test_the_seller_changes_a_product_in_seller_center(shop: Products):
    product = shop.plain()
    sku = product["skus"][1]
    change = {
        "title": "Changed by hand",
        "sku_id": sku["id"],
        "price": "12.34",
        "quantity": 8,
        "seller_sku": "BY-HAND",
    }

    shop.control(product["id"], "change", change)

    after = shop.get(product["id"])
    assert after["title"] == "Changed by hand"
    assert after["audit"] == {"status": "APPROVED"}
    assert after["update_time"] > product["update_time"]
    changed = after["skus"][1]
    assert changed["price"]["sale_price"] == "12.34"
    assert changed["inventory"][0]["quantity"] == 8
    assert changed["seller_sku"] == "BY-HAND"
    assert after["skus"][0] == product["skus"][0]
    assert shop.search({"seller_skus": ["BY-HAND"]})["total_count"] == 1
    old = shop.search({"seller_skus": [sku["seller_sku"]]})["products"]
    assert product["id"] not in [row["id"] for row in old]


def test_a_change_by_hand_and_one_in_review_do_not_erase_each_other(shop: Products):
    product = shop.plain()
    path = f"/{product['id']}/partial_edit"
    shop.data("POST", path, {"title": "Ours, in review"})

    shop.control(product["id"], "change", {"description": "<p>By hand</p>"})

    assert shop.get(product["id"])["description"] == "<p>By hand</p>"
    shop.control(product["id"], "review", {"verdict": "pass"})
    after = shop.get(product["id"])
    assert (after["title"], after["description"]) == (
        "Ours, in review",
        "<p>By hand</p>",
    )


def test_a_change_by_hand_reaches_a_draft_too(shop: Products):
    product = shop.plain()
    path = f"/{product['id']}/partial_edit"
    shop.data("POST", path, {"title": "For later", "save_mode": "AS_DRAFT"})

    shop.control(product["id"], "change", {"price": "3.21", "quantity": 4})

    query = {"return_draft_version": "true"}
    for version in (shop.get(product["id"]), shop.get(product["id"], **query)):
        sku = version["skus"][0]
        assert sku["price"]["sale_price"] == "3.21"
        assert sku["inventory"][0]["quantity"] == 4


def test_a_change_of_what_is_not_there_changes_nothing(shop: Products):
    product = shop.plain()
    for change in (
        {"title": "x", "sku_id": "1"},
        {"title": "x", "quantity": 5, "warehouse_id": "1"},
        {"title": "x", "price": "cheap"},
        {"title": "x", "quantity": -1},
        {},
    ):
        with pytest.raises(AssertionError):
            shop.control(product["id"], "change", change)
    assert shop.get(product["id"]) == product


def test_a_change_can_go_through_review(shop: Products):
    product = shop.plain()

    shop.control(product["id"], "change", {"title": "Slowly", "with_review": True})

    assert shop.get(product["id"])["title"] == product["title"]
    shop.control(product["id"], "review", {"verdict": "pass"})
    assert shop.get(product["id"])["title"] == "Slowly"


def test_the_platform_freezes_and_unfreezes(shop: Products):
    product = shop.plain()

    shop.control(product["id"], "status", {"status": "FREEZE"})
    assert shop.code("GET", f"/{product['id']}") == 12052901
    assert shop.of_status("FREEZE")
    shop.control(product["id"], "status", {"status": "ACTIVATE"})

    after = shop.get(product["id"])
    assert after | {"update_time": 0} == product | {"update_time": 0}


def test_a_field_of_tomorrow_is_shown(shop: Products):
    product = shop.plain()
    sku_id = product["skus"][0]["id"]

    shop.control(product["id"], "fields", {"name": "mood", "value": {"is": "good"}})
    shop.control(
        product["id"], "fields", {"name": "mood", "value": 5, "sku_id": sku_id}
    )

    after = shop.get(product["id"])
    assert after["mood"] == {"is": "good"}
    assert [sku.get("mood") for sku in after["skus"]][:2] == [5, None]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("listings/1/review", {}),
        ("listings/1/status", {"status": "ACTIVE"}),
        ("listings/1/change", {"title": "x"}),
        ("shops/1/listings/grow", {"count": 5}),
        ("shops/1/listings/churn", {"percent": 101}),
        ("reviews", {"minutes": 5}),
    ],
)
def test_control_says_what_is_wrong(server: SimulatorServer, path: str, body: Json):
    with pytest.raises(AssertionError, match="error"):
        server.control(path, body)


def test_only_products_in_review_are_decided(shop: Products):
    with pytest.raises(AssertionError, match="409"):
        shop.control(shop.plain()["id"], "review", {"verdict": "pass"})


def test_a_large_shop_answers_pages_and_a_share_of_it_changes(shop: Products):
    path = f"shops/{shop.shop['id']}/listings"
    grown = shop.server.control(f"{path}/grow", {"count": 3_000})
    assert grown == {"made": 2_970, "products": 3_000}
    before = {row["id"]: row for row in shop.search_all()}
    moment = int(shop.server.control("clock")["now"])
    shop.server.control("clock", {"advance": 60})

    changed = shop.server.control(f"{path}/churn", {"percent": 1})

    assert changed == {"changed": 30}
    news = shop.search_all({"update_time_ge": moment + 30})
    assert len(before) == 3_000
    assert len(news) == 30
    for row in news:
        assert row["skus"] != before[row["id"]]["skus"]
        full = shop.get(row["id"])
        assert full["title"] == row["title"]


def test_products_survive_a_restart(tmp_path: Path):
    state = tmp_path / "state.jsonl"
    with run_simulator(orders=200, state_path=state) as server:
        shop = Products(connect(server))
        body = new_product(shop, idempotency_key="before", mood="good")
        made = shop.data("POST", "", body)
        edited, deleted = [
            r["id"] for r in shop.search({"status": "ACTIVATE"})["products"][:2]
        ]
        path = f"/{edited}/partial_edit"
        shop.data("POST", path, {"title": "Edited before the end"})
        shop.data("DELETE", "", {"product_ids": [deleted]})
        server.control(f"shops/{shop.shop['id']}/listings/grow", {"count": 60})
        server.control(f"shops/{shop.shop['id']}/listings/churn", {"percent": 10})
        rows = shop.search_all()
        full = shop.get(made["product_id"])

    with run_simulator(orders=200, state_path=state) as server:
        caller = connect(server)
        shop = Products(caller)
        assert shop.search_all() == rows
        again = shop.get(made["product_id"])
        for product in (again, full):
            for image in product["main_images"]:
                image.pop("urls")
                image.pop("thumb_urls")
        assert again["mood"] == "good"
        assert again["main_images"] == full["main_images"]
        assert shop.data("POST", "", body) == made
        other = shop.data("POST", "", body | {"idempotency_key": "after"})
        assert other["product_id"] not in {row["id"] for row in rows}
        server.control("clock", {"advance": 20 * 60 + 5})
        assert shop.get(made["product_id"])["status"] == "ACTIVATE"
        assert shop.get(edited)["title"] == "Edited before the end"
        assert shop.control(deleted)["status"] == "DELETED"
