"""What the platform would refuse is said before anything is sent, in our words."""

from decimal import Decimal

import pytest

from apps.integrations.contracts import (
    AttributeValue,
    CategoryRules,
    RemoteAttribute,
    RemoteCertification,
)
from apps.products.models import AttributeRule, Category, Product, Variant
from apps.products.services.publishing import check, errors_in
from apps.products.services.publishing.attributes import resolve
from apps.products.services.publishing.numbers import size_in, weight_in
from apps.products.services.publishing.variations import sales_attributes
from apps.products.services.taxonomy_facts import Facts

POWER = RemoteAttribute(
    "11",
    "Power",
    is_sales=False,
    is_required=True,
    values=(AttributeValue("1", "Mains"), AttributeValue("2", "Battery")),
)
PLUG = RemoteAttribute(
    "12",
    "Plug",
    is_sales=False,
    is_required=False,
    values=(AttributeValue("5", "Type C"),),
    conditions=(("11", "1"),),
)
WATTS = RemoteAttribute(
    "13",
    "Wattage",
    is_sales=False,
    is_required=False,
    is_customizable=True,
    value_format="POSITIVE_INT_OR_DECIMAL",
)
COLOUR = RemoteAttribute(
    "21",
    "Color",
    is_sales=True,
    is_required=False,
    is_customizable=True,
    values=(AttributeValue("31", "Red"), AttributeValue("32", "Blue")),
)
SIZE = RemoteAttribute(
    "22",
    "Size",
    is_sales=True,
    is_required=True,
    values=(AttributeValue("41", "M"), AttributeValue("42", "L")),
)


def facts(
    *attributes, permission="AVAILABLE", is_leaf=True, path="Home > Lamps", **rules
):
    return Facts(
        "600",
        attributes=attributes,
        rules=CategoryRules(**rules),
        path=path,
        is_leaf=is_leaf,
        permission=permission,
    )


def sku(name="LAMP-1", **changes):
    return {
        "seller_sku": name,
        "price": {"amount": "40", "currency": "MYR"},
        "inventory": [{"warehouse_id": "7", "quantity": 5}],
        **changes,
    }


def content(**changes):
    return {
        "title": "Rattan lamp, natural, 30 cm",
        "description": "<p>A lamp.</p>",
        "category_id": "600",
        "brand_id": "9",
        "main_images": [{"uri": "tos/1"}],
        "skus": [sku()],
        "package_weight": {"value": "0.85", "unit": "KILOGRAM"},
        **changes,
    }


def errors(what, known=None, region="MY", **options):
    found = check(what, known or facts(), region, **options)
    return [(each.field, each.message) for each in errors_in(found)]


def fields(what, known=None, region="MY", **options):
    return [field for field, _ in errors(what, known, region, **options)]


def test_a_listing_that_says_all_it_must_has_no_errors():
    assert errors(content()) == []


@pytest.mark.parametrize(
    ("region", "length", "is_fine"),
    [
        ("MY", 24, False),
        ("MY", 25, True),
        ("US", 255, True),
        ("US", 256, False),
        ("BR", 1, True),
        ("BR", 300, True),
        ("MX", 301, False),
        ("JP", 24, False),
        ("DE", 255, True),
    ],
)
def test_titles_have_their_regions_length(region, length, is_fine):
    found = fields(content(title="x" * length), region=region, currency="MYR")
    assert ("title" not in found) is is_fine


@pytest.mark.parametrize(
    "title",
    [
        "A rattan lamp &amp; a shade for it",
        "A rattan lamp for your bedroom ✨",
        "A rattan lamp for your \x07 bedroom",
        "   ",
    ],
)
def test_titles_hold_no_escapes_symbols_or_control_characters(title):
    assert fields(content(title=title)) == ["title"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"description": ""}, "description"),
        ({"description": "<p> </p>"}, "description"),
        ({"description": "x" * 10_001}, "description"),
        ({"description": "<img src='a'>" * 31}, "description"),
        ({"main_images": []}, "main_images"),
        ({"main_images": [{"image": n} for n in range(10)]}, "main_images"),
        ({"category_id": ""}, "category_id"),
        ({"package_weight": {}}, "package_weight"),
        ({"external_product_id": "x" * 1000}, "external_product_id"),
        ({"skus": []}, "skus"),
    ],
)
def test_each_part_has_its_limits(changes, field):
    assert fields(content(**changes)) == [field]


