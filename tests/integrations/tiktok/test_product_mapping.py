from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.integrations.contracts import (
    AuditStatus,
    ListingStatus,
    RemoteRejection,
    RemoteWarehouse,
)
from apps.integrations.tiktok.mapping import warehouses_from_json
from apps.integrations.tiktok.products.categories import (
    attributes_from_json,
    brand_page_from_json,
    categories_from_json,
    recommended_leaf,
    rules_from_json,
)
from apps.integrations.tiktok.products.chains import root_to_leaf
from apps.integrations.tiktok.products.listings import (
    listing_from_json,
    listing_page_from_json,
)
from apps.integrations.tiktok.reading import Unreadable
from tests.integrations.tiktok.product_payloads import (
    UPDATED,
    make_attribute,
    make_image,
    make_product,
    make_short_product,
    make_sku,
)


def read(**changes):
    return listing_from_json(make_product(**changes), is_whole=True)


def read_sku(**changes):
    [sku] = read(skus=[make_sku(**changes)]).skus
    return sku


def test_a_whole_product_becomes_a_listing():
    product = make_product()

    listing = listing_from_json(product, is_whole=True)

    assert listing.remote_id == "1730000000000000001"
    assert listing.title == "Rattan lamp with a warm light"
    assert (listing.status, listing.status_text) == (ListingStatus.LIVE, "ACTIVATE")
    assert listing.is_whole
    assert listing.updated_at == datetime.fromtimestamp(UPDATED, tz=UTC)
    assert listing.created_at == datetime.fromtimestamp(UPDATED - 86_400, tz=UTC)
    assert listing.category_id == "613"
    assert listing.category_path == ("Home", "Lights", "Lamps")
    assert (listing.brand_id, listing.brand_name) == ("7082000000000000005", "Glow")
    assert listing.image_urls == (
        "https://cdn-1.img.example/lamp-1.jpeg?sig=1",
        "https://cdn-2.img.example/lamp-2.jpeg?sig=2",
    )
    assert (listing.audit, listing.audit_text) == (AuditStatus.APPROVED, "APPROVED")
    assert listing.rejections == (
        RemoteRejection(
            "title", ("A word is forbidden",), ("Leave it out",), "TIKTOK_SHOP"
        ),
    )
    assert (listing.quality, listing.has_draft) == ("GOOD", False)
    assert listing.external_id == "ERP-LAMP"
    assert listing.raw is product


def test_a_sku_becomes_a_sku():
    sku = read_sku()

    assert (sku.remote_id, sku.seller_sku) == ("1730000000000000101", "LAMP-30")
    assert (sku.variation, sku.attributes) == ("Natural", (("Colour", "Natural"),))
    assert (sku.barcode, sku.barcode_type) == ("0012345678905", "EAN")
    assert (sku.price, sku.list_price) == (Decimal("39.90"), Decimal("49.90"))
    assert sku.currency == "MYR"
    assert sku.quantity == 42
    assert sku.stock == {"7100000000000000003": 12, "7100000000000000004": 30}
    assert sku.is_active is True
    assert sku.image_url == "https://cdn-7.img.example/lamp-7.jpeg?sig=7"


def test_a_search_gives_short_listings_and_names_what_it_cannot_read():
    page = listing_page_from_json(
        {
            "products": [
                make_short_product(id="1"),
                "not a product",
                make_short_product(id=2, update_time="soon"),
                make_short_product(id=""),
                make_short_product(id="4", skus=[{"seller_sku": "X"}]),
                make_short_product(id=1730000000000000005),
            ],
            "next_page_token": "p2",
            "total_count": "6",
        }
    )

    assert [each.remote_id for each in page.listings] == ["1", "1730000000000000005"]
    assert not any(each.is_whole for each in page.listings)
    assert page.malformed == (
        ("", "the row is not an object"),
        ("2", "update_time is not a time"),
        ("", "the product has no id"),
        ("4", "a SKU has no id"),
    )
    assert (page.next_page_token, page.total_count) == ("p2", 6)


@pytest.mark.parametrize("data", [{}, {"products": None}, {"products": []}])
def test_an_empty_search_is_an_empty_page(data):
    assert listing_page_from_json(data).listings == ()


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("DRAFT", ListingStatus.DRAFT),
        ("PENDING", ListingStatus.PENDING),
        ("FAILED", ListingStatus.FAILED),
        ("ACTIVATE", ListingStatus.LIVE),
        ("Activate", ListingStatus.LIVE),
        ("seller_deactivated", ListingStatus.SELLER_DEACTIVATED),
        ("PLATFORM DEACTIVATED", ListingStatus.PLATFORM_DEACTIVATED),
        ("FREEZE", ListingStatus.FROZEN),
        ("DELETED", ListingStatus.DELETED),
        ("SCHEDULED", ListingStatus.SCHEDULED),
        ("UNKNOWN", ListingStatus.UNKNOWN),
        ("Something new", ListingStatus.UNKNOWN),
    ],
)
def test_each_status_is_kept_in_our_words_and_theirs(words, status):
    listing = read(status=words)

    assert (listing.status, listing.status_text) == (status, words)


