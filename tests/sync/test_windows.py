from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.sync.models import Resource, SyncCursor
from apps.sync.services.windows import (
    move_cursor,
    position_of,
    start_of_pull,
    windows,
)
from tests.factories.platforms import make_shop

START = datetime(2026, 9, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@given(
    st.timedeltas(timedelta(seconds=1), 400 * DAY),
    st.timedeltas(timedelta(hours=3), 30 * DAY),
)
def test_windows_cover_the_period_without_gap_or_overlap(period, length):
    pieces = list(windows(START, START + period, length))

    assert pieces[0][0] == START
    assert pieces[-1][1] == START + period
    assert all(one[1] == two[0] for one, two in pairwise(pieces))
    assert all(timedelta(0) < end - start <= length for start, end in pieces)


def test_an_empty_period_has_no_windows():
    assert list(windows(START, START)) == []
    assert list(windows(START, START - DAY)) == []


@pytest.mark.django_db
def test_a_pull_begins_90_days_back_at_first_and_then_behind_the_cursor():
    shop, other = make_shop(), make_shop()
    assert start_of_pull(shop, Resource.ORDERS, START) == START - 90 * DAY

    move_cursor(shop, Resource.ORDERS, START)

    assert start_of_pull(shop, Resource.ORDERS, START + DAY) == START - timedelta(
        minutes=10
    )
    assert position_of(other, Resource.ORDERS) is None


@pytest.mark.django_db
def test_a_cursor_only_goes_forward():
    shop = make_shop()
    move_cursor(shop, Resource.ORDERS, START)
    modified_at = SyncCursor.objects.get().modified_at

    move_cursor(shop, Resource.ORDERS, START - DAY)
    assert SyncCursor.objects.get().modified_at == modified_at
    move_cursor(shop, Resource.ORDERS, START + DAY)

    assert position_of(shop, Resource.ORDERS) == START + DAY
