"""What a buyer pays for each line, and what of it goes back."""

from decimal import Decimal
from typing import Any

import pytest

from apps.integrations.contracts import (
    CancellationStage,
    CancellationStatus,
    OrderStatus,
    RefundAmounts,
    ReturnKind,
    ReturnStatus,
    Source,
)
from apps.orders.models import Order
from apps.orders.services.aftersales import was_paid
from apps.orders.services.cancellations import ingest_cancellations
from apps.orders.services.ingest import ingest_orders
from apps.orders.services.line_money import money_by_line
from apps.orders.services.returns import ingest_returns
from tests.factories.aftersales import (
    make_remote_cancellation,
    make_remote_return,
    make_request_line,
    make_unit_line,
    make_units,
)
from tests.factories.orders import PLACED, make_order, make_remote_order
from tests.factories.platforms import make_shop

pytestmark = pytest.mark.django_db

DELIVERED, CANCELLED = OrderStatus.DELIVERED, OrderStatus.CANCELLED
OTHER = "1730000000000000102"


def sold(shop: Any, **changes: Any) -> Order:
    """Three lamps at 40, of which a voucher took 30, and a shade at 15."""
    lamps = make_unit_line(*make_units(DELIVERED, DELIVERED, DELIVERED), discount="30")
    shade = make_unit_line(*make_units(DELIVERED, first=4), sku=OTHER, unit_price="15")
    values: dict[str, Any] = {
        "status": DELIVERED,
        "paid_at": PLACED,
        "lines": (lamps, shade),
    }
    ingest_orders(shop, [make_remote_order(**values | changes)], Source.API)
    return Order.objects.get(shop=shop)


def amounts(order: Order) -> list[Any]:
    return [
        (each.paid, each.refunded, each.still_paid) for each in money_by_line(order)
    ]


@pytest.fixture
def shop():
    return make_shop()


def test_what_nothing_happened_to_is_paid(shop):
    assert amounts(sold(shop)) == [(90, 0, 90), (15, 0, 15)]


def test_refunds_are_told_by_line_for_the_goods_alone(shop):
    order = sold(shop)
    goods = RefundAmounts("MYR", Decimal(33), Decimal(30), Decimal(3))
    lines = (
        make_request_line("U1", refund=goods),
        make_request_line("U4", "15", remote_sku_id=OTHER),
    )
    done = make_remote_return("1", status=ReturnStatus.COMPLETE, lines=lines)
    open_ = make_remote_return("2", lines=(make_request_line("U2", "30"),))

    ingest_returns(shop, [done, open_], Source.API)

    assert amounts(order) == [(90, 30, 60), (15, 15, 0)]


def test_a_sum_for_all_is_shared_by_what_the_units_cost(shop):
    order = sold(shop)
    lines = (make_request_line("U1"), make_request_line("U4", remote_sku_id=OTHER))
    part = make_remote_return(
        kind=ReturnKind.REFUND, status=ReturnStatus.SUCCESS, amount="10", lines=lines
    )

    ingest_returns(shop, [part], Source.API)

    lamps, shade = amounts(order)
    assert lamps[1] == Decimal("6.6667")  # 30 of 45
    assert lamps[1] + shade[1] == 10


def test_units_called_off_singly_are_not_paid_for(shop):
    units = [*make_units(DELIVERED, CANCELLED), *make_units(DELIVERED, first=3)]
    order = sold(shop, lines=(make_unit_line(*units, discount="30"),))
    assert amounts(order) == [(90, 30, 60)]

    line = make_request_line("U2", "30")
    request = make_remote_cancellation(
        status=CancellationStatus.COMPLETE, needs_answer=False, lines=(line,)
    )
    ingest_cancellations(shop, [request], Source.API)

    order = Order.objects.get()  # without what was read of it before
    assert amounts(order) == [(90, 30, 60)]  # told twice, paid back once


def test_a_cancelled_order_is_paid_back_whole_or_was_never_paid(shop):
    stage = CancellationStage.BEFORE_SHIPPING
    order = sold(shop, status=CANCELLED, cancellation_stage=stage)
    assert amounts(order) == [(90, 90, 0), (15, 15, 0)]

    other = make_shop()
    stage = CancellationStage.BEFORE_PAYMENT
    order = sold(other, status=CANCELLED, cancellation_stage=stage, paid_at=None)
    assert amounts(order) == [(0, 0, 0), (0, 0, 0)]


def test_no_more_goes_back_than_was_paid(shop):
    order = sold(shop)
    line = make_request_line("U4", "99", remote_sku_id=OTHER)
    ingest_returns(
        shop,
        [make_remote_return(status=ReturnStatus.COMPLETE, lines=(line,))],
        Source.API,
    )

    assert amounts(order)[1] == (15, 15, 0)


@pytest.mark.parametrize(
    ("fields", "is_paid"),
    [
        ({"status": "unpaid"}, False),
        ({"status": "to_ship"}, True),
        ({"status": "to_ship", "is_cod": True}, False),
        ({"status": "in_transit", "is_cod": True}, False),
        ({"status": "delivered", "is_cod": True}, True),
        ({"status": "in_transit", "is_cod": True, "paid_at": PLACED}, True),
        ({"status": "not_understood"}, False),
        ({"status": "cancelled"}, False),
        ({"status": "cancelled", "paid_at": PLACED}, True),
        ({"status": "cancelled", "cancellation_stage": "before_shipping"}, True),
        ({"status": "cancelled", "cancellation_stage": "before_payment"}, False),
        (
            {
                "status": "cancelled",
                "cancellation_stage": "failed_delivery",
                "is_cod": True,
            },
            False,
        ),
    ],
)
def test_the_status_says_whether_an_order_was_paid_where_no_time_does(fields, is_paid):
    assert was_paid(make_order(**fields)) is is_paid


def test_an_order_of_many_requests_costs_as_many_queries_as_of_one(
    shop, django_assert_num_queries
):
    order = sold(shop)
    remotes = [make_remote_return(str(number)) for number in range(10)]
    ingest_returns(shop, remotes, Source.API)

    with django_assert_num_queries(4):
        money_by_line(order)
