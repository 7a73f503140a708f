"""What becomes of a product after it was submitted, and who is told."""

import time
from collections import Counter
from typing import Any

import pytest

from tests.simulator.product_caller import Products, body_of, new_product

Json = dict[str, Any]
NOBODY_ANSWERS = "http://127.0.0.1:9/hooks"


def retitle(shop: Products, product_id: str, title: str) -> None:
    shop.data("POST", f"/{product_id}/partial_edit", {"title": title})


def listen(shop: Products) -> None:
    app_key = shop.caller.app["app_key"]
    shop.server.control(f"apps/{app_key}", {"webhook_url": NOBODY_ANSWERS})


def told(shop: Products, *numbers: int) -> list[Json]:
    """The webhooks so far, the oldest first, once there is one for each of these types:
    a type that is named twice is waited for twice."""
    expected = Counter(numbers)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        sent = shop.server.control("webhooks/deliveries")
        bodies = [d["body"] for d in reversed(sent)]
        if expected <= Counter(body["type"] for body in bodies):
            assert {body["shop_id"] for body in bodies} == {shop.shop["id"]}
            return [body for body in bodies if body["type"] in (5, 15, 16, 18, 37)]
        time.sleep(0.05)
    raise AssertionError(f"not told: {numbers}")


def pairs(bodies: list[Json]) -> list[tuple[int, Any]]:
    def what(body: Json) -> Any:
        data = body["data"]
        return data.get("status") or data.get("audit", {}).get("status")

    return [(body["type"], what(body)) for body in bodies]


def test_a_new_product_is_on_sale_after_twenty_minutes(shop: Products):
    shop.server.control("clock", {"freeze": True})
    product_id = shop.data("POST", "", new_product(shop))["product_id"]

    shop.server.control("clock", {"advance": 20 * 60 - 1})
    assert shop.get(product_id)["status"] == "PENDING"
    shop.server.control("clock", {"advance": 1})

    product = shop.get(product_id)
    assert product["status"] == product["product_status"] == "ACTIVATE"
    assert product["audit"] == {"status": "APPROVED"}
    assert product["update_time"] == product["create_time"] + 20 * 60


@pytest.mark.parametrize(
    ("changes", "position"),
    [
        ({"title": "This shirt is a MIRACLE cure"}, "title"),
        ({"title": "Shirt, 100% authentic guaranteed"}, "title"),
        ({"description": "<p>A miracle cure for colds.</p>"}, "description"),
    ],
)
def test_the_reviewers_reject_claims(shop: Products, changes: Json, position: str):
    shop.server.control("reviews", {"after_seconds": 0})

    product_id = shop.data("POST", "", new_product(shop, **changes))["product_id"]

    product = shop.get(product_id)
    assert product["status"] == "FAILED"
    assert product["audit"] == {"status": "FAILED"}
    (failure,) = product["audit_failed_reasons"]
    assert failure["position"] == position
    assert failure["reasons"]
    assert failure["suggestions"]
    retitle(shop, product_id, "A plain shirt")
    if position == "title":
        product = shop.get(product_id)
        assert product["status"] == "ACTIVATE"
        assert "audit_failed_reasons" not in product


def test_a_live_product_stays_as_it_is_when_its_edit_fails(shop: Products):
    product = shop.plain()
    retitle(shop, product["id"], "A miracle cure in cotton")
    assert shop.get(product["id"])["audit"] == {"status": "AUDITING"}

    shop.server.control("clock", {"advance": 20 * 60 + 1})

    after = shop.get(product["id"])
    assert after["status"] == "ACTIVATE"
    assert after["title"] == product["title"]
    assert after["audit"] == {"status": "FAILED"}
    assert after["audit_failed_reasons"][0]["position"] == "title"
    assert after["skus"] == product["skus"]


def test_control_decides_a_review_with_its_own_reasons(shop: Products):
    product = shop.plain()
    retitle(shop, product["id"], "A fine title")
    verdict = {"verdict": "fail", "reasons": ["Blurred picture"], "position": "image"}

    shop.control(product["id"], "review", verdict)

    after = shop.get(product["id"])
    assert after["audit_failed_reasons"] == [
        {
            "position": "image",
            "reasons": ["Blurred picture"],
            "suggestions": ["Correct the product and submit it again."],
            "listing_platform": "TIKTOK_SHOP",
        }
    ]


def test_a_newer_edit_starts_the_review_again(shop: Products):
    shop.server.control("clock", {"freeze": True})
    product = shop.plain()
    retitle(shop, product["id"], "The first edit")
    shop.server.control("clock", {"advance": 15 * 60})
    retitle(shop, product["id"], "The second edit")

    shop.server.control("clock", {"advance": 15 * 60})

    assert shop.get(product["id"])["title"] == product["title"]
    shop.server.control("clock", {"advance": 5 * 60})
    assert shop.get(product["id"])["title"] == "The second edit"


