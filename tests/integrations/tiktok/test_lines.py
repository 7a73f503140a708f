from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.integrations.contracts import OrderStatus, PackageStatus, RemoteUnit
from apps.integrations.tiktok.lines import fold_lines
from apps.integrations.tiktok.reading import Unreadable
from tests.integrations.tiktok.payloads import make_unit

cents = st.integers(0, 500_000).map(lambda value: Decimal(value) / 100)
units = st.builds(
    lambda sku, original, sale, gift: make_unit(
        sku_id=sku, original_price=str(original), sale_price=str(sale), is_gift=gift
    ),
    st.sampled_from(["1", "2", "3"]),
    cents,
    cents,
    st.booleans(),
)


def test_equal_units_become_one_line_with_their_sums():
    [line] = fold_lines([make_unit(id=str(number)) for number in range(3)])

    assert line.quantity == 3
    assert line.unit_price == Decimal("40.00")
    assert line.original_amount == Decimal("120.00")
    assert line.platform_discount_amount == Decimal("4.50")
    assert line.seller_discount_amount == Decimal("12.00")
    assert line.amount == Decimal("103.50")
    assert (line.remote_sku_id, line.seller_sku) == ("1730000000000000101", "LAMP-30")
    assert (line.product_name, line.variation) == ("Rattan lamp", "Natural, 30 cm")


def test_a_gift_of_the_same_sku_is_a_line_of_its_own():
    gift = make_unit(sale_price="0", seller_discount="38.5", is_gift=True)

    paid, free = fold_lines([make_unit(), gift, make_unit()])

    assert (paid.quantity, paid.is_gift) == (2, False)
    assert (free.quantity, free.is_gift, free.amount) == (1, True, Decimal(0))


def test_free_units_fold_whatever_their_list_price():
    rows = [
        make_unit(sale_price="0.00", original_price="40"),
        make_unit(sale_price="0", original_price="20", is_gift=True),
    ]

    [line] = fold_lines(rows)

    assert (line.quantity, line.is_gift) == (2, True)
    assert (line.unit_price, line.original_amount) == (Decimal(40), Decimal(60))


def test_another_list_price_is_another_line_but_another_discount_is_not():
    rows = [
        make_unit(),
        make_unit(original_price="42.00"),
        make_unit(seller_discount="5.00", sale_price="33.50"),
    ]

    first, second = fold_lines(rows)

    assert (first.quantity, first.amount) == (2, Decimal("68.00"))
    assert (second.quantity, second.unit_price) == (1, Decimal("42.00"))


def test_packages_and_tracking_numbers_come_once_in_order():
    rows = [
        make_unit(package_id="11", tracking_number="T2"),
        make_unit(package_id=12, tracking_number="T1"),
        make_unit(package_id="11", tracking_number=""),
    ]

    [line] = fold_lines(rows)

    assert line.package_ids == ("11", "12")
    assert line.tracking_numbers == ("T2", "T1")


def test_units_cancelled_singly_are_counted():
    rows = [make_unit(), make_unit(display_status="CANCELLED"), make_unit()]

    [line] = fold_lines(rows)

    assert (line.quantity, line.cancelled_quantity) == (3, 1)


@pytest.mark.parametrize(
    ("said", "status", "is_shipped"),
    [
        ("UNPAID", OrderStatus.UNPAID, False),
        ("AWAITING_SHIPMENT", OrderStatus.TO_SHIP, False),
        ("TO_SHIP", OrderStatus.TO_SHIP, False),
        ("AWAITING_COLLECTION", OrderStatus.AWAITING_COLLECTION, False),
        ("IN_TRANSIT", OrderStatus.IN_TRANSIT, True),
        ("Delivered", OrderStatus.DELIVERED, True),
        ("COMPLETED", OrderStatus.COMPLETED, True),
        ("CANCELLED", OrderStatus.CANCELLED, False),
        ("EATEN", OrderStatus.NOT_UNDERSTOOD, False),
    ],
)
def test_each_unit_has_a_status_and_a_package_of_its_own(said, status, is_shipped):
    rows = [
        make_unit(id="1", display_status=said, package_id=77),
        make_unit(id=2, display_status="AWAITING_SHIPMENT", package_id=""),
        make_unit(id="", display_status="AWAITING_SHIPMENT"),
    ]

    [line] = fold_lines(rows)

    assert line.units == (
        RemoteUnit("1", status, "77"),
        RemoteUnit("2", OrderStatus.TO_SHIP, ""),
    )
    assert (line.quantity, line.shipped_quantity) == (3, int(is_shipped))


