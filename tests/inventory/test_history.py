"""How much there was on each day."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.inventory.models import StockDocument
from apps.inventory.services.history import Change, days_until, history_of
from tests.factories.inventory import count, level_of, make_document, receive
from tests.factories.products import make_variant
from tests.orders.queries import statements

FIRST = date(2026, 9, 1)


def at(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 9, day, hour, tzinfo=UTC)


@pytest.mark.django_db
def test_days_end_at_what_the_ledger_says():
    variant = make_variant()
    receive(variant, 10, effective_at=at(1))
    make_document(
        StockDocument.Kind.ADJUSTMENT, {variant: -3}, effective_at=at(3), reason="lost"
    )
    make_document(StockDocument.Kind.HOLD, {variant: 2}, effective_at=at(4))

    history = history_of([level_of(variant)], date(2026, 9, 5), 5)

    told = [(day.on.day, day.on_hand, day.available) for day in history.days]
    assert told == [(1, 10, 10), (2, 10, 10), (3, 7, 7), (4, 7, 5), (5, 7, 5)]
    assert history.days[2].change == Change(on_hand=-3, reserved=0, came=0, left=3)


@pytest.mark.django_db
def test_what_is_booked_late_is_told_of_the_day_it_happened():
    variant = make_variant()
    receive(variant, 10, effective_at=at(4))
    receive(variant, 5, effective_at=at(2))

    history = history_of([level_of(variant)], date(2026, 9, 4), 3)

    assert [day.on_hand for day in history.days] == [5, 5, 15]


@pytest.mark.django_db
def test_stock_takes_are_named_and_hold():
    variant = make_variant()
    receive(variant, 10, effective_at=at(1))
    count(variant, 8, effective_at=at(3, 23))
    receive(variant, 4, effective_at=at(2))

    history = history_of([level_of(variant)], date(2026, 9, 4), 4)

    assert [day.on_hand for day in history.days] == [10, 14, 8, 8]
    assert [(mark.at, mark.quantity) for mark in history.counts] == [(at(3, 23), 8)]


@pytest.mark.django_db
def test_what_was_there_before_is_there_on_the_first_day():
    variant = make_variant()
    receive(variant, 10, effective_at=at(1))

    history = history_of([level_of(variant)], date(2026, 9, 30), 7)

    assert {day.on_hand for day in history.days} == {10}
    assert not history.is_empty


@pytest.mark.django_db
def test_no_stock_has_an_empty_history():
    history = history_of([], FIRST, 30)

    assert len(history.days) == 30
    assert history.is_empty


@pytest.mark.django_db
def test_a_year_takes_as_many_queries_as_a_month():
    variant = make_variant()
    for day in range(1, 20):
        receive(variant, day, effective_at=at(day))
    level = level_of(variant)

    with statements() as asked:
        history_of([level], date(2026, 9, 30), 365)

    assert len(asked) == 2


@given(
    st.dictionaries(
        st.integers(0, 40), st.tuples(st.integers(-9, 9), st.integers(-9, 9))
    ),
    st.integers(-50, 50),
    st.integers(0, 50),
)
def test_the_last_day_is_now_and_each_day_follows_from_the_one_before(
    moved, on_hand, reserved
):
    last = FIRST + timedelta(days=40)
    changes = {
        FIRST + timedelta(days=number): Change(on_hand=one, reserved=two)
        for number, (one, two) in moved.items()
    }

    days = days_until((on_hand, reserved), changes, FIRST, last)

    assert (days[-1].on_hand, days[-1].reserved) == (on_hand, reserved)
    for before, after in pairwise(days):
        change = changes.get(after.on, Change())
        assert after.on_hand - before.on_hand == change.on_hand
        assert after.reserved - before.reserved == change.reserved
