"""Returns and refunds, for programs: found, and answered once."""

from decimal import Decimal

import pytest
from django.core.cache import cache

from apps.integrations.contracts import OrderStatus, ReturnKind, ReturnStatus
from apps.orders.models import OrderAction, Return
from apps.sync.services.actions import work_actions
from apps.sync.tasks import work_order_actions
from tests.api.catalogue import errors
from tests.api.order_rows import make_order_rows, make_return
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


def asked_back(
    fake: PageShop,
    world: World,
    step: str = "SELLER_RESPOND_RETURN",
    kind: ReturnKind = ReturnKind.RETURN_AND_REFUND,
    status: ReturnStatus = ReturnStatus.PENDING,
) -> Return:
    """Of a delivered order, 30.00 of it."""
    fake.put(ONE, status=OrderStatus.DELIVERED)
    fake.ask_to_return(ONE, kind=kind, status=status, next_action=step)
    fake.stored(world.shop, ONE)
    Return.objects.update(refund_amount=Decimal(30), currency="MYR")
    return Return.objects.get()


def test_a_return_tells_what_can_be_answered(world, admin):
    row = make_order_rows(world).goods_back

    body = admin.get(f"returns/{row.pk}/").json()

    assert (body["kind"], body["status"]) == ("return_and_refund", "pending")
    assert body["needs_answer"] is True
    assert body["accepts_with"][0] == "APPROVE_RETURN"
    assert body["declines_with"] == ["REJECT_RETURN"]
    assert [line["quantity"] for line in body["lines"]] == [1]
    row.next_action = ""
    row.save()
    quiet = admin.get(f"returns/{row.pk}/").json()
    assert (quiet["needs_answer"], quiet["accepts_with"]) == (False, [])


def test_returns_are_filtered(world, admin):
    row = make_order_rows(world).goods_back
    refund = make_return(
        make_order(world.shop),
        kind=Return.Kind.REFUND,
        status=Return.Status.COMPLETE,
        next_action="",
        tracking_number="BACK1",
    )

    def found(query: str) -> list[int]:
        return keys(admin.get(f"returns/?{query}"))

    assert found(f"client={world.client.pk}") == [refund.pk, row.pk]
    assert found("kind=refund") == found("status=complete") == [refund.pk]
    assert found("needs_answer=true") == [row.pk]
    assert found("needs_answer=false") == [refund.pk]
    assert found("tracking_number=BACK1") == [refund.pk]
    assert found(f"order={row.order_id}") == [row.pk]
    assert found(f"order_id={refund.order_remote_id}") == [refund.pk]


def test_the_list_takes_the_same_number_of_queries_for_many_rows(
    world, admin, django_assert_num_queries
):
    admin.get("me/")  # the use of the token is noted
    for rows in (10, 100):
        for _ in range(Return.objects.count(), rows):
            make_return(make_order(world.shop))
        with django_assert_num_queries(5):
            listed = admin.get("returns/?page_size=200")
        assert len(keys(listed)) == rows


def test_a_return_is_agreed_to_once_in_the_usual_way(world, admin, fake):
    row = asked_back(fake, world)
    at = f"returns/{row.pk}/accept/"

    first = admin.post(at, {"keeps_goods": True}, Idempotency_Key="a1")
    again = admin.post(at, {"keeps_goods": True}, Idempotency_Key="a1")

    assert first.status_code == 202, first.content
    assert again.json() == first.json()
    assert first.json()["order_return"] == row.pk
    details = first.json()["details"]
    assert (details["decision"], details["keeps_goods"]) == ("APPROVE_RETURN", True)
    work_actions(world.shop, client=fake.client)
    assert [name for name, _ in fake.writes] == ["approve_return"]
    assert code(admin.post(at, {})) == (409, "action_refused")


def test_another_answer_has_to_fit_what_the_platform_waits_for(world, admin, fake):
    row = asked_back(fake, world)
    at = f"returns/{row.pk}/"

    taken = admin.post(f"{at}accept/", {"decision": "DIRECT_REFUND"})
    other = admin.post(f"{at}accept/", {"decision": "APPROVE_REPLACEMENT"})
    early = admin.post(f"{at}received/")
    offer = errors(admin.post(f"{at}accept/", {"decision": "OFFER_PARTIAL_REFUND"}))

    assert taken.json()["details"]["decision"] == "DIRECT_REFUND"
    for answer in (other, early):
        assert code(answer) == (409, "action_refused")
        assert "no answer to what TikTok waits for" in answer.json()["detail"]
    assert set(offer) == {"decision"}


def test_a_return_is_declined_for_a_reason(world, admin, fake):
    row = asked_back(fake, world)
    reason = admin.get(f"returns/{row.pk}/reasons/").json()["results"][0]["name"]

    answer = admin.post(f"returns/{row.pk}/decline/", {"reason": reason})

    assert answer.status_code == 202, answer.content
    assert answer.json()["details"] == {
        "decision": "REJECT_RETURN",
        "reason": reason,
        "amount": "",
    }
    work_actions(world.shop, client=fake.client)
    row.refresh_from_db()
    assert row.status == "rejected"


def test_a_part_is_offered_in_the_orders_currency(world, admin, fake):
    row = asked_back(fake, world)
    at = f"returns/{row.pk}/partial-offer/"

    def offered(amount: str, currency: str = "MYR"):
        return admin.post(at, {"amount": {"amount": amount, "currency": currency}})

    assert set(errors(offered("5", "USD"))) == {"amount"}
    assert set(errors(offered("5.001"))) == {"amount"}
    assert set(errors(admin.post(at, {}))) == {"amount"}
    assert code(offered("31")) == (409, "action_refused")
    answer = offered("12.50")

    assert answer.status_code == 202, answer.content
    details = OrderAction.objects.get().details
    assert (details["decision"], details["amount"]) == ("OFFER_PARTIAL_REFUND", "12.50")


def test_goods_that_came_back_are_received(world, admin, fake):
    row = asked_back(
        fake, world, "SELLER_RESPOND_RECEIVE_PACKAGE", status=ReturnStatus.BUYER_SHIPPED
    )

    answer = admin.post(f"returns/{row.pk}/received/")

    assert answer.json()["details"]["decision"] == "APPROVE_RECEIVED_PACKAGE"
    work_actions(world.shop, client=fake.client)
    assert OrderAction.objects.get().state == "done"


def test_after_the_goods_came_an_offer_refuses_them(world, admin, fake):
    row = asked_back(
        fake, world, "SELLER_RESPOND_RECEIVE_PACKAGE", status=ReturnStatus.BUYER_SHIPPED
    )
    at = f"returns/{row.pk}/partial-offer/"
    amount = {"amount": "9", "currency": "MYR"}

    without = admin.post(at, {"amount": amount})
    answer = admin.post(at, {"amount": amount, "reason": "used", "comment": "worn"})

    assert code(without) == (409, "action_refused")
    assert answer.status_code == 202, answer.content
    action = OrderAction.objects.get()
    assert action.kind == "reject_return"
    assert action.details["decision"] == "OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG"
    assert action.details["amount"] == "9.00"
    work_actions(world.shop, client=fake.client)
    row.refresh_from_db()
    assert row.status == "awaiting_buyer_response"
