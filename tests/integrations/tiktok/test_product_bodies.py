from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.integrations.tiktok.products.bodies import (
    UnsendableListing,
    differences,
    overwrite_body,
    partial_body,
    write_shape,
)
from tests.integrations.tiktok.product_payloads import (
    make_attribute,
    make_image,
    make_product,
    make_short_product,
    make_sku,
)
from tests.integrations.tiktok.product_platform import OWNED, Platform

FIRST, SECOND = "1730000000000000101", "1730000000000000102"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=6).map("k_".__add__), inner, max_size=3)
    ),
    max_leaves=5,
)


def objects_in(value: Any) -> list[dict[str, Any]]:
    """All objects that are written back, outermost first."""
    if isinstance(value, list):
        return [each for entry in value for each in objects_in(entry)]
    if not isinstance(value, dict):
        return []
    return [value] + [each for entry in value.values() for each in objects_in(entry)]


def written_objects(product: dict[str, Any]) -> list[dict[str, Any]]:
    """Where a field nobody has heard of could turn up and has to be kept."""
    hidden = {*OWNED, "category_chains", "brand", "delivery_options"}
    found = (
        [product, product["subscribe_info"]]
        if "subscribe_info" in product
        else [product]
    )
    for name, value in product.items():
        if name not in {*hidden, "skus", "subscribe_info"}:
            found += objects_in(value)
    unwritten = ("price", "inventory", "status_info", "global_listing_policy")
    for sku in product["skus"]:
        found.append(sku)
        for name, value in sku.items():
            if name == "combined_skus":
                found += value
            elif name not in unwritten:
                found += objects_in(value)
    return found


@st.composite
def products(draw: st.DrawFn) -> dict[str, Any]:
    """Products with some known fields missing and some unknown ones, at any depth."""
    product = make_product()
    optional = sorted({*product} - {"id", "skus", "main_images", "category_chains"})
    for name in draw(st.sets(st.sampled_from(optional), max_size=8)):
        del product[name]
    for sku in product["skus"]:
        names = sorted({*sku} - {"id"})
        for name in draw(st.sets(st.sampled_from(names), max_size=5)):
            del sku[name]
    places = written_objects(product)
    for place in draw(st.lists(st.sampled_from(range(len(places))), max_size=6)):
        places[place][draw(st.sampled_from(("new_1", "new_2")))] = draw(json_values)
    return product


@given(products())
def test_an_overwrite_that_changes_nothing_loses_nothing(product):
    platform = Platform(product)

    platform.overwrite(overwrite_body(product, {}))

    assert platform.product == product


@given(products(), st.text(min_size=1, max_size=30))
def test_an_overwrite_changes_what_it_should_and_nothing_else(product, title):
    platform = Platform(product)

    platform.overwrite(overwrite_body(product, {"title": title}))

    assert platform.product == product | {"title": title}


@given(products())
def test_bodies_share_nothing_with_the_product_they_are_made_of(product):
    before = deepcopy(product)

    body = overwrite_body(product, {"skus": [{"id": FIRST, "new_1": 1}]})
    for each in objects_in(body):
        each["spoiled"] = True

    assert product == before


@given(products())
def test_an_empty_overwrite_shows_no_differences(product):
    assert differences(write_shape(product), overwrite_body(product, {})) == []


@given(products())
def test_a_partial_edit_to_what_is_there_already_has_nothing_to_send(product):
    whole = write_shape(product)

    assert partial_body(product, whole) == {}


def test_the_body_speaks_the_language_of_writing():
    body = overwrite_body(make_product(), {})

    assert body["category_id"] == "613"
    assert body["brand_id"] == "7082000000000000005"
    assert body["main_images"] == [
        {"uri": "tos-seed/lamp/1"},
        {"uri": "tos-seed/lamp/2"},
    ]
    assert body["video"] == {"id": "v09e40f4"}
    assert body["delivery_option_ids"] == ["8001", "8002"]
    assert body["size_chart"] == {
        "image": {"uri": "tos-seed/lamp/30"},
        "template": {"id": "7267"},
    }
    assert body["certifications"][0]["files"] == [
        {"id": "f-1", "name": "safety.pdf", "format": "PDF"}
    ]
    assert body["subscribe_info_edit"] == {
        "subscribe_status": "ENABLED",
        "discount_details": [{"discount_level": "REGULAR", "discount_value": 10}],
    }
    assert body["product_tag_operations"] == [{"product_tag": "NEW_IN", "enable": True}]
    [attribute, _] = body["product_attributes"]
    assert "name" not in attribute
    [module] = attribute["values"][0]["metric_standard_info"][
        "metric_value_module_infos"
    ]
    assert module == {"id": "mm1", "value": "5", "unit_id": "u1"}
    assert not {*OWNED, "category_chains", "brand", "subscribe_info"} & body.keys()


