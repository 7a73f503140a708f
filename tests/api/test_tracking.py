"""Carriers' numbers: one order's, and many at once."""

from typing import Any

import pytest
from django.core.cache import cache

from apps.orders.models import ActionRun, Order, OrderAction
from apps.sync.tasks import work_order_actions
from apps.users.models import IdempotencyRecord
from tests.api.catalogue import errors
from tests.api.order_rows import make_carrier, make_shippable
from tests.api.support import Caller, code
from tests.api.world import World, make_world
from tests.factories.orders import make_package
from tests.factories.platforms import make_shop

pytestmark = pytest.mark.django_db
UPLOADS = "tracking-uploads/"


@pytest.fixture
def world() -> World:
    cache.clear()
    return make_world("Mangrove")


@pytest.fixture
def admin(world) -> Caller:
    return Caller(world.admin)


@pytest.fixture(autouse=True)
def woken(monkeypatch) -> list[int]:
    shops: list[int] = []
    monkeypatch.setattr(work_order_actions, "delay", shops.append)
    return shops


@pytest.fixture
def orders(world) -> list[Order]:
    make_carrier(world.shop)
    return [make_shippable(world.shop) for _ in range(3)]


def row(order: Order, number: str = "JX1", **more: str) -> dict[str, str]:
    told = {"order_id": order.remote_id, "carrier": "J&T Express"}
    return told | {"tracking_number": number} | more


def results(answer: Any) -> list[str]:
    return [each["result"] for each in answer.json()["rows"]]


def test_a_number_is_given_once_however_often_it_is_asked(world, admin, orders):
    path = f"orders/{orders[0].pk}/tracking/"
    body = {"carrier": "7001", "tracking_number": "JX1"}

    first = admin.post(path, body, Idempotency_Key="t1")
    again = admin.post(path, body, Idempotency_Key="t1")
    reused = admin.post(path, {**body, "tracking_number": "JX2"}, Idempotency_Key="t1")

    assert first.status_code == 202, first.content
    assert again.json() == first.json()
    assert code(reused) == (422, "idempotency_key_reused")
    action = OrderAction.objects.get()
    assert action.kind == "ship"
    assert action.package == orders[0].packages.get()
    assert action.details["provider"] == "J&T Express"
    assert action.details["tracking_number"] == "JX1"


def test_a_key_that_comes_again_days_later_with_something_else_does_it(
    world, admin, orders
):
    body = {"carrier": "7001", "tracking_number": "JX1"}

    def asked(order: Order) -> Any:
        IdempotencyRecord.objects.all().delete()  # as after a day
        path = f"orders/{order.pk}/tracking/"
        answer = admin.post(path, body, Idempotency_Key="1")
        assert answer.status_code == 202, answer.content
        return answer.json()

    first, again, other = (asked(orders[place]) for place in (0, 0, 1))

    assert again["id"] == first["id"]
    assert other["order"] == orders[1].pk
    assert OrderAction.objects.count() == 2


def test_of_several_packages_one_is_named(world, admin, orders):
    order = orders[0]
    second = make_package(order, "11520", status="to_fulfill")
    foreign = orders[1].packages.get()
    path = f"orders/{order.pk}/tracking/"
    body = {"carrier": "J&T Express", "tracking_number": "JX1"}

    assert "choose one" in admin.post(path, body).json()["detail"]
    told = errors(admin.post(path, {**body, "package": foreign.pk}))
    assert told == {"package": "There is nothing with this id."}
    answer = admin.post(path, {**body, "package": second.pk})
    assert answer.json()["package"] == second.pk


def test_a_dry_run_tells_what_would_become_of_each_row(world, admin, orders):
    foreign = make_shippable(make_shop())
    body = {
        "dry_run": True,
        "rows": [
            row(orders[0]),
            row(orders[1], carrier="Nobody"),
            row(foreign),
            row(orders[2], package_id="1"),
        ],
    }

    answer = admin.post(UPLOADS, body)

    assert answer.status_code == 200, answer.content
    assert results(answer) == ["new", "refused", "refused", "refused"]
    told = answer.json()["rows"]
    assert (told[0]["order"], told[0]["action"]) == (orders[0].pk, None)
    assert "no carrier “Nobody”" in told[1]["why"]
    assert (told[2]["why"], told[2]["order"]) == ("There is no such order.", None)
    assert "no package 1" in told[3]["why"]
    assert not OrderAction.objects.exists()
    assert answer.json()["runs"] == []


def test_what_holds_is_asked_for_and_the_rest_is_told(
    world, admin, orders, woken, django_capture_on_commit_callbacks
):
    missing = {**row(orders[2]), "order_id": "404"}
    body = {"rows": [row(orders[0], "JX1"), missing, row(orders[1], "JX2")]}

    with django_capture_on_commit_callbacks(execute=True):
        first = admin.post(UPLOADS, body, Idempotency_Key="u1")
        again = admin.post(UPLOADS, body, Idempotency_Key="u1")

    assert first.status_code == 202, first.content
    assert again.json() == first.json()
    assert woken == [world.shop.pk]
    assert results(first) == ["new", "refused", "new"]
    (run,) = first.json()["runs"]
    assert (run["source"], run["total"], run["group"] != "") == ("api", 2, True)
    assert ActionRun.objects.count() == 1
    listed = admin.get(f"order-actions/?run={run['id']}").json()["results"]
    assert {each["id"] for each in listed} == {
        each["action"] for each in first.json()["rows"] if each["action"]
    }
    anew = admin.post(UPLOADS, body)
    assert results(anew) == ["same", "refused", "same"]
    assert OrderAction.objects.count() == 2


def test_two_peoples_same_keys_are_not_the_same(world, orders):
    other = make_world("Quokka")
    make_carrier(other.shop)
    theirs = make_shippable(other.shop)

    mine = Caller(world.admin).post(
        UPLOADS, {"rows": [row(orders[0])]}, Idempotency_Key="same"
    )
    both = Caller(other.admin).post(
        UPLOADS, {"rows": [row(theirs)]}, Idempotency_Key="same"
    )

    assert results(mine) == results(both) == ["new"]
    assert OrderAction.objects.count() == 2


def test_rows_that_contradict_each_other_are_both_refused(world, admin, orders):
    body = {"rows": [row(orders[0], "JX1"), row(orders[0], "JX2")]}

    assert results(admin.post(UPLOADS, body)) == ["refused", "refused"]
    assert not OrderAction.objects.exists()


def test_a_row_that_is_none_is_named_by_its_place(world, admin, orders):
    rows = [row(orders[0]), {"order_id": "1", "carrier": "DHL"}]

    assert set(errors(admin.post(UPLOADS, {"rows": rows}))) == {
        "rows.1.tracking_number"
    }
    assert set(errors(admin.post(UPLOADS, {"rows": []}))) == {"rows"}
    many = [row(orders[0], str(number)) for number in range(1_001)]
    assert set(errors(admin.post(UPLOADS, {"rows": many}))) == {"rows"}


def test_a_long_upload_asks_no_more_often_than_a_short_one(
    world, admin, orders, django_assert_num_queries
):
    more = [make_shippable(world.shop) for _ in range(97)]
    every = [row(order, f"JX{order.pk}") for order in (*orders, *more)]
    admin.get("me/")  # the use of the token is noted

    for rows in (every[:10], every):
        with django_assert_num_queries(14):
            answer = admin.post(UPLOADS, {"rows": rows, "dry_run": True})
        assert results(answer) == ["new"] * len(rows)
