from typing import Any

import pytest

from tests.simulator.product_caller import Products, body_of

Json = dict[str, Any]
VERSIONS = ["202309", "202509"]


def edit(
    shop: Products, product: Json, version: str = "202509", **changes: Any
) -> Json:
    body = body_of(product) | {"category_version": "v2"} | changes
    return shop.data("PUT", f"/product/{version}/products/{product['id']}", body)


def partial(shop: Products, product_id: str, **changes: Any) -> Json:
    path = f"/product/202509/products/{product_id}/partial_edit"
    return shop.data("POST", path, changes)


def passed(shop: Products, product_id: str) -> Json:
    """The product after the review of its edit."""
    shop.control(product_id, "review", {"verdict": "pass"})
    return shop.get(product_id)


def content_of(product: Json) -> Json:
    volatile = {"update_time", "audit", "listing_quality_tier", "title"}
    return {key: value for key, value in product.items() if key not in volatile}


def test_a_careful_client_changes_the_title_and_nothing_else(shop: Products):
    for row in shop.search({"status": "ACTIVATE"})["products"]:
        before = shop.get(row["id"])

        edit(shop, before, title=f"{before['title']} now")

        after = passed(shop, row["id"])
        assert after["title"] == f"{before['title']} now"
        assert content_of(after) == content_of(before)


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_omitted_is_blanked(shop: Products, version: str):
    product = shop.plain("T-shirt")
    kept = {
        *("title", "description", "category_chains", "main_images", "skus"),
        *("package_weight", "size_chart", "product_attributes", "package_dimensions"),
    }
    shop.control(product["id"], "fields", {"name": "new_field", "value": [1, 2]})
    shop.control(product["id"], "fields", {"name": "search_terms", "value": ["x"]})
    full = shop.get(product["id"])
    assert {"new_field", "search_terms", "shipping_template_id"} <= set(full)
    body = {key: value for key, value in body_of(full).items() if key in kept}
    body["category_id"] = body_of(full)["category_id"]
    body["category_version"] = "v2"

    shop.data("PUT", f"/product/{version}/products/{product['id']}", body)

    after = passed(shop, product["id"])
    for name in ("new_field", "search_terms", "shipping_template_id", "brand"):
        assert name not in after
    for name in kept - {"skus"}:
        assert after[name] == full[name]


def test_omitted_prices_and_stock_stay(shop: Products):
    product = shop.plain()
    body = body_of(product)
    assert not [sku for sku in body["skus"] if {"price", "inventory"} & set(sku)]

    edit(shop, product, title="The same at the same price")

    after = passed(shop, product["id"])
    for old, new in zip(product["skus"], after["skus"], strict=True):
        assert new["price"] == old["price"]
        assert new["inventory"] == old["inventory"]


def test_other_sku_fields_that_are_omitted_are_blanked(shop: Products):
    product = shop.plain("T-shirt")
    sku_id = product["skus"][0]["id"]
    shop.control(
        product["id"], "fields", {"name": "colour_code", "value": 5, "sku_id": sku_id}
    )
    assert shop.get(product["id"])["skus"][0]["colour_code"] == 5

    bare = [
        {"id": sku["id"], "sales_attributes": sku["sales_attributes"]}
        for sku in product["skus"]
    ]
    edit(shop, product, skus=bare)

    for sku in passed(shop, product["id"])["skus"]:
        assert set(sku) <= {
            *("id", "sales_attributes", "price", "inventory", "status_info"),
            "purchase_order_quantity_limit",
        }


