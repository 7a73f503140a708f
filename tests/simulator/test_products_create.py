from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.simulator.caller import connect
from tests.simulator.pictures import pdf, picture
from tests.simulator.product_caller import Products, new_product
from tests.simulator_server import SimulatorServer

Json = dict[str, Any]
CHECK = "/listing_check"
IMAGES = "/product/202309/images/upload"
FILES = "/product/202309/files/upload"


def changed(body: Json, **changes: Any) -> Json:
    """Of every SKU."""
    return body | {"skus": [sku | changes for sku in body["skus"]]}


def test_a_new_product_goes_into_review(shop: Products):
    body = new_product(shop, title="A shirt nobody has seen")

    made = shop.data("POST", "", body)

    product = shop.get(made["product_id"])
    assert product["title"] == "A shirt nobody has seen"
    assert product["status"] == "PENDING"
    assert product["product_status"] == "INITIAL"
    assert product["audit"] == {"status": "AUDITING"}
    assert product["create_time"] == product["update_time"]
    assert [s["id"] for s in made["skus"]] == [s["id"] for s in product["skus"]]
    for sent, row, sku in zip(body["skus"], made["skus"], product["skus"], strict=True):
        assert row["seller_sku"] == sku["seller_sku"] == sent["seller_sku"]
        assert row["sales_attributes"] == [
            {"id": a["id"], "value_id": a["value_id"]} for a in sku["sales_attributes"]
        ]
        assert sku["price"]["sale_price"] == sent["price"]["amount"]
        assert sku["inventory"] == sent["inventory"]
    assert shop.search()["products"][0]["id"] == made["product_id"]


def test_fields_nobody_knows_are_kept_and_read_back(shop: Products):
    body = new_product(shop, carbon_label={"grams": 120})
    body["skus"][0]["colour_code"] = "#aabbcc"

    product = shop.get(shop.data("POST", "", body)["product_id"])

    assert product["carbon_label"] == {"grams": 120}
    assert product["skus"][0]["colour_code"] == "#aabbcc"
    assert "colour_code" not in product["skus"][1]


def test_what_the_platform_states_is_not_taken_from_a_client(shop: Products):
    body = new_product(shop, status="ACTIVATE", audit={"status": "APPROVED"}, id="5")
    body["create_time"] = 5

    product = shop.get(shop.data("POST", "", body)["product_id"])

    assert product["status"] == "PENDING"
    assert product["audit"] == {"status": "AUDITING"}
    assert product["create_time"] > 5


def test_custom_variants_get_ids_that_later_edits_can_use(shop: Products):
    body = new_product(shop)
    for number, sku in enumerate(body["skus"]):
        sku["sales_attributes"] = [{"name": "Mood", "value_name": f"Mood {number}"}]
    # The category asks for one attribute of its own.
    required = shop.plain("T-shirt")["skus"][0]["sales_attributes"][0]
    for sku in body["skus"]:
        sku["sales_attributes"].append({"id": required["id"], "value_name": "M"})

    reply = shop.send("POST", "", body)

    assert reply["code"] == 0, reply
    ids = [sku["sales_attributes"][0] for sku in reply["data"]["skus"]]
    assert len({one["id"] for one in ids}) == 1
    assert len({one["value_id"] for one in ids}) == len(ids)
    product = shop.get(reply["data"]["product_id"])
    assert product["skus"][1]["sales_attributes"][0]["value_name"] == "Mood 1"


def test_a_repeated_key_answers_with_the_same_product(shop: Products):
    body = new_product(shop, idempotency_key="3f0a7e0e-once")
    first = shop.data("POST", "", body)

    second = shop.data("POST", "", body | {"title": "Something else entirely"})

    assert second == first
    assert shop.search()["total_count"] == 31
    other = shop.data("POST", "", body | {"idempotency_key": "another"})
    assert other["product_id"] != first["product_id"]


def test_a_key_makes_one_product_however_many_ask_at_once(shop: Products):
    body = new_product(shop, idempotency_key="at-once")

    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda _: shop.data("POST", "", body), range(6)))

    assert len({one["product_id"] for one in made}) == 1
    assert shop.search()["total_count"] == 31


