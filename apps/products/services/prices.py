"""What variants cost in a shop: a price somebody typed, or one made by a rule.

A price in another currency is never taken as it stands: without a rate there is none.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import Enum
from typing import Protocol

from django.utils import timezone

from apps.core.money import CurrencyMismatch, Money, decimals
from apps.platforms.models import Shop
from apps.products.models import PriceRule, Variant, VariantPrice

RATE_GOOD_FOR = timedelta(days=30)
# Digits of price, rate and factor together, with room: nothing is lost on the way.
_DIGITS = 60


class Rule(Protocol):
    """What of a PriceRule makes the price."""

    base_currency: str
    currency: str
    rate: Decimal
    factor: Decimal
    round_to: Decimal
    ending: Decimal | None


class Source(Enum):
    TYPED = "typed"
    SHOP_RULE = "the shop's rule"
    REGION_RULE = "the region's rule"


@dataclass(frozen=True, slots=True)
class PlannedPrice:
    """What a variant is to cost in a shop, and how that came about."""

    price: Money
    source: Source
    words: str
    rate_on: date | None = None
    is_rate_old: bool = False


@dataclass(frozen=True, slots=True)
class Unpriced:
    """Why there is no price."""

    reason: str

    @property
    def price(self) -> None:
        return None


def price_for(base: Money, rule: Rule) -> Money:
    """`base` times rate times factor, rounded as the rule says.

    `round_to` 0 rounds to the currency's decimals, half up; else the price goes up to
    the next multiple (one that is a multiple stays), less `ending`. It is never below
    nothing, and nothing only of nothing. Raises CurrencyMismatch for another base.
    """
    if base.currency != rule.base_currency:
        raise CurrencyMismatch(
            f"The rule starts from {rule.base_currency}, not from {base.currency}."
        )
    with localcontext(prec=_DIGITS):
        exact = base.amount * rule.rate * rule.factor
        if exact <= 0:
            return Money(Decimal(0), rule.currency).rounded()
        if not rule.round_to:
            amount = _to_decimals(exact, rule.currency)
        else:
            amount = _up_to_multiple(exact, rule.round_to, rule.ending or Decimal(0))
            amount = _to_decimals(amount, rule.currency)
    return Money(amount, rule.currency)


def planned_price(variant: Variant, shop: Shop) -> PlannedPrice | None:
    """None where there is none; `plan_prices` says why."""
    return planned_prices([variant], shop)[variant.pk]


def planned_prices(
    variants: Collection[Variant], shop: Shop
) -> dict[int, PlannedPrice | None]:
    """{key of each variant: its price in the shop, or None}; two queries."""
    plans = plan_prices(variants, [shop])
    return {
        variant.pk: plan if isinstance(plan, PlannedPrice) else None
        for variant in variants
        for plan in [plans[variant.pk, shop.pk]]
    }


def plan_prices(
    variants: Collection[Variant],
    shops: Collection[Shop],
    *,
    today: date | None = None,
) -> dict[tuple[int, int], PlannedPrice | Unpriced]:
    """{(key of variant, key of shop): price, or why there is none}; two queries."""
    prices = prices_of(variants)
    clients = {shop.client_id for shop in shops}
    rules = list(PriceRule.objects.filter(client__in=clients, is_active=True))
    today = today or timezone.localdate()
    return {
        (variant.pk, shop.pk): _plan(
            variant, shop, prices.get(variant.pk, {}), _rule_of(shop, rules), today
        )
        for shop in shops
        for variant in variants
    }


def prices_of(variants: Iterable[Variant]) -> dict[int, dict[str, Decimal]]:
    """{key of variant: {currency: typed price}}; one query."""
    found: dict[int, dict[str, Decimal]] = {}
    rows = VariantPrice.objects.filter(variant__in=[each.pk for each in variants])
    for key, currency, amount in rows.values_list("variant", "currency", "amount"):
        found.setdefault(key, {})[currency] = amount
    return found


def is_old(rule: PriceRule, today: date | None = None) -> bool:
    """Whether the rate was looked up too long ago to be trusted."""
    if rule.base_currency == rule.currency:
        return False
    return (today or timezone.localdate()) - rule.rate_on > RATE_GOOD_FOR


def in_words(base: Money, rule: Rule) -> str:
    """As “USD 19.90 × 4.70 × 1.15 = MYR 107.56, up to the next 1.00 less 0.10 =
    MYR 107.90”."""  # noqa: RUF002 (a multiplication)
    price = price_for(base, rule)
    with localcontext(prec=_DIGITS):
        exact = Money(base.amount * rule.rate * rule.factor, rule.currency)
        factors = [_number(rule.rate)] if rule.base_currency != rule.currency else []
        factors += [_number(rule.factor)] if rule.factor != 1 or not factors else []
        made = " × ".join([str(base), *factors])  # noqa: RUF001
        if not rule.round_to:
            return f"{made} = {price}"
        less = f" less {_step(rule.ending, rule.currency)}" if rule.ending else ""
        step = _step(rule.round_to, rule.currency)
        return f"{made} = {exact}, up to the next {step}{less} = {price}"


def _plan(
    variant: Variant,
    shop: Shop,
    prices: Mapping[str, Decimal],
    rule: PriceRule | None,
    today: date,
) -> PlannedPrice | Unpriced:
    if variant.client_id != shop.client_id:
        return Unpriced("The variant and the shop belong to different clients.")
    if (typed := prices.get(shop.currency)) is not None:
        price = Money(typed, shop.currency)
        return PlannedPrice(price, Source.TYPED, f"{price}, as typed")
    if rule is None:
        return Unpriced(f"no price in {shop.currency} and no rule for {shop.region}")
    if rule.currency != shop.currency:
        return Unpriced(
            f"no price in {shop.currency}, and the rule for {shop.region} makes "
            f"{rule.currency}"
        )
    if (amount := prices.get(rule.base_currency)) is None:
        return Unpriced(
            f"no price in {shop.currency}, nor in {rule.base_currency}, from which the "
            f"rule for {shop.region} starts"
        )
    base = Money(amount, rule.base_currency)
    source = Source.SHOP_RULE if rule.only_shop_id else Source.REGION_RULE
    return PlannedPrice(
        price_for(base, rule),
        source,
        in_words(base, rule),
        rule.rate_on,
        is_old(rule, today),
    )


def _rule_of(shop: Shop, rules: Iterable[PriceRule]) -> PriceRule | None:
    """The shop's own before its region's."""
    own = region = None
    for rule in rules:
        if rule.client_id != shop.client_id:
            continue
        if rule.only_shop_id == shop.pk:
            own = rule
        elif rule.only_shop_id is None and rule.region == shop.region:
            region = rule
    return own or region


def _up_to_multiple(exact: Decimal, step: Decimal, ending: Decimal) -> Decimal:
    count, rest = divmod(exact, step)
    multiple = (count + (1 if rest else 0)) * step
    if multiple <= ending:  # it would come to nothing, or less
        multiple = (ending // step + 1) * step
    return multiple - ending


def _to_decimals(amount: Decimal, currency: str) -> Decimal:
    smallest = Decimal(1).scaleb(-decimals(currency))
    return max(amount.quantize(smallest, ROUND_HALF_UP), smallest)


def _number(number: Decimal) -> str:
    """Without idle zeros, but with two decimals at least: 4.70, 15,600.00."""
    bare = number.normalize()
    places = max(2, -int(bare.as_tuple().exponent))
    return f"{bare:,.{places}f}"


def _step(step: Decimal | None, currency: str) -> str:
    return f"{step or 0:,.{decimals(currency)}f}"