def test_skus_without_id_are_new_and_omitted_ones_go(shop: Products):
    product = shop.plain("T-shirt")
    body = body_of(product)
    gone, stay = body["skus"][0], body["skus"][1:]
    attributes = [dict(a) for a in stay[-1]["sales_attributes"]]
    attributes[0].pop("value_id")
    attributes[0]["value_name"] = "XXXL"
    new = {
        "seller_sku": "NEW-ONE",
        "sales_attributes": attributes,
        "price": {"amount": "20.00", "currency": "USD"},
        "inventory": [
            {
                "warehouse_id": product["skus"][0]["inventory"][0]["warehouse_id"],
                "quantity": 9,
            }
        ],
    }

    made = edit(shop, product, skus=[*stay, new])

    new_id = made["skus"][-1]["id"]
    live = [sku["id"] for sku in shop.get(product["id"])["skus"]]
    assert live == [sku["id"] for sku in product["skus"]]
    after = passed(shop, product["id"])
    assert [sku["id"] for sku in after["skus"]] == [s["id"] for s in stay] + [new_id]
    assert new_id not in live
    assert shop.search({"sku_ids": [gone["id"]]})["total_count"] == 0
    assert shop.search({"sku_ids": [new_id]})["total_count"] == 1
    assert shop.search({"seller_skus": ["NEW-ONE"]})["total_count"] == 1


def test_a_new_sku_needs_a_price_and_a_known_id_is_needed(shop: Products):
    product = shop.plain("T-shirt")
    body = body_of(product) | {"category_version": "v2"}
    path = f"/{product['id']}"
    foreign = shop.search({"status": "ACTIVATE"})["products"][-1]["skus"][0]["id"]
    without_price = [body["skus"][0], body["skus"][1] | {"id": ""}]
    wrong_id = [body["skus"][0] | {"id": foreign}, *body["skus"][1:]]
    twice = [body["skus"][0], body["skus"][0]]

    assert shop.code("PUT", path, body | {"skus": without_price}) == 12052571
    assert shop.code("PUT", path, body | {"skus": wrong_id}) == 12052557
    assert shop.code("PUT", path, body | {"skus": twice}) == 12052553
    assert shop.code("PUT", path, body | {"skus": []}) == 12052902
    assert shop.code("PUT", path, {}) != 0
    assert shop.get(product["id"]) == product


def test_prices_and_stock_in_an_edit_count_at_once(shop: Products):
    product = shop.plain()
    body = body_of(product)
    warehouse = product["skus"][0]["inventory"][0]["warehouse_id"]
    body["skus"][0]["price"] = {"amount": "77.00", "currency": "USD"}
    body["skus"][0]["inventory"] = [{"warehouse_id": warehouse, "quantity": 77}]

    edit(shop, product, skus=body["skus"])

    after = shop.get(product["id"])
    assert after["audit"] == {"status": "APPROVED"}
    assert after["skus"][0]["price"]["sale_price"] == "77.00"
    assert after["skus"][0]["inventory"] == body["skus"][0]["inventory"]
    assert after["update_time"] > product["update_time"]

    edit(shop, after, title="And now with a title", skus=body["skus"])

    assert shop.get(product["id"])["audit"] == {"status": "AUDITING"}
    body["skus"][0]["price"]["amount"] = "78.00"
    edit(shop, after, title="And now with a title", skus=body["skus"])
    live = shop.get(product["id"])
    assert live["skus"][0]["price"]["sale_price"] == "78.00"
    assert live["title"] == product["title"]
    assert passed(shop, product["id"])["skus"][0]["price"]["sale_price"] == "78.00"


def test_a_price_changed_during_the_review_outlives_it(shop: Products):
    product = shop.plain()
    edit(shop, product, title="In review for a while")
    sku = product["skus"][0]
    price = {"id": sku["id"], "price": {"amount": "99.00", "currency": "USD"}}
    stock = [row | {"quantity": 3} for row in sku["inventory"]]

    shop.data("POST", f"/{product['id']}/prices/update", {"skus": [price]})
    shop.data(
        "POST",
        f"/{product['id']}/inventory/update",
        {"skus": [{"id": sku["id"], "inventory": stock}]},
    )

    after = passed(shop, product["id"])
    assert after["title"] == "In review for a while"
    assert after["skus"][0]["price"]["sale_price"] == "99.00"
    assert [row["quantity"] for row in after["skus"][0]["inventory"]] == [3] * len(
        stock
    )


