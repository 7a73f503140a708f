"""A shop's own sales lower what it shows, also where its figure stays the same."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.integrations.contracts import OrderStatus, Source
from apps.inventory.models import StockRule
from apps.inventory.services.rules import save_rule
from apps.orders.services.ingest import ingest_orders
from apps.sync.models import StockPush
from apps.sync.services.stock_push import noting
from tests.factories.inventory import receive
from tests.factories.orders import make_remote_line, make_remote_order
from tests.factories.products import make_bundle, make_variant
from tests.sync.stock_shop import (
    FakeStockShop,
    make_stocked,
    make_told_shop,
    push_of,
    tell,
)

pytestmark = pytest.mark.django_db
State = StockPush.State
PLACE = "69001"


@pytest.fixture
def shop():
    return make_told_shop()


@pytest.fixture
def platform():
    return FakeStockShop()


@pytest.fixture
def capped(shop, platform):
    """12 are there, the shop is told 5."""
    save_rule(StockRule(client=shop.client, shop=shop, cap=5), actor=None)
    sku = make_stocked(shop, 12)
    tell(shop, platform)
    assert platform.stock[sku.remote_id] == {PLACE: 5}
    return sku


def sells(platform, sku, units=1):
    """The platform takes it from what it shows, whoever has heard of it."""
    shown = platform.stock[sku.remote_id]
    platform.stock[sku.remote_id] = {PLACE: shown[PLACE] - units}


def hear_of(sku, units=1, remote_id="580000000000000001", **changes):
    line = make_remote_line(sku.remote_id, quantity=units)
    placed = {"placed_at": timezone.now()}
    order = make_remote_order(remote_id, lines=(line,), **placed | changes)
    ingest_orders(sku.shop, [order], Source.API)


def test_a_capped_shop_is_told_the_same_figure_after_its_own_sale(
    shop, platform, capped
):
    sells(platform, capped, 2)
    hear_of(capped, 2)

    tell(shop, platform)

    assert platform.stock[capped.remote_id] == {PLACE: 5}
    assert push_of(capped).state == State.IN_STEP
    assert tell(shop, platform).listings == 0


def test_a_receipt_that_makes_up_for_a_sale_is_told(shop, platform):
    sku = make_stocked(shop, 10)
    tell(shop, platform)
    sells(platform, sku, 3)

    hear_of(sku, 3)
    receive(sku.variant, 3)
    tell(shop, platform)

    assert platform.stock[sku.remote_id] == {PLACE: 10}


def test_a_receipt_after_a_sale_that_waits_to_be_told_is_told(shop, platform):
    sku = make_stocked(shop, 10)
    tell(shop, platform)
    sells(platform, sku)
    hear_of(sku)
    noting.drain()
    assert push_of(sku).wanted == {PLACE: 9}

    receive(sku.variant, 1)
    tell(shop, platform)

    assert platform.stock[sku.remote_id] == {PLACE: 10}


def test_a_sale_placed_before_a_push_and_heard_of_after_it_ends_right(shop, platform):
    sku = make_stocked(shop, 10)
    tell(shop, platform)
    sells(platform, sku)
    receive(sku.variant, 2)
    tell(shop, platform)
    assert platform.stock[sku.remote_id] == {PLACE: 12}  # the sale is written over

    hear_of(sku)
    tell(shop, platform)

    assert platform.stock[sku.remote_id] == {PLACE: 11}


def test_a_sale_during_the_call_is_made_good_after_it(shop, platform):
    save_rule(StockRule(client=shop.client, shop=shop, cap=5), actor=None)
    sku = make_stocked(shop, 12)

    def meanwhile(product, skus):
        if len(platform.calls) == 1:
            hear_of(sku, 2)  # as if taken just after the figure was
            noting.drain()

    platform.before_call = meanwhile
    tell(shop, platform)

    assert [sent[sku.remote_id] for _, sent in platform.calls] == [{PLACE: 5}] * 2
    assert push_of(sku).state == State.IN_STEP


def test_a_cancellation_is_made_good_as_well(shop, platform, capped):
    hear_of(capped, 2)
    tell(shop, platform)
    sells(platform, capped, -2)  # put back by the platform

    hear_of(
        capped,
        2,
        version=2,
        status=OrderStatus.CANCELLED,
        cancelled_at=timezone.now(),
    )
    tell(shop, platform)

    assert platform.stock[capped.remote_id] == {PLACE: 5}


def test_what_is_shipped_was_taken_when_it_was_ordered(shop, platform, capped):
    hear_of(capped, 2)
    tell(shop, platform)
    platform.calls.clear()

    hear_of(
        capped,
        2,
        version=2,
        status=OrderStatus.IN_TRANSIT,
        shipped_at=timezone.now() + timedelta(minutes=1),
    )
    receive(capped.variant, 1)  # news of it, in any case
    tell(shop, platform)

    assert platform.calls == []


def test_what_another_shop_sells_does_not_move_this_ones_figure(shop, platform, capped):
    other = make_told_shop(shop.client, "69100")
    beside = make_stocked(other, variant=capped.variant)
    tell(other, platform)
    platform.calls.clear()

    hear_of(beside, 2)
    tell(shop, platform)

    assert platform.calls == []


def test_a_bundle_of_the_shop_is_told_again_after_its_own_sale(shop, platform):
    save_rule(StockRule(client=shop.client, shop=shop, cap=5), actor=None)
    bulb = make_variant(client=shop.client)
    receive(bulb, 40)
    sku = make_stocked(shop, variant=make_bundle({bulb: 2}))
    tell(shop, platform)
    sells(platform, sku)

    hear_of(sku)
    tell(shop, platform)

    assert platform.stock[sku.remote_id] == {PLACE: 5}


def test_to_look_for_own_sales_costs_one_statement_for_all(shop, platform):
    skus = [make_stocked(shop, 9) for _ in range(12)]
    tell(shop, platform)
    for sku in skus:
        receive(sku.variant, 1)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        noting.drain()

    looks = [each for each in queries if "inventory_stockmovement" in each["sql"]]
    assert len(looks) == 1
