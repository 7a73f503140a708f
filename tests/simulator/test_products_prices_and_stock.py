from typing import Any

import pytest

from tests.simulator.product_caller import INVENTORY, Products

Json = dict[str, Any]


def price_of(
    sku: Json, amount: str = "5.00", currency: str = "USD", **more: Any
) -> Json:
    price = {"amount": amount, "currency": currency}
    return {"skus": [{"id": sku["id"], "price": price} | more]}


def stock_of(sku: Json, *quantities: int) -> Json:
    rows = [
        {"warehouse_id": row["warehouse_id"], "quantity": quantity}
        for row, quantity in zip(sku["inventory"], quantities, strict=True)
    ]
    return {"skus": [{"id": sku["id"], "inventory": rows}]}


def prices(product: Json) -> str:
    return f"/{product['id']}/prices/update"


def inventory(product: Json) -> str:
    return f"/{product['id']}/inventory/update"


def with_stock(shop: Products, places: int) -> tuple[Json, Json]:
    """A product on sale and a SKU of it that lies in so many warehouses."""
    for row in shop.search({"status": "ACTIVATE"})["products"]:
        for sku in row["skus"]:
            product = shop.get(row["id"])
            is_bundle = "combined_skus" in product["skus"][0]
            if len(sku["inventory"]) == places and not is_bundle:
                return product, sku
    raise AssertionError("no such SKU")


def test_a_price_counts_at_once_and_says_nothing(shop: Products):
    product = shop.plain()
    first, second = product["skus"][:2]

    assert shop.data("POST", prices(product), price_of(first, "5.50")) == {}

    after = shop.get(product["id"])
    assert after["skus"][0]["price"] == {
        "currency": "USD", "sale_price": "5.50", "tax_exclusive_price": "5.50",
    }  # fmt: skip
    assert after["skus"][1] == second
    assert after["status"] == "ACTIVATE"
    assert after["audit"] == {"status": "APPROVED"}
    assert after["update_time"] > product["update_time"]
    assert shop.search()["products"][0]["id"] == product["id"]


def test_list_prices_come_along_and_stay_if_they_are_not_sent(shop: Products):
    product = shop.plain()
    sku = product["skus"][0]
    more = {"amount": "9.00", "currency": "USD"}

    shop.data("POST", prices(product), price_of(sku, "5.50", list_price=more))
    shop.data("POST", prices(product), price_of(sku, "5.75"))

    after = shop.get(product["id"])["skus"][0]
    assert after["list_price"] == more
    assert after["price"]["sale_price"] == "5.75"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 12052902),
        ({"skus": []}, 12052902),
        ({"skus": "x"}, 12052910),
        ({"skus": [{"price": {"amount": "5", "currency": "USD"}}]}, 12052910),
        ({"skus": [{"id": "1", "price": {"amount": "5"}}]}, 12052910),
        (
            {"skus": [{"id": "1", "price": {"amount": "5", "currency": "USD"}}]},
            12052557,
        ),
    ],
)
def test_price_updates_have_a_shape(shop: Products, body: Json, code: int):
    assert shop.code("POST", prices(shop.plain()), body) == code


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        ("5.00", "EUR", 12052084),
        ("five", "USD", 12052012),
        ("5.001", "USD", 12052012),
        ("-5", "USD", 12052012),
        ("1e3", "USD", 12052012),
        ("", "USD", 12052073),
        ("0", "USD", 12052073),
        ("7600.01", "USD", 12052570),
    ],
)
def test_wrong_prices_are_refused_and_nothing_changes(
    shop: Products, amount: str, currency: str, code: int
):
    product = shop.plain()
    first, second = product["skus"][:2]
    wrong = price_of(second, amount, currency)["skus"]
    body = {"skus": [*price_of(first, "5.00")["skus"], *wrong]}

    assert shop.code("POST", prices(product), body) == code
    assert shop.get(product["id"]) == product