def test_skus_keep_all_they_have_but_what_the_platform_keeps_by_itself():
    [sku, _] = overwrite_body(make_product(), {})["skus"]

    assert sku["id"] == FIRST
    assert (
        not {"price", "inventory", "status_info", "global_listing_policy"} & sku.keys()
    )
    assert sku["sales_attributes"] == [
        {
            "id": "100000",
            "name": "Colour",
            "value_id": "7001",
            "value_name": "Natural",
            "sku_img": {"uri": "tos-seed/lamp/7"},
            "supplementary_sku_images": [
                {"uri": "tos-seed/lamp/8"},
                {"uri": "tos-seed/lamp/9"},
            ],
        }
    ]
    assert sku["combined_skus"] == [
        {
            "product_id": "1730000000000000009",
            "sku_id": "1730000000000000909",
            "sku_count": 2,
        }
    ]
    for name in ("list_price", "pre_sale", "fees", "external_urls", "sku_weight"):
        assert sku[name] == make_sku()[name]


def test_a_change_to_one_sku_leaves_the_others_and_its_own_rest_alone():
    product = make_product()
    plain = overwrite_body(product, {})

    body = overwrite_body(
        product, {"skus": [{"id": SECOND, "seller_sku": "LAMP-41", "fees": None}]}
    )

    [first, second] = body["skus"]
    assert first == plain["skus"][0]
    expected = plain["skus"][1] | {"seller_sku": "LAMP-41"}
    del expected["fees"]
    assert second == expected


@pytest.mark.parametrize(
    ("is_cross_border", "price"),
    [
        (False, {"amount": "39.90", "currency": "MYR"}),
        (True, {"amount": "36.00", "sale_price": "39.90", "currency": "MYR"}),
    ],
)
def test_what_the_amount_is_depends_on_the_seller(is_cross_border, price):
    whole = write_shape(make_product(), is_cross_border=is_cross_border)

    assert whole["skus"][0]["price"] == price


@pytest.mark.parametrize(
    ("shown", "amount"),
    [
        ({"sale_price": "2", "tax_exclusive_price": "1", "amount": "3"}, "2"),
        ({"tax_exclusive_price": "1"}, "1"),
        ({"amount": "3"}, "3"),
        ({"sale_price": 2.5}, "2.5"),
    ],
)
def test_the_amount_falls_back_to_what_is_told(shown, amount):
    product = make_product(skus=[make_sku(price=shown | {"currency": "MYR"})])

    assert write_shape(product)["skus"][0]["price"]["amount"] == amount


def test_a_new_price_goes_with_the_old_currency_and_without_the_old_amounts():
    price = {
        "currency": "USD",
        "sale_price": "9.90",
        "tax_exclusive_price": "8",
        "starting_bid_price": "1",
        "unheard_of": "x",
    }
    product = make_product(skus=[make_sku(price=price)])

    body = overwrite_body(
        product,
        {"skus": [{"id": FIRST, "price": {"amount": "12.00"}}]},
        is_cross_border=True,
    )

    assert body["skus"][0]["price"] == {
        "amount": "12.00",
        "currency": "USD",
        "starting_bid_price": "1",
        "unheard_of": "x",
    }


def test_a_price_that_is_the_same_is_not_sent():
    change = {"id": FIRST, "price": {"amount": "39.9", "currency": "MYR"}}

    [sku, _] = overwrite_body(make_product(), {"skus": [change]})["skus"]

    assert "price" not in sku