@pytest.mark.parametrize(
    ("region", "count", "is_fine"),
    [("MY", 100, True), ("MY", 101, False), ("GB", 300, True), ("US", 301, False)],
)
def test_regions_allow_so_many_skus(region, count, is_fine):
    skus = [
        sku(f"S{n}", sales_attributes=[{"name": "Kind", "value_name": f"No {n}"}])
        for n in range(count)
    ]
    found = fields(content(skus=skus), region=region, currency="MYR")
    assert ("skus" not in found) is is_fine


@pytest.mark.parametrize(
    ("name", "is_fine"),
    [("A" * 50, True), ("A" * 51, False), ("A B", False), ("A\u00a0B", False)],
)
def test_seller_skus_are_short_and_without_spaces(name, is_fine):
    assert (errors(content(skus=[sku(name)])) == []) is is_fine


def test_seller_skus_are_given_once_and_not_left_out():
    twins = [
        sku("TWIN", sales_attributes=[{"name": "Kind", "value_name": value}])
        for value in "AB"
    ]
    assert fields(content(skus=twins)) == ["skus[TWIN].seller_sku"]
    assert fields(content(skus=[sku("")])) == ["skus[1].seller_sku"]
    # A listing that has never had one need not get one now.
    assert errors(content(skus=[sku("", id="1")]), is_new=False) == []
    needed = facts(seller_sku_required=True)
    assert len(errors(content(skus=[sku("", id="1")]), needed, is_new=False)) == 1


@pytest.mark.parametrize(
    "price",
    [
        {},
        {"amount": "", "currency": "MYR"},
        {"amount": "0", "currency": "MYR"},
        {"amount": "-1", "currency": "MYR"},
        {"amount": "NaN", "currency": "MYR"},
        {"amount": "forty", "currency": "MYR"},
        {"amount": "40.001", "currency": "MYR"},
        {"amount": "40", "currency": "USD"},
        {"amount": "40"},
    ],
)
def test_a_price_is_more_than_nothing_in_the_regions_currency(price):
    assert fields(content(skus=[sku(price=price)])) == ["skus[LAMP-1].price"]


def test_currencies_without_decimals_have_none():
    price = {"amount": "40000.5", "currency": "IDR"}
    assert fields(content(skus=[sku(price=price)]), region="ID") == [
        "skus[LAMP-1].price"
    ]
    whole = {"amount": "40000.00", "currency": "IDR"}
    assert errors(content(skus=[sku(price=whole)]), region="ID") == []


def test_a_price_is_struck_through_in_the_us_only_and_above_the_price():
    listed = sku(
        list_price={"amount": "60", "currency": "USD"},
        price={"amount": "40", "currency": "USD"},
    )
    pounds = {"value": "2", "unit": "POUND"}
    one = content(skus=[listed], package_weight=pounds)
    assert errors(one, region="US") == []
    assert fields(one, region="GB", currency="USD")[0] == "skus[LAMP-1].list_price"
    listed["list_price"]["amount"] = "39"
    assert fields(one, region="US") == ["skus[LAMP-1].list_price"]


@pytest.mark.parametrize("quantity", [None, 0, -1, 100_000, 1.5, "5", True])
def test_a_quantity_is_a_whole_number_within_the_limits(quantity):
    row = {"warehouse_id": "7", "quantity": quantity}
    assert fields(content(skus=[sku(inventory=[row])])) == ["skus[LAMP-1].inventory"]


