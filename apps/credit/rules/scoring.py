"""From measured components to a score, how sure it is, and why it is not higher."""

from collections.abc import Mapping
from math import exp, floor

from apps.credit.rules.components import Measured, clamp, measure, monthly, second_share
from apps.credit.rules.components import variation as weekly_variation
from apps.credit.rules.features import Features
from apps.credit.rules.reasons import reasons, too_little_data
from apps.credit.rules.results import SCORED, UNSCORABLE, Result
from apps.credit.rules.table import (
    COMPONENTS,
    FACTORS,
    FEWEST_COVERED_DAYS,
    LOWEST_SCORE,
    POINTS_PER_PERCENT,
    WINDOW_DAYS,
)

HIGH, MEDIUM, LOW, INSUFFICIENT = "HIGH", "MEDIUM", "LOW", "INSUFFICIENT"
VERY_HIGH = "VERY_HIGH"
_HIGH_FROM, _MEDIUM_FROM = 0.75, 0.5
_REVIEW_ABOVE = 0.10
# A second source that is more than a by-product.
_REAL_SECOND = 0.15
_EVENTS_FOR_MOST = 30
_UNKNOWN_SETTLED = 0.5
_MOST_DOUBT = 0.5


def score(features: Features) -> Result:
    """The score of these features; the same features always give the same result."""
    if not features.entities or features.covered_days < FEWEST_COVERED_DAYS:
        return Result(UNSCORABLE, INSUFFICIENT, (too_little_data(features),))
    measured = measure(features)
    weights = overall_weights(measured)
    factors = {
        factor: _mean_of_factor(factor, measured, weights)
        for factor in FACTORS
        if any(code.startswith(factor) for code in measured)
    }
    lost = {code: weights[code] * (100 - measured[code].score) for code in measured}
    total = sum(weights[code] * measured[code].score for code in measured)
    score_100 = min(100.0, max(0.0, total))
    sure = confidence(features, measured, weights)
    level = confidence_level(sure)
    return Result(
        status=SCORED,
        confidence_level=level,
        reasons=tuple(reasons(features, measured, lost)),
        monthly_usd=monthly(features),
        cv=weekly_variation(features.weekly_income),
        factors=factors,
        components={code: one.score for code, one in measured.items()},
        lost=lost,
        score_100=score_100,
        score=points(score_100),
        confidence=sure,
        impact=_impact(level, second_share(features)),
        review_required=(features.integrity.excluded_value_share or 0) > _REVIEW_ABOVE,
    )


def points(score_100: float) -> int:
    """From 300 to 850, halves up; what only floats differ by is no difference."""
    return floor(round(LOWEST_SCORE + POINTS_PER_PERCENT * score_100, 9) + 0.5)


def overall_weights(measured: Mapping[str, Measured]) -> dict[str, float]:
    """{code: its weight in the score}, of what applies; they add up to 1."""
    of_factor = dict.fromkeys(FACTORS, 0.0)
    for component in COMPONENTS:
        if component.code in measured:
            of_factor[component.factor] += component.weight
    there = sum(weight for factor, weight in FACTORS.items() if of_factor[factor])
    return {
        one.code: FACTORS[one.factor] / there * one.weight / of_factor[one.factor]
        for one in COMPONENTS
        if one.code in measured
    }


def confidence(
    features: Features, measured: Mapping[str, Measured], weights: Mapping[str, float]
) -> float:
    """From 0 to 1: how much there was to go by. It never changes the score."""
    days = clamp(min(features.covered_days, _oldest_age(features)) / WINDOW_DAYS)
    known = sum(weights[code] * (1 - measured[code].missing) for code in measured)
    fields = known / sum(weights.values()) if weights else 0.0
    volume = 1 - exp(-max(0.0, features.all_events) / _EVENTS_FOR_MOST)
    settled = features.settle_match
    settled = _UNKNOWN_SETTLED if settled is None else clamp(settled)
    integrity = features.integrity
    doubt = (integrity.excluded_value_share or 0) + (integrity.fx_missing_share or 0)
    return (
        (0.6 * days + 0.4 * fields)
        * (0.3 + 0.7 * volume)
        * (0.5 + 0.5 * settled)
        * (1 - min(_MOST_DOUBT, doubt))
    )


def confidence_level(sure: float) -> str:
    if sure >= _HIGH_FROM:
        return HIGH
    return MEDIUM if sure >= _MEDIUM_FROM else LOW


def _impact(level: str, second: float) -> str:
    if level == HIGH and second >= _REAL_SECOND:
        return VERY_HIGH
    return LOW if level == LOW else HIGH


def _oldest_age(features: Features) -> float:
    if features.oldest_age_days is not None:
        return features.oldest_age_days
    ages = [one.age_days for one in features.entities if one.age_days is not None]
    return max(ages, default=0.0)


def _mean_of_factor(
    factor: str, measured: Mapping[str, Measured], weights: Mapping[str, float]
) -> float:
    codes = [code for code in measured if code.startswith(factor)]
    total = sum(weights[code] for code in codes)
    return sum(weights[code] * measured[code].score for code in codes) / total