def test_prices_of_a_currency_without_cents_are_whole(indonesian: Products):
    product = indonesian.plain()
    path, sku = prices(product), product["skus"][0]

    assert indonesian.code("POST", path, price_of(sku, "50000.5", "IDR")) == 12052012
    assert indonesian.code("POST", path, price_of(sku, "50000", "IDR")) == 0
    after = indonesian.get(product["id"])["skus"][0]["price"]
    assert after["sale_price"] == "50000"


def test_a_cross_border_price_is_named_before_tax_or_as_it_is_shown(
    malaysian: Products,
):
    product = malaysian.plain()
    path, sku = prices(product), product["skus"][0]
    shown = {"sale_price": "10.80", "currency": "MYR"}
    cases = [
        ({"amount": "10.00", "currency": "MYR"}, ("10.00", "10.80")),
        (shown, ("10.00", "10.80")),
        (shown | {"amount": "9.00"}, ("9.00", "10.80")),
    ]
    for price, wanted in cases:
        body = {"skus": [{"id": sku["id"], "price": price}]}
        assert malaysian.data("POST", path, body) == {}
        after = malaysian.get(product["id"])["skus"][0]["price"]
        assert (after["tax_exclusive_price"], after["sale_price"]) == wanted


def test_only_products_on_sale_take_prices_and_stock(shop: Products):
    for status in ("DRAFT", "PENDING", "FAILED", "SELLER_DEACTIVATED", "FREEZE"):
        row = shop.search({"status": status})["products"][0]
        sku = row["skus"][0]
        quantities = [1] * len(sku["inventory"])

        assert shop.code("POST", prices(row), price_of(sku)) == 12052901
        assert shop.code("POST", inventory(row), stock_of(sku, *quantities)) == 12052901


def test_a_promotion_locks_the_price_and_lets_stock_only_rise(shop: Products):
    product, sku = with_stock(shop, 1)
    held = sku["inventory"][0]["quantity"]
    shop.control(product["id"], "promotion", {"on": True})

    assert shop.code("POST", prices(product), price_of(sku)) == 12052038
    lower = shop.data("POST", inventory(product), stock_of(sku, held - 1))
    (error,) = lower["errors"]
    assert error["detail"]["extra_errors"][0]["code"] == 12052393
    assert shop.data("POST", inventory(product), stock_of(sku, held + 1)) == {}

    shop.control(product["id"], "promotion", {"on": False})

    assert shop.code("POST", prices(product), price_of(sku)) == 0


def test_a_bundle_costs_no_more_than_its_parts(shop: Products):
    rows = shop.search({"status": "ACTIVATE"})["products"]
    products = (shop.get(row["id"]) for row in rows)
    bundle = next(p for p in products if "combined_skus" in p["skus"][0])
    sku = bundle["skus"][0]

    assert shop.code("POST", prices(bundle), price_of(sku, "7500.00")) == 12052861
    assert shop.code("POST", prices(bundle), price_of(sku, "1.00")) == 0


def test_stock_is_absolute(shop: Products):
    product, sku = with_stock(shop, 2)

    assert shop.data("POST", inventory(product), stock_of(sku, 11, 22)) == {}
    assert shop.data("POST", inventory(product), stock_of(sku, 11, 22)) == {}

    (row,) = shop.search({"sku_ids": [sku["id"]]})["products"]
    after = next(s for s in row["skus"] if s["id"] == sku["id"])
    assert [r["quantity"] for r in after["inventory"]] == [11, 22]
    assert row["update_time"] > product["update_time"]
    assert row["audit"] == {"status": "APPROVED"}


def test_every_warehouse_of_a_sku_must_be_sent(shop: Products):
    product, sku = with_stock(shop, 2)
    body = stock_of(sku, 11, 22)
    body["skus"][0]["inventory"].pop()

    assert shop.code("POST", inventory(product), body) == 12019028
    del body["skus"][0]["inventory"][0]["warehouse_id"]
    assert shop.code("POST", inventory(product), body) == 12019028
    assert shop.get(product["id"]) == product