def test_what_no_unit_says_is_unknown():
    rows = [make_unit(display_status=None), make_unit(display_status="")]

    [line] = fold_lines(rows)

    assert (line.shipped_quantity, line.cancelled_quantity) == (None, None)
    assert line.units[0].status is OrderStatus.NOT_UNDERSTOOD


def test_an_item_made_of_others_stands_where_the_last_of_them_does():
    def sub_item(status, **more):
        return {"id": "91", "sku_id": "9", "display_status": status, **more}

    made_of = [
        sub_item(
            "DELIVERED",
            package_id="11",
            package_status="COMPLETED",
            tracking_number="T1",
            shipping_provider_id=5,
            shipping_provider_name="Quick",
        ),
        sub_item("IN_TRANSIT", package_id="12", tracking_number="T2"),
        sub_item("CANCELLED"),
        "?",
    ]
    silent = make_unit(id="1", display_status="", package_id="", sub_item_info=made_of)
    outspoken = make_unit(
        id="2", display_status="AWAITING_SHIPMENT", sub_item_info=made_of[0]
    )
    cancelled = make_unit(
        id="3",
        display_status=None,
        package_id=None,
        sub_item_info=[sub_item("CANCELLED"), sub_item("CANCEL")],
    )

    [line] = fold_lines([silent, outspoken, cancelled])

    assert line.units == (
        RemoteUnit(
            "1",
            OrderStatus.IN_TRANSIT,
            "11",
            package_status=PackageStatus.COMPLETED,
            tracking_number="T1",
            carrier="Quick",
            carrier_id="5",
        ),
        RemoteUnit("2", OrderStatus.TO_SHIP, "1160000000000000001"),
        RemoteUnit("3", OrderStatus.CANCELLED, ""),
    )
    assert (line.quantity, line.shipped_quantity, line.cancelled_quantity) == (3, 1, 1)
    assert line.package_ids == ("11", "12", "1160000000000000001")
    assert line.tracking_numbers == ("T1", "T2")


def test_a_bundle_stays_the_line_that_was_sold():
    parts = [{"sku_id": "9", "sku_count": 2, "seller_sku": "PART"}]

    [line] = fold_lines([make_unit(combined_listing_skus=parts)])

    assert (line.seller_sku, line.bundle_seller_sku, line.quantity) == (
        "LAMP-30",
        "",
        1,
    )


def test_a_missing_amount_follows_from_the_others():
    [without_sale] = fold_lines([make_unit(sale_price=None)])
    [without_original] = fold_lines([make_unit(original_price="")])

    assert without_sale.amount == Decimal("34.50")
    assert without_original.unit_price == Decimal("40.00")


def test_only_what_is_free_may_lack_a_price():
    row = make_unit(sale_price="", original_price="")

    with pytest.raises(Unreadable, match="no price"):
        fold_lines([row])
    assert fold_lines([row | {"is_gift": True}])[0].amount == 0
    assert fold_lines([row], may_lack_price=True)[0].amount == 0


def test_units_without_a_sku_id_fold_by_what_else_names_them():
    rows = [
        make_unit(sku_id="", seller_sku="A"),
        make_unit(sku_id="", seller_sku="B"),
        make_unit(sku_id="", seller_sku="A"),
    ]

    lines = fold_lines(rows)

    assert [(line.seller_sku, line.quantity) for line in lines] == [("A", 2), ("B", 1)]


@given(st.lists(units, max_size=12))
def test_folding_loses_no_unit_and_no_cent(rows):
    lines = fold_lines(rows)

    assert sum(line.quantity for line in lines) == len(rows)
    assert sum(line.amount for line in lines) == sum(
        Decimal(row["sale_price"]) for row in rows
    )
    assert sum(line.original_amount for line in lines) == sum(
        Decimal(row["original_price"]) for row in rows
    )
    seen = dict.fromkeys(row["sku_id"] for row in rows)
    assert list(dict.fromkeys(line.remote_sku_id for line in lines)) == list(seen)


@given(st.lists(units, min_size=1, max_size=8))
def test_no_line_mixes_free_and_paid_units(rows):
    for line in fold_lines(rows):
        assert line.amount == 0 or line.original_amount == (
            line.unit_price * line.quantity
        )
