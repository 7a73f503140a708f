"""Categories and what they ask of their products."""

from collections.abc import Iterator

import pytest

from tests.simulator.desk import CATEGORIES, DE, GB, ID, MY, US, Desk, Row
from tests.simulator_server import SimulatorServer


@pytest.fixture(params=[US, GB, ID, DE, MY], ids=["US", "GB", "ID", "DE", "MY"])
def desk(server: SimulatorServer, request: pytest.FixtureRequest) -> Desk:
    return Desk(server, request.param)


@pytest.fixture
def us(server: SimulatorServer) -> Desk:
    return Desk(server, US)


@pytest.fixture
def gb(server: SimulatorServer) -> Desk:
    return Desk(server, GB)


def ids(rows: list[Row]) -> set[str]:
    return {row["id"] for row in rows}


def named(rows: list[Row], name: str) -> Row:
    return next(row for row in rows if row["name"] == name)


def depths(rows: list[Row]) -> Iterator[int]:
    by_id = {row["id"]: row for row in rows}
    for row in rows:
        depth = 1
        while row["parent_id"] != "0":
            row, depth = by_id[row["parent_id"]], depth + 1
        yield depth


def test_every_market_has_a_whole_tree(desk: Desk):
    rows = desk.tree(include_prohibited_categories="true")

    assert 150 <= len(rows) <= 300
    assert len(ids(rows)) == len(rows)
    assert set(rows[0]) == {
        "id", "parent_id", "local_name", "is_leaf", "permission_statuses",
    }  # fmt: skip
    parents = {row["parent_id"] for row in rows}
    assert parents - ids(rows) == {"0"}
    assert {row["id"] for row in rows if row["is_leaf"]} == ids(rows) - parents
    assert all(row["local_name"] for row in rows)


def test_the_us_tree_is_deeper_than_the_others(us: Desk):
    gb = us.next_door()
    assert max(depths(us.tree())) == 5
    assert max(depths(gb.tree())) == 3


def test_the_tree_speaks_the_markets_language_or_the_one_asked_for(
    server: SimulatorServer,
):
    desk = Desk(server, DE)
    german, english = desk.tree(), desk.tree(locale="en-GB")
    unknown = desk.tree(locale="tlh")

    assert ids(german) == ids(english)
    assert "Küchenbedarf" in {row["local_name"] for row in german}
    assert "Kitchenware" in {row["local_name"] for row in english}
    assert unknown == german


def test_the_us_takes_version_two_only(us: Desk):
    for query in ({}, {"category_version": "v1"}):
        cipher = {"shop_cipher": us.query["shop_cipher"]}
        assert us.caller.code("GET", CATEGORIES, cipher | query) == 12052217


def test_other_markets_take_version_one_or_none(gb: Desk):
    assert gb.tree() == gb.tree(category_version="v1")
    query = gb.query | {"category_version": "v2"}
    assert gb.caller.code("GET", CATEGORIES, query) == 12052217


def test_a_keyword_finds_names_and_all_above_them(gb: Desk):
    found = gb.tree(keyword="  MUGS ")

    assert [row["local_name"] for row in found] == ["Kitchenware", "Drinkware", "Mugs"]
    assert found[0]["parent_id"] == "0"
    assert gb.tree(keyword="no such thing") == []


def test_a_keyword_is_looked_for_in_the_language_asked_for(server: SimulatorServer):
    desk = Desk(server, ID)

    assert desk.tree(keyword="Mugs") == []
    assert desk.tree(keyword="mugs", locale="en-US")[-1]["local_name"] == "Mugs"


def test_prohibited_categories_are_shown_on_demand(gb: Desk):
    usual, everything = gb.tree(), gb.tree(include_prohibited_categories="true")

    statuses = {s for row in everything for s in row["permission_statuses"]}
    assert statuses == {"AVAILABLE", "INVITE_ONLY", "NON_MAIN_CATEGORY", "PROHIBITED"}
    hidden = [row for row in everything if row["id"] not in ids(usual)]
    assert hidden
    assert all(row["permission_statuses"] == ["PROHIBITED"] for row in hidden)


def test_a_flag_that_is_no_flag_is_refused(gb: Desk):
    query = gb.query | {"include_prohibited_categories": "perhaps"}

    assert gb.caller.code("GET", CATEGORIES, query) == 36009004


def test_tokopedia_is_a_platform_in_indonesia_only(server: SimulatorServer):
    query = {"listing_platform": "TOKOPEDIA"}
    indonesia, britain = Desk(server, ID), Desk(server, GB)

    assert indonesia.tree(**query) == indonesia.tree()
    assert britain.caller.code("GET", CATEGORIES, britain.query | query) == 12019210
    wrong = indonesia.query | {"listing_platform": "ELSEWHERE"}
    assert indonesia.caller.code("GET", CATEGORIES, wrong) == 12019210


def test_every_leaf_has_attributes_and_a_sales_property(desk: Desk):
    leaves = [row for row in desk.tree() if row["is_leaf"]][::9]
    keys = {
        "id", "name", "type", "is_requried", "is_customizable", "is_multiple_selection",
    }  # fmt: skip

    for leaf in leaves:
        rows = desk.attributes(leaf["id"])
        assert len(ids(rows)) == len(rows)
        assert all(keys <= set(row) for row in rows)
        assert {row["type"] for row in rows} == {"SALES_PROPERTY", "PRODUCT_PROPERTY"}


