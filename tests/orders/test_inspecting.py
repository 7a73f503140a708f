"""Goods that came back: what inspecting them does to the books and to their order."""

from datetime import timedelta

import pytest

from apps.integrations.contracts import (
    CancellationStage,
    OrderStatus,
    ReturnStatus,
    Source,
)
from apps.inventory.errors import DocumentRefused, StockRefuses
from apps.inventory.models import StockDocument, StockDocumentLine
from apps.inventory.services.verifying import verify
from apps.orders.models import Order, Return
from apps.orders.services.inspecting import (
    inspect,
    returnable,
    take_back_inspection,
    units_of_return,
)
from apps.orders.services.returns import ingest_returns
from apps.orders.services.stock import book_due_orders, mark_due
from apps.products.models import BundleComponent, Variant
from tests.factories.aftersales import make_remote_return, make_request_line
from tests.factories.inventory import NOBODY, make_warehouse, receive, stock_of
from tests.factories.orders import PLACED
from tests.factories.platforms import make_shop
from tests.factories.products import make_bundle, make_product, make_variant
from tests.factories.users import make_client
from tests.inventory.pages import sell

pytestmark = pytest.mark.django_db

Outcome = StockDocumentLine.Outcome
FAILED = {
    "status": OrderStatus.CANCELLED,
    "cancellation_stage": CancellationStage.FAILED_DELIVERY,
    "shipped_at": PLACED + timedelta(hours=5),
    "cancelled_at": PLACED + timedelta(days=3),
    "cancel_reason": "Package delivery failed",
}
SHIPPED = {
    "status": OrderStatus.DELIVERED,
    "shipped_at": PLACED + timedelta(hours=5),
}


@pytest.fixture
def client():
    return make_client("Northwind")


@pytest.fixture
def shop(client):
    return make_shop(client, name="Main Store")


@pytest.fixture
def lamp(client):
    """Ten of it were received."""
    lamp = make_variant(make_product(client), "LAMP-30")
    receive(lamp, 10)
    return lamp


@pytest.fixture
def main(lamp):
    return lamp.stock_levels.get().warehouse


def key_of(order):
    return order.lines.get().key


def books(client):
    return [
        (line.variant.sku, line.quantity, line.outcome, line.order_line_key)
        for line in StockDocumentLine.objects.filter(
            document__client=client, document__kind="inspection"
        ).order_by("pk")
    ]


def test_what_is_sellable_is_stock_again_and_is_expected_no_more(shop, lamp, main):
    order = sell(lamp, 3, shop=shop, remote_id="5801", **FAILED)
    assert stock_of(lamp) == (7, 0, 3, 0)

    inspect(order, {key_of(order): {Outcome.SELLABLE: 2}}, main, NOBODY)

    assert stock_of(lamp) == (9, 0, 1, 0)
    assert not verify()


def test_each_outcome_has_its_own_effect(shop, lamp, main):
    order = sell(lamp, 3, shop=shop, remote_id="5801", **FAILED)
    units: dict[str, int] = {
        Outcome.SELLABLE: 1,
        Outcome.QUARANTINED: 1,
        Outcome.WRITTEN_OFF: 1,
    }

    inspect(order, {key_of(order): units}, main, NOBODY)

    assert stock_of(lamp) == (8, 0, 0, 1)
    assert not verify()


def test_goods_are_put_into_another_warehouse_than_they_were_expected_in(
    shop, lamp, main
):
    annex = make_warehouse(shop.client, "Annex")
    order = sell(lamp, 3, shop=shop, remote_id="5801", **FAILED)

    inspect(order, {key_of(order): {Outcome.SELLABLE: 3}}, annex, NOBODY)

    assert stock_of(lamp) == (7, 0, 0, 0)
    assert stock_of(lamp, annex) == (3, 0, 0, 0)