@pytest.mark.parametrize("status", ["FREEZE", "DELETED"])
def test_frozen_and_deleted_products_can_not_be_edited(shop: Products, status: str):
    product = shop.plain()
    shop.control(product["id"], "status", {"status": status})
    body = body_of(product) | {"category_version": "v2"}

    assert shop.code("PUT", f"/{product['id']}", body) == 12052901
    path = f"/{product['id']}/partial_edit"
    assert shop.code("POST", path, {"title": "Another"}) == 12052901


@pytest.mark.parametrize(
    "status", ["DRAFT", "FAILED", "SELLER_DEACTIVATED", "PLATFORM_DEACTIVATED"]
)
def test_an_edit_sends_a_product_that_is_not_on_sale_to_review(
    shop: Products, status: str
):
    product_id = shop.of_status(status)

    partial(shop, product_id, title="Please look at me again")

    product = shop.get(product_id)
    assert product["status"] == "PENDING"
    assert product["audit"] == {"status": "AUDITING"}
    assert "audit_failed_reasons" not in product
    assert passed(shop, product_id)["status"] == "ACTIVATE"


def test_foreign_and_unknown_products_can_not_be_edited(shop: Products):
    theirs = Products(shop.caller, 1).plain()
    body = body_of(theirs) | {"category_version": "v2"}

    assert shop.code("PUT", f"/{theirs['id']}", body) == 12052048
    assert shop.code("PUT", "/1729000000000000000", body) == 12052032
    path = f"/{theirs['id']}/partial_edit"
    assert shop.code("POST", path, {"title": "Mine now"}) == 12052048
    assert Products(shop.caller, 1).get(theirs["id"]) == theirs


@pytest.mark.parametrize("version", VERSIONS)
def test_a_partial_edit_changes_what_is_sent(shop: Products, version: str):
    product = shop.plain()
    path = f"/product/{version}/products/{product['id']}/partial_edit"

    shop.data("POST", path, {"title": "Only the title"})

    after = passed(shop, product["id"])
    assert after["title"] == "Only the title"
    assert content_of(after) == content_of(product)


def test_a_list_that_is_sent_replaces_the_whole_list(shop: Products):
    product = shop.plain("T-shirt")
    body = body_of(product)
    with_code = [
        sku | {"external_sku_id": f"E{n}"} for n, sku in enumerate(body["skus"])
    ]
    partial(shop, product["id"], skus=with_code)
    assert passed(shop, product["id"])["skus"][0]["external_sku_id"] == "E0"

    bare = [
        {"id": sku["id"], "sales_attributes": sku["sales_attributes"]}
        for sku in body["skus"][:2]
    ]
    partial(shop, product["id"], skus=bare)

    after = passed(shop, product["id"])
    assert len(after["skus"]) == 2
    assert "external_sku_id" not in after["skus"][0]
    assert after["skus"][0]["price"] == product["skus"][0]["price"]


def test_some_fields_can_not_be_changed_partially(shop: Products):
    product = shop.plain()

    made = partial(shop, product["id"], title="New words", category_id="5")

    assert "category_id" in made["warnings"][0]["message"]
    after = passed(shop, product["id"])
    assert after["category_chains"] == product["category_chains"]
    assert after["title"] == "New words"


def test_a_partial_edit_of_nothing_changes_nothing(shop: Products):
    product = shop.plain()

    made = partial(shop, product["id"])

    assert made["product_id"] == product["id"]
    assert shop.get(product["id"]) == product


def test_a_partial_edit_goes_on_from_what_is_in_review(shop: Products):
    product = shop.plain()

    partial(shop, product["id"], title="First this")
    partial(shop, product["id"], description="<p>Then that</p>")

    after = passed(shop, product["id"])
    assert after["title"] == "First this"
    assert after["description"] == "<p>Then that</p>"


def test_a_partial_edit_is_checked_like_any_other(shop: Products):
    product = shop.plain()
    path = f"/{product['id']}/partial_edit"
    cases: list[tuple[Json, int]] = [
        ({"title": ""}, 12052261),
        ({"title": 5}, 12052910),
        ({"main_images": []}, 12052028),
        ({"main_images": [{"uri": "nobody/knows"}]}, 12052300),
        ({"package_weight": {"value": "0", "unit": "KILOGRAM"}}, 12052181),
    ]
    for body, code in cases:
        assert shop.code("POST", path, body) == code
    assert shop.get(product["id"]) == product