def test_a_key_of_one_shop_means_nothing_in_another(shop: Products):
    british = Products(shop.caller, 1)
    one = shop.data("POST", "", new_product(shop, idempotency_key="same"))
    two = british.data("POST", "", new_product(british, idempotency_key="same"))

    assert one["product_id"] != two["product_id"]


def test_a_draft_may_have_gaps(shop: Products):
    body = {
        "save_mode": "AS_DRAFT",
        "title": "Half an idea",
        "category_version": "v2",
        "skus": [{"seller_sku": "IDEA"}],
    }
    assert shop.code("POST", "", body | {"save_mode": "LISTING"}) != 0

    reply = shop.send("POST", "", body)

    assert reply["code"] == 0, reply
    product = shop.control(reply["data"]["product_id"])
    assert product["status"] == "DRAFT"
    assert product["audit"] == "NONE"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": ""}, 12052261),
        ({"title": None}, 12052261),
        ({"title": "x" * 256}, 12052051),
        ({"title": 7}, 12052910),
        ({"title": "A shirt &nbsp; for men"}, 12052931),
        ({"title": "A shirt for men 🙂"}, 12052931),
        ({"title": "A shirt\x7f for men"}, 12052931),
        ({"title": "!!!???"}, 12052931),
        ({"title": "Ahhhhhhhhhhh a shirt"}, 12052931),
        ({"title": "棉质衬衫"}, 12052262),
        ({"description": ""}, 12052015),
        ({"description": "<p>" + "ab " * 4_000 + "</p>"}, 12052013),
        ({"description": "<p>Fish &amp; chips</p>"}, 12052932),
        ({"description": "<p>☀</p>"}, 12052932),
        (
            {"description": "<p>x</p><img src='https://e.example.com/a.png'>"},
            12052348,
        ),
        (
            {
                "description": "<p>x</p><img src='https://e.example.com/a.png' "
                "width='10' height='10'>"
            },
            12052340,
        ),
        ({"category_id": ""}, 12052002),
        ({"category_id": "shirts"}, 12052002),
        ({"category_id": "1"}, 12052023),
        ({"category_version": "v1"}, 12052217),
        ({"category_version": None}, 12052217),
        ({"category_version": "v9"}, 12052910),
        ({"save_mode": "NOW"}, 12052910),
        ({"main_images": []}, 12052028),
        ({"main_images": [{"uri": "nobody/knows"}]}, 12052300),
        ({"main_images": [{"url": "x"}]}, 12052910),
        ({"main_images": "x"}, 12052910),
        ({"package_weight": None}, 12019011),
        ({"package_weight": {"value": "1", "unit": "GRAM"}}, 12019011),
        ({"package_weight": {"value": "0", "unit": "KILOGRAM"}}, 12052181),
        ({"package_weight": {"value": "heavy", "unit": "KILOGRAM"}}, 12052006),
        ({"package_weight": {"value": "1.2345", "unit": "KILOGRAM"}}, 12052006),
        ({"package_weight": {"value": "NaN", "unit": "KILOGRAM"}}, 12052006),
        ({"package_weight": {"value": 1, "unit": "KILOGRAM"}}, 12052910),
        ({"product_attributes": [{"id": "1", "values": []}]}, 12052527),
        ({"size_chart": {}}, 12052673),
        ({"size_chart": {"template": {"id": "1"}}}, 12052128),
        ({"size_chart": {"image": {"uri": "nobody/knows"}}}, 12052670),
        ({"certifications": [{"id": "1"}]}, 12052655),
        ({"video": {"id": "v1"}}, 12052360),
        ({"is_cod_allowed": True}, 12052222),
        ({"minimum_order_quantity": 2}, 12052707),
        ({"skus": []}, 12052910),
        ({"idempotency_key": "k" * 129}, 12052910),
        ({"external_product_id": "e" * 1_000}, 12052910),
    ],
)
def test_products_that_break_a_rule_are_refused_with_its_code(
    shop: Products, changes: Json, code: int
):
    body = new_product(shop) | changes

    assert shop.code("POST", "", body) == code
    assert shop.search()["total_count"] == 30
    found = shop.data("POST", CHECK, body)
    assert found["check_result"] == "FAILED"
    assert found["fail_reasons"][0]["code"] == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"seller_sku": "with space"}, 12052910),
        ({"seller_sku": "s" * 51}, 12052054),
        ({"price": None}, 12052073),
        ({"price": {"currency": "USD"}}, 12052073),
        ({"price": {"currency": "USD", "sale_price": "5.00"}}, 12052073),
        ({"price": {"amount": "5.00", "currency": "EUR"}}, 12052084),
        ({"price": {"amount": "0", "currency": "USD"}}, 12052073),
        ({"price": {"amount": "-5", "currency": "USD"}}, 12052073),
        ({"price": {"amount": "5.001", "currency": "USD"}}, 12052073),
        ({"price": {"amount": "7600.01", "currency": "USD"}}, 12052570),
        ({"price": {"amount": 5, "currency": "USD"}}, 12052910),
        ({"inventory": []}, 12052096),
        ({"inventory": [{"warehouse_id": "1", "quantity": 5}]}, 12052097),
        ({"identifier_code": {"code": "123", "type": "EAN"}}, 12052591),
        ({"identifier_code": {"code": "12345678"}}, 12052600),
        ({"identifier_code": {"code": "12345678", "type": "EAN"}}, 12052592),
        ({"list_price": {"amount": "7601", "currency": "USD"}}, 12052383),
        ({"list_price": {"amount": "x", "currency": "USD"}}, 12052375),
        ({"sales_attributes": []}, 12052550),
        ({"sales_attributes": [{"id": "1", "value_name": "a"}]}, 12052527),
        ({"sales_attributes": [{"name": "Colour", "value_name": ""}]}, 12052248),
        ({"sales_attributes": [{"value_name": "a"}]}, 12052241),
        ({"sales_attributes": [{"name": "n" * 21, "value_name": "a"}]}, 12052242),
        ({"sales_attributes": [{"name": "Colour", "value_name": "v" * 51}]}, 12052249),
        ({"sales_attributes": [{"name": "Colour&lt;", "value_name": "a"}]}, 12052933),
        ({"sales_attributes": [{"name": "Colour", "value_name": "a 🙂"}]}, 12052934),
        ({"sales_attributes": [{"name": "Colour", "value_name": "Red"}]}, 12052560),
        ({"pre_sale": {"fulfillment_type": {"release_date": 9}}}, 12019096),
        ({"pre_sale": {"type": "PRE_ORDER"}}, 12019095),
        (
            {
                "pre_sale": {
                    "type": "PRE_ORDER",
                    "fulfillment_type": {"handling_duration_days": 5},
                }
            },
            12019097,
        ),
        ({"external_urls": ["https://e.example.com/" + "x" * 500]}, 12052238),
    ],
)
def test_skus_that_break_a_rule_are_refused_with_its_code(
    shop: Products, changes: Json, code: int
):
    body = changed(new_product(shop), **changes)

    reasons = shop.data("POST", CHECK, body)["fail_reasons"]

    assert code in [reason["code"] for reason in reasons]
    assert shop.code("POST", "", body) == reasons[0]["code"]


