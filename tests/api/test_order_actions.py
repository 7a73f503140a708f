"""What was asked of the platform: seen, released, withdrawn, tried again."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from apps.orders.models import ActionRun, Order, OrderAction
from apps.orders.services import priority
from apps.orders.services.actions import Asked, Wish, ask
from apps.sync.services.actions import work_actions
from apps.sync.tasks import work_order_actions
from apps.users.models import AuditEntry
from apps.users.services.audit import By
from tests.api.order_rows import make_action, make_order_rows
from tests.api.support import Caller, code, keys
from tests.api.world import World, make_world
from tests.factories.orders import make_order
from tests.orders.order_pages import PageShop, connected

pytestmark = pytest.mark.django_db
ONE, TWO = "580000000000000001", "580000000000000002"
Kind = OrderAction.Kind


@pytest.fixture
def world() -> World:
    cache.clear()
    return make_world("Mangrove")


@pytest.fixture
def admin(world) -> Caller:
    return Caller(world.admin)


@pytest.fixture
def fake(monkeypatch) -> PageShop:
    return connected(monkeypatch)


@pytest.fixture
def woken(monkeypatch) -> list[int]:
    shops: list[int] = []
    monkeypatch.setattr(work_order_actions, "delay", shops.append)
    return shops


def asked_to_ship(fake: PageShop, world: World, **options: Any) -> Asked:
    """Two orders', as one run."""
    for order_id in (ONE, TWO):
        fake.put(order_id)
    orders = fake.stored(world.shop, ONE, TWO)
    wishes = [Wish(order, Kind.SHIP) for order in orders]
    return ask(world.shop, wishes, By(world.admin), **options)


def act(admin: Caller, action: OrderAction, deed: str, **headers: str) -> Any:
    return admin.post(f"order-actions/{action.pk}/{deed}/", **headers)


def test_actions_are_filtered(world, admin):
    rows = make_order_rows(world)
    seen = make_action(world.order, kind=Kind.LABEL, dismissed_at=timezone.now())
    OrderAction.objects.filter(pk=seen.pk).update(
        modified_at=timezone.now() - timedelta(days=9)
    )
    done = make_action(world.order, state=OrderAction.State.DONE)
    day = f"{timezone.now() - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"

    def found(query: str) -> list[int]:
        return keys(admin.get(f"order-actions/?{query}"))

    assert found("is_failed=true") == [rows.action.pk]
    assert found("is_failed=false") == [done.pk, seen.pk]
    assert found("state=done") == [done.pk]
    assert found("kind=label") == [seen.pk]
    assert found(f"order={world.order.pk}") == [done.pk, seen.pk]
    assert found(f"order_id={rows.returned.remote_id}") == [rows.action.pk]
    assert found(f"run={rows.run.pk}") == [rows.action.pk]
    assert found(f"updated_since={day}") == [done.pk, rows.action.pk]
    assert found(f"client={world.client.pk}&state=held") == []


def test_an_action_tells_the_platforms_words(world, admin):
    row = make_order_rows(world).action

    body = admin.get(f"order-actions/{row.pk}/").json()

    assert (body["message"], body["code"]) == ("Lamp refused", 21011006)
    assert body["order_id"] == row.order.remote_id
    assert body["url"] == f"http://testserver/api/v1/order-actions/{row.pk}/"


def test_lists_take_the_same_number_of_queries_for_many_rows(
    world, admin, django_assert_num_queries
):
    admin.get("me/")  # the use of the token is noted
    for rows in (10, 100):
        for number in range(OrderAction.objects.count(), rows):
            make_action(make_order(world.shop))
            ActionRun.objects.create(
                shop=world.shop,
                kind="ship",
                title=f"{number}",
                refused_rows=[[1, "", ""]],
            )
        for address in ("order-actions", "action-runs"):
            with django_assert_num_queries(5):
                listed = admin.get(f"{address}/?page_size=200")
            assert len(keys(listed)) == rows


def test_what_was_held_back_goes_out_once_released(
    world, admin, fake, woken, django_capture_on_commit_callbacks
):
    asked = asked_to_ship(fake, world, held=True)
    one, two = asked.actions

    with django_capture_on_commit_callbacks(execute=True):
        first = act(admin, one, "release", Idempotency_Key="r1")
        again = act(admin, one, "release", Idempotency_Key="r1")

    assert (first.status_code, first.json()["state"]) == (202, "waiting")
    assert again.json() == first.json()
    assert woken == [world.shop.pk]
    work_actions(world.shop, client=fake.client)
    assert admin.get(first.json()["url"]).json()["state"] == "done"
    assert code(act(admin, one, "withdraw")) == (409, "action_refused")
    withdrawn = act(admin, two, "withdraw")
    assert (withdrawn.status_code, withdrawn.json()["state"]) == (200, "withdrawn")
    assert act(admin, two, "withdraw").json() == withdrawn.json()
    assert AuditEntry.objects.filter(verb="withdrew an action").count() == 1


