"""What a euro is worth in an invented year; it wanders with the day alone."""

import math
from datetime import date

# One euro on an ordinary day, and how many digits are published.
ECB = {
    "USD": (1.16, 4),
    "JPY": (181.0, 2),
    "GBP": (0.874, 5),
    "CAD": (1.622, 4),
    "IDR": (19_350.0, 2),
    "MXN": (21.4, 4),
    "MYR": (4.83, 4),
    "PHP": (68.2, 3),
    "SGD": (1.507, 4),
    "THB": (37.6, 3),
    "BRL": (6.21, 4),
}
OTHER = {"VND": (30_480.0, 8)}  # the ECB does not tell it


def rate_text(name: str, on: date) -> str:
    """As published."""
    ordinary, digits = (ECB | OTHER)[name]
    day = on.toordinal()
    phase = sum(map(ord, name))
    slow = 0.02 * math.sin(day / 47 + phase)
    quick = 0.006 * math.sin(day * 1.7 + phase * 3)
    return f"{ordinary * (1 + slow + quick):.{digits}f}"
