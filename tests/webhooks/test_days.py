"""Days summed up: the same figures as from the events, whatever happens to them."""

import random
import threading
from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from apps.users.services.audit import By
from apps.webhooks.models import WebhookDay, WebhookEvent
from apps.webhooks.services import days, settling
from apps.webhooks.services.replay import give_up, replay
from tests.factories.platforms import make_authorization, make_shop
from tests.factories.webhooks import make_event

pytestmark = pytest.mark.django_db
State = WebhookEvent.State
FIGURES = [field.name for field in WebhookDay._meta.fields if field.name != "id"]


def shown(now):
    rows = days.rows_of(WebhookDay.objects.all(), WebhookEvent.objects.all(), now)
    return sorted(
        [str(row.shop_id), str(row.day), *(getattr(row, name) for name in FIGURES[2:])]
        for row in rows
    )


def from_events(now):
    rows = days.count(WebhookEvent.objects.all(), days.days_until(now))
    return sorted(
        [str(row.shop_id), str(row.day), *(getattr(row, name) for name in FIGURES[2:])]
        for row in rows
    )


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def month(now):
    """Events of five weeks in two shops, and some of nobody's."""
    chance = random.Random(7)
    shops = [make_shop(), make_shop()]
    for _ in range(120):
        at = now - timedelta(days=chance.random() * 36)
        state = chance.choice([*State])
        make_event(
            chance.choice([*shops, None]),
            state=state,
            attempts=chance.randint(0, 3),
            milliseconds=chance.randint(1, 900),
            received_at=at,
            processed_at=at + timedelta(seconds=chance.randint(1, 50)),
        )
    return shops


def test_stored_days_say_what_their_events_say(now, month):
    before = shown(now)
    assert before == from_events(now)

    made = days.sum_up(now)

    assert made > 10
    assert shown(now) == before
    # They come from the rows now: the events could be gone.
    old = now - timedelta(days=days.STILL_OPEN + 1)
    WebhookEvent.objects.filter(received_at__lt=old).update(state=State.KEPT)
    assert shown(now) == before
    assert days.sum_up(now) == 0


def test_a_day_whose_events_were_replayed_or_given_up_is_counted_anew(now, month):
    days.sum_up(now)
    by = By(process="test")
    dead = WebhookEvent.objects.filter(state=State.DEAD)

    replay(dead, by)
    assert shown(now) == from_events(now)
    days.sum_up(now)
    give_up(WebhookEvent.objects.filter(state=State.FAILED), by)

    assert shown(now) == from_events(now)
    days.sum_up(now)
    assert shown(now) == from_events(now)


def test_what_is_too_old_to_be_shown_goes(now, month):
    WebhookDay.objects.create(shop=month[0], day=(now - timedelta(days=50)).date())

    days.sum_up(now)

    assert (
        min(row.day for row in WebhookDay.objects.all())
        > (now - timedelta(days=40)).date()
    )


def test_what_is_taken_up_again_by_itself_is_counted_anew(now):
    shop = make_shop()
    make_authorization(shops=[shop], connected_at=now)
    at = now - timedelta(days=5)
    make_event(shop, state=State.FAILED, received_at=at, processed_at=at)
    days.sum_up(now)
    assert WebhookDay.objects.get().failed == 1

    assert settling.take_up_failed(now) == 1

    assert not WebhookDay.objects.exists()
    assert shown(now) == from_events(now) == []


def test_a_change_that_begins_just_before_midnight_is_not_missed():
    midnight = datetime.combine(timezone.now().date(), time.min, UTC)
    shop = make_shop()
    event = make_event(shop, state=State.DEAD, received_at=midnight - timedelta(days=2))
    WebhookDay.objects.create(shop=shop, day=event.received_at.date(), failed=1)

    # As if it had been summed by a clock that is ahead.
    with time_machine.travel(midnight - timedelta(seconds=1)):
        replay(WebhookEvent.objects.all(), By(process="test"))

    assert not WebhookDay.objects.exists()


def aside(work):
    """A thread that is at it."""

    def run():
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_day_that_is_being_summed_when_somebody_replays_it_is_counted_anew(
    now, monkeypatch
):
    make_event(make_shop(), state=State.DEAD, received_at=now - timedelta(days=5))
    counted, go_on = threading.Event(), threading.Event()
    count = days.count

    def slowly(events, on):
        rows = count(events, on)
        if rows:
            counted.set()
            go_on.wait(10)
        return rows

    monkeypatch.setattr(days, "count", slowly)
    summing = aside(lambda: days.sum_up(now))
    assert counted.wait(10)
    replaying = aside(lambda: replay(WebhookEvent.objects.all(), By(process="test")))
    replaying.join(0.3)
    assert replaying.is_alive()  # it waits for the sum, and knows of it then

    go_on.set()
    summing.join()
    replaying.join()

    monkeypatch.undo()
    assert WebhookEvent.objects.get().state == State.WAITING
    assert not WebhookDay.objects.exists()
    assert shown(now) == from_events(now)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_day_is_not_summed_while_somebody_replays_it(now):
    make_event(make_shop(), state=State.DEAD, received_at=now - timedelta(days=5))

    with transaction.atomic():
        replay(WebhookEvent.objects.all(), By(process="test"))
        summing = aside(lambda: days.sum_up(now))
        summing.join(0.3)
        assert summing.is_alive()
    summing.join()

    assert not WebhookDay.objects.exists()
    assert shown(now) == from_events(now)
