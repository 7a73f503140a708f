"""What shipping does to the stock and the stories of orders, without a server."""

from pathlib import Path
from typing import Any

import pytest

from apps.simulator import shipping
from apps.simulator.state import Simulator
from apps.simulator.world.finding import find_package, packages_in, packages_of
from apps.simulator.world.futures import unless_shipped
from apps.simulator.world.lifecycle import TOO_LATE, Event
from apps.simulator.world.orders import Order
from apps.simulator.world.package_rendering import render_package
from apps.simulator.world.rendering import render_order
from apps.simulator.world.sellers import Shop
from tests.simulator.test_stock import (
    DAY,
    NOW,
    committed_of,
    make_simulator,
    open_pieces,
    place,
    stock_of,
    walk,
)


def shop_of(simulator: Simulator, region: str) -> Shop:
    shops = simulator.world.shops.values()
    return next(shop for shop in shops if shop.region.code == region)


def order_of(simulator: Simulator, shop: Shop, **changes: Any) -> Order:
    """An order of four pieces that waits to be shipped."""
    now = simulator.world.now
    past = [[name, now] for name in ("placed", "paid", "released")]
    lines = [[next(iter(shop.catalogue.skus)), 4]]
    return place(simulator, shop, past=past, notes={"lines": lines} | changes)


def living(simulator: Simulator, shop: Shop) -> Order:
    """As `order_of`; cancelled in the end if nobody ships it."""
    now = simulator.world.now
    past = [(event, now) for event in (Event.PLACED, Event.PAID, Event.RELEASED)]
    then, notes = unless_shipped(past, now, 0)
    lines = [[next(iter(shop.catalogue.skus)), 4]]
    return place(
        simulator,
        shop,
        past=[[event.value, moment] for event, moment in past],
        then=[[event.value, moment] for event, moment in then],
        notes=notes | {"lines": lines},
    )


@pytest.mark.parametrize("region", ["US", "MY"])
def test_shipping_and_cancelling_parts_keeps_the_stock_right(region: str):
    simulator = make_simulator()
    shop = shop_of(simulator, region)
    sku_id = next(iter(shop.catalogue.skus))
    before, held = committed_of(simulator, shop), stock_of(simulator, shop)
    order = order_of(simulator, shop)
    assert committed_of(simulator, shop)[sku_id] == before[sku_id] + 4
    assert stock_of(simulator, shop)[sku_id] == held[sku_id] - 4

    shipping.ship_units(simulator, order, [3], {})
    assert committed_of(simulator, shop)[sku_id] == before[sku_id] + 3
    cancelled = {"at": simulator.world.now, "by": "SELLER", "reason": "Out of stock"}
    notes = {"cancelled_units": {"0": cancelled}}
    simulator.tell(order, Event.UNITS_CANCELLED, notes)
    assert committed_of(simulator, shop)[sku_id] == before[sku_id] + 2
    assert stock_of(simulator, shop)[sku_id] == held[sku_id] - 3
    assert order.status == "PARTIALLY_SHIPPING"
    assert order.unit_state(0).status == "CANCELLED"
    row = render_order(order)["line_items"][0]
    assert (row["cancel_reason"], row["cancel_user"]) == ("Out of stock", "SELLER")
    assert "package_id" not in row
    shipping.ship_units(simulator, order, [1, 2], {})

    assert order.status == "AWAITING_COLLECTION"
    assert committed_of(simulator, shop) == before
    assert stock_of(simulator, shop)[sku_id] == held[sku_id] - 3
    assert committed_of(simulator, shop) == open_pieces(simulator, shop)
    lines = [
        line
        for package in packages_of(simulator.world, order)
        for line in render_package(package)["order_line_item_ids"]
    ]
    assert sorted(lines) == [order.line_id(unit) for unit in (1, 2, 3)]


def test_a_rest_that_nobody_ships_is_cancelled_and_the_sent_part_goes_on():
    simulator = make_simulator()
    shop = shop_of(simulator, "MY")
    sku_id = next(iter(shop.catalogue.skus))
    order = living(simulator, shop)
    shipping.split(simulator, order, [[0], [1, 2, 3]])
    first, _, _ = packages_of(simulator.world, order)
    shipping.ship_package(simulator, first, {})
    assert order.status == "PARTIALLY_SHIPPING"
    names = [event for event, _ in order.to_come()]
    assert names[0] == Event.REST_CANCELLED

    end = order.to_come()[0][1]
    assert end == NOW + 4 * DAY
    walk(simulator, 4 * DAY, DAY)

    assert order.status == "AWAITING_COLLECTION"
    states = [order.unit_state(unit) for unit in range(4)]
    assert [state.status for state in states] == [
        "AWAITING_COLLECTION",
        *["CANCELLED"] * 3,
    ]
    assert states[1].cancelled
    assert states[1].cancelled["reason"] == TOO_LATE
    came_back = [
        move["to"] - move["from"]
        for move in simulator.stock.moves[sku_id]
        if move["reference"] == str(order.id) and move["by"] == "cancellation"
    ]
    assert came_back == [3]
    statuses = [package.status for package in packages_of(simulator.world, order)]
    assert statuses == ["PROCESSING", "CANCELLED", "CANCELLED"]
    walk(simulator, 16 * DAY, DAY)
    assert order.status == "COMPLETED"
    states = [order.unit_state(unit) for unit in range(4)]
    assert [one.status for one in states] == ["COMPLETED", *["CANCELLED"] * 3]


