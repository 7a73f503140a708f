import itertools
from typing import Any

import pytest
import requests

from tests.simulator.caller import connect
from tests.simulator.product_caller import Products, body_of
from tests.simulator_server import SimulatorServer

Json = dict[str, Any]
RICH = {
    "key_product_features", "search_terms", "video", "external_product_id",
    "warranty_info", "size_chart", "certifications", "shipping_template_id",
    "product_tags", "product_families", "subscribe_info", "recommended_categories",
}  # fmt: skip


def everything(shop: Products) -> list[Json]:
    """All products that can be read, in full."""
    rows = shop.search_all()
    return [shop.get(r["id"]) for r in rows if r["status"] not in ("FREEZE", "DELETED")]


def test_search_and_detail_agree(shop: Products):
    rows = {row["id"]: row for row in shop.search_all()}

    for product in everything(shop):
        row = rows[product["id"]]
        for name in ("title", "status", "create_time", "update_time", "has_draft"):
            assert product[name] == row[name]
        for sku, short in zip(product["skus"], row["skus"], strict=True):
            assert sku["id"] == short["id"]
            assert sku["inventory"] == short["inventory"]
            for name, value in short["price"].items():
                assert sku["price"][name] == value


def test_the_world_has_a_rich_set_of_fields_a_client_may_not_know(
    shop: Products, german: Products, indonesian: Products
):
    seen: set[str] = set()
    skus: set[str] = set()
    for product in everything(shop):
        seen |= set(product)
        skus |= {name for sku in product["skus"] for name in sku}

    assert seen >= RICH
    assert skus >= {
        *("identifier_code", "external_sku_id", "external_urls", "list_price"),
        *("external_list_prices", "sku_weight", "combined_skus"),
        *("purchase_order_quantity_limit", "pre_sale"),
    }
    connected = Products(connect(shop.server, 3)), Products(connect(shop.server, 1))
    german_products = everything(connected[0])
    assert all(p["manufacturer_ids"] for p in german_products)
    units = [sku["price"] for p in german_products for sku in p["skus"]]
    assert all("unit_price" in price for price in units)
    asian = everything(connected[1])
    names = {name for product in asian for name in product}
    assert names >= {
        *("minimum_order_quantity", "shipping_insurance_requirement"),
        *("delivery_options", "is_pre_owned", "integrated_platform_statuses"),
    }


def test_what_has_no_value_is_left_out(shop: Products):
    for product in everything(shop):
        assert not [k for k, v in product.items() if v in (None, "", [], {})]


def test_the_category_chain_goes_from_the_root_to_the_leaf(shop: Products):
    for product in everything(shop)[:8]:
        chain = product["category_chains"]
        assert chain[0]["parent_id"] == "0"
        assert [row["is_leaf"] for row in chain] == [False] * (len(chain) - 1) + [True]
        for above, below in itertools.pairwise(chain):
            assert below["parent_id"] == above["id"]


def test_pictures_have_addresses_that_answer(shop: Products):
    product = shop.plain()

    for image in product["main_images"]:
        assert image["uri"] == f"tos-seed/{product['id']}/{image['uri'][-1]}"
        for url in (*image["urls"], *image["thumb_urls"]):
            reply = requests.get(url, timeout=10)
            assert reply.status_code == 200
            assert reply.headers["content-type"].startswith("image/")
    (variant,) = product["skus"][0]["sales_attributes"]
    assert variant["sku_img"]["urls"]


def test_names_come_in_the_language_of_the_market_or_of_the_locale(german: Products):
    product = german.plain()

    other = german.get(product["id"], locale="en-US")

    names = [row["local_name"] for row in product["category_chains"]]
    assert names != [row["local_name"] for row in other["category_chains"]]
    assert [row["id"] for row in other["category_chains"]] == [
        row["id"] for row in product["category_chains"]
    ]


def test_local_prices_are_equal_and_cross_border_ones_are_not(
    shop: Products, server: SimulatorServer
):
    for sku in shop.plain()["skus"]:
        price = sku["price"]
        assert "amount" not in price
        assert price["sale_price"] == price["tax_exclusive_price"]
    abroad = Products(connect(server, 2))
    for sku in abroad.plain()["skus"]:
        price = sku["price"]
        assert float(price["sale_price"]) > float(price["tax_exclusive_price"])
        assert price["currency"] == "MYR"


