"""Brands: looking them up, and making one."""

from pathlib import Path
from typing import Any

import pytest

from tests.simulator.caller import Caller, connect
from tests.simulator_server import SimulatorServer, run_simulator

BRANDS = "/product/202309/brands"
PAGE = {"page_size": "100"}
Row = dict[str, Any]


def brands(caller: Caller, shop: int = 1, /, **query: str) -> dict[str, Any]:
    full = PAGE | {"shop_cipher": caller.cipher(shop)} | query
    return caller.data("GET", BRANDS, full)


def all_brands(caller: Caller, **query: str) -> list[Row]:
    rows: list[Row] = []
    while True:
        page = brands(caller, 1, **query)
        rows += page["brands"]
        if not page["next_page_token"]:
            assert len(rows) == page["total_count"]
            return rows
        query["page_token"] = page["next_page_token"]


def make_brand(caller: Caller, name: object) -> int:
    return caller.code("POST", BRANDS, None, {"name": name})


def test_brands_come_in_pages_without_gaps_or_repeats(caller: Caller):
    rows = all_brands(caller, page_size="70")

    assert len({row["id"] for row in rows}) == len(rows) > 200
    assert set(rows[0]) == {
        "id", "name", "authorized_status", "is_t1_brand", "brand_status",
    }  # fmt: skip


@pytest.mark.parametrize("size", ["", "0", "101", "ten", "-1", "1e1"])
def test_a_page_of_brands_has_one_to_a_hundred(caller: Caller, size: str):
    query = {"page_size": size, "shop_cipher": caller.cipher(1)}

    assert caller.code("GET", BRANDS, query) == 12019109


@pytest.mark.parametrize("token", ["x", "b2Zmc2V0PS0xCg==", "bm9uc2Vuc2U="])
def test_a_token_nobody_gave_is_refused(caller: Caller, token: str):
    query = PAGE | {"shop_cipher": caller.cipher(1), "page_token": token}

    assert caller.code("GET", BRANDS, query) == 12019108


def test_a_token_past_the_end_gives_an_empty_last_page(caller: Caller):
    page = brands(caller, page_token="b2Zmc2V0PTkwMDAK")  # offset=9000

    assert (page["brands"], page["next_page_token"]) == ([], "")


def test_authorised_brands_can_be_told_apart(caller: Caller):
    rows = all_brands(caller)
    only = all_brands(caller, is_authorized="true")
    either = all_brands(caller, is_authorized="false")

    assert {row["authorized_status"] for row in rows} == {"AUTHORIZED", "UNAUTHORIEZD"}
    assert only == [row for row in rows if row["authorized_status"] == "AUTHORIZED"]
    assert either == rows


def test_brands_are_found_by_part_of_their_name(caller: Caller):
    rows = all_brands(caller, brand_name="EMBERLY k")

    assert [row["name"] for row in rows] == ["Emberly Kids", "Emberly Kitchen"]


def test_a_category_narrows_the_brands(caller: Caller):
    tree = caller.data(
        "GET", "/product/202309/categories", {"shop_cipher": caller.cipher(1)}
    )["categories"]
    leaf = next(row["id"] for row in tree if row["is_leaf"])
    query = PAGE | {"shop_cipher": caller.cipher(1)}

    assert 0 < len(all_brands(caller, category_id=leaf)) < len(all_brands(caller))
    assert caller.code("GET", BRANDS, query | {"category_id": "1"}) == 12052023
    root = query | {"category_id": tree[0]["id"]}
    assert caller.code("GET", BRANDS, root) == 12052230
    newer = query | {"category_id": leaf, "category_version": "v2"}
    assert caller.code("GET", BRANDS, newer) == 12052217


def test_a_new_brand_is_there_for_its_seller_alone(server: SimulatorServer):
    mine, other = connect(server), connect(server, 1)

    made = mine.data("POST", BRANDS, None, {"name": "Qz"})

    (row,) = all_brands(mine, brand_name="qz")
    assert row == {
        "id": made["id"],
        "name": "Qz",
        "authorized_status": "AUTHORIZED",
        "is_t1_brand": False,
        "brand_status": "AVAILABLE",
    }
    assert brands(other, 0, brand_name="qz")["brands"] == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Q", 12052189),
        (" Q ", 12052189),
        ("Q" * 31, 12052190),
        ("Quay \N{FIRE}", 12052191),
        ("\N{MATHEMATICAL BOLD CAPITAL Q}uay", 12052191),
        ("Quay 12345", 12052192),
        ("emberly KITCHEN", 12052205),
        (None, 12052204),
        (7, 12052204),
    ],
)
def test_a_brand_that_cannot_be_is_refused(caller: Caller, name: object, code: int):
    assert make_brand(caller, name) == code


def test_brand_names_in_any_script_of_two_to_thirty_characters_pass(caller: Caller):
    for name in ("Qz", "Q" * 30, "Küste & Söhne", "บ้านสวน", "Quay 1234"):
        assert make_brand(caller, name) == 0


def test_the_same_brand_cannot_be_made_twice(server: SimulatorServer):
    mine, other = connect(server), connect(server, 1)

    assert make_brand(mine, "Quayside") == 0
    assert make_brand(mine, "QUAYSIDE ") == 12052205
    assert make_brand(other, "Quayside") == 0  # nobody sees another seller's


def test_a_seller_makes_so_many_brands_a_day(caller: Caller):
    codes = [make_brand(caller, f"Quay no. {n}") for n in range(31)]

    assert codes == [0] * 30 + [12052202]
    caller.server.control("clock", {"advance": 86_400})
    assert make_brand(caller, "Quay tomorrow") == 0


def test_making_a_brand_takes_no_cipher(caller: Caller):
    query = {"shop_cipher": caller.cipher()}

    assert caller.code("POST", BRANDS, query, {"name": "Quayside"}) == 36009004


def test_a_brand_outlives_a_restart(tmp_path: Path):
    state = tmp_path / "state.jsonl"
    with run_simulator(state_path=state) as server:
        made = connect(server).data("POST", BRANDS, None, {"name": "Quayside"})["id"]

    with run_simulator(state_path=state) as server:
        (found,) = brands(connect(server), brand_name="quay")["brands"]

    assert found["id"] == made
