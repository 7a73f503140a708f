"""Orders cancelled and sent back at the simulated platform, over HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from apps.integrations.contracts import (
    ActionFault,
    CancellationStatus,
    Decision,
    OrderStatus,
    RefundAmounts,
    ReturnKind,
    ReturnStatus,
)
from apps.integrations.errors import RequestRefused
from tests.integrations.tiktok.simulated import Desk, desks, unit_ids
from tests.simulator_server import run_simulator


@pytest.fixture(scope="module")
def shops() -> Iterator[dict[str, Desk]]:
    with run_simulator(orders=60) as server:
        yield desks(server)


def key() -> str:
    return str(uuid4())


def delivered(desk, *quantities):
    return desk.place(*quantities, status="DELIVERED")


def asked_for(desk, order, kind, **more):
    """A return that the buyer wants, as the seller sees it."""
    desk.control(f"orders/{order.remote_id}/request_return", {"kind": kind, **more})
    return the_return(desk, order)


def the_return(desk, order):
    page = desk.client.returns_of([order.remote_id])
    assert page.malformed == ()
    return page.returns[-1]


def the_cancellation(desk, order):
    page = desk.client.cancellations_of([order.remote_id])
    assert page.malformed == ()
    return page.cancellations[-1]


def reason_for(desk, order, request):
    """One that the platform offers the seller."""
    found = desk.client.eligibility(order.remote_id)
    return next(
        each.reasons[0]
        for each in found
        if each.request == request and each.is_eligible and each.reasons
    )


def test_the_requests_of_every_region_can_be_read(shops):
    until = datetime.now(tz=UTC) + timedelta(days=1)
    since = until - timedelta(days=400)

    seen = 0
    for desk in shops.values():
        cancellations = desk.client.search_cancellations(since, until)
        returns = desk.client.search_returns(since, until)
        assert (cancellations.malformed, returns.malformed) == ((), ())
        for cancellation in cancellations.cancellations:
            assert cancellation.status is not CancellationStatus.NOT_UNDERSTOOD
            assert cancellation.lines
        for told in returns.returns:
            assert told.status is not ReturnStatus.NOT_UNDERSTOOD
            assert told.kind is not ReturnKind.NOT_UNDERSTOOD
            assert told.lines
        seen += len(cancellations.cancellations) + len(returns.returns)
    assert seen


def test_a_seller_cancels_for_a_reason_the_platform_offers(shops):
    desk = shops["MY"]
    order = desk.place(2)
    with pytest.raises(RequestRefused) as error:
        desk.client.cancel_order(order.remote_id, "because")
    assert error.value.fault is ActionFault.INPUT

    answered = desk.client.cancel_order(
        order.remote_id, reason_for(desk, order, "CANCEL")
    )

    cancellation = the_cancellation(desk, order)
    assert cancellation.remote_id == answered.remote_id
    assert cancellation.status in (
        CancellationStatus.SUCCESS,
        CancellationStatus.COMPLETE,
    )
    assert cancellation.needs_answer is False
    assert sorted(line.unit_id for line in cancellation.lines) == unit_ids(order)
    assert cancellation.refund.total == order.total_amount
    assert desk.read(order.remote_id).status is OrderStatus.CANCELLED


@pytest.mark.parametrize("is_granted", [True, False])
def test_a_wish_to_cancel_is_answered_once(shops, is_granted):
    desk = shops["MY"]
    order = desk.place(1)
    desk.control(f"orders/{order.remote_id}/request_cancel", {})
    wish = the_cancellation(desk, order)
    assert (wish.status, wish.needs_answer) == (CancellationStatus.PENDING, True)
    assert wish.next_action.startswith("SELLER_RESPOND")
    assert wish.respond_by_at
    assert wish.respond_by_at > datetime.now(tz=UTC)
    assert desk.read(order.remote_id).is_cancel_requested is True
    client, once = desk.client, key()
    [reason, *_] = client.reject_reasons(wish.remote_id)

    for _ in range(2):
        if is_granted:
            client.approve_cancellation(wish.remote_id, key=once)
        else:
            client.reject_cancellation(wish.remote_id, reason.name, key=once)

    after = the_cancellation(desk, order)
    assert after.needs_answer is False
    assert (after.status is CancellationStatus.CANCELLED) is not is_granted
    with pytest.raises(RequestRefused) as error:
        client.approve_cancellation(wish.remote_id, key=key())
    assert error.value.fault is ActionFault.REREAD


def test_goods_come_back_and_money_goes_back(shops):
    desk = shops["TH"]
    order = delivered(desk, 2)
    first, _ = unit_ids(order)

    told = asked_for(desk, order, "RETURN_AND_REFUND", units=[first])

    assert (told.kind, told.status) == (
        ReturnKind.RETURN_AND_REFUND,
        ReturnStatus.PENDING,
    )
    assert told.next_action == "SELLER_RESPOND_RETURN"
    assert [line.unit_id for line in told.lines] == [first]
    assert told.refund.total
    assert told.refund.currency == order.currency
    once = key()
    for _ in range(2):
        desk.client.approve_return(told.remote_id, Decision.APPROVE_RETURN, key=once)
    assert the_return(desk, order).status is ReturnStatus.AWAITING_BUYER_SHIP
    desk.control(f"aftersales/{told.remote_id}/ship", {"tracking_number": "RB-1"})
    back = the_return(desk, order)
    assert (back.status, back.tracking_number) == (ReturnStatus.BUYER_SHIPPED, "RB-1")

    desk.client.approve_return(
        told.remote_id, Decision.APPROVE_RECEIVED_PACKAGE, key=key()
    )

    assert the_return(desk, order).status in (
        ReturnStatus.SUCCESS,
        ReturnStatus.COMPLETE,
    )
    records = desk.client.return_records(told.remote_id)
    assert {each.role for each in records} >= {"BUYER", "SELLER"}
    assert all(each.happened_at and each.event for each in records)


def test_a_return_is_refused_for_a_reason_the_platform_offers(shops):
    desk = shops["TH"]
    order = delivered(desk, 1)
    told = asked_for(desk, order, "REFUND")
    [reason, *_] = desk.client.reject_reasons(told.remote_id)
    assert reason.text

    desk.client.reject_return(
        told.remote_id,
        Decision.REJECT_REFUND,
        reason.name,
        key=key(),
        comment="It arrived whole",
    )

    assert the_return(desk, order).status is ReturnStatus.REJECTED


def test_the_buyer_keeps_the_goods(shops):
    desk = shops["TH"]
    order = delivered(desk, 1)
    told = asked_for(desk, order, "RETURN_AND_REFUND")

    desk.client.approve_return(
        told.remote_id, Decision.APPROVE_RETURN, key=key(), keeps_goods=True
    )

    after = the_return(desk, order)
    assert after.status in (ReturnStatus.SUCCESS, ReturnStatus.COMPLETE)
    assert after.keeps_goods is True


def test_a_part_is_offered_before_and_after_the_goods_came_back(shops):
    desk = shops["US"]
    order = delivered(desk, 2)
    first, second = unit_ids(order)
    part = RefundAmounts(order.currency, total=Decimal("1.00"))
    early = asked_for(desk, order, "RETURN_AND_REFUND", units=[first])

    desk.client.approve_return(
        early.remote_id, Decision.OFFER_PARTIAL_REFUND, key=key(), amount=part
    )

    offered = the_return(desk, order)
    assert (offered.status, offered.offered_amount) == (
        ReturnStatus.AWAITING_BUYER_RESPONSE,
        Decimal("1.00"),
    )
    late = asked_for(desk, order, "RETURN_AND_REFUND", units=[second])
    desk.client.approve_return(late.remote_id, Decision.APPROVE_RETURN, key=key())
    desk.control(f"aftersales/{late.remote_id}/ship", {})
    [reason, *_] = desk.client.reject_reasons(late.remote_id)

    desk.client.reject_return(
        late.remote_id,
        Decision.OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG,
        reason.name,
        key=key(),
        amount=part,
    )

    assert the_return(desk, order).status is ReturnStatus.AWAITING_BUYER_RESPONSE


@pytest.mark.parametrize(
    ("decision", "status"),
    [
        (Decision.ISSUE_REPLACEMENT_REFUND, ReturnStatus.REFUNDED_INSTEAD),
        (Decision.APPROVE_REPLACEMENT, ReturnStatus.COMPLETE),
    ],
)
def test_a_replacement_is_sent_or_paid_for(shops, decision, status):
    desk = shops["TH"]
    order = delivered(desk, 1)
    told = asked_for(desk, order, "REPLACEMENT")
    assert (told.kind, told.status) == (ReturnKind.REPLACEMENT, ReturnStatus.PENDING)

    desk.client.approve_return(told.remote_id, decision, key=key())

    assert the_return(desk, order).status is status


def test_a_seller_pays_back_what_was_foretold(shops):
    desk = shops["MY"]
    order = delivered(desk, 2)
    first, second = unit_ids(order)
    reason = reason_for(desk, order, "REFUND")
    foretold = desk.client.refund_preview(
        order.remote_id, "REFUND", reason, unit_ids=[first]
    )
    once = key()

    answers = [
        desk.client.create_return(
            order.remote_id, reason, ReturnKind.REFUND, key=once, unit_ids=[first]
        )
        for _ in range(2)
    ]

    assert answers[0] == answers[1]
    told = the_return(desk, order)
    assert (told.remote_id, told.role) == (answers[0].remote_id, "SELLER")
    assert told.refund.total == foretold.total
    with pytest.raises(RequestRefused) as error:
        desk.client.create_return(
            order.remote_id, reason, ReturnKind.REFUND, key=key(), unit_ids=[first]
        )
    assert error.value.fault is ActionFault.REREAD
    part = RefundAmounts(order.currency, total=Decimal("0.50"))
    desk.client.create_return(
        order.remote_id,
        reason,
        ReturnKind.REFUND,
        key=key(),
        unit_ids=[second],
        amount=part,
    )
    assert the_return(desk, order).refund.total == Decimal("0.50")


def test_requests_of_other_shops_are_not_found(shops):
    desk, other = shops["MY"], shops["TH"]
    order = other.place(1)
    other.control(f"orders/{order.remote_id}/request_cancel", {})
    wish = the_cancellation(other, order)

    assert desk.client.cancellations_of([order.remote_id]).cancellations == ()
    with pytest.raises(RequestRefused) as error:
        desk.client.approve_cancellation(wish.remote_id, key=key())
    assert error.value.fault is ActionFault.STOP
    assert the_cancellation(other, order).status is CancellationStatus.PENDING
