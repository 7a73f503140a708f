"""Numbers as bodies have them: text, in the platform's units."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from apps.products.services.publishing import limits

_MOST = Decimal(10) ** 15
_MOST_DECIMALS = 30


def number_in(told: object) -> Decimal | None:
    """None for what is no number, or one that no listing has."""
    try:
        number = Decimal(str(told).strip())
    except InvalidOperation:
        return None
    if not number.is_finite() or not abs(number) < _MOST:
        return None
    return number if decimals_of(number) <= _MOST_DECIMALS else None


def written(number: Decimal) -> str:
    """Without an exponent and without zeros at the end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def decimals_of(number: Decimal) -> int:
    """How many it has, zeros at the end aside."""
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def weight_in(grams: Decimal, unit: str) -> str:
    """With the decimals the unit may have; never nothing for something."""
    step = Decimal(1).scaleb(-limits.DECIMALS_OF[unit])
    weight = (grams / limits.GRAMS_OF[unit]).quantize(step, ROUND_HALF_UP)
    return written(max(weight, step) if grams > 0 else weight)


def size_in(centimeters: Decimal, unit: str) -> str:
    """Whole units, for the platform takes no fractions of them; never nothing."""
    size = (centimeters / limits.CENTIMETERS_OF[unit]).quantize(
        Decimal(1), ROUND_HALF_UP
    )
    return written(max(size, Decimal(1)) if centimeters > 0 else size)