def test_stock_is_sent_only_where_a_change_names_it():
    levels = [{"warehouse_id": "7100000000000000003", "quantity": 5}]

    [first, second] = overwrite_body(
        make_product(), {"skus": [{"id": FIRST, "inventory": levels}]}
    )["skus"]

    assert first["inventory"] == levels
    assert "inventory" not in second


def test_a_sku_without_an_id_is_new():
    new = {
        "seller_sku": "LAMP-50",
        "price": {"amount": "59.90", "currency": "MYR"},
        "inventory": [{"warehouse_id": "7100000000000000003", "quantity": 1}],
        "sales_attributes": [{"id": "100000", "value_name": "White"}],
    }

    body = overwrite_body(make_product(), {"skus": [new, new | {"id": ""}]})

    assert [sku.get("id") for sku in body["skus"]] == [FIRST, SECOND, None, None]
    assert body["skus"][2:] == [new, new]


def test_skus_go_only_when_asked_for_by_id():
    body = overwrite_body(make_product(), {"skus": []}, removed_sku_ids=[FIRST, "gone"])

    assert [sku["id"] for sku in body["skus"]] == [SECOND]


def test_a_listing_keeps_at_least_one_sku():
    with pytest.raises(UnsendableListing, match="needs a SKU"):
        overwrite_body(make_product(), {}, removed_sku_ids=[FIRST, SECOND])


def test_a_change_to_a_sku_that_is_gone_is_refused():
    with pytest.raises(UnsendableListing, match=r"no SKU 99\. Fetch it"):
        overwrite_body(make_product(), {"skus": [{"id": "99", "seller_sku": "x"}]})


def test_none_clears_a_field_and_a_new_one_is_added():
    body = overwrite_body(
        make_product(), {"video": None, "save_mode": "AS_DRAFT", "search_terms": []}
    )

    assert "video" not in body
    assert body["save_mode"] == "AS_DRAFT"
    assert body["search_terms"] == []


def test_the_category_version_is_added_unless_a_change_names_it():
    product = make_product()

    assert "category_version" not in overwrite_body(product, {})
    assert (
        overwrite_body(product, {}, category_version="v2")["category_version"] == "v2"
    )
    body = overwrite_body(product, {"category_version": "v1"}, category_version="v2")
    assert body["category_version"] == "v1"


def test_what_a_search_returned_is_no_ground_for_an_overwrite():
    with pytest.raises(UnsendableListing, match="Fetch it"):
        overwrite_body(make_short_product(), {"title": "New"})
    with pytest.raises(UnsendableListing, match="Fetch it"):
        partial_body(make_short_product(), {"title": "New"})


@pytest.mark.parametrize(
    "changes",
    [
        {"main_images": [make_image(uri="")]},
        {"size_chart": {"image": {"urls": ["https://img.example/1"]}}},
        {"skus": [make_sku(sales_attributes=[make_attribute(sku_img={"width": 1})])]},
        {"skus": ["a SKU"]},
    ],
)
def test_what_cannot_be_named_is_not_silently_lost(changes):
    with pytest.raises(UnsendableListing, match="Seller Center"):
        overwrite_body(make_product(**changes), {})


@pytest.mark.parametrize(
    ("changes", "absent"),
    [
        ({"brand": {}}, "brand_id"),
        ({"brand": None}, "brand_id"),
        ({"video": {}}, "video"),
        ({"video": None}, "video"),
        ({"size_chart": {"image": {}}}, "size_chart"),
        ({"delivery_options": []}, "delivery_option_ids"),
        ({"shipping_template_id": ""}, "shipping_template_id"),
        ({"subscribe_info": {"support_subscribe": False}}, "subscribe_info_edit"),
        ({"product_tags": None}, "product_tag_operations"),
    ],
)
def test_what_is_empty_is_not_sent_as_an_empty_thing(changes, absent):
    assert absent not in overwrite_body(make_product(**changes), {})