def test_a_single_warehouse_need_not_be_named(shop: Products):
    product, sku = with_stock(shop, 1)
    body = {"skus": [{"id": sku["id"], "inventory": [{"quantity": 31}]}]}

    assert shop.data("POST", inventory(product), body) == {}

    after = shop.get(product["id"])["skus"]
    row = next(s for s in after if s["id"] == sku["id"])["inventory"][0]
    assert row == sku["inventory"][0] | {"quantity": 31}


def test_backorders_stay_if_they_are_not_sent(shop: Products):
    product, sku = with_stock(shop, 1)
    body = stock_of(sku, 5)
    body["skus"][0]["inventory"][0] |= {"backorder_quantity": 40, "handling_time": 3}
    shop.data("POST", inventory(product), body)

    shop.data("POST", inventory(product), stock_of(sku, 6))

    after = shop.get(product["id"])["skus"]
    row = next(s for s in after if s["id"] == sku["id"])["inventory"][0]
    assert row["quantity"] == 6
    assert row["backorder_quantity"] == 40
    assert row["handling_time"] == 3


def test_one_wrong_sku_does_not_hold_up_the_others(shop: Products):
    product, sku = with_stock(shop, 1)
    other = next(s for s in product["skus"] if s["id"] != sku["id"])
    quantities = [4] * len(other["inventory"])
    wrong = stock_of(sku, 100_000)["skus"]
    unknown = [{"id": "1730", "inventory": [{"quantity": 1, "warehouse_id": "1"}]}]
    body = {"skus": [*wrong, *unknown, *stock_of(other, *quantities)["skus"]]}

    data = shop.data("POST", inventory(product), body)

    errors = {e["detail"]["sku_id"]: e for e in data["errors"]}
    assert set(errors) == {sku["id"], "1730"}
    assert {e["code"] for e in errors.values()} == {12052990}
    (extra,) = errors[sku["id"]]["detail"]["extra_errors"]
    assert extra["code"] == 12052055
    assert extra["warehouse_id"] == sku["inventory"][0]["warehouse_id"]
    (extra,) = errors["1730"]["detail"]["extra_errors"]
    assert extra["code"] == 12052556
    after = {s["id"]: s for s in shop.get(product["id"])["skus"]}
    assert after[other["id"]]["inventory"][0]["quantity"] == 4
    assert after[sku["id"]]["inventory"] == sku["inventory"]


def test_warehouses_are_those_of_the_sku_and_of_the_shop(shop: Products):
    product, sku = with_stock(shop, 1)
    foreign = Products(shop.caller, 1).plain()["skus"][0]["inventory"][0]
    _, spread = with_stock(shop, 2)
    second = next(
        row["warehouse_id"]
        for row in spread["inventory"]
        if row["warehouse_id"] != sku["inventory"][0]["warehouse_id"]
    )
    cases = [(foreign["warehouse_id"], 12052530), ("5", 12052097), (second, 12052533)]
    for warehouse_id, code in cases:
        body = stock_of(sku, 5)
        extra = {"warehouse_id": warehouse_id, "quantity": 5}
        body["skus"][0]["inventory"].append(extra)

        (error,) = shop.data("POST", inventory(product), body)["errors"]

        (inner,) = error["detail"]["extra_errors"]
        assert (inner["warehouse_id"], inner["code"]) == (warehouse_id, code)
    assert shop.get(product["id"]) == product


def test_nothing_left_is_stock_too_unless_the_documents_are_followed(shop: Products):
    product, sku = with_stock(shop, 1)
    assert shop.data("POST", inventory(product), stock_of(sku, 0)) == {}

    shop.server.control("switches", {"refuses_zero_stock": True})

    (error,) = shop.data("POST", inventory(product), stock_of(sku, 0))["errors"]
    assert error["detail"]["extra_errors"][0]["code"] == 12052055


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 12052902),
        ({"skus": []}, 12052902),
        ({"skus": [{"inventory": [{"quantity": 5}]}]}, 12052036),
        ({"skus": [{"id": "1", "inventory": []}] * 2}, 12052553),
        ({"skus": [{"id": "1", "inventory": [{"quantity": "5"}]}]}, 12052910),
        ({"skus": [{"id": "1", "inventory": [{"quantity": True}]}]}, 12052910),
    ],
)
def test_stock_updates_have_a_shape(shop: Products, body: Json, code: int):
    assert shop.code("POST", inventory(shop.plain()), body) == code


