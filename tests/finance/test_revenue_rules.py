"""What a period brought in, over shops, days and currencies."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from apps.finance.rules.rates import RateTable
from apps.finance.rules.revenue import Line, Period, Settlement, revenue

ZONES = {"TOKYO": ZoneInfo("Asia/Tokyo"), "LA": ZoneInfo("America/Los_Angeles")}
RATES = RateTable(
    {
        date(2026, 5, 1): {"USD": Decimal("1.1"), "JPY": Decimal(165)},
        date(2026, 5, 4): {"USD": Decimal("1.2"), "JPY": Decimal(160)},
    }
)


def moment(year, month, day, hour=12, minute=0):
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def make_line(line_id="1", amount="30", paid_at=(2026, 5, 3), **more):
    usual = {
        "shop_id": "LA",
        "order_id": "A",
        "line_id": line_id,
        "paid_at": paid_at and moment(*paid_at),
        "amount": Decimal(amount),
        "currency": "USD",
        "status": "COMPLETED",
    }
    return Line(**(usual | more))


def brought_in(lines=(), settlements=(), since=3, until=4, zone=None, **more):
    period = Period(date(2026, 5, since), date(2026, 5, until), ZONES, zone)
    return revenue(
        lines, settlements, period=period, rates=RATES, **({"base": "USD"} | more)
    )


def nets(parts):
    return [sums.net for sums in parts.values()]


def test_net_is_gmv_without_what_was_cancelled_or_refunded():
    found = brought_in(
        [
            make_line("1", "100", quantity=2),
            make_line("2", "50", refunded=Decimal(20)),
            make_line("3", "10", refunded=Decimal(99)),
            make_line("1", "40", order_id="B", status="CANCELLED", quantity=3),
            make_line("4", "500", is_sample=True),
            make_line("5", "500", status="UNPAID"),
            make_line("6", "500", paid_at=None),
        ]
    ).total

    assert (found.gmv, found.cancelled, found.refunds) == (200, 40, 30)
    assert found.net == 130
    assert (found.orders, found.units) == (2, 4)


def test_what_is_cancelled_is_not_refunded_as_well():
    found = brought_in([make_line(status="CANCELLED", refunded=Decimal(30))]).total

    assert (found.net, found.refunds) == (0, 0)


def test_a_day_is_the_shops_own_unless_all_are_told_in_one_zone():
    """At 16:30 UTC it is the next day in Tokyo and still morning in Los Angeles."""
    lines = [
        make_line("1", "16000", (2026, 5, 3, 16, 30), shop_id="TOKYO", currency="JPY"),
        make_line("2", "20", (2026, 5, 3, 16, 30)),
        make_line("3", "7", (2026, 5, 5, 6, 59)),
        make_line("4", "500", (2026, 5, 5, 7, 0)),
    ]

    own = brought_in(lines)
    tokyo = brought_in(lines, zone=ZoneInfo("Asia/Tokyo"))

    # The rate is of the UTC date, the third, which the row of the first stands for.
    yen = Decimal(16000) * Decimal("1.1") / 165
    nets = {on.day: sums.net for on, sums in own.by_day.items()}
    assert nets == {3: 20, 4: yen + 7}
    assert {on.day: sums.net for on, sums in tokyo.by_day.items()} == {
        3: 0,
        4: yen + 20,
    }
    assert {shop: sums.net for shop, sums in own.by_shop.items()} == {
        "TOKYO": yen,
        "LA": 27,
    }


def test_of_a_line_or_settlement_that_comes_again_the_last_one_counts():
    lines = [
        make_line("1", "30"),
        make_line("1", "30", refunded=Decimal(30)),
        make_line("1", "5", shop_id="TOKYO"),
        make_line(None, "1"),
        make_line(None, "1"),
    ]
    paid = Settlement("LA", date(2026, 5, 3), Decimal(9), "USD", "s1")
    again = Settlement("LA", date(2026, 5, 3), Decimal(8), "USD", "s1")
    other = Settlement("LA", date(2026, 5, 3), Decimal(1), "USD")

    found = brought_in(lines, [paid, again, other, other]).total

    assert (found.gmv, found.refunds, found.orders) == (37, 30, 2)
    assert found.settled == 10


def test_what_was_settled_stands_beside_net_by_its_own_date():
    paid = [
        Settlement(
            "LA", datetime(2026, 5, 5, 2, tzinfo=UTC), Decimal("16.50"), "USD"
        ),  # the fourth in Los Angeles
        Settlement("LA", date(2026, 5, 5), Decimal(900), "USD"),
        Settlement("TOKYO", date(2026, 5, 4), Decimal(1600), "JPY"),
    ]

    found = brought_in([make_line()], paid)

    assert found.total.settled == Decimal("28.50")
    assert found.total.net == 30
    assert found.by_shop["TOKYO"].settled == 12


def test_what_has_no_rate_is_counted_and_in_no_sum():
    found = brought_in(
        [make_line("1"), make_line("2", currency="VND", order_id="B")],
        [Settlement("LA", date(2026, 5, 3), Decimal(5), "VND")],
    )

    assert found.fx_missing == 2
    assert (found.total.gmv, found.total.orders, found.total.units) == (30, 1, 1)
    outside = brought_in([make_line(currency="VND")], since=8, until=9)
    assert outside.fx_missing == 0


def test_days_and_shops_without_anything_are_there_with_nothing():
    found = brought_in(since=1, until=3)

    assert list(found.by_day) == [date(2026, 5, day) for day in (1, 2, 3)]
    assert nets(found.by_day) == [0, 0, 0]
    assert found.by_shop.keys() == ZONES.keys()
    assert brought_in(since=4, until=3).by_day == {}


@pytest.mark.parametrize("split_by", ["by_day", "by_shop"])
def test_days_and_shops_each_add_up_to_the_total(split_by):
    lines = [
        make_line(
            str(n),
            f"{n}.37",
            (2026, 5, 2 + n % 4, n % 24),
            shop_id="TOKYO" if n % 3 else "LA",
            order_id=str(n // 2),
            currency="JPY" if n % 5 else "EUR",
            status="CANCELLED" if n % 7 == 0 else "IN_TRANSIT",
            refunded=Decimal(n % 4),
        )
        for n in range(80)
    ]

    found = brought_in(lines, base="EUR")

    parts = getattr(found, split_by).values()
    assert sum(one.net for one in parts) == pytest.approx(found.total.net)
    assert sum(one.units for one in parts) == found.total.units
    assert found.total.net > 0