def test_a_refused_one_is_tried_again_or_seen_to(world, admin, fake, woken):
    one, two = asked_to_ship(fake, world).actions
    OrderAction.objects.update(state=OrderAction.State.REFUSED, message="No")

    retried = act(admin, one, "retry")
    dismissed = act(admin, two, "dismiss")

    assert (retried.status_code, retried.json()["state"]) == (202, "waiting")
    assert retried.json()["message"] == ""
    assert dismissed.json()["dismissed_at"] is not None
    assert keys(admin.get("order-actions/?is_failed=true")) == []
    assert code(act(admin, one, "dismiss")) == (409, "action_refused")
    Order.objects.filter(remote_id=TWO).update(status="cancelled")
    late = act(admin, two, "retry")
    assert late.json()["detail"] == "The order is cancelled."


def test_only_the_state_that_was_seen_is_withdrawn(world, admin, fake):
    one, _ = asked_to_ship(fake, world).actions
    etag = admin.get(f"order-actions/{one.pk}/")["ETag"]
    OrderAction.objects.filter(pk=one.pk).update(state=OrderAction.State.SENDING)

    assert code(act(admin, one, "withdraw", If_Match=etag)) == (412, "stale")


def test_a_run_tells_how_far_it_is_and_is_stopped(world, admin, fake):
    run = asked_to_ship(fake, world, title="Ship two").run
    assert run is not None
    OrderAction.objects.filter(order__remote_id=ONE).update(state="done")
    ActionRun.objects.filter(pk=run.pk).update(
        total=3, refused_rows=[[3, "404", "There is no such order."]]
    )

    before = admin.get(f"action-runs/{run.pk}/").json()
    stopped = admin.post(f"action-runs/{run.pk}/stop/")
    after = stopped.json()

    assert before["title"] == "Ship two"
    assert (before["counts"]["done"], before["counts"]["waiting"]) == (1, 1)
    assert before["not_taken"] == [
        {"row": 3, "order_id": "404", "why": "There is no such order."}
    ]
    assert (after["state"], after["counts"]["withdrawn"]) == ("stopped", 1)
    again = admin.post(f"action-runs/{run.pk}/stop/")
    assert code(again) == (409, "action_refused")


def test_what_a_run_did_not_get_done_is_tried_again(
    world, admin, fake, woken, django_capture_on_commit_callbacks
):
    run = asked_to_ship(fake, world).run
    assert run is not None
    OrderAction.objects.filter(order__remote_id=ONE).update(state="refused")
    OrderAction.objects.filter(order__remote_id=TWO).update(state="done")
    at = f"action-runs/{run.pk}/retry/"

    with django_capture_on_commit_callbacks(execute=True):
        first = admin.post(at, None, Idempotency_Key="r1")
        again = admin.post(at, None, Idempotency_Key="r1")

    assert first.status_code == 202, first.content
    assert again.json() == first.json()
    assert first.json()["counts"]["waiting"] == 1
    assert woken == [world.shop.pk]
    assert code(admin.post(at)) == (409, "action_refused")


def test_a_run_that_was_held_back_is_released(world, admin, fake, woken):
    run = asked_to_ship(fake, world, held=True).run
    assert run is not None

    answer = admin.post(f"action-runs/{run.pk}/release/")

    assert (answer.status_code, answer.json()["counts"]["waiting"]) == (202, 2)
    work_actions(world.shop, client=fake.client)
    assert admin.get(f"action-runs/{run.pk}/").json()["state"] == "done"


def test_runs_are_filtered_those_of_priorities_too(world, admin):
    rows = make_order_rows(world)
    urgent = priority.start_run(
        world.shop,
        [world.order.pk, rows.order.pk],
        "high",
        "now",
        By(world.admin),
        "g1",
    )

    def found(query: str) -> list[int]:
        return keys(admin.get(f"action-runs/?{query}"))

    assert found(f"shop={world.shop.pk}") == [urgent.pk, rows.run.pk]
    assert found("kind=priority") == found("group=g1") == [urgent.pk]
    assert found("state=partly") == [rows.run.pk]
    assert found("until=2020-01-01T00:00:00Z") == []
    detail = admin.get(f"action-runs/{urgent.pk}/").json()
    assert (detail["counts"]["waiting"], detail["total"]) == (2, 2)
    stopped = admin.post(f"action-runs/{urgent.pk}/stop/").json()
    assert (stopped["state"], stopped["counts"]["withdrawn"]) == ("stopped", 2)
    again = admin.post(f"action-runs/{urgent.pk}/stop/")
    assert code(again) == (409, "action_refused")