def test_one_thing_alone_counts_as_a_list_of_one():
    product = make_product(
        main_images=make_image(3),
        skus=make_sku(),
        delivery_options={"id": 8001, "name": "Standard"},
        category_chains={"id": 613, "is_leaf": "true"},
    )

    body = overwrite_body(product, {})

    assert body["main_images"] == [{"uri": "tos-seed/lamp/3"}]
    assert [sku["id"] for sku in body["skus"]] == [FIRST]
    assert body["delivery_option_ids"] == ["8001"]
    assert body["category_id"] == "613"


def test_ids_are_written_as_texts_however_they_came():
    product = make_product(
        brand={"id": 7082000000000000005},
        manufacturer_ids=[1, "2"],
        shipping_template_id=7552,
        skus=[make_sku(id=101, sales_attributes=[{"id": 1, "value_id": 2}], new_id=3)],
    )

    body = overwrite_body(product, {})

    assert body["brand_id"] == "7082000000000000005"
    assert body["manufacturer_ids"] == ["1", "2"]
    assert body["shipping_template_id"] == "7552"
    [sku] = body["skus"]
    assert (sku["id"], sku["new_id"]) == ("101", 3)
    assert sku["sales_attributes"] == [{"id": "1", "value_id": "2"}]


def test_an_old_products_manufacturer_goes_back_as_it_came():
    old = {"name": "Weavers Ltd", "address": "1 Loom St"}

    assert overwrite_body(make_product(manufacturer=old), {})["manufacturer"] == old


def test_an_order_limit_is_shown_by_each_sku_and_written_for_all():
    limit = {"maximum_order_quantity": 5}
    alike = make_product(
        skus=[make_sku(purchase_order_quantity_limit=limit) for _ in range(2)]
    )
    unlike = make_product(
        skus=[make_sku(purchase_order_quantity_limit=limit), make_sku(id=SECOND)]
    )

    body = overwrite_body(alike, {})
    assert body["purchase_order_quantity_limit"] == limit
    assert "purchase_order_quantity_limit" not in body["skus"][0]

    body = overwrite_body(unlike, {})
    assert "purchase_order_quantity_limit" not in body
    assert body["skus"][0]["purchase_order_quantity_limit"] == limit


def test_a_partial_body_has_what_changes_and_no_more():
    body = partial_body(
        make_product(),
        {
            "title": "Another lamp",
            "brand_id": "7082000000000000005",
            "package_weight": {"value": "1.320", "unit": "KILOGRAM"},
            "size_chart": {"template": {"id": "1"}},
        },
    )

    assert body == {"title": "Another lamp", "size_chart": {"template": {"id": "1"}}}


def test_a_partial_change_to_a_sku_takes_all_skus_along_with_all_they_have():
    product = make_product()
    whole = write_shape(product)["skus"]

    body = partial_body(product, {"skus": [{"id": FIRST, "seller_sku": "LAMP-31"}]})

    assert body == {"skus": [whole[0] | {"seller_sku": "LAMP-31"}, whole[1]]}
    assert body["skus"][1]["inventory"] == product["skus"][1]["inventory"]
    assert body["skus"][1]["price"] == {"amount": "39.90", "currency": "MYR"}


def test_a_partial_change_that_changes_no_sku_sends_none():
    assert partial_body(make_product(), {"skus": [{"id": FIRST}]}) == {}


def test_removing_a_sku_is_a_change_of_the_skus():
    body = partial_body(make_product(), {}, removed_sku_ids=[FIRST])

    assert [sku["id"] for sku in body["skus"]] == [SECOND]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"category_id": "614"}, "category_id"),
        ({"delivery_option_ids": ["8001"]}, "delivery_option_ids"),
        ({"minimum_order_quantity": 3}, "minimum_order_quantity"),
        ({"video": None}, "video cannot be cleared alone"),
    ],
)
def test_what_a_partial_edit_cannot_do_is_refused(changes, words):
    with pytest.raises(UnsendableListing, match=words):
        partial_body(make_product(), changes)


def test_a_field_of_an_overwrite_that_stays_the_same_does_no_harm_in_a_partial_edit():
    assert partial_body(make_product(), {"category_id": "613"}) == {}


def test_a_partial_edit_clears_texts_and_lists_with_empty_ones():
    body = partial_body(
        make_product(), {"brand_id": None, "search_terms": None, "unknown": None}
    )

    assert body == {"brand_id": "", "search_terms": []}
