"""Who answers for products in the EU."""

from pathlib import Path
from typing import Any

import pytest

from tests.simulator.caller import Caller, connect
from tests.simulator_server import SimulatorServer, run_simulator

MANUFACTURERS = "/product/202409/compliance/manufacturers"
PERSONS = "/product/202409/compliance/responsible_persons"
NEWER = "/product/202501/compliance"
PAGE = {"page_size": "100"}
US, ABROAD, GERMAN = 0, 2, 3  # sellers; the second sells across borders

MAKER: dict[str, Any] = {
    "name": "Example Works",
    "registered_trade_name": "Example",
    "email": "maker@works.example.com",
    "phone_number": {"country_code": "+49", "local_number": "3055550142"},
    "address": "Beispielweg 1, 10115 Berlin",
}
PERSON: dict[str, Any] = {
    "name": "Example Compliance",
    "email": "answer@compliance.example.com",
    "phone_number": {"country_code": "+353", "local_number": "15550143"},
    "address": {
        "street_address_line1": "1 Sample Street",
        "city": "Dublin",
        "postal_code": "D02 AF30",
        "country": "Ireland",
    },
}
Row = dict[str, Any]


@pytest.fixture
def german(server: SimulatorServer) -> Caller:
    return connect(server, GERMAN)


def search(caller: Caller, kind: str, body: Row | None = None, **query: str) -> Row:
    return caller.data("POST", f"{NEWER}/{kind}/search", PAGE | query, body or {})


def test_a_german_seller_has_registered_who_answers(german: Caller):
    makers = search(german, "manufacturers")
    persons = search(german, "responsible_persons")

    assert (makers["total_count"], persons["total_count"]) == (2, 1)
    (profile,) = makers["manufacturers"][0]["regional_profiles"]
    assert profile["locale"] == "de-DE"
    assert set(MAKER) <= set(profile)
    (profile,) = persons["responsible_persons"][0]["regional_profiles"]
    assert profile["address"]["country"] == "Germany"


def test_a_manufacturer_is_made_found_and_edited(german: Caller):
    made = german.data("POST", MANUFACTURERS, None, MAKER)["manufacturer_id"]
    path = f"{MANUFACTURERS}/{made}/partial_edit"

    assert german.data("POST", path, None, {"email": "new@works.example.com"}) == {}
    english = MAKER | {"name": "Example Works Ltd", "locale": "en-IE"}
    assert german.data("POST", path, None, english) == {}

    (found,) = search(german, "manufacturers", {"manufacturer_ids": [made]})[
        "manufacturers"
    ]
    own, other = found["regional_profiles"]
    assert (own["locale"], other["locale"]) == ("de-DE", "en-IE")
    assert (own["name"], own["email"]) == (MAKER["name"], "new@works.example.com")
    assert own["phone_number"] == {"availability": "AVAILABLE"} | MAKER["phone_number"]
    assert other["name"] == "Example Works Ltd"


def test_a_registered_manufacturer_is_edited_in_place(german: Caller):
    before = search(german, "manufacturers")["manufacturers"]
    path = f"{MANUFACTURERS}/{before[0]['id']}/partial_edit"

    german.data("POST", path, None, {"address": "Neuer Weg 5, 90402 Nürnberg"})

    after = search(german, "manufacturers")["manufacturers"]
    assert [row["id"] for row in after] == [row["id"] for row in before]
    profile = after[0]["regional_profiles"][0]
    assert profile["address"] == "Neuer Weg 5, 90402 Nürnberg"
    assert profile["name"] == before[0]["regional_profiles"][0]["name"]


def test_a_responsible_person_is_made_found_and_edited(german: Caller):
    made = german.data("POST", PERSONS, None, PERSON)["responsible_person_id"]
    path = f"{PERSONS}/{made}/partial_edit"

    german.data("POST", path, None, {"name": "Another Compliance"})

    found = search(german, "responsible_persons", {"keyword": "another"})
    (row,) = found["responsible_persons"]
    assert row["id"] == made
    assert row["regional_profiles"][0]["address"] == PERSON["address"]


def test_they_are_found_by_word_and_locale(german: Caller):
    german.data("POST", MANUFACTURERS, None, MAKER | {"locale": "en"})

    def names(body: Row) -> list[str]:
        rows = search(german, "manufacturers", body)["manufacturers"]
        return [row["regional_profiles"][0]["name"] for row in rows]

    assert names({"keyword": "EXAMPLE"}) == ["Example Works"]
    assert names({"locales": ["en"]}) == ["Example Works"]
    assert len(names({"locales": ["de", "en"]})) == 3
    assert names({"locales": ["de-DE"], "keyword": "example"}) == []