def test_without_a_status_that_of_the_product_counts():
    listing = read(status="", product_status="SELLER_DEACTIVATED")

    assert listing.status is ListingStatus.SELLER_DEACTIVATED


@pytest.mark.parametrize(
    ("audit", "status", "words"),
    [
        ({"status": "pre_approved"}, AuditStatus.PRE_APPROVED, "pre_approved"),
        ({"status": "AUDITING"}, AuditStatus.AUDITING, "AUDITING"),
        ({"status": "NONE"}, AuditStatus.NONE, "NONE"),
        ({"status": "ODD"}, AuditStatus.UNKNOWN, "ODD"),
        ({}, AuditStatus.UNKNOWN, ""),
        (None, AuditStatus.UNKNOWN, ""),
        ("APPROVED", AuditStatus.UNKNOWN, ""),
    ],
)
def test_reviews_are_read_as_far_as_they_are_told(audit, status, words):
    listing = read(audit=audit)

    assert (listing.audit, listing.audit_text) == (status, words)


@pytest.mark.parametrize(
    ("row", "rejection"),
    [
        ({"position": "product"}, RemoteRejection("product", ())),
        (
            {"reasons": "one", "suggestions": None},
            RemoteRejection("", ("one",)),
        ),
        ({"reasons": ["a", "", None, "b"]}, RemoteRejection("", ("a", "b"))),
        ("plain words", RemoteRejection("", ("plain words",))),
        (
            {"listing_platform": "tokopedia"},
            RemoteRejection("", (), listing_platform="TOKOPEDIA"),
        ),
    ],
)
def test_rejections_come_in_many_shapes(row, rejection):
    assert read(audit_failed_reasons=row).rejections == (rejection,)


@pytest.mark.parametrize(
    ("price", "amount"),
    [
        ({"sale_price": "2", "tax_exclusive_price": "1", "amount": "3"}, Decimal(2)),
        ({"tax_exclusive_price": "1.50", "amount": "3"}, Decimal("1.50")),
        ({"amount": "3"}, Decimal(3)),
        ({"sale_price": "", "amount": 3.25}, Decimal("3.25")),
        ({"sale_price": "0"}, Decimal(0)),
        ({}, None),
        (None, None),
    ],
)
def test_the_price_is_what_buyers_see_or_the_nearest_to_it(price, amount):
    assert read_sku(price=price).price == amount


@pytest.mark.parametrize(
    ("price", "list_price", "currency"),
    [
        ({"currency": "usd\n"}, None, "USD"),
        ({}, {"currency": "USD", "amount": "1"}, "USD"),
        ({}, None, ""),
    ],
)
def test_currencies_are_trimmed_and_found(price, list_price, currency):
    assert read_sku(price=price, list_price=list_price).currency == currency


@pytest.mark.parametrize("amount", ["a lot", "NaN", "1e99"])
def test_a_price_that_is_none_names_the_row(amount):
    with pytest.raises(Unreadable, match="sale_price is not an amount"):
        read_sku(price={"sale_price": amount})


@pytest.mark.parametrize(
    ("inventory", "quantity", "stock"),
    [
        (None, None, {}),
        ([], None, {}),
        ([{"warehouse_id": "1", "quantity": 0}], 0, {"1": 0}),
        ({"warehouse_id": 1, "quantity": "7"}, 7, {"1": 7}),
        ([{"warehouse_id": "1"}, {"warehouse_id": "2", "quantity": 3}], 3, {"2": 3}),
        ([{"quantity": 2}, {"quantity": 3}], 5, {"": 5}),
        (["odd", {"warehouse_id": "1", "quantity": 1}], 1, {"1": 1}),
    ],
)
def test_stock_that_is_not_told_is_unknown_not_zero(inventory, quantity, stock):
    sku = read_sku(inventory=inventory)

    assert (sku.quantity, sku.stock) == (quantity, stock)


def test_a_quantity_beyond_reason_names_the_row():
    with pytest.raises(Unreadable, match="number of units"):
        read_sku(inventory=[{"warehouse_id": "1", "quantity": 10**12}])


@pytest.mark.parametrize(
    ("status", "is_active"),
    [
        ({"status": "NORMAL"}, True),
        ({"status": "Deactivated", "deactivation_source": "SELLER"}, False),
        ({"status": "ODD"}, None),
        (None, None),
    ],
)
def test_a_sku_is_active_if_it_says_so(status, is_active):
    assert read_sku(status_info=status).is_active is is_active


