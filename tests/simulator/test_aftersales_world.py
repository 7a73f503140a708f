"""Requests as the world moves, without a server: they agree with their orders whatever
the clock does, and survive a restart."""

import random
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apps.simulator.clock import Clock
from apps.simulator.journal import Journal
from apps.simulator.state import Simulator
from apps.simulator.world.aftersales import deeds, stages
from apps.simulator.world.aftersales.money import Refund, basket_of, part_of, whole
from apps.simulator.world.aftersales.paying_back import refunds_now
from apps.simulator.world.aftersales.rendering import (
    render_cancellation,
    render_return,
)
from apps.simulator.world.aftersales.requests import Request, Step
from apps.simulator.world.lifecycle import Event
from apps.simulator.world.orders import Order
from apps.simulator.world.rendering import render_order

NOW = 1_795_000_000
HOUR, DAY = 3_600, 86_400
FAMILIES = (stages.CANCEL, stages.RETURN)


def make_simulator(
    state: Path | None = None, now: int = NOW, size: int = 3_000
) -> Simulator:
    journal, clock = Journal(str(state or "")), Clock(frozen_at=now)
    simulator = Simulator(7, size, "https://shopdesk.example.com", journal, clock=clock)
    simulator.tick()
    return simulator


def go(simulator: Simulator, seconds: int) -> None:
    simulator.clock.set(simulator.clock.now() + seconds)
    simulator.tick()
    simulator.tick()  # what replacements have led to


def all_orders(simulator: Simulator) -> list[Order]:
    indexes = simulator.world.indexes.values()
    return [order for index in indexes for order in index.by_create]


def all_requests(simulator: Simulator) -> list[Request]:
    racks = [
        simulator.aftersales.rack(shop_id, family)
        for shop_id in simulator.world.shops
        for family in FAMILIES
    ]
    for rack in racks:
        created = [(r.created, r.id) for r in rack.by_create]
        updated = [(r.updated, r.id) for r in rack.by_update]
        assert created == sorted(created)
        assert updated == sorted(updated)
        assert {i for _, i in created} == {i for _, i in updated}
    return [request for rack in racks for request in rack.by_update]


def facts(simulator: Simulator) -> tuple[Any, Any]:
    """All that can be seen of requests and of their orders."""
    requests = {
        r.id: (r.order.id, r.type, r.status, r.created, r.updated, r.facts)
        for r in all_requests(simulator)
    }
    return requests, {o.id: (o.status, o.updated) for o in all_orders(simulator)}


def check(simulator: Simulator) -> None:
    """What must hold between every order and its requests."""
    for order in all_orders(simulator):
        requests = simulator.aftersales.of_order(order)
        every = set(range(len(basket_of(order).units)))
        granted = [
            unit
            for request in requests
            if request.status in stages.GRANTED
            for unit in request.base["units"]
        ]
        is_off = order.status == "CANCELLED"
        gone = {u for u in every if is_off or order.cancelled_unit(u)}
        assert sorted(granted) == sorted(gone), order.id
        pending = [r for r in requests if r.status == stages.CANCEL_PENDING]
        asks = order.asks_to_cancel and not is_off
        assert len(pending) == int(asks), order.id
        effective = stages.GRANTED | stages.REFUNDED
        paid = sum(
            whole(refunds_now(r).values()).total
            for r in requests
            if r.status in effective
        )
        assert paid <= basket_of(order).total, order.id
        back = {
            unit
            for r in requests
            if r.status in stages.REFUNDED and "amount" not in r.facts
            for unit in r.base["units"]
        }
        if back and back | gone == every:
            assert order.status in ("COMPLETED", "CANCELLED"), order.id


@pytest.fixture(scope="module")
def world() -> Simulator:
    return make_simulator()


