from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.money import CurrencyMismatch, Money, decimals

amounts = st.decimals("-1e12", "1e12", places=4, allow_nan=False, allow_infinity=False)
currencies = st.sampled_from(["USD", "MYR", "IDR", "VND", "JPY", "EUR", "XXX"])


@given(amounts, amounts, currencies)
def test_a_sum_and_its_difference_lead_back(one, two, currency):
    left, right = Money(one, currency), Money(two, currency)

    assert left + right == right + left
    assert left + right - right == left


@given(amounts, currencies)
def test_rounding_is_done_once_and_moves_less_than_one_unit(amount, currency):
    money = Money(amount, currency)
    rounded = money.rounded()

    assert rounded.rounded() == rounded
    assert abs(rounded.amount - amount) * 2 <= Decimal(1).scaleb(-decimals(currency))
    assert rounded.amount.as_tuple().exponent == -decimals(currency)


@given(amounts, amounts)
def test_two_currencies_are_never_added_or_subtracted(one, two):
    dollars, dong = Money(one, "USD"), Money(two, "VND")

    with pytest.raises(CurrencyMismatch, match="USD and VND"):
        dollars + dong
    with pytest.raises(CurrencyMismatch):
        dollars - dong


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1234.5", "USD", "USD 1,234.50"),
        ("0.005", "USD", "USD 0.01"),
        ("-0.005", "USD", "USD -0.01"),
        ("1250000.4", "IDR", "IDR 1,250,000"),
        ("99.5", "VND", "VND 100"),
        ("0", "JPY", "JPY 0"),
    ],
)
def test_money_is_written_with_its_currency_and_usual_decimals(amount, currency, text):
    assert str(Money(Decimal(amount), currency)) == text


def test_half_units_are_rounded_away_from_zero():
    assert Money(Decimal("2.345"), "EUR").rounded().amount == Decimal("2.35")
    assert Money(Decimal("-2.345"), "EUR").rounded().amount == Decimal("-2.35")
