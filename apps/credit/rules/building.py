"""From income to features: what was covered, and what is known beside income."""

from collections.abc import Collection, Sequence

from apps.credit.rules.features import Entity, Features, Integrity
from apps.credit.rules.results import Snapshot
from apps.credit.rules.snapshot import month_index, week_index
from apps.credit.rules.table import (
    FEWEST_DAYS_OF_MONTH,
    MONTH_DAYS,
    WEEKS,
    WINDOW_DAYS,
)

WINDOW = range(1, WINDOW_DAYS + 1)
_OLDEST_MONTH = range(WINDOW_DAYS - MONTH_DAYS + 1, WINDOW_DAYS + 1)


def features_of(
    income: Snapshot,
    entities: Sequence[Entity],
    *,
    covered: Collection[int] = WINDOW,
    new_products_sold: float | None = None,
    regions_active: float | None = None,
    partners_m1: float | None = None,
    partners_m3: float | None = None,
    settle_match: float | None = None,
    not_applicable: Collection[str] = (),
) -> Features:
    """`covered` are ages, 1 for the day before, of days that no gap in the sync has
    taken; days before a shop opened are covered, with nothing sold."""
    days = set(covered).intersection(WINDOW)
    ages = [one.age_days for one in entities if one.age_days is not None]
    oldest = max(ages, default=None)
    weeks = covered_weeks(days)
    active = {week_index(age) for age in income.active_ages}
    return Features(
        covered_days=len(days),
        net_seller_usd=income.net_seller_usd,
        net_affiliate_usd=income.net_affiliate_usd,
        months_income=scaled_months(income.months_income, days),
        months_events=scaled_months(income.months_events, days),
        events=sum(income.months_events),
        weekly_income=tuple(
            value if week in weeks else None
            for week, value in enumerate(income.weekly_income)
        ),
        active_weeks=len(active & weeks),
        active_days=len(days.intersection(income.active_ages)),
        source_income=income.source_income,
        m1_open_fraction=open_fraction(days, oldest),
        oldest_age_days=oldest,
        new_products_sold=new_products_sold,
        regions_active=regions_active,
        partners_m1=partners_m1,
        partners_m3=partners_m3,
        settle_match=settle_match,
        integrity=Integrity(income.excluded_value_share, income.fx_missing_share),
        not_applicable=frozenset(not_applicable),
        entities=tuple(entities),
    )


def scaled_months(
    values: Sequence[float], covered: Collection[int]
) -> tuple[float | None, ...]:
    """Months as if all their days were covered; None where too few are."""
    days = [0] * len(values)
    for age in covered:
        days[month_index(age)] += 1
    return tuple(
        value * MONTH_DAYS / n if n >= FEWEST_DAYS_OF_MONTH else None
        for value, n in zip(values, days, strict=True)
    )


def covered_weeks(covered: Collection[int]) -> set[int]:
    """Weeks, by index, of which every day is covered."""
    days = [0] * WEEKS
    for age in covered:
        if week_index(age) >= 0:
            days[week_index(age)] += 1
    return {week for week, n in enumerate(days) if n == 7}


def open_fraction(covered: Collection[int], oldest_age_days: float | None) -> float:
    """Of the oldest thirty days, those with an account there, and covered."""
    if oldest_age_days is None:
        return 0.0
    days = set(covered).intersection(_OLDEST_MONTH)
    return len([age for age in days if age <= oldest_age_days]) / MONTH_DAYS
