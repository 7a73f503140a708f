"""A seller imports one week's file, the next, and the first again; then comes the API.

Counted by hand: what lies on each shelf after each step.
"""

from datetime import UTC, datetime

import pytest

from apps.imports.services.orders import import_orders
from apps.integrations.contracts import Source
from apps.integrations.tiktok.mapping import order_from_json
from apps.inventory.models import StockLevel, StockMovement
from apps.inventory.services.verifying import verify
from apps.orders.models import Order
from apps.orders.services.ingest import ingest_orders
from apps.orders.services.mapping import By, choose
from apps.orders.services.stock_proof import differing_orders
from apps.products.models import ListingSku
from tests.factories.inventory import receive
from tests.factories.platforms import make_shop
from tests.factories.products import make_listing_sku, make_variant
from tests.imports.exports import my_row, write_csv
from tests.integrations.tiktok import payloads

pytestmark = pytest.mark.django_db

RED, BLUE, TRAY = (f"17310000000000000{number}" for number in (11, 12, 13))
SKUS = {RED: "CUP-RED", BLUE: "CUP-BLUE", TRAY: "TRAY"}
RECEIVED = datetime(2026, 11, 1, tzinfo=UTC)


def row(number, sku, quantity, status, substatus="", *, returned=0, **changes):
    """A row with its money in order: ten a piece, and nothing off."""
    goods = str(quantity * 10)
    return my_row(
        number,
        order_status=status,
        order_substatus=substatus or status,
        sku_id=sku,
        seller_sku=SKUS[sku],
        quantity=str(quantity),
        sku_quantity_of_return=str(returned),
        sku_subtotal_before_discount=goods,
        sku_seller_discount="0",
        sku_subtotal_after_discount=goods,
        order_amount=changes.pop("order_amount", str(quantity * 10 + 4)),
        **changes,
    )


SHIPPED = {"shipped_time": "18/11/2026 09:00:00"}
CANCELLED = {"cancelled_time": "19/11/2026 10:00:00", "cancel_by": "System"}
FIRST_WEEK = [
    row(1, RED, 2, "Unpaid", paid_time=""),
    row(2, RED, 1, "To ship", "Awaiting shipment"),
    row(3, RED, 3, "Shipped", "In transit", **SHIPPED),
    row(4, BLUE, 2, "Shipped", "In transit", payment_method="Cash on delivery")
    | {"Paid Time": "", "Shipped Time": SHIPPED["shipped_time"]},
    row(5, BLUE, 1, "To ship", "Awaiting collection"),
    row(6, TRAY, 4, "Completed", **SHIPPED),
    row(7, TRAY, 1, "To ship", "Awaiting shipment", order_amount="34"),
    row(7, RED, 2, "To ship", "Awaiting shipment", order_amount="34"),
    row(8, TRAY, 5, "Shipped", "Delivered", **SHIPPED)
    | {"Fulfillment Type": "Fulfillment by TikTok"},
]
SECOND_WEEK = [
    row(1, RED, 2, "Cancelled", paid_time="", **CANCELLED)
    | {"Cancel Reason": "Customer overdue to pay"},
    row(2, RED, 1, "Shipped", "In transit", shipped_time="20/11/2026 09:00:00"),
    row(3, RED, 3, "Completed", returned=1, **SHIPPED),
    row(4, BLUE, 2, "Cancelled", payment_method="Cash on delivery", **CANCELLED)
    | {
        "Paid Time": "",
        "Shipped Time": SHIPPED["shipped_time"],
        "Cancel Reason": "Package delivery failed",
    },
    row(5, BLUE, 1, "Cancelled", cancel_reason="Out of stock", **CANCELLED),
    row(6, TRAY, 4, "Completed", returned=4, **SHIPPED),
    row(9, BLUE, 6, "Cancelled", cancel_reason="Package damaged", **CANCELLED)
    | {"Shipped Time": SHIPPED["shipped_time"]},
    row(10, TRAY, 2, "Unpaid", paid_time=""),
]
# On hand, reserved, expected back, available.
AFTER_FIRST = {
    "CUP-RED": (17, 5, 0, 12),
    "CUP-BLUE": (8, 1, 0, 7),
    "TRAY": (1, 1, 0, 0),
}
AFTER_SECOND = {
    "CUP-RED": (16, 2, 1, 14),
    "CUP-BLUE": (2, 0, 2, 2),
    "TRAY": (1, 3, 4, -2),
}


