"""What makes a shop due: its own schedule, and its circuit breaker."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.integrations.errors import ConsentNeeded, PlatformUnavailable
from apps.platforms.services import breaker
from apps.sync import tasks
from apps.sync.models import Resource, SyncRun, SyncSchedule
from apps.sync.services.due import is_due, shops_due
from apps.sync.services.runs import recorded_run
from tests.factories.platforms import make_shop

pytestmark = pytest.mark.django_db
ORDERS = Resource.ORDERS
OUTAGE = PlatformUnavailable("TikTok Shop is not available.")


def ran(shop, minutes_ago, state=SyncRun.State.DONE):
    return SyncRun.objects.create(
        shop=shop,
        resource=ORDERS,
        trigger=SyncRun.Trigger.SCHEDULE,
        state=state,
        started_at=timezone.now() - timedelta(minutes=minutes_ago),
        process="another-host:1:1",
    )


def schedule(shop, *, minutes=15, is_on=True):
    SyncSchedule.objects.create(
        shop=shop, resource=ORDERS, minutes=minutes, is_on=is_on
    )


@pytest.mark.parametrize(
    ("minutes", "minutes_ago", "expected"),
    [(5, 4, False), (5, 5.1, True), (60, 59, False), (60, 60.1, True), (1, 1.1, True)],
)
def test_a_shops_own_interval_decides(minutes, minutes_ago, expected):
    shop = make_shop()
    schedule(shop, minutes=minutes)
    ran(shop, minutes_ago)

    assert is_due(shop, ORDERS, timezone.now()) is expected


def test_a_failure_is_tried_again_soon_but_not_sooner_than_the_schedule():
    often, seldom = make_shop(), make_shop()
    schedule(often, minutes=1)
    schedule(seldom, minutes=120)
    for shop in (often, seldom):
        ran(shop, 1.5, SyncRun.State.FAILED)

    assert shops_due(ORDERS, timezone.now()) == [often]


def test_what_is_switched_off_is_never_due():
    shop = make_shop()
    schedule(shop, is_on=False)

    assert shops_due(ORDERS, timezone.now()) == []


def test_a_resting_shop_is_left_out_and_its_neighbours_are_not():
    shop, neighbour, now = make_shop(), make_shop(), timezone.now()
    for _ in range(breaker.THRESHOLD):
        breaker.note_failure(shop, OUTAGE, now)

    assert shops_due(ORDERS, now) == [neighbour]
    assert set(shops_due(ORDERS, now + breaker.FIRST_REST)) == {shop, neighbour}


def fail_run(shop, error=OUTAGE, pages=0):
    with pytest.raises(type(error)):
        run_into(error, shop, pages)


def run_into(error, shop, pages):
    with recorded_run(shop, ORDERS, trigger=SyncRun.Trigger.SCHEDULE) as run:
        run.pages = pages
        raise error


def test_failed_runs_open_the_breaker_and_a_good_one_closes_it():
    shop = make_shop()
    for _ in range(breaker.THRESHOLD):
        fail_run(shop)
    shop.refresh_from_db()
    assert breaker.is_resting(shop)

    with recorded_run(shop, ORDERS, trigger=SyncRun.Trigger.USER):
        pass

    shop.refresh_from_db()
    assert not breaker.is_resting(shop)
    assert shop.failures_in_a_row == 0


def test_a_run_that_got_a_page_did_not_only_err():
    shop = make_shop()
    for _ in range(breaker.THRESHOLD * 2):
        fail_run(shop, pages=1)

    shop.refresh_from_db()
    assert shop.failures_in_a_row == 0


def test_lost_consent_does_not_rest_a_shop():
    shop = make_shop()
    for _ in range(breaker.THRESHOLD * 2):
        fail_run(shop, ConsentNeeded("revoked", code=105001))

    shop.refresh_from_db()
    assert shop.failures_in_a_row == 0


def test_only_one_of_many_messages_probes_a_shop_after_its_rest(monkeypatch):
    shop = make_shop()
    past = timezone.now() - timedelta(hours=1)
    for _ in range(breaker.THRESHOLD):
        breaker.note_failure(shop, OUTAGE, past)
    pulled = []
    monkeypatch.setattr(tasks, "pull", lambda shop, **_: pulled.append(shop))

    for _ in range(3):
        tasks.pull_orders(shop.pk, "schedule")

    assert pulled == [shop]


def test_a_person_may_try_a_shop_that_rests(monkeypatch):
    shop = make_shop()
    for _ in range(breaker.THRESHOLD):
        breaker.note_failure(shop, OUTAGE)
    pulled = []
    monkeypatch.setattr(tasks, "pull", lambda shop, **_: pulled.append(shop))

    tasks.pull_orders(shop.pk, "user")

    assert pulled == [shop]


def test_what_is_due_is_found_in_one_query(django_assert_num_queries):
    for _ in range(4):
        shop = make_shop()
        schedule(shop, minutes=5)
        ran(shop, 20)

    with django_assert_num_queries(1):
        assert len(shops_due(ORDERS, timezone.now())) == 4