def test_the_stock_of_a_bundle_follows_from_its_parts(shop: Products):
    rows = shop.search({"status": "ACTIVATE"})["products"]
    products = (shop.get(row["id"]) for row in rows)
    bundle = next(p for p in products if "combined_skus" in p["skus"][0])
    sku = bundle["skus"][0]
    body = stock_of(sku, *[5] * len(sku["inventory"]))

    (error,) = shop.data("POST", inventory(bundle), body)["errors"]

    assert error["detail"]["extra_errors"][0]["code"] == 12052850
    part = sku["combined_skus"][0]
    source = shop.get(part["product_id"])
    own = next(s for s in source["skus"] if s["id"] == part["sku_id"])
    none = stock_of(own, *[0] * len(own["inventory"]))
    shop.data("POST", inventory(source), none)
    after = shop.get(bundle["id"])["skus"][0]["inventory"]
    assert {row["quantity"] for row in after} == {0}


def test_a_planned_failure_strikes_a_stock_update(shop: Products):
    product, sku = with_stock(shop, 1)
    shop.server.control("partial_failures", {})

    (error,) = shop.data("POST", inventory(product), stock_of(sku, 5))["errors"]

    assert error["detail"]["sku_id"] == sku["id"]
    assert shop.get(product["id"]) == product
    assert shop.data("POST", inventory(product), stock_of(sku, 5)) == {}


def test_stock_is_searched_by_product_or_by_sku(shop: Products):
    rows = shop.search({"status": "ACTIVATE"})["products"][:3]
    body = {"product_ids": [rows[0]["id"], rows[1]["id"], "1729000000000000000"]}

    by_product = shop.data("POST", INVENTORY, body)["inventory"]
    sku = rows[2]["skus"][0]
    body["sku_ids"] = [sku["id"]]
    by_sku = shop.data("POST", INVENTORY, body)["inventory"]

    assert [one["product_id"] for one in by_product] == [rows[0]["id"], rows[1]["id"]]
    for product, row in zip(by_product, rows, strict=False):
        for found, known in zip(product["skus"], row["skus"], strict=True):
            assert (found["id"], found["seller_sku"]) == (
                known["id"],
                known["seller_sku"],
            )
            held = {
                r["warehouse_id"]: r["available_quantity"]
                for r in found["warehouse_inventory"]
            }
            assert held == {
                r["warehouse_id"]: r["quantity"] for r in known["inventory"]
            }
            assert found["total_available_quantity"] == sum(held.values())
            assert found["total_committed_quantity"] == sum(
                r["committed_quantity"] for r in found["warehouse_inventory"]
            )
    (product,) = by_sku
    assert product["product_id"] == rows[2]["id"]
    assert [s["id"] for s in product["skus"]] == [sku["id"]]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 12019008),
        ({"product_ids": "1"}, 12019008),
        ({"product_ids": [str(n) for n in range(101)]}, 12019120),
        ({"sku_ids": [str(n) for n in range(601)]}, 12019015),
    ],
)
def test_stock_searches_have_limits(shop: Products, body: Json, code: int):
    assert shop.code("POST", INVENTORY, body) == code


def test_stock_of_others_and_of_what_is_deleted_is_not_shown(shop: Products):
    theirs = Products(shop.caller, 1).plain()
    deleted = shop.search({"status": "DELETED"})["products"][0]
    body = {"product_ids": [theirs["id"], deleted["id"]]}

    assert shop.data("POST", INVENTORY, body) == {"inventory": []}


def test_a_hundred_products_can_be_asked_for_at_once(shop: Products):
    path = f"shops/{shop.shop['id']}/listings/grow"
    shop.server.control(path, {"count": 140})
    rows = shop.search({"status": "ACTIVATE"})["products"]
    assert len(rows) == 100

    found = shop.data("POST", INVENTORY, {"product_ids": [r["id"] for r in rows]})

    assert len(found["inventory"]) == 100
