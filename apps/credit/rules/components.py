"""What is measured, each as a score from 0 to 100.

A score moves steadily with its figure. Few observations pull it towards 40, which is
also what a figure that is not known counts for; what cannot exist is left out.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import log, sqrt, tanh
from typing import NamedTuple

from apps.credit.rules.features import SHOP, Entity, Features
from apps.credit.rules.table import CODES, FEWEST_WEEKS, MISSING_SCORE, MONTH_DAYS

# (USD a month, score), straight lines between them
LEVELS = ((0.0, 20.0), (1000.0, 40.0), (5000.0, 70.0), (20000.0, 100.0))
FULL_AGE_DAYS = 730
FULL_SECOND = 0.25
FULL_RATING, WORST_RATING = 4.8, 3.0
FULL_SPS, WORST_SPS = 4.5, 2.5
FULL_PRODUCTS = 5
FULL_REGIONS = 3
# What is usual where nothing was observed, worth twenty observations.
USUAL_RATING, USUAL_LOSS, USUAL_CANCELS = 3.72, 0.128, 0.062
_PRIOR = 20
_STANDING_POINTS = 24
_STANDING_DAYS = 90
# An entity without income still says a little.
_LEAST_WEIGHT = 0.001
_SELLER_TYPES = {"business": 100.0, "individual": 70.0}


class Measured(NamedTuple):
    """`missing` is the share, from 0 to 1, that is not known."""

    score: float
    missing: float = 0.0


MISSING = Measured(MISSING_SCORE, 1.0)


def measure(features: Features) -> dict[str, Measured]:
    """{code: score} of what applies, in the order of the table."""
    found = {}
    for code in CODES:
        if code not in features.not_applicable:
            measured = measure_one(code, features)
            if measured is not None:
                found[code] = measured
    return found


def measure_one(code: str, features: Features) -> Measured | None:
    """None where no account can have such a figure."""
    if code in _OF_ENTITIES:
        return _averaged(features.entities, _OF_ENTITIES[code], code)
    score = _OF_ALL[code](features)
    return MISSING if score is None else Measured(score)


def clamp(value: float) -> float:
    return min(1.0, max(0.0, value))


def monthly(features: Features) -> float | None:
    """US dollars in thirty covered days."""
    if features.total_usd is None or not features.covered_days:
        return None
    return features.total_usd * MONTH_DAYS / features.covered_days


def variation(weeks: Sequence[float | None]) -> float | None:
    """How much covered weeks differ from their mean, or from a line that rises through
    them, as a share of the mean; None of fewer than four, or where nothing came in."""
    known = [(float(at), value) for at, value in enumerate(weeks) if value is not None]
    if len(known) < FEWEST_WEEKS:
        return None
    n = len(known)
    mean = sum(value for _, value in known) / n
    if mean <= 0:
        return None
    middle = sum(at for at, _ in known) / n
    spread = sum((at - middle) ** 2 for at, _ in known)
    slope = sum((at - middle) * (value - mean) for at, value in known) / spread
    rise = max(0.0, slope)
    # Not squared by a power, which raises where a product is merely infinite.
    errors = [value - mean - rise * (at - middle) for at, value in known]
    off = sum(error * error for error in errors)
    return sqrt(off / n) / mean


def second_share(features: Features) -> float:
    """The share of income that is not of the largest source; 0 without income."""
    sources = [max(0.0, value) for value in (features.source_income or {}).values()]
    total = sum(sources)
    return 1 - max(sources) / total if total > 0 else 0.0


def weights(entities: Sequence[Entity]) -> list[float]:
    """How much each account weighs: by its income, and a little by being there."""
    nets = [max(0.0, entity.net_usd) for entity in entities]
    total = sum(nets)
    return [(net / total if total else 1.0) + _LEAST_WEIGHT for net in nets]


def applies(code: str, entity: Entity) -> bool:
    return entity.kind == SHOP or code in _OF_CREATORS


def of_entity(code: str, entity: Entity) -> float | None:
    """One account's score; None where its figures are not known."""
    return _OF_ENTITIES[code](entity)


def shrunk(
    observed: float | None, of: float | None, usual: float = USUAL_LOSS
) -> float | None:
    """The share, as it counts: drawn towards what is usual where little was seen."""
    if observed is None or of is None:
        return None
    return (observed + usual * _PRIOR) / (of + _PRIOR)


def counted_rating(entity: Entity) -> float | None:
    """The rating, drawn towards what is usual where few rated."""
    if entity.rating is None or entity.reviews is None:
        return None
    rated = entity.rating * entity.reviews + USUAL_RATING * _PRIOR
    return rated / (entity.reviews + _PRIOR)


def _level(features: Features) -> float | None:
    income = monthly(features)
    if income is None:
        return None
    for (low, at_low), (high, at_high) in pairwise(LEVELS):
        if income <= high:
            part = max(0.0, income - low) / (high - low)
            return at_low + part * (at_high - at_low)
    return LEVELS[-1][1]


def _regularity(features: Features) -> float | None:
    weeks = len([week for week in features.weekly_income if week is not None])
    active_weeks, active_days = features.active_weeks, features.active_days
    if weeks < FEWEST_WEEKS or active_weeks is None or active_days is None:
        return None
    days = min(1.0, active_days / (0.5 * features.covered_days))
    return 100 * clamp(0.5 * active_weeks / weeks + 0.5 * days)


