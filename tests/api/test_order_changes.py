"""What people decide about orders here: fields by hand, conflicts, priority."""

from typing import Any

import pytest

from apps.integrations.contracts import Source
from apps.orders.models import Order, OrderEvent
from apps.orders.services.ingest import ingest_orders
from apps.users.models import AuditEntry, IdempotencyRecord
from apps.users.roles import Role
from tests.api.catalogue import errors, member
from tests.api.support import Caller, code
from tests.api.world import World, make_world
from tests.factories.orders import make_remote_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world("Mangrove")


@pytest.fixture
def admin(world) -> Caller:
    return Caller(world.admin)


@pytest.fixture
def order(world) -> Order:
    """The platform and a file differ about its carrier."""
    file = make_remote_order("58100", version=None, carrier="DHL")
    api = make_remote_order("58100", carrier="J&T Express", warehouse="North")
    ingest_orders(world.shop, [file], Source.FILE)
    ingest_orders(world.shop, [api], Source.API)
    return Order.objects.get(remote_id="58100")


def at(order: Order, deed: str = "") -> str:
    return f"orders/{order.pk}/{deed}"


def why(answer: Any, name: str) -> dict[str, Any]:
    assert answer.status_code == 200, answer.content
    found = [row for row in answer.json()["why"] if row["name"] == name]
    return found[0] if found else {}


def test_what_is_set_stands_whatever_the_platform_says_until_it_is_released(
    world, admin, order
):
    answer = admin.patch(at(order), {"warehouse": "South", "is_sample": True})

    body = answer.json()
    assert (body["warehouse"], body["is_sample"]) == ("South", True)
    assert why(answer, "warehouse")["source"] == "person"
    assert why(answer, "warehouse")["who"] == str(world.admin)
    newer = make_remote_order("58100", version=9, warehouse="East")
    ingest_orders(world.shop, [newer], Source.API)
    order.refresh_from_db()
    assert order.warehouse == "South"

    released = admin.post(at(order, "release/"), {"field": "warehouse"})

    assert released.json()["warehouse"] == "East"
    entry = AuditEntry.objects.get(verb="edited an order")
    assert entry.actor == world.admin
    assert entry.details["fields"] == ["is_sample", "warehouse"]


def test_only_the_state_that_was_seen_is_changed(admin, order):
    etag = admin.get(at(order))["ETag"]

    first = admin.patch(at(order), {"warehouse": "South"}, If_Match=etag)
    stale = admin.patch(at(order), {"warehouse": "West"}, If_Match=etag)

    assert first.status_code == 200, first.content
    assert code(stale) == (412, "stale")
    order.refresh_from_db()
    assert order.warehouse == "South"


def test_an_expected_value_that_is_no_longer_so_sets_nothing(admin, order):
    body = {
        "warehouse": "South",
        "sales_channel": "Live",
        "expected": {"warehouse": "Somewhere", "sales_channel": ""},
    }

    refused = admin.patch(at(order), body)
    body["expected"] = {"warehouse": "North", "sales_channel": ""}
    taken = admin.patch(at(order), body)

    assert code(refused) == (409, "changed_since_opened")
    assert "“Warehouse”" in refused.json()["detail"]
    assert (taken.json()["warehouse"], taken.json()["sales_channel"]) == (
        "South",
        "Live",
    )
    assert OrderEvent.objects.filter(order=order, kind="edited").count() == 1


def test_bad_fields_are_named_and_nothing_is_set(admin, order):
    told = errors(admin.patch(at(order), {"status": "completed", "warehouse": "S"}))
    long = errors(admin.patch(at(order), {"warehouse": "x" * 121}))
    field = errors(admin.post(at(order, "settle/"), {"field": "x", "source": "file"}))

    assert told == {"status": "No such field."}
    assert set(long) == {"warehouse"}
    assert set(field) == {"field"}
    order.refresh_from_db()
    assert order.warehouse == "North"


def test_a_conflict_is_settled_once(admin, order):
    answer = admin.post(at(order, "settle/"), {"field": "carrier", "source": "file"})
    again = admin.post(at(order, "settle/"), {"field": "carrier", "source": "file"})

    assert (answer.json()["carrier"], answer.json()["has_conflict"]) == ("DHL", False)
    assert again.json()["modified_at"] == answer.json()["modified_at"]
    silent = {"field": "fulfilment", "source": "file"}
    refused = admin.post(at(order, "settle/"), silent)
    assert code(refused) == (409, "edit_refused")
    assert OrderEvent.objects.filter(order=order, kind="settled").count() == 1


def test_fields_of_the_buyer_need_the_scope_that_shows_them(world, order):
    blind = Caller(world.admin, ["orders:read", "orders:write"])
    names = {"recipient_name": "Aishah"}

    for body in (names, {"warehouse": "S", "expected": names}):
        assert code(blind.patch(at(order), body)) == (403, "scope_missing")
    for deed, extra in (("settle/", {"source": "person"}), ("release/", {})):
        answer = blind.post(at(order, deed), {"field": "seller_note", **extra})
        assert code(answer) == (403, "scope_missing")
    order.refresh_from_db()
    assert (order.recipient_name, order.warehouse) == ("", "North")


def test_no_answer_that_is_kept_tells_of_the_buyer(world, admin, order):
    body = {"recipient_name": "Aishah", "seller_note": "rings twice"}

    answer = admin.patch(at(order), body, Idempotency_Key="e1")
    again = admin.patch(at(order), body, Idempotency_Key="e1")

    assert answer.json()["buyer_masked"] is True
    assert again["Idempotency-Replayed"] == "true"
    kept = IdempotencyRecord.objects.get(key="e1").body
    for told in (answer.content.decode(), again.content.decode(), kept):
        assert "Aishah" not in told
        assert "rings twice" not in told
    assert admin.get(at(order)).json()["buyer"]["name"] == "Aishah"
    entry = AuditEntry.objects.get(verb="edited an order")
    assert "Aishah" not in str(entry.details)


def test_a_priority_is_set_with_its_reason(admin, order):
    body = {"priority": "viral", "reason": "A creator shows it"}

    answer = admin.post(at(order, "priority/"), body, Idempotency_Key="p1")
    admin.post(at(order, "priority/"), body, Idempotency_Key="p1")
    admin.post(at(order, "priority/"), body)

    assert answer.json()["priority"] == "viral"
    event = OrderEvent.objects.get(order=order, kind="priority")
    assert event.text == "Viral, before that Auto: A creator shows it"
    refused = errors(admin.post(at(order, "priority/"), {"priority": "now"}))
    assert set(refused) == {"priority", "reason"}


def test_a_content_manager_changes_nothing(world, order):
    caller = member(world, Role.CONTENT_MANAGER)

    answer = caller.patch(at(order), {"warehouse": "South"})

    assert code(answer) == (403, "permission_denied")
