"""The stock as the world moves, without a server: what sales take and bring back."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from apps.simulator.clock import Clock
from apps.simulator.journal import Journal
from apps.simulator.state import Simulator
from apps.simulator.world.index import Change
from apps.simulator.world.lifecycle import Event
from apps.simulator.world.orders import Order
from apps.simulator.world.rendering import render_order
from apps.simulator.world.sellers import Shop
from apps.simulator.world.stock import put_quantity

NOW = 1_795_000_000
DAY = 86_400
OPEN = ("UNPAID", "ON_HOLD", "AWAITING_SHIPMENT", "PARTIALLY_SHIPPING")
Pieces = Counter[str]


def make_simulator(state: Path | None = None, now: int = NOW) -> Simulator:
    """Of a clock that stands still until `walk` moves it."""
    journal = Journal(str(state or ""))
    clock = Clock(frozen_at=now)
    return Simulator(7, 2_000, "https://shopdesk.example.com", journal, clock=clock)


def walk(simulator: Simulator, seconds: int = DAY, step: int = 3_600) -> list[Change]:
    simulator.changes.clear()
    for _ in range(seconds // step):
        simulator.clock.set(simulator.clock.now() + step)
        simulator.tick()
    return list(simulator.changes)


def stock_of(simulator: Simulator, shop: Shop) -> Pieces:
    """By SKU, over all warehouses."""
    return Counter(
        {
            sku_id: sum(simulator.stock.held(shop, sku_id).values())
            for sku_id, sku in shop.catalogue.skus.items()
            if not sku.parts
        }
    )


def committed_of(simulator: Simulator, shop: Shop) -> Pieces:
    counts: Pieces = Counter()
    for sku_id in stock_of(simulator, shop):
        held = simulator.stock.held(shop, sku_id)
        counts[sku_id] = sum(simulator.stock.committed(shop, sku_id, held).values())
    return +counts


def fill_up(simulator: Simulator, quantity: int = 90_000) -> None:
    """So much of everything that nothing runs out; or nothing of anything."""
    for shop in simulator.world.shops.values():
        for sku_id in stock_of(simulator, shop):
            listing = simulator.shelves.of(shop).by_sku[sku_id]
            for warehouse_id in simulator.stock.held(shop, sku_id):
                put_quantity(listing, sku_id, warehouse_id, quantity)


def pieces(order: Order, *, waiting: bool = False) -> Pieces:
    """What lies in the parcels as the API shows them; `waiting`: of units to ship."""
    count: Pieces = Counter()
    for line in render_order(order)["line_items"]:
        status = line["display_status"]
        if waiting and status not in ("UNPAID", "AWAITING_SHIPMENT"):
            continue
        for part in line.get("combined_listing_skus", ()):
            count[part["sku_id"]] += part["sku_count"]
        count[line["sku_id"]] += "combined_listing_skus" not in line
    return +count


def open_pieces(simulator: Simulator, shop: Shop) -> Pieces:
    count: Pieces = Counter()
    for order in simulator.world.indexes[shop.id].by_create:
        if order.status in OPEN:
            count += pieces(order, waiting=True)
    return count


def place(simulator: Simulator, shop: Shop, **changes: Any) -> Order:
    """An order of the first SKU that stays where it is put."""
    event = {
        "event": "order_placed",
        "shop_id": shop.id,
        "kind": "normal",
        "created": simulator.world.now,
        "seed": 5,
        "past": [("placed", simulator.world.now)],
        "notes": {"lines": [[next(iter(shop.catalogue.skus)), 3]]},
        "follows_story": False,
    }
    order: Order = simulator.record(event | changes)
    simulator.tick()
    return order


def first_shop(simulator: Simulator) -> Shop:
    return next(iter(simulator.world.shops.values()))


def test_what_waits_to_be_shipped_is_committed_from_the_start():
    simulator = make_simulator()

    for shop in simulator.world.shops.values():
        assert committed_of(simulator, shop) == open_pieces(simulator, shop)
        assert open_pieces(simulator, shop)


def test_two_days_of_sales_take_their_pieces_and_cancellations_bring_them_back():
    simulator = make_simulator()
    fill_up(simulator)
    shops = list(simulator.world.shops.values())
    before = {shop.id: stock_of(simulator, shop) for shop in shops}
    expected = {shop.id: Counter(before[shop.id]) for shop in shops}
    committed_of(simulator, shops[0])  # counted now, and kept up while walking

    changes = walk(simulator, 2 * DAY)

    came_back = 0
    for order, event, _ in changes:
        if event in (Event.PLACED, Event.ACCEPTED):
            expected[order.shop.id].subtract(pieces(order))
        was_shipped = {Event.SHIPPED, Event.PARTLY_SHIPPED} & set(order.moments())
        if event == Event.CANCELLED and not was_shipped:
            expected[order.shop.id].update(pieces(order))
            came_back += 1
    assert came_back
    for shop in shops:
        assert stock_of(simulator, shop) == expected[shop.id] != before[shop.id]
        assert committed_of(simulator, shop) == open_pieces(simulator, shop)


def test_a_jump_of_the_clock_leaves_the_stock_alone():
    simulator = make_simulator()
    shop = first_shop(simulator)
    before, committed = stock_of(simulator, shop), committed_of(simulator, shop)

    simulator.clock.set(NOW + 5 * DAY)
    simulator.tick()

    assert stock_of(simulator, shop) == before
    assert committed_of(simulator, shop) != committed
    assert committed_of(simulator, shop) == open_pieces(simulator, shop)


def test_time_turned_back_sells_nothing_twice():
    simulator = make_simulator()
    shop = first_shop(simulator)
    walk(simulator)
    after = stock_of(simulator, shop)
    placed = [order.id for order in simulator.world.indexes[shop.id].by_create]

    simulator.clock.set(NOW)
    simulator.tick()
    assert committed_of(simulator, shop) == open_pieces(simulator, shop)
    walk(simulator)

    assert stock_of(simulator, shop) == after
    assert placed == [o.id for o in simulator.world.indexes[shop.id].by_create]


def test_orders_that_find_too_little_never_happen():
    simulator = make_simulator()
    fill_up(simulator, 0)
    untouched = make_simulator()
    known = {id for i in simulator.world.indexes.values() for id in i.orders}

    changes = walk(simulator)

    assert not {order.id for order, _, _ in changes} - known
    assert Event.PLACED not in {event for _, event, _ in changes}
    would_be = {order.id: order for order, _, _ in walk(untouched)}
    lost = [o for o in would_be.values() if o.id not in known and o.created > NOW]
    assert lost
    for order in lost:
        assert simulator.world.order(order.shop.id, str(order.id)) is None
    for shop in simulator.world.shops.values():
        assert min(stock_of(simulator, shop).values()) >= 0


def test_what_was_sold_out_stays_away_though_time_starts_again(tmp_path: Path):
    state = tmp_path / "state.jsonl"
    first = make_simulator(state)
    fill_up(first, 0)
    walk(first, 2 * DAY)
    dropped = {
        json.loads(line)["order_id"]
        for line in state.read_text().splitlines()
        if '"order_dropped"' in line
    }

    again = make_simulator(state)  # two days ago, and not out of stock
    fill_up(again)
    placed = {order.id for order, _, _ in walk(again, 2 * DAY)}

    assert dropped
    assert placed
    assert not placed & dropped


def test_one_missing_piece_keeps_the_whole_order_away():
    simulator = make_simulator()
    fill_up(simulator)
    shop = first_shop(simulator)
    plenty, scarce = list(shop.catalogue.skus)[:2]
    listing = simulator.shelves.of(shop).by_sku[scarce]
    for warehouse_id in simulator.stock.held(shop, scarce):
        put_quantity(listing, scarce, warehouse_id, 1)
    before = stock_of(simulator, shop)

    order = place(simulator, shop, notes={"lines": [[plenty, 1], [scarce, 2]]})

    assert simulator.world.order(shop.id, str(order.id)) is None
    assert stock_of(simulator, shop) == before
    assert not simulator.changes


def test_a_package_sent_ahead_is_no_longer_committed():
    simulator = make_simulator()
    shop = first_shop(simulator)
    sku_id = next(iter(shop.catalogue.skus))
    committed, stock = committed_of(simulator, shop), stock_of(simulator, shop)
    order = place(simulator, shop)
    assert committed_of(simulator, shop)[sku_id] == committed[sku_id] + 3

    def tell(event: Event) -> None:
        now = simulator.world.now
        told = {"event": "order_told", "order_id": order.id, "what": event.value}
        simulator.record(told | {"at": now, "notes": {}})
        simulator.tick()

    tell(Event.PARTLY_SHIPPED)
    assert committed_of(simulator, shop)[sku_id] == committed[sku_id] + 1
    tell(Event.CANCELLED)

    assert committed_of(simulator, shop) == committed
    assert stock_of(simulator, shop)[sku_id] == stock[sku_id] - 2


@pytest.mark.parametrize(("held", "expected"), [((0, 1), 1), ((0,), 0), ((1,), 1)])
def test_pieces_come_from_the_orders_warehouse_or_else_the_first(
    held: tuple[int, ...], expected: int
):
    simulator = make_simulator()
    shop = first_shop(simulator)
    sku_id = next(iter(shop.catalogue.skus))
    rows = [{"warehouse_id": shop.warehouses[n], "quantity": 9} for n in held]
    for sku in simulator.shelves.of(shop).by_sku[sku_id].own()["skus"]:
        if sku["id"] == sku_id:
            sku["inventory"] = rows

    order = place(simulator, shop, seed=5)  # of the second warehouse

    assert order.warehouse_id == shop.warehouses[1]
    after = simulator.stock.held(shop, sku_id)
    assert after.pop(shop.warehouses[expected]) == 6
    assert set(after.values()) <= {9}


def test_a_restart_gives_the_same_stock_and_the_same_orders(tmp_path: Path):
    state = tmp_path / "state.jsonl"
    first = make_simulator(state)
    shop = first_shop(first)
    popular = Counter(
        {n: c for o in walk(make_simulator()) for n, c in pieces(o[0]).items()}
    )
    scarce = [sku_id for sku_id in popular if sku_id in shop.catalogue.skus][:4]
    for sku_id in scarce:
        held = first.stock.held(shop, sku_id)
        listing = first.shelves.of(shop).by_sku[sku_id]
        for warehouse_id in held:
            put_quantity(listing, sku_id, warehouse_id, 0)
        first.keep(shop, listing)
    walk(first, 2 * DAY)

    again = make_simulator(state, now=NOW + 2 * DAY)

    def facts(simulator: Simulator) -> list[object]:
        return [
            (
                stock_of(simulator, shop),
                committed_of(simulator, shop),
                [(o.id, o.done) for o in simulator.world.indexes[shop.id].by_update],
                {n: list(m) for n, m in simulator.stock.moves.items()},
            )
            for shop in simulator.world.shops.values()
        ]

    lost = sum('"order_dropped"' in line for line in state.read_text().splitlines())
    assert lost
    assert facts(again) == facts(first)
    walk(first)
    walk(again)  # beyond the journal's end they live the same life
    assert facts(again) == facts(first)
