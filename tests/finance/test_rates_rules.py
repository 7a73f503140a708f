"""What a euro was worth, and what that makes of other amounts."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.finance.rules.rates import MISSING, RateTable

FRIDAY = date(2026, 3, 6)
RATES = RateTable(
    {
        FRIDAY: {
            "USD": Decimal("1.17"),
            "IDR": Decimal(19400),
            "GBP": Decimal("0.87"),
            "JPY": None,
        },
        FRIDAY - timedelta(days=3): {"USD": Decimal("1.2"), "JPY": Decimal(180)},
    }
)


def days_after(days):
    return FRIDAY + timedelta(days=days)


def test_the_worked_example_comes_out_exactly():
    found = RATES.convert(Decimal(97000), "IDR", "USD", FRIDAY)

    assert (found.status, found.amount_base) == ("ok", Decimal("5.85"))
    assert found.rate == Decimal("1.17") / 19400
    assert (found.rate_date, found.days_back) == (FRIDAY, 0)


def test_a_weekend_takes_fridays_rate_and_says_so():
    found = RATES.convert(Decimal(100), "USD", "EUR", days_after(2))

    assert found.amount_base == Decimal(100) / Decimal("1.17")
    assert (found.rate_date, found.days_back) == (FRIDAY, 2)


@pytest.mark.parametrize(("days", "status"), [(7, "ok"), (8, "missing")])
def test_a_rate_is_at_most_seven_days_old(days, status):
    assert RATES.convert(Decimal(1), "USD", "EUR", days_after(days)).status == status


def test_the_row_must_have_both_currencies():
    yen = RATES.convert(Decimal(900), "JPY", "USD", FRIDAY)
    pound = RATES.convert(Decimal(9), "JPY", "GBP", FRIDAY)

    # Friday's row has no yen: the one before has both.
    assert (yen.amount_base, yen.days_back) == (Decimal(6), 3)
    assert pound == MISSING


@pytest.mark.parametrize(
    ("currency", "on"),
    [("VND", FRIDAY), ("USD", FRIDAY - timedelta(days=4)), ("", FRIDAY)],
    ids=["not listed", "before the first row", "no currency"],
)
def test_what_has_no_rate_is_missing_and_never_one_to_one(currency, on):
    found = RATES.convert(Decimal(50), currency, "EUR", on)

    assert found.status == "missing"
    assert (found.amount_base, found.rate, found.rate_date) == (None, None, None)


def test_the_same_currency_needs_no_row():
    found = RateTable({}).convert(Decimal("10.50"), "VND", "VND", FRIDAY)

    assert (found.amount_base, found.rate) == (Decimal("10.50"), Decimal(1))
    assert (found.rate_date, found.days_back) == (FRIDAY, 0)


def test_the_euro_is_in_every_row():
    assert RATES.convert(Decimal(100), "EUR", "USD", FRIDAY).amount_base == 117
    assert RATES.convert(Decimal(117), "USD", "EUR", FRIDAY).amount_base == 100


def test_a_rate_of_nothing_is_a_gap():
    table = RateTable({FRIDAY: {"USD": Decimal(0), "GBP": Decimal(-1)}})

    assert table.rate("USD", "EUR", FRIDAY) is None
    assert table.rate("GBP", "EUR", FRIDAY) is None


rates = st.decimals("0.01", 30_000, places=6)
rows = st.dictionaries(
    st.integers(0, 30).map(days_after),
    st.dictionaries(st.sampled_from(["USD", "GBP", "IDR"]), st.none() | rates),
    max_size=12,
)
amounts = st.decimals(0, 10**9, places=2)
currencies = st.sampled_from(["EUR", "USD", "GBP", "IDR"])


def by_walking(given_rows, currency, base, on):
    """The row, and how old it is, by trying one day after another."""
    for back in range(8):
        row = given_rows.get(on - timedelta(days=back))
        if row is not None:
            whole = {**row, "EUR": 1}
            if whole.get(currency) and whole.get(base):
                return back
    return None


@settings(max_examples=100)
@given(rows, currencies, currencies, st.integers(-2, 40), amounts)
def test_the_newest_row_with_both_is_found_and_a_full_refund_nets_to_nothing(
    given_rows, currency, base, days, amount
):
    table, on = RateTable(given_rows), days_after(days)

    first = table.convert(amount, currency, base, on)
    again = table.convert(amount, currency, base, on)

    if currency == base:
        assert first.amount_base == amount
    else:
        assert first.days_back == by_walking(given_rows, currency, base, on)
    assert first == again
    if first.amount_base is not None and again.amount_base is not None:
        assert first.amount_base - again.amount_base == 0
        back = table.convert(first.amount_base, base, currency, on).amount_base
        assert back == pytest.approx(amount)