def phone(**changes: str) -> Row:
    return {"phone_number": MAKER["phone_number"] | changes}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": " "}, 38023033),
        ({"name": "x" * 201}, 38023044),
        ({"registered_trade_name": ""}, 38023037),
        ({"registered_trade_name": "x" * 201}, 38023045),
        ({"email": "nobody"}, 38023042),
        ({"email": "no body@works.example.com"}, 38023042),
        ({"address": None}, 38023034),
        ({"address": "x" * 501}, 38023043),
        ({"phone_number": None}, 38023060),
        (phone(availability="SOMETIMES"), 38023060),
        (phone(country_code="49"), 38023046),
        (phone(local_number="12"), 38023041),
        (phone(local_number="12-34-56"), 38023041),
    ],
)
def test_a_manufacturers_fields_are_checked(german: Caller, changes: Row, code: int):
    assert german.code("POST", MANUFACTURERS, None, MAKER | changes) == code
    assert search(german, "manufacturers")["total_count"] == 2


def test_a_manufacturer_may_have_no_phone(german: Caller):
    body = MAKER | {"phone_number": {"availability": "UNAVAILABLE"}}

    assert german.code("POST", MANUFACTURERS, None, body) == 0


def test_a_manufacturer_needs_all_but_a_trade_name(german: Caller):
    for name, code in (
        ("name", 38023033),
        ("email", 38023042),
        ("phone_number", 38023060),
        ("address", 38023034),
        ("registered_trade_name", 0),
    ):
        body = {key: value for key, value in MAKER.items() if key != name}
        assert german.code("POST", MANUFACTURERS, None, body) == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": None}, 38023022),
        ({"email": ""}, 38023042),
        ({"phone_number": {"country_code": "+1", "local_number": "5550100"}}, 38023028),
        ({"phone_number": {"country_code": "+353", "local_number": "1"}}, 38023041),
        ({"address": "one line"}, 38023024),
        ({"address": {**PERSON["address"], "postal_code": ""}}, 38023024),
        ({"address": {**PERSON["address"], "country": "Norway"}}, 38023026),
        ({"address": {**PERSON["address"], "city": "x" * 501}}, 38023043),
        ({"address": {**PERSON["address"], "country": "IE"}}, 0),
    ],
)
def test_a_responsible_person_is_in_the_eu(german: Caller, changes: Row, code: int):
    assert german.code("POST", PERSONS, None, PERSON | changes) == code


def test_nobody_edits_what_is_not_theirs(server: SimulatorServer):
    german, other = connect(server, GERMAN), connect(server, US)
    theirs = search(german, "manufacturers")["manufacturers"][0]["id"]

    def edit(wanted: str) -> int:
        path = f"{MANUFACTURERS}/{wanted}/partial_edit"
        return other.code("POST", path, None, {"name": "Mine"})

    assert edit(theirs) == 38023052
    assert edit("0" * 24) == 38023051
    assert search(other, "manufacturers")["manufacturers"] == []
    wanted = {"manufacturer_ids": [theirs]}
    assert search(other, "manufacturers", wanted)["total_count"] == 0


def test_a_seller_across_borders_has_no_such_register(server: SimulatorServer):
    caller = connect(server, ABROAD)

    assert caller.code("POST", MANUFACTURERS, None, MAKER) == 38023050
    assert caller.code("POST", PERSONS, None, PERSON) == 38023050
    path = f"{NEWER}/manufacturers/search"
    assert caller.code("POST", path, PAGE, {}) == 38023050


def test_the_registers_pages_and_filters_are_checked(german: Caller):
    path = f"{NEWER}/manufacturers/search"

    def code(query: dict[str, str], body: Row | None = None) -> int:
        return german.code("POST", path, query, body or {})

    assert code({}) == 38023047
    assert code({"page_size": "101"}) == 38023047
    assert code(PAGE | {"page_token": "x"}) == 38023048
    assert code({"page_size": "1"}, {"manufacturer_ids": ["1", "2"]}) == 38023049
    assert code(PAGE, {"locales": ["tlh"]}) == 38023057
    assert code(PAGE, {"manufacturer_ids": "1"}) == 36009004


def test_the_older_search_answers_alike(german: Caller):
    older = german.data("POST", f"{MANUFACTURERS}/search", PAGE, {})

    assert older == search(german, "manufacturers")


def test_a_manufacturer_outlives_a_restart(tmp_path: Path):
    state = tmp_path / "state.jsonl"
    with run_simulator(state_path=state) as server:
        maker = connect(server, GERMAN).data("POST", MANUFACTURERS, None, MAKER)

    with run_simulator(state_path=state) as server:
        rows = search(connect(server, GERMAN), "manufacturers")["manufacturers"]

    assert rows[-1]["id"] == maker["manufacturer_id"]
