"""Many threads that want the same pieces, on PostgreSQL."""

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection

from apps.integrations.contracts import OrderStatus, Source
from apps.inventory.errors import OutOfStock
from apps.inventory.models import (
    Booking,
    OversellIncident,
    StockDocument,
    StockMovement,
)
from apps.inventory.services.verifying import verify
from apps.orders.models import Order
from apps.orders.services import mapping
from apps.orders.services.ingest import ingest_orders
from apps.orders.services.stock_proof import differing_orders
from apps.orders.tasks import book_due_stock
from tests.factories.inventory import count, level_of, make_document, receive, stock_of
from tests.factories.orders import PLACED, make_remote_line, make_remote_order
from tests.factories.platforms import make_shop
from tests.factories.products import make_listing_sku, make_product, make_variant
from tests.factories.users import make_client
from tests.orders.shelves import SKU

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]


def at_once(work: Sequence[Callable[[], object]]) -> list[Any]:
    """Do all of it at the same moment, a thread each: what each gave, or raised."""
    start = threading.Barrier(len(work))
    found: list[Any] = [None] * len(work)

    def run(number: int) -> None:
        try:
            start.wait(30)
            found[number] = work[number]()
        except Exception as error:  # noqa: BLE001 (the test looks at it)
            found[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return found


def make_shops(number, variant):
    shops = [make_shop(variant.client) for _ in range(number)]
    for shop in shops:
        make_listing_sku(shop=shop, remote_id=SKU, variant=variant)
    return shops


def order(number, *lines, hour=1, **changes):
    return make_remote_order(
        f"58{number:016}",
        placed_at=PLACED + timedelta(minutes=number),
        lines=lines or (make_remote_line(SKU),),
        version=hour,
        **changes,
    )


def test_thirty_threads_that_hold_one_of_the_last_ten_pieces_get_ten():
    variant = make_variant()
    receive(variant, 10)
    kind = StockDocument.Kind.HOLD

    found = at_once([lambda: make_document(kind, {variant: 1})] * 30)

    assert sum(isinstance(each, StockDocument) for each in found) == 10
    assert sum(isinstance(each, OutOfStock) for each in found) == 20
    assert stock_of(variant) == (10, 10, 0, 0)
    assert StockDocument.objects.filter(kind=kind).count() == 10
    assert not OversellIncident.objects.exists()
    assert not verify()


def test_of_thirty_orders_for_ten_pieces_the_last_twenty_lose():
    """A platform's order is a fact: it cannot be refused, only told."""
    variant = make_variant()
    receive(variant, 10)
    shops = make_shops(3, variant)

    found = at_once(
        [
            partial(ingest_orders, shops[n % 3], [order(n)], Source.API)
            for n in range(30)
        ]
    )

    assert [each.new for each in found] == [1] * 30
    level = level_of(variant)
    assert (level.available, level.short) == (-20, 20)
    lost = OversellIncident.objects.open().values("booking__cause_id")
    placed = Order.objects.filter(pk__in=lost).order_by("placed_at")
    assert [each.remote_id for each in placed] == [f"58{n:016}" for n in range(10, 30)]
    assert not verify()


def test_shops_that_sell_the_same_in_opposite_order_do_not_wait_for_each_other():
    """While stock is counted and matches are decided."""
    client = make_client()
    product = make_product(client)
    variants = [make_variant(product) for _ in range(12)]
    for variant in variants:
        receive(variant, 50)
    shops = [make_shop(client) for _ in range(2)]
    skus = {
        shop: [
            make_listing_sku(shop=shop, remote_id=f"17{n:02}", variant=variant)
            for n, variant in enumerate(variants)
        ]
        for shop in shops
    }
    lines = [make_remote_line(f"17{n:02}") for n in range(12)]

    def sell(shop, lines, status):
        for number in range(4):
            news = order(
                number,
                *lines,
                hour=1 + (status is OrderStatus.IN_TRANSIT),
                status=status,
                shipped_at=PLACED + timedelta(hours=9),
            )
            ingest_orders(shop, [news], Source.API)

    def count_all(some):
        for units in (40, 30):
            make_document(StockDocument.Kind.COUNT, dict.fromkeys(some, units))

    def decide(shop):
        for chosen in (variants[5], variants[0], variants[7]):
            keys = {skus[shop][0].pk: chosen.pk, skus[shop][3].pk: chosen.pk}
            mapping.choose(shop, keys, mapping.By(process="tests"))

    one, other = shops
    found = at_once(
        [
            lambda: sell(one, lines, OrderStatus.TO_SHIP),
            lambda: sell(other, lines[::-1], OrderStatus.TO_SHIP),
            lambda: sell(one, lines[::-1], OrderStatus.IN_TRANSIT),
            lambda: sell(other, lines, OrderStatus.IN_TRANSIT),
            lambda: count_all(variants),
            lambda: count_all(variants[::-1]),
            lambda: decide(one),
            lambda: decide(other),
            book_due_stock,
            book_due_stock,
        ]
    )

    assert [each for each in found if isinstance(each, Exception)] == []
    book_due_stock()
    assert verify().differences == []
    assert [list(differing_orders(shop)) for shop in shops] == [[], []]
    left = Booking.objects.filter(cause_kind="order").exclude(on_hand=0)
    assert sum(-row.on_hand for row in left) == 2 * 4 * 12


def test_the_same_news_by_api_and_file_at_the_same_moment_is_booked_once():
    variant = make_variant()
    receive(variant, 10)
    (shop,) = make_shops(1, variant)
    told = order(1, make_remote_line(SKU, quantity=3))
    from_file = order(1, make_remote_line(SKU, quantity=3), hour=None)

    found = at_once(
        [lambda: ingest_orders(shop, [told], Source.API)] * 4
        + [lambda: ingest_orders(shop, [from_file], Source.FILE)] * 4
    )

    assert [each for each in found if isinstance(each, Exception)] == []
    assert stock_of(variant) == (10, 3, 0, 0)
    assert StockMovement.objects.filter(reason="order").count() == 1
    assert not verify()


def test_counts_at_the_same_moment_as_shipments_hold():
    variant = make_variant()
    receive(variant, 100)
    (shop,) = make_shops(1, variant)
    before, after = PLACED + timedelta(hours=2), PLACED + timedelta(hours=6)

    def ship(number, at):
        news = order(number, status=OrderStatus.IN_TRANSIT, shipped_at=at)
        ingest_orders(shop, [news], Source.API)

    counted_at = PLACED + timedelta(hours=4)
    found = at_once(
        [partial(ship, n, before if n % 2 else after) for n in range(10)]
        + [lambda: count(variant, 60, effective_at=counted_at)]
    )

    assert [each for each in found if isinstance(each, Exception)] == []
    assert stock_of(variant) == (55, 0, 0, 0)
    assert not verify()
