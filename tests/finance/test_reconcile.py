"""What adds up, what does not, and by how much."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.finance.rules.expected import (
    Settled,
    Sold,
    expected_revenue,
    is_settlement_late,
    judge_order,
)
from apps.finance.rules.identity import Line, key_of, key_of_another, same_line
from apps.finance.rules.reconcile import (
    Parts,
    Payout,
    difference_of,
    difference_of_payment,
    difference_of_rows,
    difference_of_statements,
    is_off,
    unnamed_of,
)
from apps.integrations.contracts import SettlementKind

D = Decimal
NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
amounts = st.decimals(-(10**9), 10**9, places=4)


def line(**changed):
    values: dict[str, Any] = {
        "kind": SettlementKind.ORDER,
        "subject_id": "57",
        "settled_at": NOON,
    }
    return Line(**(values | {"amount": D("9.90")} | changed))


def test_parts_are_added_and_a_cent_is_a_difference():
    parts = (D("104.00"), D("-4.15"), D("-10.00"), D("-2.50"))

    assert difference_of(Parts(D("87.35"), *parts)) == 0
    assert difference_of(Parts(D("87.34"), *parts)) == D("0.01")
    assert is_off(D("0.01"))
    assert not is_off(D(0), None)


def test_what_is_not_told_is_no_agreement():
    assert difference_of(Parts(D(5))) is None
    assert difference_of(Parts(None, D(5))) is None
    assert difference_of(Parts(D(5), revenue=D(5))) == 0
    assert difference_of_rows(D(5), []) is None
    assert difference_of_rows(D(5), [D(5), None]) is None
    assert difference_of_rows(None, [D(5)]) is None
    assert unnamed_of(D("-10"), []) is None


@given(st.lists(amounts, min_size=1, max_size=20), amounts)
def test_rows_taken_from_their_own_sum_leave_what_was_taken(rows, taken):
    whole = sum(rows)

    assert difference_of_rows(whole, rows) == 0
    assert difference_of_rows(whole + taken, rows) == -taken
    assert unnamed_of(whole + taken, rows) == taken


def paid(**changed):
    values: dict[str, Any] = {
        "amount": D("67.35"),
        "currency": "GBP",
        "settlement": D("87.35"),
        "settlement_currency": "GBP",
        "reserve": D("-20"),
        "before_exchange": D("67.35"),
        "rate": D("1.000000"),
        "statements": (D("80.00"), D("7.35")),
    }
    return Payout(**(values | changed))


def test_a_payment_is_settlement_and_reserve_to_the_cent():
    assert difference_of_payment(paid()) == 0
    assert difference_of_payment(paid(amount=D("67.34"))) == D("0.01")
    assert difference_of_payment(paid(before_exchange=D("67.30"))) == D("0.05")
    assert difference_of_payment(paid(before_exchange=None, settlement=None)) is None


@pytest.mark.parametrize(
    ("amount", "difference"),
    [("79.0600", D(0)), ("79.05", D("0.01")), ("79.07", D("-0.01"))],
)
def test_an_exchange_is_right_to_the_minor_unit(amount, difference):
    exchanged = paid(
        settlement_currency="EUR", rate=D("1.1738"), amount=D(amount), currency="USD"
    )
    # 67.35 x 1.1738 = 79.05543
    assert difference_of_payment(exchanged) == difference


def test_a_rates_last_decimal_hides_something_of_a_large_amount():
    large = paid(
        settlement=None,
        settlement_currency="USD",
        before_exchange=D("20000000.00"),
        rate=D("0.856123"),
        amount=D("17122455.00"),
        currency="EUR",
    )
    # 17,122,460.00, give or take 10.00 for what the rate does not tell.

    assert difference_of_payment(large) == 0
    assert difference_of_payment(replace(large, amount=D("17122440"))) == D("20")
    assert difference_of_payment(replace(large, rate=None)) is None


def test_statements_of_a_payment_are_compared_only_when_all_are_here():
    assert difference_of_statements(paid()) == 0
    assert difference_of_statements(paid(statements=(D("80.00"),))) == D("-7.35")
    assert (
        difference_of_statements(paid(statements=(D(80),), is_complete=False)) is None
    )
    assert difference_of_statements(paid(statements=())) is None


def test_a_line_is_the_same_whether_the_api_or_a_file_tells_of_it():
    api = line(statement_id="73", remote_id="1")
    file = line(statement_id="73", amount=D("9.89"))
    older_file = line(settled_at=NOON - timedelta(hours=20))
    unlike = line(settled_at=NOON - 9 * DAY)

    assert same_line(file, [api]) == 0
    assert same_line(older_file, [unlike, api]) == 1
    assert same_line(line(statement_id="74"), [api]) is None
    assert same_line(unlike, [api]) is None


def test_two_ids_of_the_api_are_two_lines_of_one_statement():
    first = line(statement_id="73", remote_id="1")
    second = line(statement_id="73", remote_id="2")

    assert same_line(second, [first]) is None
    assert same_line(second, [first, second]) == 1
    assert key_of(first) == key_of(second) == "order 57 73"
    assert key_of_another(second) != key_of(second)
    assert key_of(line()) == "order 57 day 2026-09-21"


SOLD = (
    Sold(original=D(60), seller_discount=D(6), amount=D(50)),
    Sold(original=D(50), seller_discount=D(0), amount=D(50)),
)


def test_the_platforms_discount_is_the_platforms_to_bear():
    assert expected_revenue(SOLD, None, currency="GBP").revenue == D(104)
    called_off = (*SOLD, Sold(D(9), D(0), D(9), is_cancelled=True))
    assert expected_revenue(called_off, D(0), currency="GBP").revenue == D(104)


def test_of_a_refund_the_same_share_of_the_sellers_price_goes():
    half = expected_revenue(SOLD, D(50), currency="GBP")
    all_of_it = expected_revenue(SOLD, D(100), currency="GBP")

    assert (half.revenue, half.is_exact) == (D("52.00"), False)
    assert (all_of_it.revenue, all_of_it.is_exact) == (D(0), True)
    assert expected_revenue(SOLD, D(33), currency="IDR").revenue == D(70)


def test_an_order_in_several_statements_is_their_sum():
    expected = expected_revenue(SOLD, D(100), currency="GBP")
    both = [Settled(D("89.85"), D(104), NOON), Settled(D("-96"), D(-104), NOON + DAY)]

    told = judge_order(expected, both, estimate=D("90.00"))
    waiting = judge_order(expected, [], estimate=D("90.00"))

    assert (told.settled, told.revenue, told.revenue_gap) == (D("-6.15"), D(0), D(0))
    assert (told.estimate_gap, told.times) == (D("-96.15"), 2)
    assert waiting.revenue_gap is waiting.settled is None


def test_an_order_is_late_when_it_has_been_held_for_longer_than_is_usual():
    hold = timedelta(days=15)

    assert is_settlement_late(NOON - 16 * DAY, NOON, holding=hold)
    assert not is_settlement_late(NOON - 15 * DAY, NOON, holding=hold)
    assert not is_settlement_late(None, NOON, holding=hold)