def test_a_draft_of_a_live_product_is_submitted_by_the_next_edit(shop: Products):
    product = shop.plain()
    partial(shop, product["id"], title="A draft title", save_mode="AS_DRAFT")
    assert shop.get(product["id"])["audit"] == {"status": "APPROVED"}

    partial(shop, product["id"], description="<p>A word more</p>")

    live = shop.get(product["id"])
    assert live["has_draft"] is False
    assert live["title"] == product["title"]
    after = passed(shop, product["id"])
    assert after["title"] == "A draft title"
    assert after["description"] == "<p>A word more</p>"
    assert after["skus"] == product["skus"]


def test_a_draft_stays_a_draft_until_it_is_submitted(shop: Products):
    product_id = shop.of_status("DRAFT")

    partial(shop, product_id, title="Still thinking", save_mode="AS_DRAFT")

    product = shop.get(product_id)
    assert product["status"] == "DRAFT"
    assert product["title"] == "Still thinking"
    assert product["audit"] == {"status": "NONE"}


def test_a_product_in_review_takes_no_draft(shop: Products):
    product_id = shop.of_status("PENDING")
    path = f"/{product_id}/partial_edit"

    body = {"title": "Not now", "save_mode": "AS_DRAFT"}

    assert shop.code("POST", path, body) == 12052901


def test_tags_are_set_by_operations_and_survive_an_overwrite(shop: Products):
    product = shop.plain()
    on = [{"product_tag": "VEGAN", "enable": True}]
    partial(shop, product["id"], product_tag_operations=on)
    assert "VEGAN" in shop.get(product["id"])["product_tags"]

    edit(shop, shop.get(product["id"]), title="Overwritten")

    assert "VEGAN" in passed(shop, product["id"])["product_tags"]
    off = [{"product_tag": "VEGAN", "enable": False}]
    partial(shop, product["id"], product_tag_operations=off)
    assert "VEGAN" not in shop.get(product["id"]).get("product_tags", [])


def test_an_identifier_code_can_not_be_changed_once_submitted(shop: Products):
    rows = shop.search({"status": "ACTIVATE"})["products"]
    products = (shop.get(row["id"]) for row in rows)
    product = next(p for p in products if "identifier_code" in p["skus"][0])
    body = body_of(product) | {"category_version": "v2"}
    body["skus"][0]["identifier_code"] = {"code": "1234567890123", "type": "EAN"}

    assert shop.code("PUT", f"/{product['id']}", body) == 12052593


def test_a_bundle_stays_a_bundle_of_the_same_things(shop: Products):
    rows = shop.search({"status": "ACTIVATE"})["products"]
    products = (shop.get(row["id"]) for row in rows)
    bundle = next(p for p in products if "combined_skus" in p["skus"][0])
    body = body_of(bundle) | {"category_version": "v2"}
    path = f"/{bundle['id']}"
    plain = shop.plain()

    other = [dict(part) for part in body["skus"][0]["combined_skus"]]
    other[0]["sku_count"] += 1
    changed = body["skus"][0] | {"combined_skus": other}
    assert shop.code("PUT", path, body | {"skus": [changed]}) == 12052847
    stock = body["skus"][0] | {"inventory": plain["skus"][0]["inventory"]}
    assert shop.code("PUT", path, body | {"skus": [stock]}) == 12052850
    single = {k: v for k, v in body["skus"][0].items() if k != "combined_skus"}
    assert shop.code("PUT", path, body | {"skus": [single]}) == 12052857


def test_a_promotion_locks_the_price_of_an_edit(shop: Products):
    product = shop.plain()
    shop.control(product["id"], "promotion", {"on": True})
    body = body_of(product) | {"category_version": "v2"}
    body["skus"][0]["price"] = {"amount": "1.00", "currency": "USD"}

    assert shop.code("PUT", f"/{product['id']}", body) == 12052038
    body["skus"][0]["price"]["amount"] = product["skus"][0]["price"]["sale_price"]
    assert shop.code("PUT", f"/{product['id']}", body) == 0