def test_a_bundle_comes_back_with_all_its_parts(client, shop, lamp, main):
    bulb = make_variant(make_product(client, "Bulb"), "BULB")
    receive(bulb, 20)
    pair = make_bundle({lamp: 2, bulb: 3}, "SET")
    order = sell(pair, 2, shop=shop, remote_id="5801", **FAILED)
    assert stock_of(lamp) == (6, 0, 4, 0)
    assert stock_of(bulb) == (14, 0, 6, 0)

    inspect(order, {key_of(order): {Outcome.SELLABLE: 1}}, main, NOBODY)

    assert stock_of(lamp) == (8, 0, 2, 0)
    assert stock_of(bulb) == (17, 0, 3, 0)
    [line] = returnable(order)
    assert (line.sold, line.expected, line.inspected, line.left) == (2, 1, 1, 1)
    assert sum(units for *_, units in _with_key(client)) == 1
    assert not verify()


def _with_key(client):
    return [(sku, units) for sku, units, _, key in books(client) if key]


def test_goods_may_come_back_before_anybody_says_so(shop, lamp, main):
    order = sell(lamp, 2, shop=shop, remote_id="5801", **SHIPPED)

    inspect(order, {key_of(order): {Outcome.SELLABLE: 1}}, main, NOBODY)
    line = order.lines.get()
    line.returned_quantity = 1
    line.save()
    mark_due(Order.objects.filter(pk=order.pk))
    book_due_orders(shop)

    assert stock_of(lamp) == (9, 0, 0, 0)
    [left] = returnable(order)
    assert left.left == 1


def test_an_inspection_of_a_return_begins_with_its_units(shop, lamp, main):
    order = sell(lamp, 3, shop=shop, remote_id="5801", **SHIPPED)
    sku = order.lines.get().remote_sku_id
    lines = (
        make_request_line("", remote_id="1", quantity=2, remote_sku_id=sku),
        make_request_line("U9", remote_id="2", remote_sku_id="another"),
    )
    remote = make_remote_return(
        order_id="5801", status=ReturnStatus.BUYER_SHIPPED, lines=lines
    )
    ingest_returns(shop, [remote], Source.API)
    order_return = Return.objects.get()
    assert stock_of(lamp) == (7, 0, 2, 0)
    assert units_of_return(order_return) == {key_of(order): 2}

    inspect(order, {key_of(order): {Outcome.SELLABLE: 2}}, main, NOBODY)

    assert stock_of(lamp) == (9, 0, 0, 0)
    assert units_of_return(order_return) == {key_of(order): 1}  # what is still out
    event = order.events.get()
    assert (event.kind, event.text) == ("inspected", "2 sellable")


def test_a_return_of_an_unknown_order_has_nothing_to_inspect(shop):
    ingest_returns(shop, [make_remote_return()], Source.API)

    assert units_of_return(Return.objects.get()) == {}


def test_the_same_key_is_the_same_inspection(shop, lamp, main):
    order = sell(lamp, 3, shop=shop, remote_id="5801", **FAILED)
    units: dict[str, dict[str, int]] = {key_of(order): {Outcome.SELLABLE: 3}}
    first = inspect(order, units, main, NOBODY, key="back:1")

    second = inspect(order, units, main, NOBODY, key="back:1")

    assert second == first
    assert stock_of(lamp) == (10, 0, 0, 0)


def test_more_than_was_sold_is_refused(shop, lamp, main):
    order = sell(lamp, 3, shop=shop, remote_id="5801", **FAILED)
    inspect(order, {key_of(order): {Outcome.SELLABLE: 2}}, main, NOBODY)

    with pytest.raises(DocumentRefused, match="2 are more than the 1 still out"):
        inspect(order, {key_of(order): {Outcome.SELLABLE: 2}}, main, NOBODY)

    assert stock_of(lamp) == (9, 0, 1, 0)


