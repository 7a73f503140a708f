"""What the lines of an order come to."""

from decimal import Decimal
from typing import Any

import pytest

from apps.backoffice.rules.sales import Sold, sales_of


def sold(paid: str, **changes):
    values: dict[str, Any] = {"quantity": 1, "paid": Decimal(paid)}
    return Sold(**values | {n: _decimal(v) for n, v in changes.items()})


def _decimal(value):
    return Decimal(value) if isinstance(value, str) else value


def told(sales):
    return [(str(s.gmv), str(s.cancelled), str(s.refunds), s.units) for s in sales]


def test_what_the_platform_pays_of_a_price_is_part_of_the_sale():
    [sale] = sales_of([sold("35", added="5")], is_cancelled=False)

    assert [sale.gmv, sale.net, sale.units] == [40, 40, 1]


def test_a_full_refund_leaves_nothing_also_of_the_platforms_part():
    [sale] = sales_of([sold("35", added="5", refund="35")], is_cancelled=False)

    assert [sale.refunds, sale.net] == [40, 0]


def test_part_of_a_line_that_is_called_off_is_cancelled_and_the_rest_can_be_refunded():
    line = sold("30", quantity=3, called_off=1, cancel_refund="10", refund="10")

    assert told(sales_of([line], is_cancelled=False)) == [
        ("30", "10.0000", "10.0000", 2)
    ]


def test_no_more_goes_back_than_was_paid():
    line = sold("30", quantity=3, called_off=2, refund="99")

    [sale] = sales_of([line], is_cancelled=False)

    assert [sale.cancelled, sale.refunds, sale.net] == [20, 10, 0]


def test_a_cancelled_order_is_cancelled_whole_and_its_units_do_not_count():
    lines = [sold("30", quantity=3, refund="30"), sold("0", is_gift=True)]

    assert told(sales_of(lines, is_cancelled=True, order_refund=Decimal(30))) == [
        ("30", "30", "0", 0),
        ("0", "0", "0", 0),
    ]


@pytest.mark.parametrize(
    ("lines", "refund", "expected"),
    [
        # Nobody says what for: by what each line is worth.
        ([sold("30"), sold("10")], "20", [15, 5]),
        # A file counts which units came back.
        ([sold("30", quantity=3, back=1), sold("10")], "10", [10, 0]),
        # What went back with the cancelled part is not refunded once more.
        ([sold("20", quantity=2, called_off=1)], "10", [0]),
        # Shipping that is paid back is no goods.
        ([sold("30")], "36", [30]),
    ],
)
def test_a_refund_that_only_the_order_tells_is_spread(lines, refund, expected):
    found = sales_of(lines, is_cancelled=False, order_refund=Decimal(refund))

    assert [sale.refunds for sale in found] == expected


def test_what_returns_say_goes_before_what_the_order_says():
    lines = [sold("30", refund="12"), sold("10")]

    found = sales_of(lines, is_cancelled=False, order_refund=Decimal(40))

    assert [sale.refunds for sale in found] == [12, 0]


def test_what_the_platform_paid_alone_goes_back_by_the_piece():
    [sale] = sales_of(
        [sold("0", quantity=2, added="20", refunded_units=1)], is_cancelled=False
    )

    assert [sale.gmv, sale.refunds] == [20, 10]


def test_gifts_are_no_units():
    lines = [sold("40", quantity=2), sold("0", quantity=5, is_gift=True)]

    assert [sale.units for sale in sales_of(lines, is_cancelled=False)] == [2, 0]
