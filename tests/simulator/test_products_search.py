from typing import Any

import pytest

from tests.simulator.caller import connect
from tests.simulator.product_caller import SEARCH, Products
from tests.simulator_server import SimulatorServer

INVALID = 12052910


@pytest.mark.parametrize("size", ["1", "7", "100"])
def test_pages_cover_every_product_exactly_once_newest_change_first(
    shop: Products, size: str
):
    rows = shop.search_all(size=size)

    ids = [row["id"] for row in rows]
    assert len(ids) == len(set(ids)) == shop.search()["total_count"] == 30
    times = [row["update_time"] for row in rows]
    assert times == sorted(times, reverse=True)


def test_a_product_that_changes_while_we_page_hides_no_other(shop: Products):
    first = shop.search(page_size="10")
    last = shop.search_all()[-1]["id"]

    shop.control(last, "change", {"quantity": 5})

    second = shop.search(page_size="10", page_token=first["next_page_token"])
    third = shop.search(page_size="10", page_token=second["next_page_token"])
    seen = {r["id"] for p in (first, second, third) for r in p["products"]}
    assert len(seen) == 29
    assert last not in seen
    assert shop.search()["products"][0]["id"] == last


@pytest.mark.parametrize("version", ["202309", "202312", "202502"])
def test_every_documented_version_answers(shop: Products, version: str):
    path = f"/product/{version}/products/search"

    assert shop.data("POST", path, {}, page_size="5")["total_count"] == 30


def test_a_version_nobody_documents_does_not(shop: Products):
    path = "/product/202401/products/search"

    assert shop.code("POST", path, {}, page_size="5") == 36009014


@pytest.mark.parametrize(
    ("query", "body", "code"),
    [
        ({}, {}, 12019109),
        ({"page_size": "0"}, {}, 12019109),
        ({"page_size": "101"}, {}, 12019109),
        ({"page_size": "ten"}, {}, 12019109),
        ({"page_size": "5", "page_token": "x"}, {}, 12019108),
        ({"page_size": "5"}, {"page_size": 5}, 12019109),
        ({"page_size": "5"}, {"status": "ACTIVE"}, INVALID),
        ({"page_size": "5"}, {"status": "live"}, INVALID),
        ({"page_size": "5"}, {"seller_skus": "A"}, INVALID),
        ({"page_size": "5"}, {"seller_skus": [1]}, INVALID),
        ({"page_size": "5"}, {"seller_skus": [f"A{n}" for n in range(11)]}, 12019027),
        ({"page_size": "5"}, {"sku_ids": [f"1{n}" for n in range(11)]}, 12019087),
        ({"page_size": "5"}, {"create_time_ge": "now"}, 12019118),
        ({"page_size": "5"}, {"create_time_ge": 5, "create_time_le": 4}, 12019118),
        ({"page_size": "5"}, {"update_time_le": True}, 12019119),
        ({"page_size": "5"}, {"update_time_ge": -1}, 12019119),
        ({"page_size": "5"}, {"audit_status": ["NONE"]}, INVALID),
        ({"page_size": "5"}, {"listing_quality_tiers": ["BAD"]}, INVALID),
        ({"page_size": "5"}, {"listing_platforms": ["TIKTOK_SHOP"]}, INVALID),
        ({"page_size": "5"}, {"return_draft_version": "yes"}, INVALID),
        (
            {"page_size": "5"},
            {"return_draft_version": True, "status": "FREEZE"},
            INVALID,
        ),
        ({"page_size": "5"}, {"category_version": "v3"}, INVALID),
    ],
)
def test_invalid_searches_are_refused_with_their_codes(
    shop: Products, query: dict[str, str], body: dict[str, Any], code: int
):
    assert shop.code("POST", SEARCH, body, **query) == code


def test_a_page_token_is_bound_to_its_filters(shop: Products):
    token = shop.search(page_size="5")["next_page_token"]

    body, query = {"status": "ACTIVATE"}, {"page_size": "5", "page_token": token}

    assert shop.code("POST", SEARCH, body, **query) == 12019108


def test_every_status_occurs_and_can_be_asked_for(shop: Products):
    everything = shop.search_all()

    statuses = {row["status"] for row in everything}
    assert statuses == {
        *("DRAFT", "PENDING", "FAILED", "ACTIVATE", "SELLER_DEACTIVATED"),
        *("PLATFORM_DEACTIVATED", "FREEZE", "DELETED"),
    }
    for status in statuses:
        wanted = {row["id"] for row in everything if row["status"] == status}
        assert {r["id"] for r in shop.search_all({"status": status})} == wanted