def test_orders_in_one_package_live_and_end_together():
    simulator = make_simulator()
    shop = shop_of(simulator, "MY")
    sent, left = ([living(simulator, shop) for _ in range(2)] for _ in range(2))
    ids = [shipping.combine(simulator, pair) for pair in (sent, left)]
    package = find_package(simulator.world, shop.id, ids[0])
    assert package is not None
    shipping.ship_package(simulator, package, {})
    walk(simulator, 4 * DAY, DAY // 4)

    assert {order.status for order in left} == {"CANCELLED"}
    assert sent[0].times[-3:] == sent[1].times[-3:]
    other = find_package(simulator.world, shop.id, ids[1])
    assert other is not None
    assert other.status == "CANCELLED"
    assert len(other.parts) == 2
    walk(simulator, 14 * DAY, DAY)
    assert {order.status for order in sent} == {"COMPLETED"}


def test_units_to_be_cancelled_later_are_so_whatever_happens_before():
    simulator = make_simulator()
    order = order_of(simulator, shop_of(simulator, "MY"))
    soon, late = NOW + 3_600, NOW + 7_200
    noted = {"at": late, "by": "BUYER", "reason": "No longer needed", "step": 5}
    notes = {"cancelled_units": {"2": noted}}
    then = [(Event.UNITS_CANCELLED, late)]
    simulator.tell(order, Event.ADDRESS_CHANGED, notes, then=then)
    simulator.clock.set(soon)
    simulator.tick()
    shipping.split(simulator, order, [[0, 1], [2, 3]])
    assert order.unit_state(2).status == "AWAITING_SHIPMENT"

    walk(simulator, 7_200)

    assert order.unit_state(2).status == "CANCELLED"
    assert order.unit_state(3).status == "AWAITING_SHIPMENT"
    simulator.tell(order, Event.PARCEL_CHANGED)
    assert order.unit_state(2).status == "CANCELLED"


def test_a_restart_finds_every_package_where_it_was(tmp_path: Path):
    state = tmp_path / "state.jsonl"
    first = make_simulator(state)
    malaysian, american = shop_of(first, "MY"), shop_of(first, "US")
    split_order = order_of(first, malaysian)
    shipping.split(first, split_order, [[0, 1], [2, 3]])
    part = packages_of(first.world, split_order)[1]
    own = {"tracking_number": "OWN-1", "provider_id": "66", "provider_name": "Ours"}
    shipping.ship_package(first, part, own)
    pair = [order_of(first, malaysian), order_of(first, malaysian, buyer_seed=5)]
    combined_id = shipping.combine(first, pair)
    parted = order_of(first, american)
    shipping.ship_units(first, parted, [2], {})
    alive = living(first, malaysian)
    shipping.ship_package(first, packages_of(first.world, alive)[0], {})
    walk(first)

    again = make_simulator(state, now=NOW + DAY)

    def facts(simulator: Simulator) -> list[object]:
        world = simulator.world
        orders = [
            world.indexes[order.shop.id].orders[order.id]
            for order in (split_order, *pair, parted, alive)
        ]
        return [
            *(render_order(order) for order in orders),
            *(render_package(one) for one in packages_in(world, orders)),
            orders[-1].to_come(),
            dict(world.depot.numbers),
            committed_of(simulator, malaysian),
        ]

    assert facts(again) == facts(first)
    found = find_package(again.world, malaysian.id, combined_id)
    assert found is not None
    assert [part.order.id for part in found.live] == [order.id for order in pair]
    walk(first, 9 * DAY)
    walk(again, 9 * DAY)
    assert facts(again) == facts(first)


def test_orders_of_the_world_go_on_as_planned_after_they_are_shipped_by_hand():
    simulator = make_simulator()
    waiting = [
        order
        for index in simulator.world.indexes.values()
        for order in index.by_create
        if order.status == "AWAITING_SHIPMENT"
        and order.shop.region.ships_by_package
        and Event.SHIPPED in order.events
        and not order.asks_to_cancel
    ]
    assert len(waiting) > 5
    plans = {order.id: [event for event, _ in order.to_come()] for order in waiting}

    for order in waiting:
        for package in packages_of(simulator.world, order):
            shipping.ship_package(simulator, package, {})

    for order in waiting:
        assert order.status == "AWAITING_COLLECTION"
        after = plans[order.id][plans[order.id].index(Event.SHIPPED) + 1 :]
        assert [event for event, _ in order.to_come()] == after
        moments = [moment for _, moment in order.to_come()]
        assert moments == sorted(moments)
        assert not moments or moments[0] > simulator.world.now
    for shop in simulator.world.shops.values():
        assert committed_of(simulator, shop) == open_pieces(simulator, shop)