def test_reviews_can_wait_for_a_verdict(shop: Products):
    shop.server.control("reviews", {"automatic": False})
    product = shop.plain()
    retitle(shop, product["id"], "A patient title")

    shop.server.control("clock", {"advance": 86_400})

    assert shop.get(product["id"])["audit"] == {"status": "AUDITING"}
    assert shop.control(product["id"])["review_due"] is None
    shop.control(product["id"], "review", {"verdict": "rules"})
    assert shop.get(product["id"])["title"] == "A patient title"


def test_the_first_pass_of_a_new_product_is_told(shop: Products):
    listen(shop)
    shop.server.control("reviews", {"after_seconds": 1})

    product_id = shop.data("POST", "", new_product(shop))["product_id"]
    shop.server.control("clock", {"advance": 2})

    bodies = told(shop, 16, 37, 5, 37, 5)
    assert pairs(bodies) == [
        (16, None),
        (37, "AUDITING"),
        (5, "PRODUCT_STATUS_CHANGED"),
        (37, "APPROVED"),
        (5, "PRODUCT_FIRST_PASS_REVIEW"),
    ]
    for body in bodies:
        assert body["data"]["product_id"] == int(product_id)
        assert body["data"]["update_time"]
        assert body["tts_notification_id"]
    assert bodies[0]["data"]["product_types"] == []


def test_a_changed_live_product_is_told_with_its_fields(shop: Products):
    listen(shop)
    product = shop.plain("T-shirt")
    body = body_of(product) | {"category_version": "v2", "title": "A new title"}
    body["description"] = "<p>New words</p>"
    body.pop("search_terms", None)
    body["warranty_info"] = {"type": "SELLER", "months": 99}
    shop.data("PUT", f"/{product['id']}", body)
    shop.control(product["id"], "review", {"verdict": "pass"})

    bodies = told(shop, 37, 37, 15)

    assert pairs(bodies) == [(37, "AUDITING"), (37, "APPROVED"), (15, None)]
    data = bodies[-1]["data"]
    assert data["product_id"] == product["id"]
    assert data["change_source"] == "OPEN_API"
    assert data["changed_fields"] == ["title", "description", "others"]


def test_a_changed_category_is_told(shop: Products):
    listen(shop)
    product = shop.plain("T-shirt")
    own = product["category_chains"][-1]
    rows = shop.data("GET", "/product/202309/categories", category_version="v2")
    other = next(
        row["id"]
        for row in rows["categories"]
        if row["parent_id"] == own["parent_id"] and row["id"] != own["id"]
    )
    body = body_of(product) | {"category_version": "v2", "category_id": other}
    shop.data("PUT", f"/{product['id']}", body)
    shop.control(product["id"], "review", {"verdict": "pass"})

    data = next(body["data"] for body in told(shop, 18) if body["type"] == 18)

    assert data["product_id"] == product["id"]
    assert data["previous_category_id"] == own["id"]
    assert data["current_category_id"] == other


def test_a_failed_audit_is_told_with_its_reason(shop: Products):
    listen(shop)
    product = shop.plain()
    retitle(shop, product["id"], "A miracle cure in cotton")

    shop.control(product["id"], "review", {"verdict": "fail", "reasons": ["No."]})

    bodies = told(shop, 37, 37, 5)
    failed = "PRODUCT_AUDIT_FAILURE"
    assert pairs(bodies) == [(37, "AUDITING"), (37, "FAILED"), (5, failed)]
    assert bodies[2]["data"]["suspended_reason"] == "No."


def test_a_category_on_invitation_leaves_a_product_pre_approved(shop: Products):
    path = "/product/202309/categories"
    rows = shop.data("GET", path, category_version="v2")["categories"]
    invited = next(
        row["id"]
        for row in rows
        if row["is_leaf"] and row["permission_statuses"] == ["INVITE_ONLY"]
    )
    product_id = shop.of_status("DRAFT")
    field = {"name": "category_id", "value": invited}
    shop.control(product_id, "fields", field)
    shop.control(product_id, "change", {"title": "By invitation", "with_review": True})

    shop.control(product_id, "review", {"verdict": "rules"})

    product = shop.get(product_id)
    assert product["status"] == "PENDING"
    assert product["audit"] == {
        "status": "PRE_APPROVED",
        "pre_approved_reasons": ["RESTRICTED_CATEGORY_PENDING"],
    }


def test_changes_of_status_are_told(shop: Products):
    listen(shop)
    product = shop.plain()

    shop.data("POST", "/deactivate", {"product_ids": [product["id"]]})
    shop.data("DELETE", "", {"product_ids": [product["id"]]})
    shop.data("POST", "/recover", {"product_ids": [product["id"]]})

    assert pairs(told(shop, 5, 5, 5)) == [(5, "PRODUCT_STATUS_CHANGED")] * 3


def test_prices_and_stock_are_not_told(shop: Products):
    listen(shop)
    product = shop.plain()
    sku = product["skus"][0]
    price = {"amount": "5.00", "currency": "USD"}

    shop.data(
        "POST",
        f"/{product['id']}/prices/update",
        {"skus": [{"id": sku["id"], "price": price}]},
    )
    retitle(shop, product["id"], "This is told")

    assert [body["type"] for body in told(shop, 37)] == [37]