def test_stock_lies_in_warehouses_of_the_shop_that_deliver(shop: Products):
    theirs = Products(shop.caller, 1).plain()["skus"][0]["inventory"][0]
    own = shop.plain()["skus"][0]["inventory"][0]["warehouse_id"]
    body = new_product(shop)

    foreign = [{"warehouse_id": theirs["warehouse_id"], "quantity": 5}]
    many = [{"warehouse_id": own, "quantity": 100_000}]
    negative = [{"warehouse_id": own, "quantity": -1}]
    twice = [{"warehouse_id": own, "quantity": 1}] * 2

    assert shop.code("POST", "", changed(body, inventory=foreign)) == 12052530
    assert shop.code("POST", "", changed(body, inventory=many)) == 12052055
    assert shop.code("POST", "", changed(body, inventory=negative)) == 12052055
    assert shop.code("POST", "", changed(body, inventory=twice)) == 12052516


def test_nothing_in_stock_is_accepted_unless_the_documents_are_followed(
    shop: Products,
):
    own = shop.plain()["skus"][0]["inventory"][0]["warehouse_id"]
    body = changed(new_product(shop), inventory=[{"warehouse_id": own, "quantity": 0}])
    assert shop.code("POST", "", body) == 0

    shop.server.control("switches", {"refuses_zero_stock": True})

    assert shop.code("POST", "", body) == 12052055