@pytest.fixture
def shop():
    """Twenty red cups, ten blue ones and five trays were received before."""
    shop = make_shop()
    for (remote_id, sku), units in zip(SKUS.items(), (20, 10, 5), strict=True):
        variant = make_variant(client=shop.client, sku=sku)
        make_listing_sku(shop=shop, remote_id=remote_id, variant=variant)
        receive(variant, units, effective_at=RECEIVED)
    return shop


def shelves(shop):
    rows = StockLevel.objects.filter(warehouse__client=shop.client)
    return {
        row.variant.sku: (row.on_hand, row.reserved, row.expected_back, row.available)
        for row in rows.select_related("variant")
    }


def assert_proven(shop):
    assert verify().differences == []
    assert list(differing_orders(shop)) == []


@pytest.fixture
def weeks(shop, tmp_path):
    """Import a week by its number."""
    paths = {
        number: write_csv(tmp_path / f"week-{number}.csv", rows)
        for number, rows in enumerate((FIRST_WEEK, SECOND_WEEK), start=1)
    }

    def read(number):
        result = import_orders(shop, paths[number])
        assert not result.errors
        return result

    return read


def from_api(shop, number, status, sku, units, **changes):
    """Order `number` of the files, as the API tells of it some days later."""
    at = int(datetime(2026, 11, 25, tzinfo=UTC).timestamp())
    unit = payloads.make_unit(
        sku_id=sku,
        seller_sku=SKUS[sku],
        original_price="10.00",
        platform_discount="0",
        seller_discount="0",
        sale_price="10.00",
        display_status=status,
    )
    order = payloads.make_order(
        id=f"5791000000000{number:05}",
        status=status,
        create_time=int(datetime(2026, 11, 16, 15, 59, 58, tzinfo=UTC).timestamp()),
        update_time=at,
        line_items=[unit] * units,
    )
    ingest_orders(shop, [order_from_json(order | changes)], Source.API)


def test_one_week_the_next_and_the_first_again_come_out_exactly(shop, weeks):
    weeks(1)
    assert shelves(shop) == AFTER_FIRST

    weeks(2)
    assert shelves(shop) == AFTER_SECOND

    movements = StockMovement.objects.count()
    for number in (1, 2, 1, 1):
        weeks(number)
        assert shelves(shop) == AFTER_SECOND
    assert StockMovement.objects.count() == movements
    assert_proven(shop)


def test_the_weeks_turned_round_come_out_the_same(shop, weeks):
    for number in (2, 1, 2):
        weeks(number)

    assert shelves(shop) == AFTER_SECOND
    assert_proven(shop)


def test_the_api_in_between_only_moves_orders_on(shop, weeks):
    weeks(1)
    collected = int(datetime(2026, 11, 20, 1, tzinfo=UTC).timestamp())
    from_api(shop, 2, "IN_TRANSIT", RED, 1, collection_time=collected)
    assert shelves(shop)["CUP-RED"] == (16, 4, 0, 12)
    # It was paid after all: what the second week's file says was older.
    from_api(shop, 10, "AWAITING_SHIPMENT", TRAY, 2)
    assert shelves(shop)["TRAY"] == (1, 3, 0, -2)

    for number in (2, 1, 2):
        weeks(number)
        assert shelves(shop) | {"TRAY": None} == AFTER_SECOND | {"TRAY": None}
        assert shelves(shop)["TRAY"] == AFTER_SECOND["TRAY"]

    from_api(shop, 10, "IN_TRANSIT", TRAY, 2, collection_time=collected)
    assert shelves(shop)["TRAY"] == (-1, 1, 4, -2)
    weeks(2)
    assert shelves(shop)["TRAY"] == (-1, 1, 4, -2)
    assert_proven(shop)


def test_what_is_matched_only_after_the_files_comes_out_the_same(shop, weeks):
    variants = dict(ListingSku.objects.values_list("pk", "variant"))
    ListingSku.objects.update(variant=None, mapping="unmatched")
    for number in (1, 2, 1):
        weeks(number)
    assert shelves(shop)["CUP-RED"] == (20, 0, 0, 20)

    choose(shop, variants, By(process="tests"))

    assert shelves(shop) == AFTER_SECOND
    assert not Order.objects.filter(is_stock_due=True).exists()
    assert_proven(shop)