def test_of_known_skus_price_and_stock_may_be_left_out():
    known = {"id": "1", "seller_sku": "LAMP-1"}
    assert errors(content(skus=[known]), is_new=False) == []
    new = {"seller_sku": "LAMP-1"}
    assert len(errors(content(skus=[new]), is_new=False)) == 2


@pytest.mark.parametrize(
    ("region", "unit", "is_fine"),
    [
        ("MY", "KILOGRAM", True),
        ("MY", "GRAM", False),
        ("MY", "POUND", False),
        ("US", "POUND", True),
        ("US", "KILOGRAM", True),
        ("US", "GRAM", False),
        ("BR", "GRAM", True),
        ("JP", "POUND", False),
    ],
)
def test_weights_are_in_the_regions_units(region, unit, is_fine):
    one = content(package_weight={"value": "1", "unit": unit})
    found = fields(one, region=region, currency="MYR")
    assert ("package_weight" not in found) is is_fine


def test_weight_and_size_are_in_one_system():
    size = {"length": "30", "width": "20", "height": "20", "unit": "INCH"}
    metric = content(package_dimensions=size)
    assert fields(metric, region="US", currency="MYR") == ["package_dimensions"]
    pounds = {"value": "2", "unit": "POUND"}
    assert (
        errors(
            content(package_weight=pounds, package_dimensions=size),
            region="US",
            currency="MYR",
        )
        == []
    )
    for height in ("0", "20.5", "high"):
        odd = {**size, "unit": "CENTIMETER", "height": height}
        assert fields(content(package_dimensions=odd)) == ["package_dimensions"]
    fine = {"value": "0.8504", "unit": "KILOGRAM"}
    assert fields(content(package_weight=fine)) == ["package_weight"]


def test_sizes_are_needed_where_the_category_asks_for_them():
    known = facts(package_dimensions_required=True)
    assert fields(content(), known) == ["package_dimensions"]


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (facts(path=""), "no category"),
        (facts(is_leaf=False), "below it"),
        (facts(permission="PROHIBITED"), "forbids"),
        (facts(permission="INVITE_ONLY"), "invitation"),
        (facts(permission="NON_MAIN_CATEGORY"), "main category"),
    ],
)
def test_a_category_is_a_leaf_that_may_be_used(known, words):
    [(field, message)] = errors(content(), known)
    assert (field, words in message) == ("category_id", True)


def test_the_us_takes_the_second_tree_only():
    one = content(category_version="v1", package_weight={"value": "1", "unit": "POUND"})
    assert fields(one, region="US", currency="MYR") == ["category_version"]


def attribute(attribute_id, *values):
    return {"id": attribute_id, "values": list(values)}


def test_required_attributes_are_named_when_they_are_missing():
    assert fields(content(), facts(POWER)) == ["product_attributes[Power]"]
    blank = content(product_attributes=[attribute("11", {"id": "", "name": ""})])
    assert fields(blank, facts(POWER)) == ["product_attributes[Power]"]


@pytest.mark.parametrize("value", [{"id": "1"}, {"name": "mains"}])
def test_an_attribute_is_required_by_the_value_of_another(value):
    one = content(product_attributes=[attribute("11", value)])
    assert fields(one, facts(POWER, PLUG)) == ["product_attributes[Plug]"]
    battery = content(product_attributes=[attribute("11", {"id": "2"})])
    assert errors(battery, facts(POWER, PLUG)) == []


@pytest.mark.parametrize(
    "row",
    [
        attribute("11", {"id": "99"}),
        attribute("11", {"name": "Steam"}),
        attribute("11", {"id": "1"}, {"id": "2"}),
    ],
)
def test_values_are_the_attributes_own_and_as_many_as_it_takes(row):
    assert fields(content(product_attributes=[row]), facts(POWER)) == [
        "product_attributes[Power]"
    ]


@pytest.mark.parametrize(
    ("told", "is_fine"), [("12.5", True), ("0", False), ("x", False)]
)
def test_numbers_are_numbers(told, is_fine):
    one = content(product_attributes=[attribute("13", {"name": told})])
    assert (errors(one, facts(WATTS)) == []) is is_fine