def test_regions_have_their_own_rules(indonesian: Products, german: Products):
    asian, body = indonesian, new_product(indonesian)
    unit = {"value": "1", "unit": "POUND"}
    sides = {"length": "5", "width": "5", "height": "5", "unit": "INCH"}

    assert asian.code("POST", "", body | {"title": "Kaos katun"}) == 12052910
    assert asian.code("POST", "", body | {"title": "k " * 12 + "k"}) == 0
    assert asian.code("POST", "", body | {"package_weight": unit}) == 12019061
    assert asian.code("POST", "", body | {"package_dimensions": sides}) == 12019061
    assert asian.code("POST", "", body | {"category_version": "v2"}) == 12052217
    assert asian.code("POST", "", body | {"minimum_order_quantity": 21}) == 12052706
    price = {"amount": "5000.50", "currency": "IDR"}
    assert asian.code("POST", "", changed(body, price=price)) == 12052073
    list_price = {"amount": "5000", "currency": "IDR"}
    assert asian.code("POST", "", changed(body, list_price=list_price)) == 12052376
    body = new_product(german)
    assert german.code("POST", "", body | {"manufacturer_ids": []}) == 12052282
    assert german.code("POST", "", body | {"manufacturer_ids": ["no"]}) == 12052284
    assert german.code("POST", "", body | {"responsible_person_ids": []}) == 12052287
    twice = body["manufacturer_ids"] * 2
    assert german.code("POST", "", body | {"manufacturer_ids": twice}) == 12052295


@pytest.mark.parametrize(("seller", "most"), [(0, 300), (1, 100)])
def test_a_product_has_as_many_skus_as_its_region_allows(
    server: SimulatorServer, seller: int, most: int
):
    shop = Products(connect(server, seller))
    body = new_product(shop)
    model = body["skus"][0]
    attribute = dict(model["sales_attributes"][0])
    attribute.pop("value_id", None)
    attribute.pop("sku_img", None)
    attribute.pop("supplementary_sku_images", None)
    others = model["sales_attributes"][1:]
    skus = [
        model
        | {
            "seller_sku": f"S{n}",
            "sales_attributes": [attribute | {"value_name": f"V {n}"}, *others],
        }
        for n in range(most + 1)
    ]

    assert shop.code("POST", "", body | {"skus": skus}) == 12052050
    made = shop.data("POST", "", body | {"skus": skus[:-1]})
    assert len(made["skus"]) == most


def test_pictures_must_be_ones_that_this_shop_may_use(shop: Products):
    british = Products(shop.caller, 1)
    body = new_product(shop)
    theirs = british.plain()["main_images"][0]["uri"]

    assert shop.code("POST", "", body | {"main_images": [{"uri": theirs}]}) == 12052300
    too_many = [{"uri": body["main_images"][0]["uri"]}] * 10
    assert shop.code("POST", "", body | {"main_images": too_many}) == 12052306
    nine = too_many[:9]
    assert shop.code("POST", "", body | {"main_images": nine}) == 0


