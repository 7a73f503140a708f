from copy import deepcopy

import pytest

from apps.integrations.tiktok.products.bodies import (
    Difference,
    comparable,
    differences,
    fingerprint,
    overwrite_body,
    partial_body,
    write_shape,
)
from tests.integrations.tiktok.product_payloads import (
    make_attribute,
    make_image,
    make_product,
    make_sku,
)

FIRST, SECOND = "1730000000000000101", "1730000000000000102"


def changed(**changes):
    return make_product(**changes)


@pytest.mark.parametrize(
    "later",
    [
        changed(update_time=1_800_000_000),
        changed(status="PENDING", audit={"status": "AUDITING"}),
        changed(audit_failed_reasons=[]),
        changed(listing_quality_tier="POOR", has_draft=True),
        changed(recommended_categories=[]),
        changed(main_images=[make_image(1, urls=[]), make_image(2, width=1)]),
        changed(
            description='<p>Woven.</p><img src="https://cdn-9.img.example/a.jpg?x=2">'
        ),
        changed(skus=[*reversed(make_product()["skus"])]),
        changed(product_attributes=[*reversed(make_product()["product_attributes"])]),
        changed(package_weight={"unit": "KILOGRAM", "value": "1.320"}),
        changed(video=make_product()["video"] | {"url": "https://else.example"}),
        changed(not_told=None, also_not_told=""),
    ],
)
def test_what_changes_by_itself_is_no_change(later):
    assert fingerprint(later) == fingerprint(make_product())


def test_what_was_sold_meanwhile_is_no_change():
    later = make_product()
    later["skus"][0]["inventory"][0]["quantity"] = 11
    del later["skus"][1]["inventory"]

    assert comparable(later) == comparable(make_product())


@pytest.mark.parametrize(
    "later",
    [
        changed(title="Another"),
        changed(main_images=[*reversed(make_product()["main_images"])]),
        changed(is_cod_allowed=False),
        changed(minimum_order_quantity=3),
        changed(a_new_field={"deep": [1]}),
        changed(description='<p>Woven.</p><img src="https://cdn.img.example/b.jpg">'),
        changed(description="<p>See https://one.example/?a=1</p>"),
        changed(skus=make_product()["skus"][:1]),
        changed(brand={"id": "2"}),
        changed(delivery_options=[]),
    ],
)
def test_what_somebody_changed_is_a_change(later):
    assert fingerprint(later) != fingerprint(make_product())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seller_sku", "0LAMP-30"),
        ("price", {"currency": "MYR", "sale_price": "41"}),
        ("list_price", None),
        ("brand_new", 1),
    ],
)
def test_a_change_to_one_sku_is_a_change(name, value):
    later = make_product()
    later["skus"][1][name] = value

    assert fingerprint(later) != fingerprint(make_product())


def test_a_fingerprint_is_64_hex_digits_whatever_the_order_of_fields():
    product = make_product()
    shuffled = dict(reversed(product.items()))

    assert fingerprint(shuffled) == fingerprint(product)
    assert len(fingerprint(product)) == 64
    assert int(fingerprint(product), 16)


def test_the_dry_run_shows_exactly_what_a_body_changes():
    product = make_product()
    body = overwrite_body(
        product,
        {
            "title": "Another lamp",
            "video": None,
            "skus": [
                {"id": FIRST, "price": {"amount": "41.50"}},
                {"id": SECOND, "seller_sku": "LAMP-41"},
            ],
        },
        category_version="v2",
    )

    assert differences(write_shape(product), body) == [
        Difference("title", "Rattan lamp with a warm light", "Another lamp"),
        Difference("video", {"id": "v09e40f4"}, None),
        Difference("skus[Natural].price.amount", "39.90", "41.50"),
        Difference("skus[Black].seller_sku", "LAMP-40", "LAMP-41"),
    ]


def test_what_an_overwrite_forgets_is_shown_as_lost():
    whole = write_shape(make_product())
    careless = {"title": whole["title"], "skus": whole["skus"]}

    lost = {difference.path for difference in differences(whole, careless)}

    assert {"description", "brand_id", "main_images", "search_terms"} <= lost
    assert all(each.after is None for each in differences(whole, careless))


def test_what_a_partial_edit_does_not_name_stays():
    product = make_product()
    body = partial_body(product, {"title": "Another lamp"})

    assert differences(write_shape(product), body, is_partial=True) == [
        Difference("title", "Rattan lamp with a warm light", "Another lamp")
    ]


def test_new_and_removed_skus_are_shown_whole():
    product = make_product()
    new = {"seller_sku": "LAMP-50", "sales_attributes": [{"value_name": "White"}]}
    body = overwrite_body(product, {"skus": [new]}, removed_sku_ids=[FIRST])

    [gone, added] = differences(write_shape(product), body)

    assert (gone.path, gone.after) == ("skus[Natural]", None)
    assert gone.before["seller_sku"] == "LAMP-30"
    assert added == Difference("skus[White]", None, new)


def test_skus_are_named_by_variation_else_by_seller_sku_else_by_id():
    both = [make_attribute(), make_attribute(id="2", value_name="M")]
    product = make_product(
        skus=[
            make_sku(id="1", sales_attributes=both),
            make_sku(id="2", sales_attributes=[]),
            make_sku(id="3", sales_attributes=[], seller_sku=""),
        ]
    )
    body = overwrite_body(
        product, {"skus": [{"id": each, "fees": []} for each in "123"]}
    )

    paths = [each.path for each in differences(write_shape(product), body)]

    assert paths == ["skus[Natural / M].fees", "skus[LAMP-30].fees", "skus[3].fees"]


def test_two_skus_that_sound_alike_are_told_apart():
    product = make_product(skus=[make_sku(id="1"), make_sku(id="2")])
    body = overwrite_body(product, {"skus": [{"id": "2", "fees": []}]})

    [difference] = differences(write_shape(product), body)

    assert difference.path == "skus[Natural #2].fees"


def test_entries_with_ids_are_compared_one_by_one():
    product = make_product()
    attributes = deepcopy(write_shape(product)["product_attributes"])
    attributes[1]["values"] = [{"name": "Hall"}]
    body = overwrite_body(product, {"product_attributes": attributes})

    assert differences(write_shape(product), body) == [
        Difference(
            "product_attributes[100393].values",
            [{"name": "Bedroom"}],
            [{"name": "Hall"}],
        )
    ]


def test_a_seller_sku_that_looks_like_a_number_is_no_number():
    product = make_product(skus=[make_sku(seller_sku="7")])
    body = overwrite_body(product, {"skus": [{"id": FIRST, "seller_sku": "07"}]})

    assert differences(write_shape(product), body) == [
        Difference("skus[Natural].seller_sku", "7", "07")
    ]
