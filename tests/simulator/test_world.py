"""The world itself, without a server: what it contains and that it repeats."""

import resource
import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from apps.simulator.world.lifecycle import STATUSES, Event
from apps.simulator.world.orders import Order
from apps.simulator.world.rendering import render_order
from apps.simulator.world.world import World, first_day_for

NOW = 1_795_000_000
DAY = 86_400
ZERO = Decimal(0)


def make_world(size: int = 6_000, now: int = NOW, seed: int = 7) -> World:
    world = World(seed, size, first_day_for(now))
    world.advance(now)
    return world


def all_orders(world: World) -> Iterator[Order]:
    for index in world.indexes.values():
        yield from index.by_create


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


@pytest.fixture(scope="module")
def rows(world: World) -> list[dict[str, Any]]:
    return [render_order(order) for order in all_orders(world)]


def money(row: dict[str, Any], name: str) -> Decimal:
    return Decimal(row.get(name, "0"))


def test_the_money_identities_hold_for_every_order(rows: list[dict[str, Any]]):
    for row in rows:
        pay, lines = row["payment"], row["line_items"]
        assert money(pay, "sub_total") == (
            money(pay, "original_total_product_price")
            - money(pay, "seller_discount")
            - money(pay, "platform_discount")
        )
        assert money(pay, "shipping_fee") == (
            money(pay, "original_shipping_fee")
            - money(pay, "shipping_fee_seller_discount")
            - money(pay, "shipping_fee_platform_discount")
            - money(pay, "shipping_fee_cofunded_discount")
        )
        assert money(pay, "total_amount") == (
            money(pay, "sub_total")
            + money(pay, "shipping_fee")
            + money(pay, "tax")
            + money(pay, "retail_delivery_fee")
        )
        for name, total in (
            ("sale_price", "sub_total"),
            ("original_price", "original_total_product_price"),
            ("seller_discount", "seller_discount"),
            ("platform_discount", "platform_discount"),
        ):
            assert sum(money(line, name) for line in lines) == money(pay, total)
        assert all(money(pay, name) >= 0 for name in pay if name != "currency")


def test_tax_comes_on_top_in_the_us_and_is_included_elsewhere(
    rows: list[dict[str, Any]],
):
    taxed = 0
    for row in rows:
        pay = row["payment"]
        taxes = [Decimal(t["tax_amount"]) for u in row["line_items"]
                 for t in u.get("item_tax", [])]  # fmt: skip
        if pay["currency"] == "USD":
            assert sum(taxes) == money(pay, "product_tax")
            assert money(pay, "tax") == (
                money(pay, "product_tax") + money(pay, "shipping_fee_tax")
            )
            taxed += money(pay, "tax") > 0
        else:
            assert not taxes
            assert money(pay, "tax") == 0
    assert taxed > 100
    assert any("retail_delivery_fee" in row["payment"] for row in rows)


def test_amounts_have_the_decimals_of_their_currency(rows: list[dict[str, Any]]):
    for row in rows:
        decimals = 0 if row["payment"]["currency"] in ("IDR", "VND") else 2
        for name, value in row["payment"].items():
            if name != "currency":
                whole, _, rest = value.partition(".")
                assert whole.isdigit()
                assert len(rest) == decimals


@pytest.mark.parametrize("size", [200, 2_000, 6_000])
@pytest.mark.parametrize("days_later", [0, 1, 2, 3, 4, 5, 6])
def test_every_status_occurs_in_a_world_of_any_size(size: int, days_later: int):
    counts = Counter(
        order.status for order in all_orders(make_world(size, NOW + days_later * DAY))
    )

    assert set(counts) == set(STATUSES)


@pytest.mark.parametrize("size", [200, 1_000, 6_000, 20_000])
def test_the_world_has_about_as_many_orders_as_asked_for(size: int):
    world = make_world(size)

    recent = [o for o in all_orders(world) if o.created >= NOW - 90 * DAY]
    assert len(recent) == pytest.approx(size, rel=0.05, abs=20)


