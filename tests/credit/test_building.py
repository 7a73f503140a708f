"""From income to features: what gaps in the sync do to months and weeks."""

import pytest

from apps.credit.rules import features_of, score
from apps.credit.rules.building import open_fraction
from tests.credit.profiles import make_shop
from tests.credit.rows import income_of, make_order

WINDOW = range(1, 91)


def steady():
    """An order of 10 dollars on each of ninety days."""
    orders = [make_order(age, age=age, value="10.00") for age in WINDOW]
    return income_of(orders)


def test_all_days_covered_are_taken_as_they_are():
    found = features_of(
        steady(), [make_shop(net_usd=900.0, age_days=75.0)], regions_active=1
    )

    assert found.covered_days == 90
    assert found.months_income == pytest.approx((300.0,) * 3)
    assert found.months_events == (30.0,) * 3
    assert found.weekly_income == pytest.approx((70.0,) * 12)
    assert (found.active_days, found.active_weeks) == (90, 12)
    assert found.source_income == pytest.approx(
        {"seller:US": 900.0, "seller:GB": 0.0, "affiliate": 0.0}
    )
    # The shop opened 75 days ago: 15 of the oldest 30 days had an account.
    assert found.m1_open_fraction == 0.5
    assert (found.oldest_age_days, found.regions_active) == (75.0, 1)
    assert found.integrity.excluded_value_share == 0
    assert score(found).monthly_usd == pytest.approx(300)


def test_a_gap_takes_its_days_its_weeks_and_a_month_that_is_mostly_in_it():
    gap = set(range(20, 30)) | set(range(40, 56))
    orders = [make_order(n, age=n, value="10.00") for n in WINDOW if n not in gap]

    found = features_of(
        income_of(orders), [make_shop()], covered=set(WINDOW) - gap | {0, 91}
    )

    assert found.covered_days == 64
    # Twenty of thirty days: scaled; fourteen: not known.
    assert [*found.months_income] == [pytest.approx(300), None, pytest.approx(300)]
    assert found.months_events == (30, None, 30)
    assert found.events == 64
    weeks = [at for at, week in enumerate(found.weekly_income) if week is None]
    assert weeks == [4, 5, 6, 7, 8, 9]
    weeks_covered = [week for week in found.weekly_income if week is not None]
    assert weeks_covered == pytest.approx([70.0] * len(weeks_covered))
    assert (found.active_weeks, found.active_days) == (6, 64)
    assert score(found).monthly_usd == pytest.approx(300)


@pytest.mark.parametrize(
    ("covered", "age", "expected"),
    [
        (WINDOW, 400, 1.0),
        (WINDOW, 60, 0.0),
        (WINDOW, None, 0.0),
        (range(1, 71), 400, 1 / 3),
        (range(66, 91), 70, 1 / 6),
    ],
)
def test_the_oldest_month_is_open_where_there_was_an_account_and_no_gap(
    covered, age, expected
):
    assert open_fraction(covered, age) == pytest.approx(expected)
