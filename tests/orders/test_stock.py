"""Orders in the ledger: what lines are may be decided late, and taken back."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from apps.integrations.contracts import OrderStatus, Source
from apps.inventory.models import Booking, StockMovement
from apps.inventory.services.verifying import verify
from apps.orders.models import Order, OrderLine
from apps.orders.services import mapping
from apps.orders.services.ingest import ingest_orders, preview_orders
from apps.orders.services.mapping import By
from apps.orders.services.stock import (
    book_all_due,
    book_due_orders,
    mark_due,
    mark_orders_due,
    mark_outdated_bundles,
)
from apps.orders.services.stock_proof import bookings_of_no_order, differing_orders
from apps.orders.services.warehouses import map_warehouse
from apps.orders.tasks import book_due_stock, link_order_lines
from apps.products.models import BundleComponent, ListingSku
from config.schedule import SCHEDULE
from tests.factories.inventory import (
    NOBODY,
    count,
    hours_after,
    make_shop_warehouse,
    make_warehouse,
    receive,
    stock_of,
)
from tests.factories.orders import PLACED, make_remote_line, make_remote_order
from tests.factories.platforms import make_shop
from tests.factories.products import make_bundle, make_listing_sku, make_variant
from tests.orders.queries import statements
from tests.orders.shelves import OTHER_SKU, SKU, make_shelf, put_on_shelf, tell

pytestmark = pytest.mark.django_db

BY = By(process="tests")
LEFT: dict[str, Any] = {
    "status": OrderStatus.IN_TRANSIT,
    "shipped_at": PLACED + timedelta(hours=5),
}


def two(sku=SKU):
    return (make_remote_line(sku, quantity=2),)


@pytest.fixture
def unmatched():
    """A shop's SKU that is nothing yet, and two of ours that it may be."""
    shop = make_shop()
    sku = make_listing_sku(shop=shop, remote_id=SKU)
    one = make_variant(client=shop.client)
    two = make_variant(one.product)
    for variant in (one, two):
        receive(variant, 10)
    return shop, sku, one, two


def assert_all_is_proven(*shops):
    assert verify().differences == []
    for shop in shops:
        assert list(differing_orders(shop)) == []
        assert bookings_of_no_order(shop) == []


def test_a_line_that_is_nothing_yet_waits_and_takes_effect_when_it_is_matched(
    unmatched,
):
    shop, sku, one, other = unmatched
    tell(shop, lines=two())
    tell(shop, remote_id="582", lines=two(), **LEFT)
    assert stock_of(one) == stock_of(other) == (10, 0, 0, 0)

    mapping.choose(shop, {sku.pk: one.pk}, BY)
    assert stock_of(one) == (8, 2, 0, 0)

    mapping.choose(shop, {sku.pk: other.pk}, BY)
    assert (stock_of(one), stock_of(other)) == ((10, 0, 0, 0), (8, 2, 0, 0))

    mapping.unlink(shop, [sku.pk], BY)
    assert stock_of(one) == stock_of(other) == (10, 0, 0, 0)

    mapping.ignore(shop, [sku.pk], BY)
    assert stock_of(one) == stock_of(other) == (10, 0, 0, 0)
    assert_all_is_proven(shop)


def test_a_mapping_taken_back_takes_its_stock_back(unmatched):
    shop, sku, one, _ = unmatched
    tell(shop, lines=two())
    outcome = mapping.choose(shop, {sku.pk: one.pk}, BY)
    assert outcome.batch is not None

    mapping.undo(outcome.batch, BY)

    assert stock_of(one) == (10, 0, 0, 0)
    assert_all_is_proven(shop)


def test_what_was_matched_where_nobody_relinks_is_booked_by_the_sweep(unmatched):
    shop, sku, one, _ = unmatched
    tell(shop, lines=two())
    ListingSku.objects.filter(pk=sku.pk).update(variant=one, mapping="matched")

    assert link_order_lines() == 1
    assert Order.objects.get().is_stock_due
    assert book_due_stock() == 1

    assert stock_of(one) == (10, 2, 0, 0)
    assert book_due_stock() == 0
    assert_all_is_proven(shop)


def test_a_bundle_takes_its_parts(unmatched):
    shop, sku, one, other = unmatched
    bundle = make_bundle({one: 2, other: 1})
    mapping.choose(shop, {sku.pk: bundle.pk}, BY)

    tell(shop, lines=two())
    assert (stock_of(one), stock_of(other)) == ((10, 4, 0, 0), (10, 2, 0, 0))

    tell(shop, version=2, lines=two(), **LEFT)
    assert (stock_of(one), stock_of(other)) == ((6, 0, 0, 0), (8, 0, 0, 0))

    back = (make_remote_line(SKU, quantity=2, returned_quantity=1),)
    tell(shop, Source.FILE, lines=back, **LEFT)
    assert (stock_of(one), stock_of(other)) == ((6, 0, 2, 0), (8, 0, 1, 0))
    booking = Booking.objects.get(cause_kind="order", level__variant=one)
    assert (booking.sold, booking.per_unit) == (bundle, 2)
    assert_all_is_proven(shop)