def test_the_same_seed_gives_the_same_world_and_another_one_another():
    ids = [order.id for order in all_orders(make_world(500))]

    assert ids == [order.id for order in all_orders(make_world(500))]
    assert ids != [order.id for order in all_orders(make_world(500, seed=8))]


def test_tomorrow_shows_the_same_orders_moved_on():
    today, tomorrow = make_world(1_000), make_world(1_000, NOW + DAY)
    later = {order.id: order for order in all_orders(tomorrow)}
    walked = make_world(1_000)
    changes = walked.advance(NOW + DAY)

    moved = 0
    for order in all_orders(today):
        if order.created < tomorrow.first_day * DAY:
            continue  # older than ninety days by then
        then = later[order.id]
        assert then.times == order.times
        assert then.done >= order.done
        moved += then.done > order.done
    assert moved > 10
    assert len(changes) > moved
    for order in all_orders(walked):
        if order.created >= tomorrow.first_day * DAY:
            assert order.done == later[order.id].done
            assert order.updated == later[order.id].updated


def test_walking_keeps_both_lists_sorted_and_complete():
    world = make_world(2_000)
    for hour in range(1, 60):
        world.advance(NOW + hour * 1_800)
    for index in world.indexes.values():
        created = [(order.created, order.id) for order in index.by_create]
        updated = [(order.updated, order.id) for order in index.by_update]
        assert created == sorted(created)
        assert updated == sorted(updated)
        assert {i for _, i in created} == {i for _, i in updated}


def test_orders_told_otherwise_stay_sorted_and_stop_where_they_are_put():
    world = make_world(2_000)
    open_orders = [o for o in all_orders(world) if o.status == "AWAITING_SHIPMENT"]
    for hour, order in enumerate(open_orders, 1):
        world.advance(NOW + hour * 600)
        world.tell(order.id, Event.CANCELLED, world.now, {"cancelled_by": "SELLER"})
    world.advance(world.now)
    world.advance(world.now + DAY)

    assert len(open_orders) > 10
    assert {order.status for order in open_orders} == {"CANCELLED"}
    for index in world.indexes.values():
        updated = [(order.updated, order.id) for order in index.by_update]
        assert updated == sorted(updated)
        assert len(updated) == len(index.by_create)


def test_time_may_run_backwards():
    world = make_world(500)
    before = {order.id: order.done for order in all_orders(world)}
    world.advance(NOW + 5 * DAY)
    world.advance(NOW)

    assert {order.id: order.done for order in all_orders(world)} == before


def test_ids_look_like_the_platforms(rows: list[dict[str, Any]]):
    line_ids, package_ids = [], []
    for row in rows:
        assert len(row["id"]) in (18, 19)
        assert row["id"][:2] in ("57", "58")
        assert len(row["user_id"]) == 19
        line_ids += [line["id"] for line in row["line_items"]]
        package_ids += [package["id"] for package in row.get("packages", [])]
        for line in row["line_items"]:
            assert len(line["sku_id"]) == len(line["product_id"]) == 19
    assert len(set(line_ids)) == len(line_ids)
    assert len(set(package_ids)) == len(package_ids)
    assert all(len(package_id) == 19 for package_id in package_ids)


def test_addresses_hide_until_release_and_are_masked_for_platform_shipping(
    rows: list[dict[str, Any]],
):
    kinds: Counter[str] = Counter()
    for row in rows:
        address = row.get("recipient_address")
        if row["status"] in ("UNPAID", "ON_HOLD"):
            assert address is None
        elif address and row["shipping_type"] == "TIKTOK":
            assert all("*" in address[name] for name in ("name", "phone_number"))
            assert "*" in address["full_address"]
        elif address:
            assert "*" not in address["full_address"] + address["name"]
            assert row["fulfillment_type"] == "FULFILLMENT_BY_SELLER"
        kinds[row["shipping_type"] if address else "hidden"] += 1
    assert min(kinds.values()) > 100


