"""How much of an income one buyer may be: a quarter, or a floor that hurts nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

LIMIT = 0.25
VALUE_FLOOR = 500.0
EVENT_FLOOR = 6.0
# Sums of floats that are equal on paper differ by less than this part of them.
_NOISE = 1e-12


@dataclass(frozen=True, slots=True)
class Concentration:
    """`counted` in the order of the values, each at most `cap`."""

    cap: float
    counted: tuple[float, ...]
    total: float
    excluded: float


def concentration(
    values: Sequence[float], limit: float = LIMIT, floor: float = VALUE_FLOOR
) -> Concentration:
    """What of each buyer's value counts."""
    cap = cap_of(values, limit, floor)
    counted = tuple(min(value, cap) for value in values)
    total = sum(counted)
    return Concentration(cap, counted, total, sum(values) - total)


def cap_of(values: Sequence[float], limit: float, floor: float) -> float:
    """The most that counts of one buyer."""
    return max(floor, largest_share(values, limit))


def largest_share(values: Sequence[float], limit: float) -> float:
    """The largest c that is `limit` of the sum of all values cut at c, or 0.

    The sum of what is cut grows ever slower with c, so the place is found from above:
    at the greatest value v where v is still within the limit, k values are whole and
    the others cut, and c = limit * (the k + (n - k) * c).
    """
    rising = sorted(max(0.0, value) for value in values)
    sums = list(accumulate(rising))
    for at in range(len(rising) - 1, -1, -1):
        value, whole, cut = rising[at], sums[at], len(rising) - at - 1
        if limit * (whole + cut * value) >= value * (1 - _NOISE):
            if not value:
                return 0.0
            open_part = 1 - limit * cut
            # Exactly as many as may be: each is the limit, whatever they are cut at.
            return limit * whole / open_part if open_part > _NOISE else value
    return 0.0
