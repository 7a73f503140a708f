"""Which orders a shop receives on a calendar day (UTC).

A pure function of the seed, the world's size and the day: it does not matter
when it is asked, or how often the server was restarted in between.
"""

import random
from bisect import bisect
from dataclasses import dataclass
from itertools import accumulate

from apps.simulator.world.lifecycle import KINDS, STANDING_KINDS, Kind
from apps.simulator.world.rolls import roll
from apps.simulator.world.sellers import Shop

DAYS = 90
_WEEKDAYS = (0.92, 0.90, 0.95, 1.00, 1.12, 1.18, 0.93)  # Monday first; mean 1
_HOURS = (
    16, 9, 5, 3, 3, 4, 9, 18, 28, 36, 42, 48, 56, 50, 44, 42, 44, 50, 60, 74, 90, 96,
    72, 38,
)  # local time  # fmt: skip
_STANDING_FROM = 90_000  # numbers of the weekly standing orders
PLACED_FROM = 95_000  # numbers of orders placed through /control/


@dataclass(frozen=True, slots=True)
class Plan:
    """An order to come: everything else about it follows from its seed."""

    number: int  # within the shop's day
    created: int
    kind: Kind
    seed: int


def daily_orders(size: int) -> float:
    """What the ordinary orders of one day must add up to over all shops."""
    standing = len(STANDING_KINDS) * DAYS / 7
    return max(0.5, size - standing) / DAYS


def _orders_before(seed: int, size: int, shop: Shop, day: int) -> int:
    """Orders of all time up to a day: differences of it never drift from `size`."""
    per_day = daily_orders(size) * shop.share
    weeks, weekday = divmod(day + 3, 7)  # 1970-01-01 was a Thursday
    expected = per_day * (weeks * 7 + sum(_WEEKDAYS[:weekday]))
    wobble = 0.4 * per_day * (roll(seed, "wobble", shop.number, day) / 2**64)
    return int(expected + wobble + shop.number / 7)


def _kinds_for(shop: Shop) -> tuple[tuple[Kind, ...], list[float]]:
    """The stories that happen in this shop, with cumulative weights."""
    cod = shop.region.cash_on_delivery
    kinds = tuple(kind for kind in KINDS if cod or not kind.is_cod)
    return kinds, list(accumulate(kind.weight for kind in kinds))


def plans_of(seed: int, size: int, shop: Shop, day: int) -> list[Plan]:
    """The shop's orders of that day, oldest first."""
    chance = random.Random(roll(seed, "day", shop.number, day))
    before = _orders_before(seed, size, shop, day)
    count = _orders_before(seed, size, shop, day + 1) - before
    kinds, weights = _kinds_for(shop)
    shift = shop.region.utc_offset_hours
    hours = [_HOURS[(hour + shift) % 24] for hour in range(24)]
    moments = [
        hour * 3_600 + int(chance.random() * 3_600)
        for hour in chance.choices(range(24), hours, k=count)
    ]
    start, total, plans = day * 86_400, weights[-1], []
    for number, moment in enumerate(sorted(moments)):
        kind = kinds[bisect(weights, chance.random() * total)]
        plans.append(Plan(number, start + moment, kind, chance.getrandbits(64)))
    if (day + 3) % 7 == 0:
        plans += _standing(seed, shop, day)
        plans.sort(key=lambda plan: plan.created)
    return plans


def _standing(seed: int, shop: Shop, day: int) -> list[Plan]:
    """This week's standing orders, those that fall to this shop."""
    week = day // 7
    return [
        Plan(
            _STANDING_FROM + n,
            day * 86_400 + 60 * (n + 1),
            kind,
            roll(seed, "standing", week, n),
        )
        for n, kind in enumerate(STANDING_KINDS)
        if (week + n) % 7 == shop.number
    ]