def test_variants_have_one_primary_attribute_with_all_its_pictures(shop: Products):
    body = new_product(shop)
    first, second = body["skus"][:2]
    picture = {"uri": body["main_images"][0]["uri"]}
    for number, sku in enumerate(body["skus"]):
        sku["sales_attributes"][0]["sku_img"] = picture
        extra = {"name": "Mood", "value_name": f"M{number}", "sku_img": picture}
        sku["sales_attributes"].append(extra)
    assert shop.code("POST", "", body) == 12052528

    for sku in body["skus"]:
        del sku["sales_attributes"][-1]
    del second["sales_attributes"][0]["sku_img"]

    assert shop.code("POST", "", body) == 12052522
    second["sales_attributes"][0]["sku_img"] = {"uri": "nobody/knows"}
    assert shop.code("POST", "", body) == 12052520
    second["sales_attributes"][0]["sku_img"] = picture
    del first["sales_attributes"][0]["sku_img"]
    first["sales_attributes"][0]["supplementary_sku_images"] = [picture]
    assert shop.code("POST", "", body) == 12052357


def test_an_unknown_brand_is_cleared_with_a_warning(shop: Products):
    body = new_product(shop, brand_id="7080000000000000000")

    made = shop.data("POST", "", body)

    assert "[brand_id]:7080000000000000000" in made["warnings"][0]["message"]
    assert "brand" not in shop.get(made["product_id"])
    assert "warnings" in shop.data("POST", CHECK, body)


def test_a_list_price_below_the_price_is_discarded_with_a_warning(shop: Products):
    low = {"amount": "0.50", "currency": "USD"}

    made = shop.data("POST", "", changed(new_product(shop), list_price=low))

    assert "list_price" in made["warnings"][0]["message"]
    product = shop.get(made["product_id"])
    assert not [sku for sku in product["skus"] if "list_price" in sku]


def test_an_external_id_is_linked_to_one_product_only(shop: Products):
    body = new_product(shop, external_product_id="OURS-1")
    made = shop.data("POST", "", body)

    reply = shop.send("POST", "", body)

    assert reply["code"] == 12052996
    assert made["product_id"] in reply["message"]
    shop.data("DELETE", "", {"product_ids": [made["product_id"]]})
    assert shop.code("POST", "", body) == 0


def test_a_shop_makes_only_so_many_products_a_day(shop: Products):
    shop.server.control(f"shops/{shop.shop['id']}/listings/limit", {"per_day": 1})
    body = new_product(shop)
    assert shop.code("POST", "", body) == 0
    assert shop.code("POST", "", body) == 12052093

    shop.server.control("clock", {"advance": 86_400})

    assert shop.code("POST", "", body) == 0


def test_a_cross_border_seller_may_name_the_price_in_the_window(malaysian: Products):
    body = new_product(malaysian)
    price = {"amount": "10.00", "currency": "MYR"}

    one = malaysian.data("POST", "", changed(body, price=price))
    two = malaysian.data(
        "POST", "", changed(body, price=price | {"sale_price": "12.34"})
    )

    prices = [
        malaysian.get(made["product_id"])["skus"][0]["price"] for made in (one, two)
    ]
    assert [p["tax_exclusive_price"] for p in prices] == ["10.00", "10.00"]
    assert [p["sale_price"] for p in prices] == ["10.80", "12.34"]


def bundle_of(shop: Products, *parts: tuple[Json, Json, int]) -> Json:
    body = new_product(shop, title="A set of things that belong together")
    sku = {
        "seller_sku": "A-SET",
        "price": body["skus"][0]["price"],
        "combined_skus": [
            {"product_id": p["id"], "sku_id": sku["id"], "sku_count": count}
            for p, sku, count in parts
        ],
    }
    return body | {"skus": [sku], "primary_combined_product_id": parts[0][0]["id"]}


def test_a_bundle_is_made_of_skus_on_sale(shop: Products):
    product = shop.plain()
    first, second = product["skus"][:2]
    body = bundle_of(shop, (product, first, 1), (product, second, 2))

    made = shop.data("POST", "", body)

    bundle = shop.get(made["product_id"])
    assert bundle["product_types"] == ["COMBINED_PRODUCT"]
    assert [p["sku_count"] for p in bundle["skus"][0]["combined_skus"]] == [1, 2]
    assert shop.get(product["id"])["product_types"] == ["IN_COMBINED_PRODUCT"]