def test_variations_are_joined_in_their_order():
    sku = read_sku(
        sales_attributes=[
            make_attribute(sku_img=None),
            make_attribute(
                name="Size",
                value_name="M",
                sku_img=make_image(3, urls=[], thumb_urls="https://img.example/t.jpg"),
            ),
            make_attribute(name="Odd", value_name=None),
        ]
    )

    assert sku.variation == "Natural / M"
    assert sku.attributes == (("Colour", "Natural"), ("Size", "M"), ("Odd", ""))
    assert sku.image_url == "https://img.example/t.jpg"


def test_a_product_that_does_not_speak_of_skus_is_not_whole():
    product = make_product()
    del product["skus"]

    assert not listing_from_json(product, is_whole=True).is_whole
    assert read(skus=[]).is_whole


@pytest.mark.parametrize("skus", [["odd"], [{"id": ""}], [{"id": 1.5}]])
def test_a_sku_that_cannot_be_named_makes_the_row_unreadable(skus):
    with pytest.raises(Unreadable, match="a SKU"):
        read(skus=skus)


def test_the_least_a_product_can_be_is_an_id():
    listing = listing_from_json({"id": 17}, is_whole=True)

    assert listing.remote_id == "17"
    assert (listing.skus, listing.category_path, listing.image_urls) == ((), (), ())
    assert listing.has_draft is None


def make_category(remote_id, parent_id="", **more):
    return {"id": remote_id, "parent_id": parent_id, "local_name": remote_id, **more}


@pytest.mark.parametrize(
    ("rows", "path"),
    [
        ([make_category("b", "a"), make_category("a", "0")], "ab"),
        (
            [
                make_category("c", "b"),
                make_category("a", "0"),
                make_category("b", "a"),
            ],
            "abc",
        ),
        ([make_category("a", "0"), make_category("c", "b", is_leaf=True)], "ac"),
        ([make_category("a", "b"), make_category("b", "a", is_leaf=True)], "ab"),
        ([make_category("a", "a")], "a"),
        ([make_category("a"), make_category("")], "a"),
        ([make_category("b", "a"), make_category("b", "a"), make_category("a")], "ab"),
        ([], ""),
    ],
)
def test_a_chain_goes_from_root_to_leaf_however_it_comes(rows, path):
    assert "".join(row["id"] for row in root_to_leaf(rows)) == path


def test_categories_are_flat_and_say_what_stands_in_the_way():
    categories = categories_from_json(
        {
            "categories": [
                make_category("1", "0", permission_statuses=["AVAILABLE"]),
                make_category(
                    "2",
                    "1",
                    is_leaf=True,
                    permission_statuses=["INVITE_ONLY", "NON_MAIN_CATEGORY"],
                ),
                make_category("3", "1", permission_statuses="available"),
                make_category("4", "1"),
                "odd",
                {"local_name": "nameless"},
            ]
        }
    )

    assert [(each.remote_id, each.parent_id) for each in categories] == [
        ("1", ""),
        ("2", "1"),
        ("3", "1"),
        ("4", "1"),
    ]
    assert [each.permission for each in categories] == [
        "AVAILABLE",
        "INVITE_ONLY, NON_MAIN_CATEGORY",
        "AVAILABLE",
        "",
    ]
    assert [each.is_leaf for each in categories] == [False, True, False, False]


@pytest.mark.parametrize("spelling", ["is_requried", "is_required"])
def test_required_attributes_come_first_however_that_is_spelled(spelling):
    attributes = attributes_from_json(
        {
            "attributes": [
                {"id": "1", "name": "Room", "type": "PRODUCT_PROPERTY"},
                {
                    "id": "2",
                    "name": "Material",
                    "type": "product_property",
                    spelling: True,
                    "is_multiple_selection": True,
                    "is_customizable": "true",
                    "value_data_format": "POSITIVE_INT_OR_DECIMAL",
                    "values": [{"id": "20", "name": "Rattan"}, {"name": "no id"}],
                    "requirement_conditions": [
                        {
                            "condition_type": "VALUE_ID_MATCH",
                            "attribute_id": "1",
                            "attribute_value_id": "10",
                        },
                        {"attribute_id": "1"},
                    ],
                },
                {"id": "3", "name": "Colour", "type": "SALES_PROPERTY"},
            ]
        }
    )

    assert [each.remote_id for each in attributes] == ["2", "1", "3"]
    material = attributes[0]
    assert material.is_required
    assert material.is_multiple
    assert material.is_customizable
    assert material.value_format == "POSITIVE_INT_OR_DECIMAL"
    assert [(each.remote_id, each.name) for each in material.values] == [
        ("20", "Rattan")
    ]
    assert material.conditions == (("1", "10"),)
    assert [each.is_sales for each in attributes] == [False, False, True]


