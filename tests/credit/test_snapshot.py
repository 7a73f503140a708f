"""Income of ninety days: which rows count, what is not believed, where it lies."""

import json
from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.credit.rules import SnapshotInput, snapshot
from apps.credit.rules.integrity import Sale, capped
from tests.credit.rows import (
    AS_OF,
    at,
    given_rows,
    income_of,
    make_commission,
    make_order,
)

NOISE = 1e-9


def test_orders_and_commissions_add_up_by_source_month_and_week():
    income = income_of(
        [
            make_order(1, age=1, value="120.00"),
            make_order(2, age=45, value="88.00", shop_id="UK1", currency="GBP"),
            make_order(3, age=88, value="30.00"),
        ],
        [make_commission("x", age=8, actual="7.50")],
    )

    assert income.net_seller_usd == pytest.approx(120 + 110 + 30)
    assert income.net_affiliate_usd == 7.5
    assert income.monthly_usd == pytest.approx(267.5 / 3)
    assert income.source_income == pytest.approx(
        {"seller:US": 150.0, "seller:GB": 110.0, "affiliate": 7.5}
    )
    assert income.shop_income == pytest.approx({"US1": 150.0, "UK1": 110.0})
    assert income.creator_income == {"me": 7.5}
    assert income.months_income == pytest.approx((30.0, 110.0, 127.5))
    assert income.months_events == (1, 1, 2)
    # The day 88 days ago is in no week.
    assert income.weekly_income == pytest.approx(
        (0, 0, 0, 0, 0, 110.0, 0, 0, 0, 0, 7.5, 120.0)
    )
    assert (income.active_days, income.active_weeks) == (4, 3)


@pytest.mark.parametrize(
    ("age", "month", "week"),
    [
        (1, 2, 11),
        (7, 2, 11),
        (8, 2, 10),
        (30, 2, 7),
        (31, 1, 7),
        (60, 1, 3),
        (61, 0, 3),
        (84, 0, 0),
        (85, 0, None),
        (90, 0, None),
    ],
)
def test_months_have_thirty_days_and_weeks_seven_counted_from_the_day(age, month, week):
    income = income_of([make_order(1, age=age)])

    assert [at for at, usd in enumerate(income.months_income) if usd] == [month]
    weeks = [at for at, usd in enumerate(income.weekly_income) if usd]
    assert weeks == ([] if week is None else [week])


@pytest.mark.parametrize("age", [0, 91, -3])
def test_the_day_itself_and_what_is_older_than_ninety_days_is_out(age):
    income = income_of([make_order(1, age=age)], [make_commission("x", age=age)])

    assert income.net_seller_usd == income.net_affiliate_usd == 0
    assert income.counts["out_of_window"] == 2


def test_a_day_is_the_shops_own_also_where_clocks_change():
    """New York is four hours behind in summer and five in winter; in the night of
    8 March 2026 it goes over."""
    before = make_order(1, paid_at="2026-03-08T04:59:00Z")
    after = make_order(2, paid_at="2026-03-08T05:00:00Z")
    summer = make_order(3, paid_at="2026-03-09T03:59:00Z")
    next_day = make_order(4, paid_at="2026-03-09T04:00:00Z")

    ages = [
        income_of([order], as_of="2026-03-11", rates={}, base="USD").active_ages
        for order in (before, after, summer, next_day)
    ]

    assert ages == [(4,), (3,), (3,), (2,)]


def test_commissions_have_the_days_of_the_creators_own_zone():
    row = make_commission("x", at="2026-06-30T18:00:00Z", actual="5")

    assert income_of(commissions=[row]).active_ages == (1,)
    late = income_of(commissions=[row], creator_tz="Asia/Jakarta")
    assert late.counts["out_of_window"] == 1


@pytest.mark.parametrize(
    "order",
    [
        make_order(1, status="CANCELLED"),
        make_order(1, status="UNPAID"),
        make_order(1, paid_at=None),
        make_order(1, sample=True),
        make_order(1, value=None),
        make_order(1, shop_id="SOMEBODY"),
    ],
    ids=[
        "cancelled",
        "unpaid",
        "never paid",
        "sample",
        "no value",
        "no shop of theirs",
    ],
)
def test_what_is_no_sale_is_not_eligible(order):
    income = income_of([order])

    assert income.net_seller_usd == 0
    assert income.counts["not_eligible"] == 1