def test_bundles_that_make_no_sense_are_refused(shop: Products):
    product = shop.plain()
    first, second = product["skus"][:2]
    hidden = shop.get(shop.of_status("SELLER_DEACTIVATED"))
    nobody = {"id": "1729000000000000000"}
    cases = [
        ([(product, first, 1)], 12052859),
        ([(product, first, 1), (product, first, 1)], 12052840),
        ([(product, first, 0), (product, second, 1)], 12052832),
        ([(nobody, first, 2)], 12052835),
        ([(product, {"id": "1730"}, 2)], 12052844),
        ([(hidden, hidden["skus"][0], 2)], 12052845),
    ]
    for parts, code in cases:
        assert shop.code("POST", "", bundle_of(shop, *parts)) == code
    body = bundle_of(shop, (product, first, 2))
    assert (
        shop.code("POST", "", body | {"primary_combined_product_id": "5"}) == 12052842
    )
    mixed = body | {"skus": [*body["skus"], new_product(shop)["skus"][0]]}
    reasons = shop.data("POST", CHECK, mixed)["fail_reasons"]
    assert 12052863 in [reason["code"] for reason in reasons]


def test_the_dry_run_says_everything_that_is_wrong_and_makes_nothing(shop: Products):
    body = new_product(shop, title="", main_images=[])

    found = shop.data("POST", CHECK, body, is_diagnosis_required="true")

    assert [r["code"] for r in found["fail_reasons"]] == [12052261, 12052028]
    assert all(reason["message"] for reason in found["fail_reasons"])
    fields = {row["field"] for row in found["diagnoses"]}
    assert {"TITLE", "IMAGE"} <= fields
    left = found["listing_quality"]["remaining_recommendations"]
    assert left == len(found["diagnoses"])
    assert shop.search()["total_count"] == 30
    good = shop.data("POST", CHECK, new_product(shop))
    assert good["check_result"] == "PASS"
    assert good["fail_reasons"] == []
    assert "diagnoses" not in good


def test_what_an_app_has_uploaded_it_can_use(shop: Products):
    caller = shop.caller
    other = connect(shop.server, app=1)
    bytes_ = picture(800, 600)
    own = caller.upload(IMAGES, {"data": ("a.jpg", bytes_)})["data"]["uri"]
    theirs = other.upload(IMAGES, {"data": ("a.jpg", picture(600, 600))})["data"]
    paper = caller.upload(FILES, {"data": ("a.pdf", pdf())}, {"name": "a.pdf"})
    html = f"<p>See</p><img src='{shop.server.url}/images/{own}' width='8' height='6'/>"
    body = new_product(shop, main_images=[{"uri": own}], description=html)

    product = shop.get(shop.data("POST", "", body)["product_id"])

    (image,) = product["main_images"]
    assert (image["uri"], image["width"], image["height"]) == (own, 800, 600)
    assert requests.get(image["urls"][0], timeout=10).status_code == 200
    assert product["description"] == html
    wrong = body | {"main_images": [{"uri": theirs["uri"]}]}
    assert shop.code("POST", "", wrong) == 12052300
    no_video = body | {"video": {"id": paper["data"]["id"]}}
    assert shop.code("POST", "", no_video) == 12052360


def test_an_obstacle_in_the_shop_stops_listing_but_no_drafts(shop: Products):
    hidden = {"product_ids": [shop.of_status("SELLER_DEACTIVATED")]}
    path = f"shops/{shop.shop['id']}/prerequisites"
    shop.server.control(path, {"item": "SHOP_STATUS", "reason": "On holiday."})
    body = new_product(shop)

    for method, where, sent in (
        ("POST", "", body),
        ("POST", f"/{shop.plain()['id']}/partial_edit", {"title": "Another"}),
        ("POST", "/activate", hidden),
    ):
        reply = shop.send(method, where, sent)
        assert reply["code"] == 12052700
        assert "On holiday." in reply["message"]
    assert shop.code("POST", "", body | {"save_mode": "AS_DRAFT"}) == 0