def test_a_bundle_made_otherwise_moves_what_waits_and_not_what_left(unmatched):
    shop, sku, one, other = unmatched
    bundle = make_bundle({one: 2, other: 1})
    mapping.choose(shop, {sku.pk: bundle.pk}, BY)
    tell(shop, lines=two(), **LEFT)
    tell(shop, remote_id="582", lines=two())
    assert mark_outdated_bundles() == 0

    BundleComponent.objects.filter(component=one).update(quantity=1)
    BundleComponent.objects.filter(component=other).delete()
    assert list(differing_orders(shop)) == []  # they are about to be due
    assert mark_outdated_bundles() == 1
    assert book_all_due() == 1

    assert (stock_of(one), stock_of(other)) == ((6, 2, 0, 0), (8, 0, 0, 0))
    tell(shop, version=2, lines=two(), carrier="New", **LEFT)
    assert (stock_of(one), stock_of(other)) == ((6, 2, 0, 0), (8, 0, 0, 0))
    assert_all_is_proven(shop)


def test_what_left_as_a_bundle_stays_so_when_that_is_dissolved(unmatched):
    shop, sku, one, _ = unmatched
    bundle = make_bundle({one: 2})
    mapping.choose(shop, {sku.pk: bundle.pk}, BY)
    tell(shop, lines=two(), **LEFT)
    tell(shop, remote_id="582", lines=two())

    BundleComponent.objects.all().delete()
    bundle.is_bundle = False
    bundle.save()
    assert book_due_stock() == 1
    tell(shop, version=2, lines=two(), carrier="New", **LEFT)

    assert stock_of(one) == (6, 0, 0, 0)
    assert stock_of(bundle) == (0, 2, 0, 0)
    assert_all_is_proven(shop)


def test_a_plain_sku_that_turns_out_a_bundle_of_itself_follows_its_changes(unmatched):
    """The number did not change when it was matched anew, but what it hangs on did."""
    shop, sku, one, _ = unmatched
    bundle = make_bundle({one: 1})
    mapping.choose(shop, {sku.pk: one.pk}, BY)
    tell(shop, lines=two())
    mapping.choose(shop, {sku.pk: bundle.pk}, BY)

    BundleComponent.objects.update(quantity=3)
    assert book_due_stock() == 1

    assert stock_of(one) == (10, 6, 0, 0)
    assert_all_is_proven(shop)


def test_a_bundle_that_the_platform_took_apart_is_its_parts():
    """In the United States a file names the parts, each a line."""
    shop = make_shop(region="US")
    one, other = put_on_shelf(shop), put_on_shelf(shop, 10, OTHER_SKU)
    lines = [
        make_remote_line(sku, quantity=count, bundle_seller_sku="SET-2")
        for sku, count in ((SKU, 2), (OTHER_SKU, 1))
    ]

    tell(shop, Source.FILE, lines=tuple(lines))

    assert (stock_of(one), stock_of(other)) == ((10, 2, 0, 0), (10, 1, 0, 0))


@pytest.mark.parametrize("named", ["7100000000000000003", "Gudang Klang"])
def test_an_order_leaves_the_warehouse_named_by_id_or_by_name(named):
    shop, variant = make_shelf()
    other = make_warehouse(shop.client)
    receive(variant, 5, other)
    make_shop_warehouse(shop, other, "7100000000000000003", name="Gudang Klang")

    tell(shop, lines=two(), warehouse=named)

    assert stock_of(variant) == (10, 0, 0, 0)
    assert stock_of(variant, other) == (5, 2, 0, 0)


def test_a_warehouse_matched_late_takes_its_orders_with_it():
    shop, variant = make_shelf()
    place = make_shop_warehouse(shop, None, "71")
    other = make_warehouse(shop.client)
    receive(variant, 5, other)
    tell(shop, lines=two(), warehouse="71")
    tell(shop, remote_id="582", lines=two(), warehouse="71", **LEFT)
    assert stock_of(variant) == (8, 2, 0, 0)

    map_warehouse(place, other, NOBODY)
    assert (stock_of(variant), stock_of(variant, other)) == (
        (10, 0, 0, 0),
        (3, 2, 0, 0),
    )

    map_warehouse(place, None, NOBODY)
    assert (stock_of(variant), stock_of(variant, other)) == ((8, 2, 0, 0), (5, 0, 0, 0))
    assert_all_is_proven(shop)


def test_late_news_of_what_left_before_a_stock_take_changes_nothing_there():
    shop, variant = make_shelf()
    tell(shop, lines=two())
    count(variant, 8, effective_at=hours_after(PLACED, 10))

    tell(shop, version=2, lines=two(), **LEFT)

    assert stock_of(variant) == (8, 0, 0, 0)
    late: dict[str, Any] = {
        "status": OrderStatus.IN_TRANSIT,
        "shipped_at": hours_after(PLACED, 11),
    }
    tell(shop, remote_id="582", lines=two(), **late)
    assert stock_of(variant) == (6, 0, 0, 0)
    assert_all_is_proven(shop)