def test_attributes_of_another_category_are_to_be_taken_out():
    one = content(product_attributes=[attribute("77", {"name": "x"})])
    assert fields(one, facts()) == ["product_attributes[77]"]


def variant(name, *rows):
    return sku(name, sales_attributes=list(rows))


RED_M = ({"id": "21", "value_id": "31"}, {"id": "22", "value_id": "41"})
BLUE_L = ({"id": "21", "value_id": "32"}, {"id": "22", "value_id": "42"})


def test_skus_vary_by_the_same_attributes_in_different_values():
    known = facts(COLOUR, SIZE)
    assert (
        errors(content(skus=[variant("A", *RED_M), variant("B", *BLUE_L)]), known) == []
    )
    lacking = content(skus=[variant("A", *RED_M), variant("B", BLUE_L[1])])
    assert "same attributes" in str(errors(lacking, known))
    twice = content(skus=[variant("A", *RED_M), variant("B", *RED_M)])
    assert "Two SKUs" in str(errors(twice, known))
    assert "sets the SKUs apart" in str(errors(content(skus=[sku("A"), sku("B")])))
    assert "needs the Size" in str(errors(content(), known))


def test_values_of_a_closed_attribute_are_chosen_and_of_an_open_one_typed():
    known = facts(COLOUR, SIZE)
    odd = ({"id": "21", "value_name": "Mauve"}, {"id": "22", "value_name": "XXS"})
    found = errors(content(skus=[variant("A", *odd)]), known)
    assert [("XXS" in message, "Mauve" in message) for _, message in found] == [
        (True, False)
    ]


def test_only_one_attribute_has_pictures_and_then_all_its_values():
    image = {"sku_img": {"uri": "tos/2"}}
    skus = [
        variant("A", {**RED_M[0], **image}, RED_M[1]),
        variant("B", BLUE_L[0], BLUE_L[1]),
    ]
    assert "all need one" in str(errors(content(skus=skus)))
    skus[1] = variant("B", {**BLUE_L[0], **image}, {**BLUE_L[1], **image})
    assert "Only one attribute" in str(errors(content(skus=skus)))
    alone = {**RED_M[0], "supplementary_sku_images": [{"uri": "x"}] * 9}
    assert len(errors(content(skus=[variant("A", alone)]))) == 2


def test_papers_a_category_asks_for():
    paper = RemoteCertification("5", "CE", is_required=True, needs_expiry=True)
    on_mains = RemoteCertification(
        "6", "Plug test", is_required=False, conditions=(("11", "1"),)
    )
    known = facts(
        POWER,
        certifications=(paper, on_mains),
        size_chart_required=True,
        manufacturer_required=True,
        responsible_person_required=True,
    )
    mains = [attribute("11", {"id": "1"})]
    assert set(fields(content(product_attributes=mains), known)) == {
        "certifications[CE]",
        "certifications[Plug test]",
        "size_chart",
        "manufacturer_ids",
        "responsible_person_ids",
    }
    given = content(
        product_attributes=[attribute("11", {"id": "2"})],
        certifications=[{"id": "5", "images": [{"uri": "x"}]}],
        size_chart={"template": {"id": "3"}},
        manufacturer_ids=["1"],
        responsible_person_ids=["2"],
    )
    assert errors(given, known) == [
        ("certifications[CE]", "Say until when “CE” holds.")
    ]


def test_barcodes_say_what_they_are_and_have_their_length():
    def coded(**code):
        return content(skus=[sku(identifier_code=code)])

    field = ["skus[LAMP-1].identifier_code"]
    assert errors(coded(code="4006381333931", type="EAN")) == []
    assert fields(coded(code="4006381333931")) == field
    assert fields(coded(code="4006381333931", type="UPC")) == field
    assert fields(coded(code="4006381333931", type="QR")) == field


