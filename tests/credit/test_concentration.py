"""How much one buyer may be, against a slow search that knows no formula."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.credit.rules import concentration
from apps.credit.rules.concentration import largest_share


def searched(values, limit):
    """The largest c with c = limit * sum(min(v, c)), by halving, exactly.

    Above it the sum is less than c asks for, up to it never; where that never holds
    above nothing, it is nothing.
    """
    exact = [Fraction(value) for value in values]
    limit = Fraction(limit)

    def holds(c):
        return limit * sum(min(value, c) for value in exact) >= c

    low, high = Fraction(0), sum(exact, Fraction(0)) + 1
    # A first foothold above nothing, if there is one.
    smallest = min((value for value in exact if value), default=Fraction(0))
    if not smallest or not holds(smallest / 1000):
        return 0.0
    low = smallest / 1000
    for _ in range(90):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return float(low)


def test_the_worked_example():
    found = concentration([9000, 3000, 3000, 3000, 3000, 2000])

    assert found.cap == pytest.approx(14000 / 3)
    assert found.counted == pytest.approx((14000 / 3, 3000, 3000, 3000, 3000, 2000))
    assert found.total == pytest.approx(56000 / 3)
    assert found.excluded == pytest.approx(13000 / 3)


@pytest.mark.parametrize(
    ("values", "cap"),
    [
        ([], 500),
        ([9000], 500),
        ([9000, 9000, 9000], 500),
        ([9000, 9000, 9000, 9000], 9000),
        ([9000, 3000, 3000, 3000], 3000),
        ([0, 9000, 9000, 9000], 500),
        ([0, 9000, 9000, 9000, 9000], 9000),
        ([1e9, 1, 1, 1], 500),
        ([100, 100, 100, 100, 100], 500),
    ],
)
def test_fewer_than_four_buyers_have_only_the_floor(values, cap):
    assert concentration(values).cap == pytest.approx(cap)


def test_another_limit_and_floor_may_be_asked_for():
    found = concentration([0.1] * 10, limit=0.1, floor=0.0)

    # Exactly as many as the limit needs: all of them are whole, floats or not.
    assert found.cap == pytest.approx(0.1)
    assert found.excluded == 0


amounts = st.lists(
    st.one_of(st.just(0.0), st.floats(0.01, 1e6), st.sampled_from([10.0, 250.0])),
    max_size=30,
)


@settings(max_examples=80)
@given(amounts, st.sampled_from([3, 4, 5, 10]))
def test_the_share_is_what_a_search_finds(values, parts):
    found = largest_share(values, 1 / parts)

    assert found == pytest.approx(searched(values, Fraction(1, parts)))


@settings(max_examples=80)
@given(amounts)
def test_nobody_is_more_than_a_quarter_or_the_floor(values):
    found = concentration(values)

    most = max(0.25 * found.total, 500)
    assert all(value <= most * (1 + 1e-9) for value in found.counted)
    assert found.total + found.excluded == pytest.approx(sum(values))
    assert sorted(found.counted) == sorted(concentration(values[::-1]).counted)