def test_an_attribute_is_required_when_another_has_a_value(us: Desk):
    rows = us.attributes(us.leaf("LED desk lamp"))
    power, plug = named(rows, "Power Source"), named(rows, "Plug Type")

    assert (power["is_requried"], plug["is_requried"]) == (True, False)
    assert plug["requirement_conditions"] == [
        {
            "condition_type": "VALUE_ID_MATCH",
            "attribute_id": power["id"],
            "attribute_value_id": named(power["values"], "Mains")["id"],
        }
    ]
    assert "requirement_conditions" not in power


def test_attributes_say_how_they_are_filled_in(us: Desk):
    clothes = us.attributes(us.leaf("Cotton T-shirt"))
    lamps = us.attributes(us.leaf("LED desk lamp"))

    size, material = named(clothes, "Size"), named(clothes, "Material")
    assert (size["type"], size["is_requried"]) == ("SALES_PROPERTY", True)
    assert material["is_multiple_selection"]
    assert material["is_customizable"]
    assert not named(clothes, "Pattern")["is_customizable"]
    voltage = named(lamps, "Voltage")
    assert voltage["value_data_format"] == "POSITIVE_INT_OR_DECIMAL"
    assert "values" not in voltage


def test_attributes_and_values_are_translated_and_keep_their_ids(
    server: SimulatorServer,
):
    desk = Desk(server, DE)
    leaf = desk.leaf("Schreibtischlampe, dimmbar")
    german, english = desk.attributes(leaf), desk.attributes(leaf, locale="en")

    assert [row["id"] for row in german] == [row["id"] for row in english]
    assert named(german, "Stromquelle")["values"][0]["name"] == "Netzstrom"
    assert named(english, "Power Source")["values"][0]["name"] == "Mains"


@pytest.mark.parametrize("what", ["attributes", "rules"])
def test_only_a_leaf_of_this_tree_has_details(us: Desk, what: str):
    tree, gb = us.tree(), us.next_door()
    deep_leaf = us.leaf("Pour-over coffee set")  # the fourth level

    assert us.get(tree[0]["id"], what)["code"] == 12052024
    assert us.get("1", what)["code"] == 12052023
    assert us.get("no-number", what)["code"] == 12052023
    assert gb.get(deep_leaf, what)["code"] == 12052230
    wrong = us.get(deep_leaf, what, category_version="v1")
    assert wrong["code"] == 12052217


def test_a_category_of_other_markets_is_none_of_this_tree(server: SimulatorServer):
    indonesia, germany = Desk(server, ID), Desk(server, DE)
    leaf = indonesia.leaf("Hijab segi empat voal")

    assert indonesia.get(leaf, "rules")["code"] == 0
    assert germany.get(leaf, "rules")["code"] == 12052230


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("PROHIBITED", 12052220),
        ("INVITE_ONLY", 12052223),
        ("NON_MAIN_CATEGORY", 12052226),
    ],
)
def test_a_closed_category_has_no_rules_to_show(gb: Desk, status: str, code: int):
    leaf = next(
        row
        for row in gb.tree(include_prohibited_categories="true")
        if row["is_leaf"] and row["permission_statuses"] == [status]
    )

    assert gb.get(leaf["id"], "rules")["code"] == code
    assert gb.get(leaf["id"], "attributes")["code"] == 0


def test_rules_have_every_documented_part(desk: Desk):
    leaf = next(
        row
        for row in desk.tree()
        if row["is_leaf"] and row["permission_statuses"] == ["AVAILABLE"]
    )

    assert set(desk.rules(leaf["id"])) == {
        "product_certifications", "size_chart", "cod", "package_dimension", "epr",
        "responsible_person", "manufacturer", "allowed_special_product_types", "fees",
        "seller_sku",
    }  # fmt: skip


def test_rules_differ_from_category_to_category(us: Desk):
    shirt = us.rules(us.leaf("Cotton T-shirt"))
    balm = us.rules(us.leaf("Lip balm trio"))
    lamp = us.rules(us.leaf("LED desk lamp"))

    assert shirt["size_chart"] == {"is_supported": True, "is_required": True}
    assert lamp["size_chart"] == {"is_supported": False, "is_required": False}
    assert shirt["product_certifications"] == []
    (cosmetics,) = balm["product_certifications"]
    assert cosmetics["is_required"]
    assert cosmetics["expiration_date"] == {"is_required": True}
    assert lamp["package_dimension"] == {"is_required": True}
    assert shirt["package_dimension"] == {"is_required": False}
    assert shirt["allowed_special_product_types"] == ["PRE_ORDER"]


def test_a_certification_may_depend_on_an_attribute(us: Desk):
    leaf = us.leaf("LED desk lamp")
    power = named(us.attributes(leaf), "Power Source")

    electrical = us.rules(leaf)["product_certifications"][0]

    assert not electrical["is_required"]
    (condition,) = electrical["requirement_conditions"]
    assert condition["attribute_id"] == power["id"]
    assert condition["attribute_value_id"] == named(power["values"], "Mains")["id"]
    assert electrical["sample_image_url"].startswith(us.caller.server.url)


def test_the_eu_asks_who_answers_for_a_product(server: SimulatorServer):
    germany, britain = Desk(server, DE), Desk(server, GB)
    german = germany.rules(germany.leaf("Handtücher"))
    british = britain.rules(britain.leaf("Towels"))

    for part in ("responsible_person", "manufacturer"):
        assert german[part] == {"is_required": True}
        assert british[part] == {"is_required": False}


def test_cash_on_delivery_follows_the_market(server: SimulatorServer):
    indonesia, britain = Desk(server, ID), Desk(server, GB)

    assert indonesia.rules(indonesia.leaf("Kaos katun"))["cod"]["is_supported"]
    assert not britain.rules(britain.leaf("Cotton T-shirt"))["cod"]["is_supported"]
