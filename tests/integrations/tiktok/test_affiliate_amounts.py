"""Amounts as shown to people: read where they are certain, else left alone."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.integrations.tiktok.localised import Localised, currency_of, localised_amount


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("Rp9.900", "IDR", "9900"),
        ("Rp 1.234.567", "IDR", "1234567"),
        ("Rp. 9.900", "IDR", "9900"),
        ("Rp1.00", "IDR", "1.00"),
        ("Rp1.500,50", "IDR", "1500.50"),
        ("9900", "IDR", "9900"),
        ("100", "IRD", "100"),
        ("2,281,428円", "JPY", "2281428"),
        ("￥1,200", "JPY", "1200"),
        ("RM1,200.50", "MYR", "1200.50"),
        ("RM1,200", "MYR", "1200"),
        ("1.234,56 €", "EUR", "1234.56"),
        ("1 234,56 €", "EUR", "1234.56"),
        ("12,50", "EUR", "12.50"),
        ("₫199.000", "VND", "199000"),
        ("199.000₫", "VND", "199000"),
        ("R$1.234,56", "BRL", "1234.56"),
        ("$1,234.56", "USD", "1234.56"),
        ("US$12.5", "USD", "12.5"),
        ("MYR 3.20", "MYR", "3.20"),
        ("1234.56", "BRL", "1234.56"),
        ("0.123", "USD", "0.123"),
        ("-RM3.20", "MYR", "-3.20"),
        ("RM-3.20", "MYR", "-3.20"),
        ("(5,000)", "JPY", "-5000"),
    ],
)
def test_an_amount_means_what_its_currency_says(text, currency, amount):
    read = localised_amount(text, currency)

    assert read == Localised(Decimal(amount), currency_of(currency))


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("1.234", "EUR"),  # one euro, or a thousand
        ("1,234", "EUR"),
        ("1.234", "USD"),
        ("1.234", "BRL"),  # bare: the platform's own decimals look like this
        ("1.234", "JPY"),
        ("Rp9,900", "IDR"),
        ("Rp9.900", "USD"),  # a symbol that contradicts
        ("1.23.456", "IDR"),
        ("12,34,567", "MYR"),
        ("5.86%", "USD"),
        ("3 pieces", "USD"),
        ("--5", "USD"),
        ("", "USD"),
        ("-", "USD"),
        ("1234567890123456789", "IDR"),
    ],
)
def test_what_could_mean_two_things_means_nothing(text, currency):
    assert localised_amount(text, currency).amount is None


def test_a_symbol_tells_the_currency_where_nothing_else_does():
    assert localised_amount("RM1,200.50") == Localised(Decimal("1200.50"), "MYR")
    assert localised_amount("$5") == Localised(Decimal(5), "")
    assert localised_amount("1,200") == Localised(None, "")


@given(st.text(max_size=30), st.sampled_from(["IDR", "USD", "EUR", "", "what"]))
def test_any_text_is_an_amount_or_none(text, currency):
    read = localised_amount(text, currency)

    assert read.amount is None or read.amount.is_finite()


@given(st.integers(0, 10**12), st.sampled_from(["IDR", "VND"]))
def test_thousands_in_dots_come_back_whole(units, currency):
    shown = f"{units:,}".replace(",", ".")

    assert localised_amount(shown, currency).amount == units
