"""Wishes to cancel, for programs: found, and answered once."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from apps.orders.models import Cancellation, Order, OrderAction
from apps.sync.services.actions import work_actions
from apps.sync.tasks import work_order_actions
from apps.users.models import AuditEntry
from tests.api.catalogue import errors
from tests.api.order_rows import make_order_rows, make_wish
from tests.api.support import Caller, code, keys
from tests.api.world import World, make_world
from tests.factories.orders import make_order
from tests.orders.order_pages import PageShop, connected

pytestmark = pytest.mark.django_db
ONE = "580000000000000001"


@pytest.fixture
def world() -> World:
    cache.clear()
    return make_world("Mangrove")


@pytest.fixture
def admin(world) -> Caller:
    return Caller(world.admin)


@pytest.fixture
def fake(monkeypatch) -> PageShop:
    monkeypatch.setattr(work_order_actions, "delay", lambda shop: None)
    return connected(monkeypatch)


@pytest.fixture
def wish(fake, world) -> Cancellation:
    fake.put(ONE)
    fake.ask_to_cancel(ONE, reason="no_longer_needed")
    fake.stored(world.shop, ONE)
    return Cancellation.objects.get()


def test_a_wish_tells_its_order_its_deadline_and_its_items(world, admin):
    row = make_order_rows(world).wish

    body = admin.get(f"cancellations/{row.pk}/").json()

    assert (body["order"], body["order_id"]) == (row.order_id, row.order_remote_id)
    assert body["needs_answer"] is True
    assert body["respond_by_at"] is not None
    assert body["refund_amount"] == {"amount": "40.00", "currency": "MYR"}
    assert body["refund_tax_amount"] is None
    (line,) = body["lines"]
    assert line["refund_amount"] == {"amount": "40.00", "currency": "MYR"}
    assert "lines" not in admin.get("cancellations/").json()["results"][0]


def test_wishes_are_filtered(world, admin):
    row = make_order_rows(world).wish
    over = make_wish(
        make_order(world.shop),
        status=Cancellation.Status.COMPLETE,
        respond_by_at=timezone.now() - timedelta(days=1),
    )
    Cancellation.objects.filter(pk=over.pk).update(
        modified_at=timezone.now() - timedelta(days=9)
    )
    day = f"{timezone.now() - timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}"
    soon = f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}"

    def found(query: str) -> list[int]:
        return keys(admin.get(f"cancellations/?{query}"))

    assert found(f"shop={world.shop.pk}") == [row.pk, over.pk]
    assert found("status=complete") == [over.pk]
    assert found("needs_answer=true") == [row.pk]
    assert found("needs_answer=false") == [over.pk]
    assert found(f"order={row.order_id}") == [row.pk]
    assert found(f"order_id={row.order_remote_id}") == [row.pk]
    assert found(f"remote_id={over.remote_id}") == [over.pk]
    assert found(f"updated_since={day}") == [row.pk]
    assert found(f"respond_before={soon}") == [over.pk]


def test_the_list_takes_the_same_number_of_queries_for_many_rows(
    world, admin, django_assert_num_queries
):
    admin.get("me/")  # the use of the token is noted
    for rows in (10, 100):
        for _ in range(Cancellation.objects.count(), rows):
            make_wish(make_order(world.shop))
        with django_assert_num_queries(5):
            listed = admin.get("cancellations/?page_size=200")
        assert len(keys(listed)) == rows


def test_a_wish_is_agreed_to_once(world, admin, fake, wish):
    at = f"cancellations/{wish.pk}/accept/"

    first = admin.post(at, None, Idempotency_Key="a1")
    again = admin.post(at, None, Idempotency_Key="a1")
    other = admin.post(f"cancellations/{wish.pk}/decline/", {"reason": "sent"})

    assert first.status_code == 202, first.content
    assert again.json() == first.json()
    assert first.json()["cancellation"] == wish.pk
    assert code(other) == (409, "action_refused")
    # As the shop's settings have it of what programs cancel.
    assert first.json()["state"] == "held"
    released = admin.post(f"order-actions/{first.json()['id']}/release/")
    assert (released.status_code, released.json()["state"]) == (202, "waiting")
    work_actions(world.shop, client=fake.client)
    assert [name for name, _ in fake.writes] == ["approve_cancellation"]
    assert Order.objects.get(remote_id=ONE).status == "cancelled"
    assert code(admin.post(at)) == (409, "action_refused")
    assert AuditEntry.objects.get(verb="agreed to cancel").actor == world.admin


def test_a_wish_is_declined_for_a_reason_of_the_platforms(world, admin, fake, wish):
    reasons = admin.get(f"cancellations/{wish.pk}/reasons/").json()
    (reason,) = reasons["results"]
    body = {"reason": reason["name"], "comment": "Noor, it left this morning."}

    answer = admin.post(f"cancellations/{wish.pk}/decline/", body, Idempotency_Key="d1")

    assert reasons["problem"] == ""
    assert answer.json()["details"] == {"reason": "reject_sent_already"}
    assert "Noor" not in answer.content.decode()
    assert OrderAction.objects.get().details["comment"] == body["comment"]
    work_actions(world.shop, client=fake.client)
    wish.refresh_from_db()
    assert wish.status == "cancelled"
    assert set(errors(admin.post(f"cancellations/{wish.pk}/decline/", {}))) == {
        "reason"
    }


def test_without_an_answer_of_the_platform_reasons_say_so(world, admin):
    row = make_order_rows(world).wish

    reasons = admin.get(f"cancellations/{row.pk}/reasons/").json()

    assert reasons["results"] == []
    assert reasons["problem"]


def test_a_wish_whose_order_is_not_known_waits(world, admin, wish):
    Cancellation.objects.update(order=None)

    shown = admin.get(f"cancellations/{wish.pk}/").json()
    answer = admin.post(f"cancellations/{wish.pk}/accept/")

    assert (shown["order"], shown["order_id"]) == (None, ONE)
    assert code(answer) == (409, "action_refused")
    assert "not known here yet" in answer.json()["detail"]