def test_units_that_came_back_do_not_become_fewer_by_an_older_file():
    shop, variant = make_shelf()
    done: dict[str, Any] = {
        "status": OrderStatus.COMPLETED,
        "shipped_at": LEFT["shipped_at"],
    }
    week = {
        number: make_remote_order(
            version=None,
            lines=(make_remote_line(SKU, quantity=2, returned_quantity=number),),
            **done,
        )
        for number in (0, 1)
    }

    for number in (0, 1, 0, 1, 0):
        ingest_orders(shop, [week[number]], Source.FILE)

    assert stock_of(variant) == (8, 0, 1, 0)
    assert OrderLine.objects.get().returned_quantity == 1


def test_a_preview_of_orders_books_nothing():
    shop, variant = make_shelf()

    preview_orders(shop, [make_remote_order(lines=two())], Source.API)

    assert stock_of(variant) == (10, 0, 0, 0)
    assert not Order.objects.exists()


def test_orders_that_are_due_are_booked_once_by_whoever_comes_first():
    shop, variant = make_shelf()
    tell(shop, lines=two())
    OrderLine.objects.update(quantity=3)
    mark_orders_due(shop, [Order.objects.get().pk])
    before = StockMovement.objects.count()

    assert book_due_orders(shop) == 1
    assert book_due_orders(shop) == 0

    assert stock_of(variant) == (10, 3, 0, 0)
    assert StockMovement.objects.count() == before + 1


def test_a_sweep_stops_after_so_many_batches_and_the_next_goes_on(monkeypatch):
    shops = [make_shelf()[0] for _ in range(2)]
    for shop in shops:
        tell(shop, lines=two())
        tell(shop, remote_id="582", lines=two())
        mark_orders_due(shop)

    monkeypatch.setattr("apps.orders.services.stock.BATCH", 1)
    done = [book_all_due(most=1), book_all_due(most=1), book_all_due()]

    assert sum(done) == 4
    assert not Order.objects.filter(is_stock_due=True).exists()


def test_marking_tells_how_many_are_news():
    shop, _ = make_shelf()
    tell(shop, lines=two())

    assert mark_due(Order.objects.all()) == 1
    assert mark_due(Order.objects.all()) == 0


def test_the_sweep_is_in_the_schedule():
    (job,) = [job for job in SCHEDULE if job.task == "apps.orders.tasks.book_due_stock"]

    assert 15 <= job.seconds <= 30


def test_what_differs_is_found_and_what_is_due_is_not():
    shop, _ = make_shelf()
    tell(shop, lines=two())
    OrderLine.objects.update(quantity=5)

    (found,) = differing_orders(shop)

    assert str(found).endswith("2 reserved is booked, should be 5 reserved")
    mark_orders_due(shop)
    assert list(differing_orders(shop)) == []


def test_goods_booked_at_another_time_are_found():
    shop, _ = make_shelf()
    tell(shop, lines=two(), **LEFT)
    Order.objects.update(shipped_at=hours_after(PLACED, 6))

    (found,) = differing_orders(shop)

    assert str(found).endswith("-2 on hand is booked at another time")


HELD = "SELECT inventory_booking"  # which only orders can have that were there before
STOCK_OF_NEW = [
    "SELECT inventory_shopwarehouse",
    "SELECT inventory_warehouse",
    "SELECT products_bundlecomponent",
    "SELECT inventory_stocklevel",  # which there are, then locked
    "INSERT inventory_booking",
    "INSERT inventory_stockmovement",
    "UPDATE inventory_stocklevel",
    "INSERT inventory_stocknews",
]


@pytest.mark.parametrize("count", [5, 40])
def test_booking_a_batch_takes_the_same_statements_however_many_orders_it_has(count):
    shop, _ = make_shelf(1_000)
    put_on_shelf(shop, 1_000, OTHER_SKU)
    lines = (*two(), *two(OTHER_SKU))

    def news(version, **changes):
        batch = [
            make_remote_order(f"58{n:016}", version=version, lines=lines, **changes)
            for n in range(count)
        ]
        with statements() as asked:
            ingest_orders(shop, batch, Source.API)
        if connection.vendor == "postgresql":  # which takes a batch in one statement
            rows = [sql for sql in asked.writing if '"inventory_booking"' in sql]
            assert len(rows) <= 1
        return [kind for kind in asked.kinds if "inventory" in kind or "bundle" in kind]

    assert news(1) == STOCK_OF_NEW
    assert Booking.objects.filter(cause_kind="order").count() == 2 * count
    assert news(1) == []
    assert news(2, carrier="New") == [HELD, *STOCK_OF_NEW[:4]]
    assert news(3, **LEFT) == [HELD] + [
        kind.replace("INSERT inventory_booking", "UPDATE inventory_booking")
        for kind in STOCK_OF_NEW
        if kind != "INSERT inventory_stocknews"
    ]
    assert_all_is_proven(shop)