def test_a_status_nobody_knows_is_a_sale():
    income = income_of([make_order(1, status="TELEPORTED")])

    assert income.net_seller_usd == 100


def test_of_the_same_row_the_last_one_counts():
    first = make_order(1, value="100.00")
    repeated = income_of(
        [first, make_order(2), make_order(1, refunded="40.00")],
        [make_commission("x"), make_commission("x", actual="6.00")],
    )
    cancelled = income_of([first, make_order(1, status="CANCELLED")])

    assert repeated.counts["duplicates"] == 2
    assert repeated.net_seller_usd == 160
    assert repeated.net_affiliate_usd == 6
    assert cancelled.net_seller_usd == 0
    assert (cancelled.counts["duplicates"], cancelled.counts["not_eligible"]) == (1, 1)


def test_the_same_number_at_another_shop_is_another_order():
    income = income_of([make_order(1), make_order(1, shop_id="UK1")])

    assert income.net_seller_usd == 200
    assert income.counts["duplicates"] == 0


def test_what_has_no_rate_is_left_out_and_counted():
    income = income_of(
        [make_order(1), make_order(2, currency="VND"), make_order(3)],
        [make_commission("x", currency="VND")],
    )

    assert income.net_seller_usd == 200
    assert income.counts["fx_missing"] == 2
    assert income.fx_missing_share == 0.5


def test_without_rows_shares_are_of_nothing():
    income = income_of()

    assert income.excluded_value_share is None
    assert income.fx_missing_share is None
    assert (income.monthly_usd, income.buyer_cap_usd) == (0, 500)
    assert income.months_events == (0, 0, 0)


def test_own_purchases_are_dropped():
    income = income_of([make_order(1), make_order(2, buyer_id="myself", value="300")])

    assert income.net_seller_usd == 100
    assert income.counts["W1_self"] == 1
    assert income.excluded_value_share == 0.75


def test_commissions_of_others_are_not_theirs_and_own_sales_are_not_paid_twice():
    income = income_of(
        [],
        [
            make_commission("a", actual="5.00"),
            make_commission("b", actual="5.00", creator_id="somebody"),
            make_commission("c", actual="5.00", shop_id="UK1"),
        ],
    )

    assert income.net_affiliate_usd == 5
    assert income.counts["own_shop_commission"] == 1
    assert income.counts["not_eligible"] == 0


def test_what_settling_takes_back_is_expected_of_what_is_not_settled():
    income = income_of(
        [],
        [
            make_commission("a", estimated="30.00", actual="24.00"),
            make_commission("b", estimated="10.00", actual="12.00"),
            make_commission("c", estimated="50.00"),
        ],
    )

    # Two settled: 2/12 of 6 in 40; what came to more gives nothing back.
    assert income.clawback == pytest.approx(2 / 12 * 6 / 40)
    assert income.net_affiliate_usd == pytest.approx(36 + 50 * (1 - 0.025))


