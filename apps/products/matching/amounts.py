"""Numbers with what they count: 0.5 L, 30 x 40 cm, 2 x 500 ml, pack of 3."""

from decimal import Decimal

from apps.products.matching.lexicon import UNITS

_BIG = frozenset({"l", "kg", "m", "tb", "liter", "litre", "lít", "ลิตร", "กก", "กิโลกรัม"})
Measure = tuple[str, int]  # the dimension and thousandths of its base unit


def number_of(text: str, unit: str = "") -> Decimal:
    """The value of 1.5, 1,5, 10,000 or 1.000: three digits after a mark are thousands,
    but for 0.250 and for large units (1.500 kg)."""
    whole, *rest = text.replace(",", ".").split(".")
    if not rest:
        return Decimal(whole)
    are_thousands = (
        all(len(part) == 3 for part in rest)
        and len(whole) <= 3
        and not whole.startswith("0")
        and (unit not in _BIG or len(rest) > 1)
    )
    if are_thousands:
        return Decimal(whole + "".join(rest))
    return Decimal(f"{whole}.{''.join(rest)}")


def measure_of(text: str, unit: str) -> Measure:
    """What `text` of `unit` comes to; imperial amounts as labels round them."""
    meaning = UNITS[unit]
    is_imperial = "~" in meaning
    dimension, factor = meaning.replace("~", " ").split()
    value = number_of(text, unit) * Decimal(factor)
    if is_imperial:
        value = round(value, -1) if value >= 100 else Decimal(round(value))
        dimension = f"{dimension}~"
    return dimension, int(value * 1000)


def extent_of(texts: list[str], unit: str) -> str:
    """Sides in thousandths of a millimetre, the smallest first; bare numbers are cm."""
    unit = unit if is_length(unit) else "cm"
    sides = sorted(measure_of(text, unit)[1] for text in texts)
    return "x".join(map(str, sides))


def is_length(unit: str) -> bool:
    return unit in UNITS and UNITS[unit].startswith("length")
