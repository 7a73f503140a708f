"""What values of products and variants may be. Nothing is read or written here."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from apps.core.currencies import CURRENCIES
from apps.core.money import decimals
from apps.products.errors import Fault
from apps.products.models import Product, Variant
from apps.products.services.barcodes import normal_barcode

MOST_DESCRIPTION = 100_000
AMOUNT_LIMIT = Decimal(10) ** 15
SIZE_LIMIT = Decimal(10) ** 6
WEIGHT_LIMIT = 2**31
MOST_VARIANTS = 300
SIZES = ("length_cm", "width_cm", "height_cm")
# Letters that nobody sees: halves of pairs, controls, marks of direction and the like.
_BROKEN, _UNSEEN = ("Cc", "Cs"), ("Cc", "Cs", "Cf", "Co", "Cn")
_WORDS = {"cost_amount": "cost", "cost_currency": "cost currency", "sku": "SKU"}


class Bad(Exception):
    """A value does not hold; the message says why and what would."""


@dataclass(frozen=True, slots=True)
class VariantInput:
    """What is wanted of a variant: of what is not named, nothing changes.

    `values` are columns of Variant; `prices` {currency: amount, or None for no price};
    `components` {SKU: quantity} of a bundle, none for what is no bundle. Without
    `variant_id` it is a new variant.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    variant_id: int | None = None
    prices: Mapping[str, Decimal | None] = field(default_factory=dict)
    components: Mapping[str, int] | None = None


def clean_product(
    values: Mapping[str, Any], *, is_new: bool
) -> tuple[dict[str, Any], list[Fault]]:
    """The values as they are kept, and what is wrong with them."""
    cleaned, faults = _each(values, _PRODUCT)
    if is_new and "name" not in values:
        faults.append(Fault("name", "A product needs a name."))
    return cleaned, faults


def clean_variant(
    row: int, wanted: VariantInput
) -> tuple[dict[str, Any], dict[str, Decimal | None], list[Fault]]:
    """Its values and prices as they are kept, and what is wrong with them."""
    values, faults = _each(wanted.values, _VARIANT)
    if wanted.variant_id is None and "sku" not in wanted.values:
        faults.append(Fault("sku", "A variant needs a SKU."))
    prices: dict[str, Decimal | None] = {}
    for code, amount in wanted.prices.items():
        try:
            currency = _currency(code)
            prices[currency] = None if amount is None else price_of(amount, currency)
        except Bad as error:
            faults.append(Fault(f"price_{code}", str(error)))
    return values, prices, [Fault(each.field, each.message, row) for each in faults]


def price_of(amount: Any, currency: str) -> Decimal:
    """Raises Bad for what nobody can ask in that currency."""
    price = amount_of(amount)
    if price != round(price, decimals(currency)):
        places = decimals(currency)
        raise Bad(
            f"{currency} has {places} decimals."
            if places
            else f"{currency} has no decimals."
        )
    return price


def amount_of(value: Any, *, places: int = 4, limit: Decimal = AMOUNT_LIMIT) -> Decimal:
    """Raises Bad for what is no amount, less than nothing or too much."""
    try:
        number = Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        raise Bad("It is no number.") from None
    if not number.is_finite() or number < 0:
        raise Bad("It is a number, and not less than 0.")
    if number >= limit:
        raise Bad(f"It is less than {limit:,}.")
    if number != round(number, places):
        raise Bad(f"It has at most {places} decimals.")
    return number


def line_of(value: Any, longest: int, *, unseen: tuple[str, ...] = _BROKEN) -> str:
    """A line without blanks around it and with single ones inside. Raises Bad."""
    text = " ".join(str(value or "").split())
    _check_letters(text, unseen)
    if len(text) > longest:
        raise Bad(f"It has at most {longest} characters, not {len(text)}.")
    return text


def sku_of(value: Any) -> str:
    """Raises Bad for what is no SKU of ours, or would be none on the platform."""
    sku = str(value or "").strip()
    if not sku:
        raise Bad("A variant needs a SKU.")
    if any(letter.isspace() for letter in sku):
        raise Bad("A SKU has no spaces inside: TikTok refuses them.")
    _check_letters(sku, _UNSEEN)
    longest = _longest(Variant, "sku")
    if len(sku) > longest:
        raise Bad(f"A SKU has at most {longest} characters, not {len(sku)}.")
    return sku


def word_of(name: str) -> str:
    """How a column is called where people read it."""
    return _WORDS.get(name, name.removeprefix("is_").replace("_", " "))


def said_of(name: str, before: Any, after: Any) -> str:
    """For the trail. What a thing costs is not for everybody who reads it."""
    if name in ("cost_amount", "cost_currency", "description"):
        return f"{word_of(name)}: changed"
    return f"{word_of(name)}: {_shown(before)} → {_shown(after)}"


def differences(row: Any, values: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """(column, before, after) of what would change."""
    for name, value in values.items():
        before = getattr(row, name)
        if before != value:
            yield name, before, value


def _each(
    values: Mapping[str, Any], cleaners: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Fault]]:
    cleaned, faults = {}, []
    for name, value in values.items():
        try:
            cleaned[name] = cleaners[name](value)
        except Bad as error:
            faults.append(Fault(name, str(error)))
    return cleaned, faults


def _name(value: Any) -> str:
    name = line_of(value, _longest(Product, "name"))
    if not name:
        raise Bad("A product needs a name.")
    return name


def _description(value: Any) -> str:
    text = str(value or "").replace("\r\n", "\n").strip()
    _check_letters("".join(text.split()), _BROKEN)
    if len(text) > MOST_DESCRIPTION:
        raise Bad(f"A description has at most {MOST_DESCRIPTION:,} characters.")
    return text


def _barcode(value: Any) -> str:
    barcode = normal_barcode(line_of(value, 60))
    return line_of(barcode, _longest(Variant, "barcode"))


def _currency(value: Any) -> str:
    code = str(value or "").strip().upper()
    if code and code not in CURRENCIES:
        raise Bad(f"“{code}” is no currency; write a code such as MYR.")
    return code


def _amount(value: Any) -> Decimal | None:
    return None if value is None else amount_of(value)


def _size(value: Any) -> Decimal | None:
    return None if value is None else amount_of(value, places=2, limit=SIZE_LIMIT)


def _weight(value: Any) -> int | None:
    if value is None:
        return None
    return int(amount_of(value, places=0, limit=Decimal(WEIGHT_LIMIT)))


def _position(value: Any) -> int:
    return min(int(amount_of(value, places=0)), 32_767)


def _check_letters(text: str, kinds: tuple[str, ...]) -> None:
    if any(unicodedata.category(letter) in kinds for letter in text):
        raise Bad("It has letters that cannot be seen. Type it anew.")


def _longest(model: Any, name: str) -> int:
    return int(model._meta.get_field(name).max_length)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "—" if value in (None, "") else str(value)[:120]


_PRODUCT: dict[str, Any] = {
    "name": _name,
    "brand": lambda value: line_of(value, _longest(Product, "brand")),
    "description": _description,
    "category": lambda value: value,
    "is_active": bool,
}
_VARIANT: dict[str, Any] = {
    "sku": sku_of,
    "name": lambda value: line_of(value, _longest(Variant, "name")),
    "barcode": _barcode,
    "position": _position,
    "is_bundle": bool,
    "is_active": bool,
    "cost_amount": _amount,
    "cost_currency": _currency,
    "weight_grams": _weight,
    **dict.fromkeys(SIZES, _size),
}