def test_packages_exist_from_payment_and_in_the_us_from_shipping(
    rows: list[dict[str, Any]],
):
    for row in rows:
        in_us = row["payment"]["currency"] == "USD"
        accepted = row.get("paid_time") or row["is_cod"] or row["is_sample_order"]
        expected = row.get("rts_time") if in_us else accepted
        assert bool(row.get("packages")) == bool(expected), row["id"]
        listed = {package["id"] for package in row.get("packages", [])}
        used = {u["package_id"] for u in row["line_items"] if "package_id" in u}
        assert used == listed
        if "rts_time" not in row:
            assert "tracking_number" not in row


def test_the_stories_a_back_office_must_handle_all_occur(rows: list[dict[str, Any]]):
    def some(name: str, wanted: Any) -> list[dict[str, Any]]:
        found = [row for row in rows if wanted(row)]
        assert found, name
        return found

    cancelled = some("cancelled", lambda r: r["status"] == "CANCELLED")
    assert any("paid_time" not in r and not r["is_cod"] for r in cancelled)
    assert any("paid_time" in r and "rts_time" not in r for r in cancelled)
    failed = [r for r in cancelled if r["is_cod"] and "collection_time" in r]
    assert failed
    assert all("paid_time" not in r for r in failed)
    assert {r["cancellation_initiator"] for r in cancelled} == {
        "BUYER", "SELLER", "SYSTEM",
    }  # fmt: skip
    pending = some(
        "pending cancel",
        lambda r: r["is_buyer_request_cancel"] and r["status"] == "AWAITING_SHIPMENT",
    )
    assert all("request_cancel_time" in r for r in pending)
    samples = some("sample", lambda r: r["is_sample_order"])
    assert all(money(r["payment"], "total_amount") == 0 for r in samples)
    some("pre-order", lambda r: r["order_type"] == "PRE_ORDER" and r["release_date"])
    some("split", lambda r: len(r.get("packages", [])) == 2)
    some("address changed", lambda r: r["has_updated_recipient_address"])
    some("platform stock", lambda r: r["fulfillment_type"] == "FULFILLMENT_BY_TIKTOK")
    some("note", lambda r: r.get("seller_note"))
    some("emoji", lambda r: any(ord(c) > 0xFFFF for c in r.get("buyer_message", "")))
    some("refunded", lambda r: r["status"] == "COMPLETED" and "delivery_time" not in r)
    units = [unit for row in rows for unit in row["line_items"]]
    gifts = [unit for unit in units if unit["is_gift"]]
    assert gifts
    assert all(money(u, "sale_price") == 0 < money(u, "gift_retail_price")
               for u in gifts)  # fmt: skip
    assert any(unit.get("combined_listing_skus") for unit in units)
    most = [max(Counter(u["sku_id"] for u in r["line_items"]).values()) for r in rows]
    assert max(most) > 1  # one row per unit, no quantity


def test_fields_without_a_value_are_left_out(rows: list[dict[str, Any]]):
    for row in rows:
        for part in (row, *row["line_items"], row["payment"]):
            assert all(value not in (None, "") for value in part.values())


def test_orders_follow_the_day_and_the_week():
    orders = list(all_orders(make_world(20_000)))
    thailand = [o for o in orders if o.shop.region.code == "TH"]

    local_hours = Counter((o.created // 3_600 + 7) % 24 for o in thailand)
    weekdays = Counter((o.created // DAY + 3) % 7 for o in orders)

    assert local_hours[20] > 5 * local_hours[3]
    assert weekdays[5] > 1.1 * weekdays[1]


def test_two_hundred_thousand_orders_fit_in_a_gibibyte():
    started = time.perf_counter()
    world = make_world(200_000)
    took = time.perf_counter() - started
    orders = sum(len(index.by_create) for index in world.indexes.values())
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    print(f"{orders} orders in {took:.1f} s, {used:.0f} MiB")  # noqa: T201
    assert orders == pytest.approx(200_000, rel=0.02)
    assert used < 1024
