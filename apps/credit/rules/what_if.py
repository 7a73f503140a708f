"""What a score would be if something were otherwise, and what would lift it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from apps.credit.rules import components as parts
from apps.credit.rules.features import SHOP, Entity, Features
from apps.credit.rules.results import Result
from apps.credit.rules.scoring import points, score
from apps.credit.rules.table import CODES, MONTH_DAYS

INCOME_FACTOR = "income_factor"
_OF_ENTITY = frozenset(one.name for one in fields(Entity)) - {"kind", "net_usd"}
_OF_ALL = frozenset(one.name for one in fields(Features))
_OF_CREATOR = frozenset(
    {"age_days", "orders", "returned_orders", "violation_points", "warnings"}
)


@dataclass(frozen=True, slots=True)
class Lift:
    """What one component holds back.

    `lost` in points of score_100; `score_full` the score with full credit for it, all
    else being as it is. `step` is a next step that can be taken and `score_step` the
    score after it; both None while the figure is not known.
    """

    code: str
    lost: float
    score_full: int
    step: str | None
    score_step: int | None


def what_if(features: Features, changes: Mapping[str, Any]) -> Result:
    """The score with other figures: names of Features, or of Entity for all accounts
    that have such a figure, or income_factor, which multiplies all income.

    Raises ValueError for a name that is none of these.
    """
    wanted = dict(changes)
    changed = times_income(features, float(wanted.pop(INCOME_FACTOR, 1)))
    unknown = wanted.keys() - _OF_ALL - _OF_ENTITY
    if unknown:
        raise ValueError(f"No figure of a score: {', '.join(sorted(unknown))}.")
    whole = {name: value for name, value in wanted.items() if name in _OF_ALL}
    each = {name: value for name, value in wanted.items() if name not in _OF_ALL}
    changed = replace(changed, **whole)
    return score(_with_entities(changed, lambda entity: _changed(entity, each)))


def times_income(features: Features, factor: float) -> Features:
    """All income, of every source, account, month and week, `factor` times as high."""
    if factor == 1:
        return features

    def times(value: float | None) -> float | None:
        return None if value is None else value * factor

    sources = features.source_income
    return replace(
        _with_entities(
            features, lambda one: replace(one, net_usd=one.net_usd * factor)
        ),
        net_seller_usd=times(features.net_seller_usd),
        net_affiliate_usd=times(features.net_affiliate_usd),
        months_income=tuple(map(times, features.months_income)),
        weekly_income=tuple(map(times, features.weekly_income)),
        source_income=None
        if sources is None
        else {name: value * factor for name, value in sources.items()},
    )


def lifts(features: Features) -> list[Lift]:
    """What would lift the score, what costs most first; nothing without a score."""
    result = score(features)
    if result.score_100 is None:
        return []
    found = [_lift(code, features, result) for code in result.lost]
    return sorted(
        (lift for lift in found if round(lift.lost, 9) > 0),
        key=lambda lift: (-round(lift.lost, 9), CODES.index(lift.code)),
    )


def _lift(code: str, features: Features, result: Result) -> Lift:
    now, lost = result.score_100 or 0.0, result.lost[code]
    full = points(min(100.0, now + lost))
    before = parts.measure_one(code, features)
    if before is None or before.missing >= 1:
        return Lift(code, lost, full, None, None)
    step, change = _STEPS[code]
    return Lift(code, lost, full, step, score(change(features)).score)


def _with_entities(features: Features, change: Callable[[Entity], Entity]) -> Features:
    return replace(features, entities=tuple(map(change, features.entities)))


def _changed(entity: Entity, figures: Mapping[str, Any]) -> Entity:
    if entity.kind == SHOP:
        return replace(entity, **figures)
    own = {name: value for name, value in figures.items() if name in _OF_CREATOR}
    return replace(entity, **own)


def _more(name: str, by: float, most: float) -> Callable[[Features], Features]:
    """A figure of all accounts that is known, higher."""

    def change(features: Features) -> Features:
        return _with_entities(
            features,
            lambda entity: (
                entity
                if getattr(entity, name) is None
                else replace(entity, **{name: min(most, getattr(entity, name) + by)})
            ),
        )

    return change


def _less(name: str, factor: float) -> Callable[[Features], Features]:
    """A figure of all accounts that is known, at `factor` of it."""

    def change(features: Features) -> Features:
        return _with_entities(
            features,
            lambda entity: (
                entity
                if getattr(entity, name) is None
                else replace(entity, **{name: getattr(entity, name) * factor})
            ),
        )

    return change


def _next_level(features: Features) -> Features:
    income = parts.monthly(features) or 0.0
    wanted = min((level for level, _ in parts.LEVELS if level > income), default=income)
    if income > 0:
        return times_income(features, wanted / income)
    earned = wanted * features.covered_days / MONTH_DAYS
    return replace(features, net_seller_usd=earned, net_affiliate_usd=0.0)


def _busier(features: Features) -> Features:
    weeks = len([week for week in features.weekly_income if week is not None])
    return replace(
        features,
        active_weeks=min(weeks, (features.active_weeks or 0) + 1),
        active_days=min(features.covered_days, (features.active_days or 0) + 7),
    )


def _steadier(features: Features) -> Features:
    known = [week for week in features.weekly_income if week is not None]
    mean = sum(known) / len(known)
    return replace(
        features,
        weekly_income=tuple(
            None if week is None else mean + 0.75 * (week - mean)
            for week in features.weekly_income
        ),
    )


def _broader(features: Features) -> Features:
    """A twentieth of the income from another source than the largest."""
    sources = dict(features.source_income or {})
    total = sum(max(0.0, value) for value in sources.values())
    if total <= 0:
        return features
    largest = max(sources, key=lambda name: sources[name])
    moved = min(sources[largest], total / 20)
    sources[largest] -= moved
    return replace(features, source_income=sources | {"": sources.get("", 0.0) + moved})


def _as_business(features: Features) -> Features:
    return _with_entities(
        features,
        lambda entity: (
            replace(entity, seller_type="business") if entity.seller_type else entity
        ),
    )


def _in_good_standing(features: Features) -> Features:
    return _with_entities(
        features,
        lambda entity: (
            replace(entity, violation_points=0.0, warnings=0.0)
            if entity.violation_points is not None and entity.warnings is not None
            else entity
        ),
    )


def _last_grown(values: tuple[float | None, ...]) -> tuple[float | None, ...]:
    last = values[-1]
    return (*values[:-1], None if last is None else last * 1.2)


def _one_more(name: str) -> Callable[[Features], Features]:
    def change(features: Features) -> Features:
        more: dict[str, Any] = {name: getattr(features, name) + 1}
        return replace(features, **more)

    return change


# {code: (what could be done, the features with it done)}
_STEPS: Mapping[str, tuple[str, Callable[[Features], Features]]] = {
    "REV_LEVEL": ("Reach the next level of monthly income", _next_level),
    "CON_REGULARITY": ("Have income in one more week and on seven more days", _busier),
    "CON_STABILITY": ("Have weekly income that varies a quarter less", _steadier),
    "CON_AGE": ("Keep the accounts for 90 more days", _more("age_days", 90, 1e9)),
    "CON_DIVERSITY": ("Earn a twentieth of the income from another source", _broader),
    "CON_SELLER_TYPE": ("Register the shops as a business", _as_business),
    "REL_RATING": ("Raise the rating by 0.1", _more("rating", 0.1, 5)),
    "REL_RETURNS": (
        "Have a fifth fewer orders returned",
        _less("returned_orders", 0.8),
    ),
    "REL_ONTIME": ("Ship a fifth fewer orders late", _less("late_shipped", 0.8)),
    "REL_CANCEL": ("Cancel a fifth fewer orders", _less("seller_cancels", 0.8)),
    "REL_SERVICE": ("Raise the platform's shop score by 0.5", _more("sps", 0.5, 5)),
    "REL_STANDING": ("Have no violation points and no warnings", _in_good_standing),
    "GRO_REVENUE": (
        "Earn a fifth more in the newest month",
        lambda one: replace(one, months_income=_last_grown(one.months_income)),
    ),
    "GRO_ORDERS": (
        "Have a fifth more orders in the newest month",
        lambda one: replace(one, months_events=_last_grown(one.months_events)),
    ),
    "GRO_PRODUCTS": ("Sell one more new product", _one_more("new_products_sold")),
    "GRO_MARKETS": ("Be active in one more market", _one_more("regions_active")),
    "GRO_NETWORK": (
        "Work with one more partner in the newest month",
        _one_more("partners_m3"),
    ),
}
