from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from apps.platforms.models import Shop
from apps.sync.models import Resource, SyncRun
from apps.sync.services.due import is_due, shops_due
from tests.factories.platforms import make_shop

pytestmark = pytest.mark.django_db

State = SyncRun.State


def make_run(shop: Shop, state: State, *, minutes_ago: float) -> SyncRun:
    started: datetime = timezone.now() - timedelta(minutes=minutes_ago)
    return SyncRun.objects.create(
        shop=shop,
        resource=Resource.ORDERS,
        trigger=SyncRun.Trigger.SCHEDULE,
        state=state,
        started_at=started,
        process="another-host:1:1",
    )


def due() -> list[Shop]:
    return shops_due(Resource.ORDERS, timezone.now())


def test_a_shop_that_never_ran_is_due():
    shop = make_shop()

    assert due() == [shop]


@pytest.mark.parametrize("state", [Shop.State.PAUSED, Shop.State.RECONNECT_NEEDED])
def test_a_shop_that_is_not_connected_is_never_due(state):
    shop = make_shop(state=state)

    assert due() == []
    assert not is_due(shop, Resource.ORDERS, timezone.now())


@pytest.mark.parametrize(
    ("state", "minutes_ago", "expected"),
    [
        (State.DONE, 14, False),
        (State.DONE, 15.1, True),
        (State.PARTLY, 14, False),
        (State.PARTLY, 15.1, True),
        (State.FAILED, 1.5, False),
        (State.FAILED, 2.1, True),
        (State.INTERRUPTED, 1.5, False),
        (State.INTERRUPTED, 2.1, True),
        (State.RUNNING, 14, False),
        (State.RUNNING, 15.1, True),
    ],
)
def test_when_a_shop_is_due_again(state, minutes_ago, expected):
    shop = make_shop()
    make_run(shop, state, minutes_ago=minutes_ago)

    assert is_due(shop, Resource.ORDERS, timezone.now()) is expected


def test_the_latest_run_decides():
    shop = make_shop()
    make_run(shop, State.FAILED, minutes_ago=30)
    make_run(shop, State.DONE, minutes_ago=3)

    assert due() == []


def test_what_is_due_is_found_in_one_query(django_assert_num_queries):
    for _ in range(5):
        make_run(make_shop(), State.DONE, minutes_ago=20)

    with django_assert_num_queries(1):
        assert len(due()) == 5