def test_the_world_began_with_requests_of_every_kind(world: Simulator):
    check(world)
    requests = all_requests(world)

    kinds = Counter((r.type, r.status) for r in requests)
    for kind in (
        (stages.DIRECT, stages.CANCEL_COMPLETE),
        (stages.ASKED, stages.CANCEL_COMPLETE),
        (stages.ASKED, stages.CANCEL_OFF),
        (stages.ASKED, stages.CANCEL_PENDING),
        (stages.REFUND, stages.COMPLETE),
        (stages.REFUND, stages.OFF),
        (stages.BACK, stages.COMPLETE),
        (stages.BACK, stages.OFF),
        (stages.REPLACEMENT, stages.REPLACEMENT_REFUNDED),
    ):
        assert kinds[kind], kind
    assert {r.base["role"] for r in requests} >= {"BUYER", "SELLER", "SYSTEM"}
    assert any("amount" in r.facts for r in requests)
    assert any(r.facts.get("arbitration") == "SUPPORT_SELLER" for r in requests)


def test_amounts_agree_with_the_orders_to_the_cent(world: Simulator):
    cancelled, returned = 0, 0
    for order in all_orders(world):
        requests = world.aftersales.of_order(order)
        if not requests:
            continue
        row = render_order(order)
        pay = {n: Decimal(v) for n, v in row["payment"].items() if n != "currency"}
        for request in requests:
            if request.family == stages.CANCEL:
                json = render_cancellation(request, world.spell, is_newer=True)
            else:
                json = render_return(request, requests, is_newer=True)
            assert all(value not in (None, "", [], {}) for value in json.values())
            amounts = _amounts(json)
            lines = json.get("cancel_line_items") or json["return_line_items"]
            for name, amount in amounts.items():
                assert sum(_amounts(line).get(name, 0) for line in lines) == amount
            parts = [v for n, v in amounts.items() if n != "refund_total"]
            assert sum(parts) == amounts["refund_total"]
            assert min(amounts.values()) >= 0
            is_whole = len(lines) == len(row["line_items"])
            is_paid = "paid_time" in row
            if row["status"] == "CANCELLED":
                assert json["cancel_id"] == order.cancel_id()
                assert json["role"] == row["cancellation_initiator"]
                expected = pay["total_amount"] if is_paid else 0
                assert amounts["refund_total"] == expected
                cancelled += 1
            elif Event.REFUNDED in order.moments():
                assert is_whole
                assert amounts == {
                    "refund_total": pay["total_amount"],
                    "refund_subtotal": pay["sub_total"],
                    "refund_shipping_fee": pay["shipping_fee"],
                    "refund_tax": pay["tax"],
                } | (
                    {"retail_delivery_fee": pay["retail_delivery_fee"]}
                    if "retail_delivery_fee" in pay
                    else {}
                )
                returned += 1
    assert cancelled > 100
    assert returned > 30


def _amounts(json: dict[str, Any]) -> dict[str, Decimal]:
    amounts = json["refund_amount"].items()
    return {name: Decimal(value) for name, value in amounts if name != "currency"}


def test_refunds_are_cut_down_without_losing_a_cent():
    chance = random.Random(5)
    for _ in range(300):
        refunds = {
            unit: Refund(*(chance.randint(0, 900) for _ in range(4)))
            for unit in range(chance.randint(1, 5))
        }
        amount = chance.randint(0, whole(refunds.values()).total)

        cut = part_of(refunds, amount)

        assert whole(cut.values()).total == amount
        for unit, part in cut.items():
            for name in ("subtotal", "shipping", "tax", "delivery_fee"):
                assert 0 <= getattr(part, name) <= getattr(refunds[unit], name)


def test_days_on_foot_lead_where_a_leap_leads():
    walked, leapt = make_simulator(size=1_500), make_simulator(size=1_500)
    walked.news.clear()
    for _ in range(30):
        go(walked, 2 * HOUR)
    go(leapt, 60 * HOUR)

    assert facts(walked)[0] == facts(leapt)[0]
    numbers = Counter(number for _, (number, _) in walked.news)
    assert numbers[11] > 5
    assert numbers[12] > 5
    assert not leapt.news
    before = facts(make_simulator(size=1_500))
    go(walked, -60 * HOUR)
    assert facts(walked) == before