def test_rules_tell_what_is_demanded():
    rules = rules_from_json(
        {
            "allowed_special_product_types": ["PRE_ORDER"],
            "product_certifications": [
                {
                    "id": "602",
                    "name": "Safety",
                    "is_required": True,
                    "document_details": "As PDF",
                    "expiration_date": {"is_required": True},
                }
            ],
            "size_chart": {"is_supported": True, "is_required": False},
            "cod": {"is_supported": False},
            "package_dimension": {"is_required": True},
            "epr": {"is_required": True},
            "responsible_person": {"is_required": True},
            "manufacturer": {"is_required": True},
            "seller_sku": {"is_required": True},
            "fees": [
                {"type": "PFAND", "is_required": True},
                {"type": "OTHER", "is_required": False},
            ],
        }
    )

    [certification] = rules.certifications
    assert (certification.remote_id, certification.details) == ("602", "As PDF")
    assert certification.is_required
    assert certification.needs_expiry
    assert rules.size_chart_supported
    assert not rules.size_chart_required
    assert rules.cod_supported is False
    assert rules.package_dimensions_required
    assert rules.epr_required
    assert rules.responsible_person_required
    assert rules.manufacturer_required
    assert rules.seller_sku_required
    assert rules.special_types == ("PRE_ORDER",)
    assert rules.required_fees == ("PFAND",)


def test_no_rules_demand_nothing():
    rules = rules_from_json({})

    assert rules.cod_supported is None
    assert not rules.package_dimensions_required


@pytest.mark.parametrize(
    ("status", "is_authorized"),
    [
        ("AUTHORIZED", True),
        ("UNAUTHORIEZD", False),
        ("Unauthorized", False),
        ("ODD", None),
        (None, None),
    ],
)
def test_brands_are_authorized_or_not_or_nobody_says(status, is_authorized):
    page = brand_page_from_json(
        {
            "brands": [
                {"id": "1", "name": "Glow", "authorized_status": status},
                {"id": 2, "brand_status": "UNAVAILABLE"},
                {"name": "no id"},
            ],
            "total_count": 2,
            "next_page_token": "p2",
        }
    )

    glow, other = page.brands
    assert glow.is_authorized is is_authorized
    assert glow.is_available
    assert (other.remote_id, other.is_available) == ("2", False)
    assert (page.total_count, page.next_page_token) == (2, "p2")


@pytest.mark.parametrize(
    ("data", "leaf"),
    [
        ({"leaf_category_id": "613"}, "613"),
        ({"categories": [{"id": "6"}, {"id": "613", "is_leaf": True}]}, "613"),
        ({"categories": [{"id": "6", "is_leaf": False}]}, ""),
        ({}, ""),
    ],
)
def test_the_recommended_leaf_is_found(data, leaf):
    assert recommended_leaf(data) == leaf


def test_warehouses_come_without_their_addresses():
    warehouses = warehouses_from_json(
        {
            "warehouses": [
                {
                    "id": "7100000000000000003",
                    "name": "Klang",
                    "type": "SALES_WAREHOUSE",
                    "effect_status": "ENABLED",
                    "is_default": True,
                    "address": {"contact_person": "A Person"},
                },
                {"id": "2", "type": "RETURN_WAREHOUSE", "effect_status": "DISABLED"},
                {"id": "3", "effect_status": "RESTRICTED"},
                {"id": "4"},
            ]
        }
    )

    assert warehouses[0] == RemoteWarehouse(
        "7100000000000000003", "Klang", "SALES_WAREHOUSE", is_default=True
    )
    assert [each.is_active for each in warehouses] == [True, False, False, True]


odd = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*make_product(), *make_sku(), "reasons", "status"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(odd, st.sampled_from(["products", "categories", "attributes", "brands"]))
def test_nothing_the_platform_could_answer_makes_the_reading_fall_over(value, name):
    data: dict[str, Any] = {name: value}

    page = listing_page_from_json(data)
    categories_from_json(data)
    attributes_from_json(data)
    brand_page_from_json(data)
    rules_from_json(value if isinstance(value, dict) else data)

    rows = value if isinstance(value, list) else [value]
    if name == "products" and value not in (None, ""):
        assert len(page.listings) + len(page.malformed) == len(rows)


@given(odd, st.sampled_from(sorted({*make_product()} - {"id"})))
def test_an_odd_field_spoils_at_most_its_row(value, name):
    rows = [make_product(id="1", **{name: value}), make_product(id="2")]

    page = listing_page_from_json({"products": rows})

    seen = [each.remote_id for each in page.listings]
    assert seen[-1] == "2"
    assert {*seen, *(remote_id for remote_id, _ in page.malformed)} == {"1", "2"}
