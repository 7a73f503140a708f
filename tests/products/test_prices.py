"""Prices by rule: exact to the last decimal, in words, and never for want of a rate."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from apps.core.money import CurrencyMismatch, Money, decimals
from apps.products.errors import CatalogueRefuses, ProductRefused
from apps.products.models import PriceRule
from apps.products.services.price_rules import delete_rule, save_rule
from apps.products.services.prices import (
    PlannedPrice,
    Source,
    Unpriced,
    in_words,
    plan_prices,
    planned_price,
    planned_prices,
    price_for,
)
from apps.users.models import AuditEntry
from tests.factories.platforms import make_shop
from tests.factories.products import make_variant
from tests.factories.users import make_client

TODAY = date(2026, 11, 20)


@dataclass
class Rule:
    rate: Decimal
    factor: Decimal = Decimal(1)
    round_to: Decimal = Decimal(0)
    ending: Decimal | None = None
    base_currency: str = "USD"
    currency: str = "MYR"


def rule(rate="4.70", factor="1.15", round_to="0", ending=None, currency="MYR"):
    return Rule(
        Decimal(rate),
        Decimal(factor),
        Decimal(round_to),
        Decimal(ending) if ending else None,
        currency=currency,
    )


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


@pytest.mark.parametrize(
    ("base", "by", "price"),
    [
        # 19.90 x 4.70 x 1.15 is 107.5595.
        ("19.90", rule(), "107.56"),
        ("19.90", rule(round_to="1", ending="0.10"), "107.90"),
        ("19.90", rule(round_to="1", ending="0.01"), "107.99"),
        ("19.90", rule(round_to="10", ending="0.01"), "109.99"),
        ("19.90", rule(round_to="5"), "110.00"),
        ("19.90", rule(round_to="0.05"), "107.60"),
        # A multiple stays one.
        ("20", rule("4.5", "1", "10"), "90.00"),
        ("20", rule("4.5", "1", "10", "0.10"), "89.90"),
        ("20.0001", rule("4.5", "1", "10"), "100.00"),
        ("0.3", rule("1", "1", "0.1"), "0.30"),
        # Half goes up.
        ("1", rule("1.005", "1"), "1.01"),
        ("1", rule("1.004999", "1"), "1.00"),
        # No decimals where there are none.
        ("19.90", rule("15600", "1.1", "1000", currency="IDR"), "342000"),
        ("19.90", rule("15600", "1.1", "1000", "100", "IDR"), "341900"),
        ("19.90", rule("25400", "1", currency="VND"), "505460"),
        ("19.99", rule("149.35", "1", currency="JPY"), "2986"),
        ("0.01", rule("149.35", "0.3", currency="JPY"), "1"),
        # Nothing only of nothing.
        ("0", rule(round_to="1", ending="0.10"), "0.00"),
        ("0.001", rule("1", "1"), "0.01"),
        ("0.01", rule("1", "1", "1", "1"), "1.00"),
        ("0.01", rule("1", "1", "1", "2.50"), "0.50"),
        # Numbers as long as the columns lose nothing.
        (
            "999999999999999.9999",
            rule("9999999999.9999999999", "9999.9999"),
            "99999998999999999989999.00",
        ),
    ],
)
def test_a_price_is_base_times_rate_times_factor_rounded(base, by, price):
    made = price_for(usd(base), by)

    if len(price) < 20:
        assert made == Money(Decimal(price), by.currency)
        assert str(made.amount) == price
    else:
        exact = Decimal(base) * by.rate * by.factor
        assert abs(made.amount - exact) < Decimal("1e15")


@given(
    amount=st.decimals(0, 10**9, places=4),
    rate=st.decimals("0.0001", 30_000, places=6),
    factor=st.decimals("0.5", 3, places=4),
    step=st.sampled_from(["0", "0.05", "0.10", "1", "5", "10", "1000"]),
    ending=st.sampled_from([None, "0.01", "0.10", "1", "7"]),
    currency=st.sampled_from(["MYR", "IDR", "JPY", "VND", "GBP"]),
)
def test_a_price_lies_on_its_grid_and_is_never_nothing(
    amount, rate, factor, step, ending, currency
):
    if decimals(currency) == 0:
        step = str(int(Decimal(step)))
        ending = ending if ending and Decimal(ending) >= 1 else None
    by = rule(str(rate), str(factor), step, ending, currency)

    made = price_for(Money(amount, "USD"), by).amount

    exact = amount * rate * factor
    assert made >= 0
    assert (made == 0) == (exact == 0)
    assert made == round(made, decimals(currency))
    if not exact:
        return
    if by.round_to:
        less = by.ending or 0
        assert (made + less) % by.round_to == 0
        assert made + less >= exact
        assert made + less - exact < max(by.round_to, less + by.round_to)
    else:
        smallest = Decimal(1).scaleb(-decimals(currency))
        assert abs(made - exact) <= smallest


def test_a_rule_takes_no_other_base():
    with pytest.raises(CurrencyMismatch, match="starts from USD, not from EUR"):
        price_for(Money(Decimal(1), "EUR"), rule())


def times(words: str) -> str:
    return words.replace(" x ", " \u00d7 ")


@pytest.mark.parametrize(
    ("base", "by", "words"),
    [
        (
            "19.90",
            rule(round_to="1", ending="0.10"),
            "USD 19.90 x 4.70 x 1.15 = MYR 107.56, up to the next 1.00 less 0.10 = "
            "MYR 107.90",
        ),
        ("19.90", rule(), "USD 19.90 x 4.70 x 1.15 = MYR 107.56"),
        ("10", rule(factor="1"), "USD 10.00 x 4.70 = MYR 47.00"),
        (
            "10",
            rule("15650.5", "1", "1000", currency="IDR"),
            "USD 10.00 x 15,650.50 = IDR 156,505, up to the next 1,000 = IDR 157,000",
        ),
        ("10", rule("1", "1.1", currency="USD"), "USD 10.00 x 1.10 = USD 11.00"),
        ("10", rule("1", "1", currency="USD"), "USD 10.00 x 1.00 = USD 10.00"),
    ],
)
def test_a_price_is_told_in_words(base, by, words):
    assert in_words(usd(base), by) == times(words)


def make_rule(client, shop=None, **given: Any) -> PriceRule:
    values = {
        "region": "MY",
        "only_shop": shop,
        "base_currency": "USD",
        "rate": Decimal("4.70"),
        "rate_on": timezone.localdate(),
    }
    return save_rule(client, values | given)[0]


@pytest.fixture
def shop():
    return make_shop(name="Main Store")


@pytest.mark.django_db
def test_what_was_typed_goes_before_the_shops_rule_and_that_before_the_regions(shop):
    variant = make_variant(client=shop.client, prices={"USD": "10"})
    other = make_shop(shop.client)

    make_rule(shop.client)
    make_rule(shop.client, shop, factor=Decimal(2))

    plan = planned_price(variant, shop)
    assert plan == PlannedPrice(
        Money(Decimal("94.00"), "MYR"),
        Source.SHOP_RULE,
        times("USD 10.00 x 4.70 x 2.00 = MYR 94.00"),
        timezone.localdate(),
    )
    plan = planned_price(variant, other)
    assert plan is not None
    assert plan.price == Money(Decimal("47.00"), "MYR")
    variant.prices.create(currency="MYR", amount=Decimal("49.90"))
    typed = Money(Decimal("49.90"), "MYR")
    assert planned_price(variant, shop) == PlannedPrice(
        typed, Source.TYPED, "MYR 49.90, as typed"
    )


@pytest.mark.django_db
def test_without_a_price_there_is_a_reason_and_no_price(shop):
    variant = make_variant(client=shop.client, prices={"USD": "10"})

    def reason() -> str:
        assert planned_price(variant, shop) is None
        plan = plan_prices([variant], [shop])[variant.pk, shop.pk]
        assert isinstance(plan, Unpriced)
        return plan.reason

    assert reason() == "no price in MYR and no rule for MY"
    rule = make_rule(shop.client, base_currency="EUR", rate=Decimal(5))
    assert "nor in EUR" in reason()
    PriceRule.objects.filter(pk=rule.pk).update(is_active=False)
    assert reason() == "no price in MYR and no rule for MY"
    PriceRule.objects.filter(pk=rule.pk).update(is_active=True, currency="SGD")
    assert "makes SGD" in reason()


@pytest.mark.django_db
def test_another_clients_rules_and_variants_count_for_nothing(shop):
    variant = make_variant(client=shop.client, prices={"USD": "10"})
    make_rule(make_client())
    foreign = make_variant(prices={"MYR": "10"})

    assert planned_prices([variant, foreign], shop) == {
        variant.pk: None,
        foreign.pk: None,
    }


@pytest.mark.django_db
def test_an_old_rate_is_flagged(shop):
    variant = make_variant(client=shop.client, prices={"USD": "10"})
    rule = make_rule(shop.client)

    for days, is_old in ((30, False), (31, True)):
        today = rule.rate_on + timedelta(days=days)
        plan = plan_prices([variant], [shop], today=today)[variant.pk, shop.pk]
        assert isinstance(plan, PlannedPrice)
        assert plan.is_rate_old is is_old


@pytest.mark.django_db
def test_many_prices_take_two_queries(shop, django_assert_num_queries):
    make_rule(shop.client)
    variants = [
        make_variant(client=shop.client, prices={"USD": "10"}) for _ in range(9)
    ]
    shops = [shop, make_shop(shop.client, region="GB")]

    with django_assert_num_queries(2):
        plans = plan_prices(variants, shops)
    assert len(plans) == 18


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"rate": Decimal(0)}, "rate"),
        ({"rate": Decimal(-1)}, "rate"),
        ({"factor": Decimal(0)}, "factor"),
        ({"region": "XX"}, "region"),
        ({"base_currency": "QQQ"}, "base_currency"),
        ({"rate_on": date(2999, 1, 1)}, "rate_on"),
        ({"base_currency": "MYR", "rate": Decimal(2)}, "rate"),
        ({"ending": Decimal("0.10")}, "ending"),
        ({"round_to": Decimal(1), "ending": Decimal(1)}, "ending"),
        ({"round_to": Decimal("0.001")}, "round_to"),
        ({"region": "ID", "round_to": Decimal("0.5")}, "round_to"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(given, field):
    with pytest.raises(ProductRefused) as refused:
        make_rule(make_client(), **given)

    assert [each.field for each in refused.value.faults] == [field]
    assert not PriceRule.objects.exists()


@pytest.mark.django_db
def test_a_rule_is_for_a_shop_of_the_client_in_that_region(shop):
    for client, region in ((make_client(), "MY"), (shop.client, "GB")):
        with pytest.raises(ProductRefused) as refused:
            make_rule(client, shop, region=region)
        assert [each.field for each in refused.value.faults] == ["only_shop"]


@pytest.mark.django_db
def test_a_region_has_one_rule_and_its_currency(shop):
    rule = make_rule(shop.client)
    assert rule.currency == "MYR"

    with pytest.raises(CatalogueRefuses, match="a rule for this region"):
        make_rule(shop.client)
    _, said = save_rule(shop.client, {"factor": Decimal("1.2")}, rule=rule)
    assert said == ["factor: 1 → 1.2"]
    assert save_rule(shop.client, {"factor": Decimal("1.20")}, rule=rule)[1] == []
    delete_rule(rule)

    verbs = AuditEntry.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == [
        "added a price rule",
        "changed a price rule",
        "deleted a price rule",
    ]