def test_errors_come_first_and_a_missing_brand_is_advice():
    found = check(content(brand_id="", title=""), facts(), "MY")
    assert [(each.field, each.is_error) for each in found] == [
        ("title", True),
        ("brand_id", False),
    ]


def test_without_facts_of_the_category_the_rest_is_judged():
    found = check(content(title=""), None, "MY")
    assert [each.field for each in errors_in(found)] == ["title"]


# What our own fields say.


def our_product(**changes):
    shelf = Category(name="Lamps")
    return Product(name="Lamp", brand="Northlight", category=shelf, **changes)


def our_variants(*names):
    return [
        Variant(sku=f"S{n}", name=name, weight_grams=100 * n)
        for n, name in enumerate(names, start=1)
    ]


def rule(attribute_id, source, **changes):
    values = {"attribute_remote_id": attribute_id, "source": source, **changes}
    return {attribute_id: AttributeRule(**values)}


def test_attributes_follow_from_fixed_values_fields_and_maps():
    rules = {
        **rule("11", "fixed", values=[{"id": "2", "name": "Battery"}]),
        **rule("13", "field", field="weight_grams"),
        **rule("12", "map", field="category", value_map={" lamps ": {"id": "5"}}),
    }
    found = resolve(
        facts(POWER, PLUG, WATTS), rules, our_product(), our_variants("One")
    )
    assert found.values == {
        "11": [{"id": "2", "name": "Battery"}],
        "12": [{"id": "5"}],
        "13": [{"name": "100"}],
    }
    assert found.unclear == []


def test_what_leads_nowhere_is_said_and_what_is_required_is_counted():
    rules = {
        **rule("11", "field", field="brand"),
        **rule("12", "map", field="name", value_map={}),
        **rule("13", "field", field="weight_grams"),
    }
    known = facts(POWER, PLUG, WATTS)
    found = resolve(known, rules, our_product(), our_variants("One", "Two"))
    assert found.values == {}
    assert dict(found.unclear) == {
        "Power": "it has no value “Northlight” (our brand)",
        "Plug": "“Lamp” is not in the rule's map",
        "Wattage": "our weight in grams differs by variant",
    }
    assert [each.name for each in found.missing(known)] == ["Power"]


def test_variant_names_become_the_attributes_that_know_their_parts():
    rows = sales_attributes(
        (COLOUR, SIZE), {}, our_product(), our_variants("Red / M", "Mauve / L")
    )
    assert rows[0] == [
        {"id": "21", "name": "Color", "value_id": "31", "value_name": "Red"},
        {"id": "22", "name": "Size", "value_id": "41", "value_name": "M"},
    ]
    assert rows[1][0] == {"id": "21", "name": "Color", "value_name": "Mauve"}


def test_variant_names_nobody_knows_become_an_attribute_of_our_own():
    rows = sales_attributes((COLOUR,), {}, our_product(), our_variants("Tall", "Small"))
    assert rows == [
        [{"name": "Variation", "value_name": "Tall"}],
        [{"name": "Variation", "value_name": "Small"}],
    ]
    assert sales_attributes((COLOUR,), {}, our_product(), our_variants("")) == [[]]


@pytest.mark.parametrize(
    ("grams", "unit", "written"),
    [
        (850, "KILOGRAM", "0.85"),
        (850, "POUND", "1.87"),
        (850, "GRAM", "850"),
        (0.2, "KILOGRAM", "0.001"),
        (0.2, "GRAM", "1"),
        (12_000, "KILOGRAM", "12"),
    ],
)
def test_weights_are_told_in_other_units(grams, unit, written):
    assert weight_in(Decimal(str(grams)), unit) == written


def test_sizes_are_whole_and_never_nothing():
    assert size_in(Decimal("30.4"), "CENTIMETER") == "30"
    assert size_in(Decimal("30.4"), "INCH") == "12"
    assert size_in(Decimal("0.3"), "CENTIMETER") == "1"
