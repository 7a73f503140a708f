from typing import Any

import pytest

from tests.simulator.product_caller import Products

Json = dict[str, Any]
PATHS = [("POST", "/activate"), ("POST", "/deactivate"), ("DELETE", ""),
         ("POST", "/recover")]  # fmt: skip
HIDDEN = ["SELLER_DEACTIVATED", "PLATFORM_DEACTIVATED"]


def ids(*product_ids: str) -> Json:
    return {"product_ids": list(product_ids)}


@pytest.mark.parametrize("status", HIDDEN)
def test_a_hidden_product_goes_on_sale_after_a_review(shop: Products, status: str):
    product_id = shop.of_status(status)

    assert shop.data("POST", "/activate", ids(product_id)) == {}

    product = shop.get(product_id)
    assert product["status"] == "PENDING"
    assert product["product_status"] == "SELLER_DEACTIVATED"
    assert product["audit"] == {"status": "AUDITING"}
    shop.server.control("clock", {"advance": 20 * 60 + 5})
    assert shop.get(product_id)["status"] == "ACTIVATE"


def test_a_product_is_taken_off_sale_deleted_and_recovered(shop: Products):
    product = shop.plain()

    for method, path, status in (
        ("POST", "/deactivate", "SELLER_DEACTIVATED"),
        ("DELETE", "", "DELETED"),
        ("POST", "/recover", "SELLER_DEACTIVATED"),
    ):
        assert shop.data(method, path, ids(product["id"])) == {}
        (row,) = shop.search({"sku_ids": [product["skus"][0]["id"]]})["products"]
        assert row["status"] == status
        assert row["update_time"] >= product["update_time"]
    assert shop.get(product["id"])["title"] == product["title"]


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_what_is_not_possible_is_named_and_holds_up_no_other(
    shop: Products, method: str, path: str
):
    status = {"/activate": "SELLER_DEACTIVATED", "/recover": "DELETED"}
    good = shop.of_status(status.get(path, "ACTIVATE"))
    frozen = shop.of_status("FREEZE")
    foreign = Products(shop.caller, 1).plain()["id"]

    data = shop.data(method, path, ids(frozen, foreign, good, "1729000000000000000"))

    errors = {error["detail"]["product_id"]: error for error in data["errors"]}
    assert set(errors) == {frozen, foreign, "1729000000000000000"}
    wanted = {frozen: 12052901, foreign: 12052048, "1729000000000000000": 12052032}
    for product_id, error in errors.items():
        if path == "/activate":
            assert error["code"] == 12052990
            (error,) = error["detail"]["extra_errors"]
        assert error["code"] == wanted[product_id]
        assert error["message"]
    assert shop.control(good)["status"] != status.get(path, "ACTIVATE")
    assert shop.control(frozen)["status"] == "FREEZE"
    assert shop.control(foreign)["status"] == "ACTIVATE"


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 12052910),
        ({"product_ids": []}, 12052910),
        ({"product_ids": "1"}, 12052910),
        ({"product_ids": [1]}, 12052910),
        ({"product_ids": [str(n) for n in range(21)]}, 12019120),
    ],
)
def test_batches_have_a_shape_and_a_limit(
    shop: Products, method: str, path: str, body: Json, code: int
):
    assert shop.code(method, path, body) == code


def test_twenty_products_are_not_too_many(shop: Products):
    rows = shop.search({"status": "ACTIVATE"}, page_size="20")["products"]

    data = shop.data("POST", "/deactivate", ids(*[row["id"] for row in rows]))

    assert data == {}
    assert shop.search({"status": "SELLER_DEACTIVATED"})["total_count"] == 21


def test_a_product_named_twice_is_handled_once(shop: Products):
    product_id = shop.plain()["id"]

    assert shop.data("POST", "/deactivate", ids(product_id, product_id)) == {}


def test_deactivating_does_not_stop_a_review(shop: Products):
    product = shop.plain()
    shop.data("POST", f"/{product['id']}/partial_edit", {"title": "In review"})

    shop.data("POST", "/deactivate", ids(product["id"]))

    shop.control(product["id"], "review", {"verdict": "pass"})
    after = shop.get(product["id"])
    assert after["status"] == "SELLER_DEACTIVATED"
    assert after["title"] == "In review"


def test_deleting_ends_a_review(shop: Products):
    product = shop.plain()
    shop.data("POST", f"/{product['id']}/partial_edit", {"title": "In review"})

    shop.data("DELETE", "", ids(product["id"]))
    shop.server.control("clock", {"advance": 3_600})
    shop.data("POST", "/recover", ids(product["id"]))

    after = shop.get(product["id"])
    assert after["status"] == "SELLER_DEACTIVATED"
    assert after["title"] == product["title"]
    assert after["audit"] == {"status": "APPROVED"}


def test_a_planned_failure_strikes_the_next_item_only(shop: Products):
    rows = shop.search({"status": "ACTIVATE"})["products"][:2]
    shop.server.control("partial_failures", {"count": 1, "code": 12052371})

    data = shop.data("POST", "/deactivate", ids(*[row["id"] for row in rows]))

    (error,) = data["errors"]
    assert error["code"] == 12052371
    assert error["detail"]["product_id"] == rows[0]["id"]
    assert shop.control(rows[0]["id"])["status"] == "ACTIVATE"
    assert shop.control(rows[1]["id"])["status"] == "SELLER_DEACTIVATED"


def test_faults_strike_product_calls_as_others(shop: Products):
    fault = {"kind": "error", "path": "/product/", "count": 1, "code": 12052700}
    shop.server.control("faults", fault)

    assert shop.code("POST", "/deactivate", ids("1")) == 12052700
    assert shop.data("POST", "/deactivate", ids(shop.plain()["id"])) == {}
