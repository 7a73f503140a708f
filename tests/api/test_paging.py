"""Pages stay right while rows come and go."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.orders.models import Order
from apps.users.roles import Role
from tests.api.support import Caller, code, keys
from tests.factories.orders import make_order
from tests.factories.platforms import make_shop
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def shop():
    return make_shop()


@pytest.fixture
def caller(shop) -> Caller:
    return Caller(make_user(clients=[shop.client], role=Role.ANALYST))


def orders_at(shop, *hours: int) -> list[Order]:
    return [make_order(shop, placed_at=NOW - timedelta(hours=hour)) for hour in hours]


def all_pages(caller: Caller, address: str) -> list[int]:
    found: list[int] = []
    following: str | None = address
    while following:
        answer = caller.get(following)
        found += keys(answer)
        following = answer.json()["next"]
    return found


def test_every_row_comes_once_also_where_many_share_an_instant(caller, shop):
    rows = orders_at(shop, 1, 1, 1, 2, 2, 1, 3, 1)
    wanted = sorted(rows, key=lambda row: (row.placed_at, row.pk), reverse=True)

    found = all_pages(caller, "orders/?page_size=3")

    assert found == [row.pk for row in wanted]
    backwards = all_pages(caller, "orders/?page_size=3&ordering=placed_at")
    assert backwards == found[::-1]


def test_rows_that_arrive_or_go_meanwhile_shift_nothing(caller, shop):
    rows = orders_at(shop, 1, 2, 3, 4, 5, 6)
    first = caller.get("orders/?page_size=2")
    make_order(shop, placed_at=NOW)
    rows[1].lines.all().delete()
    rows[1].payloads.all().delete()
    rows[1].delete()

    rest = all_pages(caller, first.json()["next"])

    assert keys(first) == [rows[0].pk, rows[1].pk if rows[1].pk else keys(first)[1]]
    assert rest == [row.pk for row in rows[2:]]


def test_one_may_go_back(caller, shop):
    rows = [row.pk for row in orders_at(shop, 1, 2, 3, 4, 5)]
    first = caller.get("orders/?page_size=2")
    second = caller.get(first.json()["next"])
    third = caller.get(second.json()["next"])

    back = caller.get(third.json()["previous"])
    start = caller.get(back.json()["previous"])

    assert first.json()["previous"] is None
    assert third.json()["next"] is None
    assert keys(third) == rows[4:]
    assert keys(back) == rows[2:4]
    assert keys(start) == rows[:2]
    assert start.json()["previous"] is None
    assert keys(caller.get(start.json()["next"])) == rows[2:4]


def test_a_cursor_holds_for_its_list_alone(caller, shop):
    orders_at(shop, 1, 2, 3)
    cursor = caller.get("orders/?page_size=1").json()["next"].split("cursor=")[1]
    cursor = cursor.split("&")[0]

    for address in (
        f"orders/?cursor={cursor}&status=to_ship",
        f"orders/?cursor={cursor}&ordering=placed_at",
        f"runs/?cursor={cursor}",
        f"orders/?cursor={cursor[:-2]}xx",
        "orders/?cursor=",
        "orders/?cursor=%00",
    ):
        assert code(caller.get(address)) == (400, "invalid_cursor"), address
    assert caller.get(f"orders/?cursor={cursor}&page_size=2").status_code == 200


def test_names_are_paged_by_the_order_of_the_database(caller, shop):
    names = ["Lamps", "lamps", "Äpfel", "Zoo", "LAMPS", "1st", "Zoo"]
    made = [make_shop(shop.client, name=name) for name in names]

    found = all_pages(caller, "shops/?page_size=2")

    assert sorted(found) == sorted([shop.pk, *(row.pk for row in made)])


def test_a_page_has_fifty_rows_unless_asked(caller, shop):
    for number in range(53):
        make_shop(shop.client, name=f"S{number}")

    assert len(keys(caller.get("shops/"))) == 50
    assert len(keys(caller.get("shops/?page_size=200"))) == 54


def test_what_one_may_not_see_is_on_no_page(caller, shop):
    orders_at(shop, 1, 2)
    orders_at(make_shop(make_client()), 1, 2, 3)

    assert len(all_pages(caller, "orders/?page_size=1")) == 2
