"""Who pays what of an order, who brings it, its return: as files tell them."""

from decimal import Decimal

import pytest

from apps.integrations.contracts import ShippingType
from tests.integrations.tiktok.exports.files import (
    HEADER,
    as_csv,
    inspect,
    inspect_us,
    make_row,
    notes,
    only_order,
)


def with_columns(extra: dict[str, str], **changes: str) -> bytes:
    """One row with columns beside the usual ones."""
    row = [*make_row(**changes), *extra.values()]
    content: bytes = as_csv([row], header=[*HEADER, *extra])
    return content


def us_times(**changes: str) -> dict[str, str]:
    return {"Created_Time": "11/16/2026 9:12:44 AM", "Paid_Time": ""} | changes


def money(order):
    return {
        "shipping": order.shipping_amount,
        "original": order.original_shipping_amount,
        "platform": order.shipping_platform_discount_amount,
        "seller": order.shipping_seller_discount_amount,
        "payment": order.payment_discount_amount,
        "fees": order.buyer_fees_amount,
    }


def test_shipping_is_told_before_its_discounts_and_by_who_pays_them(tmp_path):
    row = make_row(
        Original_Shipping_Fee="9",
        Shipping_Fee_Seller_Discount="2",
        Shipping_Fee_Platform_Discount="3",
        Payment_platform_discount="1.50",
        Order_Amount="21.50",
    )

    file = inspect([row], tmp_path)

    assert money(only_order(file)) == {
        "shipping": Decimal(4),
        "original": Decimal(9),
        "platform": Decimal(3),
        "seller": Decimal(2),
        "payment": Decimal("1.50"),
        "fees": None,
    }
    assert notes(file) == []


def test_what_is_co_funded_counts_as_the_platforms(tmp_path):
    content = with_columns(
        {"Co-Funded Shipping Fee Discount": "0.75"},
        **us_times(),
        Original_Shipping_Fee="5.75",
    )

    order = only_order(inspect_us(content, tmp_path))

    assert order.shipping_platform_discount_amount == Decimal("1.75")
    assert order.shipping_seller_discount_amount == 0


def test_the_fees_of_a_region_are_one_sum(tmp_path):
    fees = {"Buyer Service Fee": "2", "Handling Fee": "", "Item Insurance": "1.5"}

    file = inspect(with_columns(fees, Order_Amount="26.5"), tmp_path)

    assert only_order(file).buyer_fees_amount == Decimal("3.5")
    assert notes(file) == []


def test_a_blank_fee_is_none_charged_and_a_missing_column_is_not_known(tmp_path):
    blank = only_order(inspect(with_columns({"Handling Fee": ""}), tmp_path))
    missing = only_order(inspect([make_row()], tmp_path))

    assert blank.buyer_fees_amount == 0
    assert missing.buyer_fees_amount is None


def test_blank_discounts_are_zero_and_a_blank_fee_is_only_in_us_files(tmp_path):
    blanks = {
        "Original_Shipping_Fee": "",
        "Shipping_Fee_Seller_Discount": "",
        "Shipping_Fee_Platform_Discount": "",
        "Shipping_Fee_After_Discount": "",
        "Order_Amount": "19",
    }

    my = money(only_order(inspect([make_row(**blanks)], tmp_path)))
    us = money(only_order(inspect_us([make_row(**blanks, **us_times())], tmp_path)))

    assert (my["shipping"], my["platform"], my["seller"]) == (0, 0, 0)
    assert my["original"] is None
    assert us["original"] == 0


@pytest.mark.parametrize(
    ("words", "status", "reported"),
    [
        ("", "Completed", ""),
        ("Return/Refund", "Completed", "Return/Refund"),
        ("Return", "Shipped", "Return"),
        ("Cancel", "Cancelled", ""),
        ("Cancellation", "Completed", ""),
        ("Pengembalian", "Selesai", "Pengembalian"),
        ("Pembatalan", "Dibatalkan", ""),
    ],
)
def test_a_return_is_reported_in_the_files_own_words(tmp_path, words, status, reported):
    row = make_row(
        **{
            "Cancelation/Return_Type": words,
            "Order_Status": status,
            "Order_Substatus": "",
        }
    )

    assert only_order(inspect([row], tmp_path)).reported_return == reported


def test_a_return_of_any_row_is_the_orders(tmp_path):
    rows = [
        make_row(Order_Amount="42"),
        make_row(
            SKU_ID="1731000000000000012",
            Order_Amount="42",
            **{"Cancelation/Return_Type": "Return/Refund"},
        ),
    ]

    assert only_order(inspect(rows, tmp_path)).reported_return == "Return/Refund"


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Seller shipping", ShippingType.SELLER),
        ("TikTok shipping", ShippingType.PLATFORM),
        ("By pigeon", ShippingType.UNKNOWN),
        ("", ShippingType.UNKNOWN),
    ],
)
def test_whose_carrier_it_is_stands_in_files_of_the_united_states(
    tmp_path, words, kind
):
    content = with_columns({"Delivery Option Type": words}, **us_times())

    assert only_order(inspect_us(content, tmp_path)).shipping_type is kind
