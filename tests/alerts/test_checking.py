"""From rows to alerts: one a problem, opened, escalated, closed by itself."""

from datetime import timedelta

import pytest

from apps.alerts.models import Alert, AlertCheck, AlertEvent, AlertWatch, Code
from apps.alerts.services import checking, deeds, standing
from apps.platforms.models import Shop
from apps.sync.models import Resource, SyncCursor, SyncRun
from apps.users.services.audit import By
from tests.alerts.looking import (
    FIVE,
    MINUTE,
    NOW,
    alert_of,
    fail,
    look,
    make_well_shop,
    names,
    stay_current,
)
from tests.concurrency.test_stock import at_once
from tests.factories.platforms import make_call
from tests.factories.sync import make_run
from tests.factories.users import make_user
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make_well_shop()


def test_nothing_is_wrong_with_a_shop_that_is_well(shop):
    done = look()

    assert done.firing == []
    assert not Alert.objects.exists()
    assert not AlertWatch.objects.exists()


def test_one_problem_is_one_row_however_often_it_is_seen(shop):
    fail(shop, 4)
    look()
    look(NOW + FIVE)

    alert = Alert.objects.get()
    assert alert.code == Code.SYNC_FAILURES
    assert alert.subject == "orders"
    assert alert.severity == "warning"
    assert alert.title == "Orders: 4 syncs in a row failed"
    assert alert.message == "TikTok did not answer."
    assert (alert.value, alert.threshold, alert.times) == (4, 3, 2)
    assert (alert.opened_at, alert.last_seen_at) == (NOW, NOW + FIVE)
    assert names(alert) == ["opened", "notify"]


def test_three_failures_are_borne_and_one_success_ends_more(shop):
    fail(shop, 3)
    look()
    assert not Alert.objects.exists()

    fail(shop, 1, at=NOW + FIVE)
    look(NOW + FIVE)
    make_run(shop, started_at=NOW + FIVE)
    stay_current(NOW + 2 * FIVE)
    look(NOW + 2 * FIVE)

    alert = Alert.objects.get()
    assert alert.state == Alert.State.RESOLVED
    assert alert.resolved_at == NOW + 2 * FIVE
    assert alert.resolved_by is None


def test_what_fails_of_one_resource_is_not_hidden_by_another_that_goes_well(shop):
    fail(shop, 4, resource=Resource.STOCK)
    make_run(shop, started_at=NOW)

    look()

    assert Alert.objects.get().subject == "stock"


def test_runs_that_were_broken_off_count_for_nothing(shop):
    fail(shop, 3)
    make_run(shop, state=SyncRun.State.INTERRUPTED, started_at=NOW)

    look()

    assert not Alert.objects.exists()


def test_it_gets_worse_and_people_are_told_again(shop):
    fail(shop, 4)
    look()
    deeds.take(alert_of(shop), By(make_user()), NOW)
    fail(shop, 5, at=NOW + FIVE)
    look(NOW + FIVE)

    alert = alert_of(shop)
    assert alert.severity == "critical"
    assert alert.taken_by is not None
    assert not alert.is_acknowledged
    assert names(alert) == ["opened", "notify", "taken", "escalated", "notify"]


def test_reminders_come_after_a_day_unless_somebody_has_it(shop):
    fail(shop, 4)
    look()
    day = timedelta(days=1)
    stay_current(NOW + day)
    look(NOW + day - FIVE)
    assert names(alert_of(shop)).count("notify") == 1
    look(NOW + day)
    assert names(alert_of(shop)).count("notify") == 2

    deeds.take(alert_of(shop), By(make_user()), NOW)
    stay_current(NOW + 2 * day)
    look(NOW + 2 * day)

    assert names(alert_of(shop)).count("notify") == 2


def test_errors_of_the_api_take_two_looks_to_open_and_three_to_close(shop):
    for _ in range(20):
        make_call(shop, at=NOW - MINUTE)
    for _ in range(3):
        make_call(shop, at=NOW - MINUTE, http_status=503, code=-1)
    make_call(shop, at=NOW - MINUTE, http_status=429, code=36009002)

    look()
    assert not Alert.objects.exists()
    assert AlertWatch.objects.get().firings == 1
    stay_current(NOW + FIVE)
    look(NOW + FIVE)

    alert = alert_of(shop, Code.API_ERRORS)
    assert alert.value == pytest.approx(3 / 23)
    assert "3 of 23 in the last hour. 1 more were too many." in alert.message
    later = NOW + timedelta(hours=2)
    for number in range(3):
        at = later + number * FIVE
        stay_current(at)
        for _ in range(20):
            make_call(shop, at=at)
        assert alert_of(shop, Code.API_ERRORS).is_open
        look(at)
    assert not alert_of(shop, Code.API_ERRORS).is_open
    assert not AlertWatch.objects.exists()


def test_too_few_calls_say_nothing(shop):
    make_call(shop, at=NOW - MINUTE, http_status=503, code=-1)

    look()
    look(NOW + FIVE)

    assert not Alert.objects.exists()


