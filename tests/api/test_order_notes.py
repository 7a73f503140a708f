"""What people and carriers write down about an order, which may tell who bought."""

from typing import Any

import pytest
from django.utils import timezone

from apps.orders.models import OrderNote, TrackingStep
from apps.users.models import AuditEntry, IdempotencyRecord
from apps.users.roles import Role
from tests.api.catalogue import errors, member
from tests.api.support import Caller, code
from tests.api.world import World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world("Mangrove")


def at(world: World) -> str:
    return f"orders/{world.order.pk}/notes/"


def test_a_note_is_written_once_and_read_by_who_may_see_buyers(world):
    caller = member(world, Role.ORDER_FULFILLMENT)
    body = {"text": "Noor rang: pack it well"}

    written = caller.post(at(world), body, Idempotency_Key="n1")
    again = caller.post(at(world), body, Idempotency_Key="n1")
    listed = caller.get(at(world)).json()["results"]

    assert written.status_code == 201, written.content
    assert again.json() == written.json()
    assert set(written.json()) == {"id", "user", "created_at"}
    assert [(row["text"], row["user"]) for row in listed] == [
        ("Noor rang: pack it well", caller.user.pk)
    ]
    assert "Noor" not in IdempotencyRecord.objects.get(key="n1").body
    seen = AuditEntry.objects.get(verb="saw the buyer")
    assert seen.target_id == str(world.order.pk)


def test_notes_are_not_read_without_the_role_and_the_scope(world):
    OrderNote.objects.create(order=world.order, user=world.admin, text="Noor rang")

    scope = Caller(world.admin, ["orders:read", "orders:write"]).get(at(world))
    role = member(world, Role.ANALYST).get(at(world))

    assert code(scope) == (403, "scope_missing")
    assert "buyers:read" in scope.json()["detail"]
    assert code(role) == (403, "permission_denied")
    assert not AuditEntry.objects.filter(verb="saw the buyer").exists()


def test_a_note_without_words_or_with_too_many_is_refused(world):
    caller = Caller(world.admin)

    for text in ("", "   ", "x" * 2_001):
        assert set(errors(caller.post(at(world), {"text": text}))) == {"text"}
    assert not OrderNote.objects.exists()


def test_one_deletes_ones_own_note_and_no_other(world):
    caller = member(world, Role.ORDER_FULFILLMENT)
    own = caller.post(at(world), {"text": "Mine"}).json()["id"]
    other = OrderNote.objects.create(order=world.order, user=world.admin, text="Theirs")

    assert caller.delete(f"{at(world)}{own}/").status_code == 204
    assert code(caller.delete(f"{at(world)}{own}/")) == (404, "not_found")
    assert code(caller.delete(f"{at(world)}{other.pk}/")) == (404, "not_found")
    assert list(OrderNote.objects.all()) == [other]


def test_carriers_words_are_read_by_who_may_see_buyers(world):
    TrackingStep.objects.create(
        order=world.order, happened_at=timezone.now(), description="Signed by Noor"
    )
    address = f"orders/{world.order.pk}/tracking-steps/"

    def described(caller: Caller) -> Any:
        (step,) = caller.get(address).json()["results"]
        return step["description"]

    assert described(Caller(world.admin, ["orders:read"])) is None
    assert described(member(world, Role.ANALYST)) is None
    assert not AuditEntry.objects.filter(verb="saw the buyer").exists()
    assert described(member(world, Role.ORDER_FULFILLMENT)) == "Signed by Noor"
    seen = AuditEntry.objects.get(verb="saw the buyer")
    assert seen.target_id == str(world.order.pk)
