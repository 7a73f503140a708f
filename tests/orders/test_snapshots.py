"""Snapshots of orders, their prints, and the way back."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from apps.integrations.contracts import OrderStatus, RemoteBuyer, Source
from apps.inventory.models import Booking
from apps.orders.models import Order, OrderLine, OrderPayload, Package
from apps.orders.services.forgetting import empty_payloads, forget_buyer_of
from apps.orders.services.ingest import ingest_orders
from apps.orders.services.restoring import remove, restore
from apps.orders.services.snapshots import is_as_then, prints_of, snapshots_of
from apps.orders.services.stock import mark_orders_due
from apps.orders.services.stock_proof import bookings_of_no_order, differing_orders
from tests.factories.inventory import stock_of
from tests.factories.orders import PLACED, make_remote_line, make_remote_order
from tests.orders.kept_rows import differences, records_of, rows_of
from tests.orders.queries import statements
from tests.orders.shelves import OTHER_SKU, make_shelf, tell

pytestmark = pytest.mark.django_db

ID = "580000000000000001"
NAMED = RemoteBuyer(username="anna", name="Anna", phone="0123")


def told(shop, **changes):
    line = make_remote_line(unit_price="7.5", tracking_numbers=("TRACK1",))
    values = {"lines": (line,), "buyer": NAMED, "seller_note": "Ring"} | changes
    return tell(shop, Source.FILE, **values)


def test_a_snapshot_is_plain_json_of_the_whole_order():
    shop, _ = make_shelf()
    remote = told(shop, shipped_at=PLACED + timedelta(hours=2))

    found = snapshots_of(shop, [ID, "no such order"])

    assert found.keys() == {ID}
    snapshot = json.loads(json.dumps(found[ID]))
    order = Order.objects.get()
    assert snapshot["key"] == order.pk
    assert Decimal(snapshot["columns"]["total_amount"]) == Decimal("40.40")
    assert snapshot["columns"]["shipped_at"] == "2026-09-20 12:00:00+00:00"
    assert snapshot["columns"]["testimony"] == order.testimony
    assert "buyer_message" not in snapshot["columns"]
    assert snapshot["buyer"] == [order.buyer_id, "", "anna"]
    (line,) = snapshot["lines"]
    assert (line["key"], line["quantity"]) == ("1730000000000000101|7.5", 1)
    assert json.loads(snapshot["payload"]["body"]) == remote.raw
    assert [each["tracking_number"] for each in snapshot["packages"]] == ["TRACK1"]


def test_prints_follow_what_is_said_and_nothing_else():
    shop, _ = make_shelf()
    told(shop)
    first = prints_of(shop, [ID])
    assert len(first[ID]) == 64

    Order.objects.update(modified_at=timezone.now())
    OrderLine.objects.update(variant=None, listing_sku=None)
    OrderPayload.objects.update(received_at=timezone.now())
    empty_payloads(timezone.now() + timedelta(days=1))
    mark_orders_due(shop)
    assert prints_of(shop, [ID]) == first

    seen = {first[ID]}
    said: list[dict[str, Any]] = [
        {"seller_note": "Knock"},
        {"total_amount": Decimal("40.41")},
        {"lines": (make_remote_line(quantity=2),)},
    ]
    for hours, changes in enumerate(said, 1):
        told(shop, paid_at=PLACED + timedelta(hours=hours), **changes)
        seen.add(prints_of(shop, [ID])[ID])
    assert len(seen) == 4


def test_a_buyer_who_is_erased_is_no_change_but_all_else_is():
    shop, _ = make_shelf()
    told(shop)
    then = prints_of(shop, [ID])[ID]
    forget_buyer_of(shop.pk, [Order.objects.get().pk])

    now = prints_of(shop, [ID])[ID]
    assert not is_as_then(now, then, is_buyer_erased=False)
    assert is_as_then(now, then, is_buyer_erased=True)
    Order.objects.update(warehouse="North")
    now = prints_of(shop, [ID])[ID]
    assert not is_as_then(now, then, is_buyer_erased=True)


def test_what_was_packed_and_dropped_comes_back():
    shop, lamp = make_shelf()
    told(shop)
    rows = rows_of(shop, also=("testimony",)) | records_of(shop)
    found = snapshots_of(shop, [ID])
    told(
        shop,
        status=OrderStatus.IN_TRANSIT,
        shipped_at=PLACED + timedelta(hours=5),
        lines=(make_remote_line(OTHER_SKU, quantity=4),),
    )
    Package.objects.all().delete()
    order = Order.objects.get()

    restore(shop, {order.pk: found[ID]})

    assert (
        differences(rows_of(shop, also=("testimony",)) | records_of(shop), rows) == []
    )
    assert prints_of(shop, [ID])[ID]
    assert stock_of(lamp) == (10, 1, 0, 0)
    assert list(differing_orders(shop)) == []


def test_an_order_that_goes_leaves_bookings_of_nothing():
    shop, lamp = make_shelf()
    told(shop, status=OrderStatus.IN_TRANSIT, shipped_at=PLACED + timedelta(hours=5))
    order = Order.objects.get()
    assert stock_of(lamp) == (9, 0, 0, 0)

    assert remove(shop, [order.pk]) == 1
    assert remove(shop, [order.pk]) == 0

    assert stock_of(lamp) == (10, 0, 0, 0)
    (booking,) = Booking.objects.filter(cause_kind=Booking.Kind.ORDER)
    assert (booking.cause_id, booking.movement_count) == (order.pk, 2)
    assert bookings_of_no_order(shop) == []


def _many(shop, count, **changes):
    remotes = [
        make_remote_order(f"5800000000000010{n:02}", version=None, **changes)
        for n in range(count)
    ]
    ingest_orders(shop, remotes, Source.FILE)
    return [remote.remote_id for remote in remotes]


@pytest.mark.parametrize("deed", [restore, remove])
def test_statements_do_not_grow_with_orders(deed):
    kinds = []
    for count in (2, 20):
        shop, _ = make_shelf(100)
        found = snapshots_of(shop, _many(shop, count))
        _many(shop, count, warehouse="North")
        with transaction.atomic(), statements() as run:
            deed(shop, {each["key"]: each for each in found.values()})
        kinds.append(run.kinds)
    assert kinds[0] == kinds[1]