def test_orders_that_are_late_are_told_until_they_are_well_in_time(shop):
    stay_current(NOW - timedelta(minutes=31))
    look()
    alert = alert_of(shop, Code.ORDER_DELAY)
    assert alert.title == "Orders are 31 minutes late"
    assert (alert.value, alert.threshold) == (31, 30)

    stay_current(NOW - timedelta(minutes=20))
    look(NOW + MINUTE)
    assert alert_of(shop, Code.ORDER_DELAY).is_open
    stay_current(NOW)
    look(NOW + FIVE)

    assert not alert_of(shop, Code.ORDER_DELAY).is_open


def test_a_shop_that_fills_for_the_first_time_is_not_late(shop):
    SyncCursor.objects.update(position=NOW - timedelta(days=60))
    make_run(
        shop,
        trigger=SyncRun.Trigger.CONNECT,
        state=SyncRun.State.RUNNING,
        started_at=NOW,
        ended_at=None,
    )

    look()

    assert not Alert.objects.exists()


def test_back_within_half_an_hour_is_the_same_and_silent(shop):
    fail(shop, 4)
    look()
    deeds.resolve(alert_of(shop), By(make_user()), NOW + MINUTE)
    look(NOW + FIVE)

    alert = Alert.objects.get()
    assert alert.is_back
    assert alert.resolved_by is None
    assert names(alert) == ["opened", "notify", "resolved", "reopened"]


def test_back_later_is_another(shop):
    fail(shop, 4)
    look()
    deeds.resolve(alert_of(shop), By(make_user()), NOW)
    stay_current(NOW + timedelta(minutes=31))
    look(NOW + timedelta(minutes=31))

    assert Alert.objects.count() == 2
    assert not alert_of(shop).is_back


@pytest.mark.parametrize("how", ["hour", "worse"])
def test_what_is_snoozed_is_told_only_when_it_gets_worse(shop, how):
    fail(shop, 4)
    look()
    deeds.snooze(alert_of(shop), how, By(make_user()), NOW)
    look(NOW + FIVE)
    assert names(alert_of(shop)) == ["opened", "notify", "snoozed"]

    fail(shop, 5, at=NOW + 2 * FIVE)
    look(NOW + 2 * FIVE)

    alert = alert_of(shop)
    assert names(alert)[-2:] == ["escalated", "notify"]
    assert not alert.is_snoozed(NOW + 2 * FIVE)


def test_less_bad_is_written_down_and_told_to_nobody(shop):
    fail(shop, 9)
    look()
    SyncRun.objects.filter(state="failed", started_at__lt=NOW - 4 * MINUTE).delete()
    look(NOW + FIVE)

    alert = alert_of(shop)
    assert alert.severity == "warning"
    assert names(alert) == ["opened", "notify", "calmed"]


def test_a_shop_that_nobody_watches_any_more_has_no_alerts(shop):
    fail(shop, 4)
    look()
    shop.state = Shop.State.DISCONNECTED
    shop.save()

    look(NOW + FIVE)

    assert not Alert.objects.open().exists()


def test_looking_costs_no_more_for_many_shops(shop):
    with statements() as one:
        look()
    for _ in range(5):
        make_well_shop()
    with statements() as many:
        look(NOW + FIVE)

    assert len(many) == len(one)


def test_a_message_that_comes_twice_is_one_look():
    assert checking.begin(NOW)
    assert not checking.begin(NOW)
    assert checking.begin(NOW + FIVE)


def test_that_nobody_looks_any_more_is_an_alert_until_somebody_does(shop):
    assert not standing.note_if_stopped(NOW)  # it never began
    checking.begin(NOW)
    look()
    late = NOW + timedelta(minutes=21)

    assert not standing.note_if_stopped(NOW + timedelta(minutes=20))
    assert standing.note_if_stopped(late)
    assert standing.note_if_stopped(late + MINUTE)

    alert = Alert.objects.get(shop=None)
    assert alert.title == "Nothing has been looked at for 21 minutes"
    assert alert.severity == "critical"
    checking.begin(late + FIVE)
    look(late + FIVE)
    standing.note_going_on(late + FIVE)
    assert not Alert.objects.open().filter(shop=None).exists()


def test_to_ask_whether_checks_go_on_costs_one_query():
    checking.begin(NOW)
    AlertCheck.objects.update(at=NOW)

    with statements() as asked:
        standing.note_if_stopped(NOW + FIVE)

    assert len(asked) == 1


def test_events_wait_until_it_is_worked_out_whom_to_tell(shop):
    fail(shop, 4)
    look()

    assert AlertEvent.objects.filter(told_at=None).count() == 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_several_that_look_at_once_come_to_one_alert_and_tell_once(shop):
    fail(shop, 4)
    AlertCheck.objects.create(pk=1, begun_at=NOW)

    found = at_once([lambda: checking.check(NOW)] * 4)

    assert [type(each) for each in found] == [checking.Checked] * 4
    alert = Alert.objects.get()
    assert alert.times == 4
    assert names(alert) == ["opened", "notify"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_who_takes_an_alert_while_somebody_looks_has_it(shop):
    fail(shop, 4)
    look()
    user = make_user()
    alert = alert_of(shop)

    at_once(
        [lambda: deeds.take(alert, By(user), NOW), lambda: checking.check(NOW + FIVE)]
    )

    alert.refresh_from_db()
    assert (alert.taken_by, alert.is_acknowledged, alert.times) == (user, True, 2)