def _stability(features: Features) -> float | None:
    known = [week for week in features.weekly_income if week is not None]
    if len(known) < FEWEST_WEEKS:
        return None
    differs = variation(features.weekly_income)
    return 0.0 if differs is None else 100 * max(0.0, 1 - differs / 1.5)


def _diversity(features: Features) -> float | None:
    if features.source_income is None:
        return None
    return 100 * min(1.0, second_share(features) / FULL_SECOND)


def usual_event(features: Features) -> float:
    """US dollars of one income event; 0 without any."""
    events = features.all_events
    return max(0.0, (features.total_usd or 0.0) / events if events else 0.0)


def _revenue(features: Features) -> float | None:
    oldest, newest = features.months_income[0], features.months_income[-1]
    if oldest is None or newest is None or features.total_usd is None:
        return None
    grown = _growth_of(oldest, newest, usual_event(features))
    return _growth(features, grown, 0.5)


def _orders(features: Features) -> float | None:
    oldest, newest = features.months_events[0], features.months_events[-1]
    if oldest is None or newest is None:
        return None
    return _growth(features, _growth_of(oldest, newest, 1.0), 0.5)


def _network(features: Features) -> float | None:
    oldest, newest = features.partners_m1, features.partners_m3
    if oldest is None or newest is None:
        return None
    grown = log((max(0.0, newest) + 1.8) / (max(0.0, oldest) + 2))
    return _growth(features, grown, 0.7)


def _growth_of(oldest: float, newest: float, usual: float) -> float:
    """How much more, as a logarithm; ten usual orders are taken to be the same."""
    if not usual:
        return log(0.9)
    return log((max(0.0, newest) + 9 * usual) / (max(0.0, oldest) + 10 * usual))


def _growth(features: Features, grown: float, full: float) -> float | None:
    """Growth since a month that was not there is no growth."""
    if features.m1_open_fraction is None:
        return None
    raw = 50 + 50 * tanh(grown / full)
    return MISSING_SCORE + clamp(features.m1_open_fraction) * (raw - MISSING_SCORE)


def _products(features: Features) -> float | None:
    sold = features.new_products_sold
    return None if sold is None else 100 * clamp(sold / FULL_PRODUCTS)


def _markets(features: Features) -> float | None:
    regions = features.regions_active
    return None if regions is None else min(100.0, 25 + 25 * max(0.0, regions))


def _age(entity: Entity) -> float | None:
    days = entity.age_days
    return None if days is None else 100 * clamp(days / FULL_AGE_DAYS)


def _seller_type(entity: Entity) -> float | None:
    return _SELLER_TYPES.get((entity.seller_type or "").lower())


def _rating(entity: Entity) -> float | None:
    rating = counted_rating(entity)
    if rating is None:
        return None
    return 100 * clamp((rating - WORST_RATING) / 1.8)


def _returns(entity: Entity) -> float | None:
    share = shrunk(entity.returned_orders, entity.orders)
    return None if share is None else 100 * clamp((0.20 - share) / 0.18)


def _on_time(entity: Entity) -> float | None:
    share = shrunk(entity.late_shipped, entity.shipped)
    return None if share is None else 100 * clamp((1 - share - 0.80) / 0.18)


def _cancels(entity: Entity) -> float | None:
    share = shrunk(entity.seller_cancels, entity.placed_orders, USUAL_CANCELS)
    return None if share is None else 100 * clamp((0.10 - share) / 0.095)


def _service(entity: Entity) -> float | None:
    return None if entity.sps is None else 100 * clamp((entity.sps - WORST_SPS) / 2)


def _standing(entity: Entity) -> float | None:
    points, warnings = entity.violation_points, entity.warnings
    if points is None or warnings is None:
        return None
    raw = 100 * clamp(1 - (points + 2 * warnings) / _STANDING_POINTS)
    age = max(0.0, entity.age_days or 0.0)
    return MISSING_SCORE + age / (age + _STANDING_DAYS) * (raw - MISSING_SCORE)


def _averaged(
    entities: Sequence[Entity], rule: Callable[[Entity], float | None], code: str
) -> Measured | None:
    """Over the accounts that can have it; one that is not known enters as such."""
    parts = [
        (weight, rule(entity))
        for entity, weight in zip(entities, weights(entities), strict=True)
        if applies(code, entity)
    ]
    if not parts:
        return None
    total = sum(weight for weight, _ in parts)
    scored = sum(
        weight * (MISSING_SCORE if score is None else score) for weight, score in parts
    )
    missing = sum(weight for weight, score in parts if score is None)
    return Measured(scored / total, missing / total)


_OF_ALL: Mapping[str, Callable[[Features], float | None]] = {
    "REV_LEVEL": _level,
    "CON_REGULARITY": _regularity,
    "CON_STABILITY": _stability,
    "CON_DIVERSITY": _diversity,
    "GRO_REVENUE": _revenue,
    "GRO_ORDERS": _orders,
    "GRO_PRODUCTS": _products,
    "GRO_MARKETS": _markets,
    "GRO_NETWORK": _network,
}
_OF_ENTITIES: Mapping[str, Callable[[Entity], float | None]] = {
    "CON_AGE": _age,
    "CON_SELLER_TYPE": _seller_type,
    "REL_RATING": _rating,
    "REL_RETURNS": _returns,
    "REL_ONTIME": _on_time,
    "REL_CANCEL": _cancels,
    "REL_SERVICE": _service,
    "REL_STANDING": _standing,
}
_OF_CREATORS = frozenset({"CON_AGE", "REL_RETURNS", "REL_STANDING"})