def test_a_bundle_shows_what_is_in_it(shop: Products):
    bundles = [p for p in everything(shop) if "COMBINED_PRODUCT" in p.get(
        "product_types", ())]  # fmt: skip
    assert len(bundles) == 2
    for bundle in bundles:
        (sku,) = bundle["skus"]
        held: dict[str, list[int]] = {}
        for part in sku["combined_skus"]:
            source = shop.get(part["product_id"])
            (own,) = [s for s in source["skus"] if s["id"] == part["sku_id"]]
            assert part["title"] == source["title"]
            assert part["inventory"] == own["inventory"]
            assert source["product_types"] == ["IN_COMBINED_PRODUCT"]
            for row in own["inventory"]:
                pieces = row["quantity"] // part["sku_count"]
                held.setdefault(row["warehouse_id"], []).append(pieces)
        parts = len(sku["combined_skus"])
        assert {r["warehouse_id"]: r["quantity"] for r in sku["inventory"]} == {
            w: min(counts) for w, counts in held.items() if len(counts) == parts
        }


def test_a_bundle_says_why_it_is_not_on_sale(shop: Products):
    bundle = next(p for p in everything(shop) if "combined_skus" in p["skus"][0])
    part = bundle["skus"][0]["combined_skus"][0]

    shop.data("POST", "/deactivate", {"product_ids": [part["product_id"]]})

    sku = shop.get(bundle["id"])["skus"][0]
    assert sku["status_info"] == {
        "status": "DEACTIVATED", "deactivation_source": "COMBO_RELATION",
    }  # fmt: skip
    assert sku["combined_skus"][0]["combined_listing_not_live_reasons"] == [
        "SUB_PRODUCT_DEACTIVATE"
    ]


@pytest.mark.parametrize("status", ["FREEZE", "DELETED"])
def test_frozen_and_deleted_products_are_listed_but_not_shown(
    shop: Products, status: str
):
    assert shop.code("GET", f"/{shop.of_status(status)}") == 12052901


def test_an_unknown_product_does_not_exist(shop: Products):
    assert shop.code("GET", "/1729000000000000000") == 12052032
    assert shop.code("GET", "/nonsense") == 12052032


def test_products_of_another_shop_are_refused(shop: Products):
    theirs = Products(shop.caller, 1).search()["products"][0]["id"]

    assert shop.code("GET", f"/{theirs}") == 12052048


def test_a_version_in_review_is_there_only_while_it_is(shop: Products):
    product = shop.plain()
    query = {"return_under_review_version": "true"}
    assert shop.code("GET", f"/{product['id']}", **query) == 12052547
    body = body_of(product) | {"title": "A better title", "category_version": "v2"}

    shop.data("PUT", f"/{product['id']}", body)

    assert shop.get(product["id"])["title"] == product["title"]
    assert shop.get(product["id"], **query)["title"] == "A better title"
    shop.control(product["id"], "review", {"verdict": "pass"})
    assert shop.get(product["id"])["title"] == "A better title"
    assert shop.code("GET", f"/{product['id']}", **query) == 12052547


def test_a_draft_is_shown_when_it_is_asked_for(shop: Products):
    product = shop.plain()
    query = {"return_draft_version": "true"}
    assert shop.code("GET", f"/{product['id']}", **query) == 12052901

    body = {"title": "Later, perhaps", "save_mode": "AS_DRAFT"}
    shop.data("POST", f"/{product['id']}/partial_edit", body)

    assert shop.get(product["id"], **query)["title"] == "Later, perhaps"
    live = shop.get(product["id"])
    assert live["title"] == product["title"]
    assert live["has_draft"] is True
    assert live["audit"] == {"status": "APPROVED"}
    draft_id = shop.of_status("DRAFT")
    assert shop.get(draft_id, **query)["id"] == draft_id


def test_only_one_other_version_can_be_asked_for(shop: Products):
    both = {"return_under_review_version": "true", "return_draft_version": "true"}

    assert shop.code("GET", f"/{shop.plain()['id']}", **both) == 36009004
    wrong = {"return_draft_version": "maybe"}
    assert shop.code("GET", f"/{shop.plain()['id']}", **wrong) == 36009004


def test_a_failed_product_says_why(shop: Products):
    product = shop.get(shop.of_status("FAILED"))

    (failure,) = product["audit_failed_reasons"]
    assert product["audit"]["status"] == "FAILED"
    assert failure["position"] == "title"
    assert failure["listing_platform"] == "TIKTOK_SHOP"
    assert "Miracle cure" in failure["reasons"][0]
    assert failure["suggestions"]


def test_reading_takes_the_scope_for_it(server: SimulatorServer):
    few = connect(server, scopes=["seller.authorization.info"])
    shop = Products(few)

    assert shop.code("GET", "/1729000000000000000") == 105005
    basic = Products(connect(server, scopes=["seller.product.basic"]))
    assert basic.search()["total_count"] == 30
    for method, path in (("POST", ""), ("PUT", "/1"), ("POST", "/1/prices/update")):
        assert basic.code(method, path, {}) == 105005
    for method, path in (("DELETE", ""), ("POST", "/recover")):
        assert basic.code(method, path, {"product_ids": ["1"]}) == 105005