def test_windows_of_time_include_both_ends(shop: Products):
    rows = shop.search_all()
    some = rows[len(rows) // 2]
    for name in ("create_time", "update_time"):
        moment = some[name]
        exactly = {f"{name}_ge": moment, f"{name}_le": moment}

        assert some["id"] in [r["id"] for r in shop.search(exactly)["products"]]
        for end, fits in (("ge", moment.__le__), ("le", moment.__ge__)):
            wanted = {row["id"] for row in rows if fits(row[name])}
            found = shop.search_all({f"{name}_{end}": moment})
            assert {row["id"] for row in found} == wanted


def test_products_are_found_by_their_skus(shop: Products):
    rows = shop.search_all({"status": "ACTIVATE"})
    first, second = rows[0]["skus"][0], rows[1]["skus"][-1]

    by_id = shop.search({"sku_ids": [first["id"], second["id"], "1"]})
    by_code = shop.search({"seller_skus": [second["seller_sku"], "none such"]})

    assert {r["id"] for r in by_id["products"]} == {rows[0]["id"], rows[1]["id"]}
    assert rows[1]["id"] in {r["id"] for r in by_code["products"]}
    for row in by_code["products"]:
        assert second["seller_sku"] in [sku["seller_sku"] for sku in row["skus"]]


def test_audit_and_quality_and_version_filter(shop: Products):
    rows = shop.search_all()

    for audit in ("AUDITING", "FAILED", "APPROVED"):
        wanted = {r["id"] for r in rows if r["audit"]["status"] == audit}
        assert (
            {r["id"] for r in shop.search_all({"audit_status": [audit]})}
            == wanted
            != set()
        )
    tiers = ["POOR", "FAIR"]
    wanted = {r["id"] for r in rows if r["listing_quality_tier"] in tiers}
    assert {
        r["id"] for r in shop.search_all({"listing_quality_tiers": tiers})
    } == wanted
    assert shop.search({"category_version": "v1"})["total_count"] == 0
    assert shop.search({"category_version": "v2"})["total_count"] == len(rows)


def test_tokopedia_products_are_found_by_platform(indonesian: Products):
    body = {"status": "ACTIVATE", "listing_platforms": ["TIKTOK_SHOP", "TOKOPEDIA"]}

    found = indonesian.search(body)["products"]

    assert found
    for row in found:
        (platform,) = row["integrated_platform_statuses"]
        assert platform == {"platform": "TOKOPEDIA", "status": "ACTIVATE"}
    everything = indonesian.search({"status": "ACTIVATE"})["total_count"]
    assert len(found) < everything


def test_rows_are_short_and_have_the_documented_names(shop: Products):
    for row in shop.search_all():
        assert set(row) <= {
            *("id", "title", "status", "skus", "sales_regions", "create_time"),
            *("update_time", "product_sync_fail_reasons", "is_not_for_sale"),
            *("recommended_categories", "listing_quality_tier", "audit", "has_draft"),
            *("integrated_platform_statuses", "product_families", "scheduled_sale"),
            *("product_tags", "selling_format"),
        }
        for sku in row["skus"]:
            assert set(sku) <= {
                *("id", "seller_sku", "price", "inventory", "list_price", "pre_sale"),
                *("external_list_prices", "status_info", "fees"),
            }
            assert set(sku["price"]) == {
                "currency", "sale_price", "tax_exclusive_price",
            }  # fmt: skip
            assert sku["inventory"]


def test_the_catalogue_that_orders_are_made_of_is_what_is_listed(shop: Products):
    skus = shop.server.control(f"shops/{shop.shop['id']}/skus")

    listed = {
        sku["id"]: (row["id"], sku["seller_sku"], sku["price"]["sale_price"])
        for row in shop.search_all()
        for sku in row["skus"]
    }

    for sku in skus:
        wanted = (sku["product_id"], sku["seller_sku"], sku["price"])
        assert listed[sku["id"]] == wanted


def test_more_than_ten_thousand_results_are_refused_until_narrowed(shop: Products):
    path = f"shops/{shop.shop['id']}/listings/grow"
    assert shop.server.control(path, {"count": 10_000})["products"] == 10_000
    assert shop.search(page_size="1")["total_count"] == 10_000

    shop.server.control(path, {"count": 10_001})

    assert shop.code("POST", SEARCH, {}, page_size="1") == 12052180
    middle = int(shop.server.control("clock")["now"]) - 45 * 86_400
    early = shop.search({"update_time_le": middle - 1}, page_size="1")["total_count"]
    late = shop.search({"update_time_ge": middle}, page_size="1")["total_count"]
    assert early + late == 10_001


def test_another_sellers_products_are_not_found(server: SimulatorServer):
    ours, theirs = Products(connect(server)), Products(connect(server, 1))

    assert not {r["id"] for r in ours.search_all()} & {
        r["id"] for r in theirs.search_all()
    }
    their_sku = theirs.search()["products"][0]["skus"][0]["id"]
    assert ours.search({"sku_ids": [their_sku]})["total_count"] == 0


def test_drafts_of_live_products_are_a_filter(shop: Products):
    product = shop.plain()
    body = {"title": "A title for later", "save_mode": "AS_DRAFT"}
    path = f"/product/202509/products/{product['id']}/partial_edit"
    shop.data("POST", path, body)

    rows = {r["id"]: r for r in shop.search_all({"return_draft_version": True})}

    assert rows[product["id"]]["title"] == "A title for later"
    assert rows[product["id"]]["status"] == "ACTIVATE"
    assert rows[product["id"]]["skus"][0]["inventory"]
    assert all(row["has_draft"] for row in rows.values())
    assert {r["status"] for r in rows.values()} == {"ACTIVATE", "DRAFT"}
    (live,) = [r for r in shop.search_all() if r["id"] == product["id"]]
    assert live["title"] == product["title"]