@pytest.mark.parametrize(
    ("units", "why"),
    [
        ({Outcome.SELLABLE: -1, Outcome.QUARANTINED: 2}, "0 or more"),
        ({"eaten": 1}, "0 or more"),
        ({Outcome.SELLABLE: 0}, "at least one unit"),
        ({}, "at least one unit"),
    ],
)
def test_odd_units_are_refused(shop, lamp, main, units, why):
    order = sell(lamp, 3, shop=shop, remote_id="5801", **FAILED)

    with pytest.raises(DocumentRefused, match=why):
        inspect(order, {key_of(order): units}, main, NOBODY)

    assert stock_of(lamp) == (7, 0, 3, 0)
    assert not books(shop.client)


def test_a_line_of_another_order_is_refused(shop, lamp, main):
    order = sell(lamp, 3, shop=shop, remote_id="5801", **FAILED)

    with pytest.raises(DocumentRefused, match="no such line"):
        inspect(order, {"another": {Outcome.SELLABLE: 1}}, main, NOBODY)

    assert stock_of(lamp) == (7, 0, 3, 0)


def test_another_clients_warehouse_is_refused(shop, lamp):
    order = sell(lamp, 3, shop=shop, remote_id="5801", **FAILED)
    elsewhere = make_warehouse(name="Theirs")

    with pytest.raises(DocumentRefused, match="no such warehouse"):
        inspect(order, {key_of(order): {Outcome.SELLABLE: 1}}, elsewhere, NOBODY)

    assert stock_of(lamp) == (7, 0, 3, 0)


def test_what_has_not_left_cannot_come_back(shop, lamp, main):
    order = sell(lamp, 3, shop=shop, remote_id="5801")

    with pytest.raises(StockRefuses, match="Nothing of this order has left"):
        inspect(order, {key_of(order): {Outcome.SELLABLE: 1}}, main, NOBODY)

    assert stock_of(lamp) == (10, 3, 0, 0)


def test_taken_back_the_order_expects_its_goods_again(shop, lamp, main):
    order = sell(lamp, 3, shop=shop, remote_id="5801", **FAILED)
    document = inspect(order, {key_of(order): {Outcome.SELLABLE: 3}}, main, NOBODY)

    for _ in range(2):
        take_back_inspection(document, NOBODY)

    document.refresh_from_db()
    assert document.state == StockDocument.State.REVERSED
    assert stock_of(lamp) == (7, 0, 3, 0)
    assert not verify()


def test_written_off_leaves_no_level_behind(shop, lamp, main):
    annex = make_warehouse(shop.client, "Annex")
    order = sell(lamp, 3, shop=shop, remote_id="5801", **FAILED)

    inspect(order, {key_of(order): {Outcome.WRITTEN_OFF: 3}}, annex, NOBODY)

    assert stock_of(lamp) == (7, 0, 0, 0)
    assert not lamp.stock_levels.filter(warehouse=annex).exists()


@pytest.mark.parametrize("outcome", Outcome.values)
def test_what_was_sold_before_it_was_a_bundle_is_inspected_as_it_left(
    shop, lamp, main, outcome
):
    order = sell(lamp, 3, shop=shop, remote_id="5801", **FAILED)
    bulb = make_variant(lamp.product, "BULB")
    BundleComponent.objects.create(bundle=lamp, component=bulb, quantity=2)
    Variant.objects.filter(pk=lamp.pk).update(is_bundle=True)

    inspect(order, {key_of(order): {outcome: 3}}, main, NOBODY)

    back = 3 if outcome == Outcome.SELLABLE else 0
    aside = 3 if outcome == Outcome.QUARANTINED else 0
    assert stock_of(lamp) == (7 + back, 0, 0, aside)
    assert not bulb.stock_levels.exists()


def test_the_name_of_another_deed_is_refused(shop, lamp, main):
    order = sell(lamp, 3, shop=shop, remote_id="5801", **FAILED)
    receive(lamp, 1, key="note-7")

    with pytest.raises(DocumentRefused, match="is called so already"):
        inspect(
            order, {key_of(order): {Outcome.SELLABLE: 1}}, main, NOBODY, key="note-7"
        )

    assert stock_of(lamp) == (8, 0, 3, 0)