def test_what_people_do_holds_together_and_survives_a_restart(tmp_path: Path):
    state = tmp_path / "state.jsonl"
    simulator = make_simulator(state, size=300)
    chance = random.Random(3)
    done: Counter[str] = Counter()
    for _ in range(24):
        for _ in range(5):
            done[_something(simulator, chance)] += 1
        check(simulator)
        go(simulator, chance.choice((60, HOUR, 5 * HOUR, 25 * HOUR, 40 * HOUR)))
    check(simulator)
    seen, now = facts(simulator), int(simulator.clock.now())

    again = make_simulator(state, now, size=300)
    again.tick()
    assert facts(again) == seen
    go(again, -2 * DAY)
    check(again)
    go(again, 2 * DAY)
    assert facts(again) == seen
    # Deadlines passed while it was off.
    later = make_simulator(state, now + 20 * DAY, size=300)
    later.tick()
    check(later)
    assert sum(count for name, count in done.items() if name) > 60
    assert len(done) > 8


def _something(simulator: Simulator, chance: random.Random) -> str:
    """Somebody does something to an order that is not over yet; what, if anything."""
    now, desk = simulator.world.now, simulator.aftersales
    open_requests = [r for r in all_requests(simulator) if r.is_open]
    if open_requests and chance.random() < 0.6:
        return _answer(simulator, chance.choice(open_requests), chance)
    order = chance.choice(
        [o for o in all_orders(simulator) if o.status not in ("COMPLETED", "CANCELLED")]
    )
    requests = desk.of_order(order)
    free = deeds.free_units(order, requests)
    if not free:
        return ""
    units = tuple(sorted(chance.sample(free, chance.randint(1, len(free)))))
    if order.status in ("ON_HOLD", "AWAITING_SHIPMENT") and not requests:
        by = chance.choice((stages.BUYER, stages.SELLER))
        deed = deeds.ask_to_cancel if by == stages.BUYER else deeds.cancel
        wish = deeds.Wish(units, by, "seller_cancel_reason_out_of_stock")
        simulator.settle(order, deed(order, requests, wish, now))
        return f"cancel by {by}"
    if order.status == "DELIVERED" and Event.PAID in order.moments():
        kind = chance.choice(tuple(stages.FIRST))
        wish = deeds.Wish(units, stages.BUYER, "a_reason")
        request = deeds.ask_to_return(order, requests, kind, wish, now)
        simulator.settle(order, request)
        return f"wish for {kind}"
    return ""


def _answer(simulator: Simulator, request: Request, chance: random.Random) -> str:
    now, status = simulator.world.now, request.status
    if status in (stages.CANCEL_SUCCESS, stages.SUCCESS):
        return ""
    if status == stages.OFFERED:
        deeds.answer_offer(request, now, accepts=chance.random() < 0.5)
    elif status == stages.TO_SHIP:
        deeds.ship_back(
            request, now, {"number": "1", "provider": "P", "provider_id": "2"}
        )
    elif status in stages.REFUSALS:
        deeds.arbitrate(
            request, now, chance.choice(("SUPPORT_BUYER", "SUPPORT_SELLER"))
        )
    else:
        becomes = {
            stages.CANCEL_PENDING: (stages.CANCEL_SUCCESS, stages.CANCEL_OFF),
            stages.PENDING: (
                stages.APPROVED_AS.get(request.type, ""),
                stages.REJECTED,
                stages.OFFERED,
            ),
            stages.SHIPPED: (stages.SUCCESS, stages.PARCEL_REFUSED),
        }.get(status, (stages.APPROVED_AS.get(request.type, ""),))
        after = chance.choice(becomes)
        offer = max(1, whole(refunds_now(request).values()).total // 3)
        news = {"offer": offer} if after == stages.OFFERED else {}
        request.tell(now, Step(after, stages.SELLER, "ANSWER", news))
    simulator.settle(request.order, request)
    return f"answer to {status}"