def test_two_quick_refunds_of_a_buyer_are_a_circle_one_is_not():
    def bought_back(order_id, buyer, hours=71, refunded="100.00"):
        refund_at = at(20 - hours // 24, hour=12 + hours % 24 - 12)
        return make_order(
            order_id, age=20, buyer_id=buyer, refunded=refunded, refund_at=refund_at
        )

    circle = income_of(
        [
            bought_back(1, "a"),
            bought_back(2, "a", refunded="95.00"),
            make_order(3, buyer_id="a"),
            bought_back(4, "b", refunded="96.00"),
            bought_back(5, "b", refunded="94.99"),
        ]
    )

    assert circle.counts["W3_refund_churn"] == 2
    assert circle.net_seller_usd == pytest.approx(100 + 4 + 5.01)


@pytest.mark.parametrize(
    ("refund_at", "dropped"),
    [(at(7), 2), (at(7, minute=1), 0), (None, 0)],
    ids=["72 hours", "a minute more", "nobody knows when"],
)
def test_a_quick_refund_comes_within_three_days(refund_at, dropped):
    orders = [
        make_order(n, buyer_id="a", refunded="100.00", refund_at=refund_at)
        for n in range(2)
    ]

    assert income_of(orders).counts["W3_refund_churn"] == dropped


def test_of_a_burst_five_count_and_the_next_a_day_later():
    orders = [
        make_order(n, value="50", paid_at=at(9, hour=1, minute=n), buyer_id="a")
        for n in range(7)
    ]
    next_day = make_order(8, value="50", paid_at=at(8, hour=1, minute=0), buyer_id="a")
    too_soon = make_order(9, value="50", paid_at=at(8, hour=0, minute=59), buyer_id="a")

    income = income_of([*orders, next_day, too_soon])

    assert income.counts["W4_burst"] == 3
    assert income.net_seller_usd == 300


def test_three_buyers_at_one_address_are_one_and_so_is_whoever_they_share_with():
    def circle(order_id, buyer, address, **more):
        return make_order(
            order_id, buyer_id=buyer, addr_hash=address, value="400.00", **more
        )

    def kept(*orders):
        return income_of(orders).net_seller_usd

    apart = [circle(1, "a", "x"), circle(2, "b", "x")]
    # Two at an address are a couple; three are one buyer, worth the floor in all.
    assert kept(*apart) == 800
    assert kept(*apart, circle(3, "c", "x")) == pytest.approx(500)
    # By c, those at the other address are the same.
    chain = [circle(3, "c", "x"), circle(4, "c", "y"), circle(5, "d", "y")]
    assert kept(*apart, *chain) == pytest.approx(500 + 400)
    assert kept(*apart, *chain, circle(6, "e", "y")) == pytest.approx(500)
    # Orders without a buyer are buyers of their own.
    nobody = [circle(n, None, "z") for n in (7, 8, 9)]
    assert kept(*nobody) == pytest.approx(500)
    # Own purchases do not make two others one.
    assert kept(*apart, circle(3, "myself", "x")) == 800


def test_a_buyer_is_at_most_a_quarter_and_each_of_their_orders_shrinks_alike():
    small = [make_order(n, age=40, value="1000.00") for n in range(1, 5)]
    large = [
        make_order(5, age=40, value="8000.00", buyer_id="a"),
        make_order(6, age=2, value="4000.00", buyer_id="a"),
    ]

    income = income_of(small + large)

    # A quarter of the small ones and of itself: a third of the small ones.
    assert income.buyer_cap_usd == pytest.approx(4000 / 3)
    assert income.net_seller_usd == pytest.approx(4000 + 4000 / 3)
    assert income.months_income == pytest.approx((0, 4000 + 8000 / 9, 4000 / 9))
    assert income.excluded_value_share == pytest.approx(1 - (16000 / 3) / 16000)
    assert income.months_events == (0, 5, 1)


def test_a_buyer_gives_six_events_and_their_first_ones():
    often = [
        make_order(f"a{n}", age=80 - 5 * n, buyer_id="a", value="1") for n in range(9)
    ]

    income = income_of(often)

    assert income.net_seller_usd == 9
    assert sum(income.months_events) == 6
    assert income.active_ages == (55, 60, 65, 70, 75, 80)


def test_what_was_refunded_whole_is_no_event():
    income = income_of(
        [make_order(1, currency="GBP", value="33.33", refunded="33.33")],
        [make_commission("x", actual="0")],
    )

    assert income.net_seller_usd == 0
    assert sum(income.months_events) == 0


def test_young_orders_are_expected_to_come_back_as_old_ones_did():
    old = [make_order(n, age=50, refunded="20.00") for n in range(10)]
    young = [make_order(f"y{n}", age=5, value="50.00") for n in range(4)]

    income = income_of(old + young)

    # Ten of twenty: half of what is believed, 0.2 - 0 of 200.
    assert income.provision_usd == pytest.approx(0.5 * 0.2 * 200)
    assert income.net_seller_usd == pytest.approx(800 + 200 - 20)
    assert income.months_income == pytest.approx((0, 800, 180))
    assert income.excluded_value_share == 0
    assert income_of(young).provision_usd == 0


def test_the_provision_is_no_more_than_there_is():
    old = [make_order(n, age=50, refunded="100.00") for n in range(90)]
    young = [make_order("y", age=5, value="50.00", refunded="0")]

    income = income_of([*old, *young])

    assert income.provision_usd == pytest.approx(0.9 * 50)
    assert income.net_seller_usd == pytest.approx(5)


rows = st.lists(
    st.builds(
        make_order,
        order_id=st.integers(1, 40),
        age=st.integers(0, 95),
        value=st.decimals(0, 3000, places=2).map(str),
        buyer_id=st.sampled_from(["a", "b", "c", "d", "e", "f", None]),
        addr_hash=st.sampled_from(["x", "y", None]),
        currency=st.sampled_from(["USD", "GBP", "VND"]),
        refunded=st.decimals(0, 3000, places=2).map(str),
        refund_at=st.sampled_from([None, at(9), at(30)]),
        shop_id=st.sampled_from(["US1", "UK1"]),
    ),
    max_size=40,
)
commissions = st.lists(
    st.builds(
        make_commission,
        order_id=st.integers(1, 20),
        age=st.integers(0, 95),
        estimated=st.decimals(0, 90, places=2).map(str),
        actual=st.none() | st.decimals(0, 90, places=2).map(str),
        shop_id=st.sampled_from(["OTHERS", "US1"]),
    ),
    max_size=15,
)


def once(orders):
    """The rows that count of those."""
    return list({(row["shop_id"], row["order_id"]): row for row in orders}.values())


@settings(max_examples=50)
@given(rows, commissions, st.randoms(use_true_random=False))
def test_p5_order_repeats_and_own_purchases_change_nothing(orders, paid, random):
    orders = once(orders)
    paid = list({row["order_id"]: row for row in paid}.values())
    income = income_of(orders, paid)
    own = [
        make_order(f"own{n}", age=n, value="900.00", buyer_id="myself", addr_hash="x")
        for n in range(1, 5)
    ]
    shuffled = random.sample(orders, len(orders))
    mixed = random.sample(shuffled + own, len(orders) + len(own))

    assert income_of(shuffled, random.sample(paid, len(paid))) == income
    repeated = income_of(shuffled + orders[:7], paid)
    same = {"counts", "excluded_value_share", "fx_missing_share"}
    told = income.to_dict()
    for other in (repeated, income_of(mixed, paid)):
        for name, value in other.to_dict().items():
            assert name in same | {"integrity"} or value == told[name], name


@settings(max_examples=50)
@given(rows)
def test_p5_one_buyer_is_at_most_a_quarter_or_five_hundred_dollars(orders):
    sales = [
        ("none" if row["buyer_id"] is None else row["buyer_id"], a_sale(row))
        for row in orders
    ]

    counted, cap = capped(sales)

    total = sum(sale.net for _, sale in counted)
    for buyer, _ in sales:
        net = sum(sale.net for key, sale in counted if key == buyer)
        assert net <= max(500, total / 4) * (1 + NOISE)
        assert net <= cap * (1 + NOISE)


def a_sale(row):
    value = float(row["value"])
    return Sale(
        shop_id=row["shop_id"],
        order_id=row["order_id"],
        buyer=str(row["buyer_id"]),
        addr_hash=None,
        paid_at=datetime.fromisoformat(row["paid_at"]),
        age=9,
        gross=value,
        refund=min(value, float(row["refunded"])),
    )


@settings(max_examples=25)
@given(rows, commissions)
def test_p6_what_was_stored_gives_the_same_income_to_the_last_bit(orders, paid):
    rows_given = given_rows(orders, paid)

    again = SnapshotInput.from_dict(json.loads(json.dumps(rows_given.to_dict())))

    assert replace(again, rates=rows_given.rates) == rows_given
    assert again.rates.rows == rows_given.rates.rows
    assert snapshot(again) == snapshot(rows_given)


def test_a_day_may_come_as_a_date_too():
    assert SnapshotInput.from_dict({"as_of": AS_OF}).as_of == date(2026, 7, 1)
