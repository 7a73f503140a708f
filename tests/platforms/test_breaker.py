from datetime import timedelta

import pytest
from django.utils import timezone

from apps.integrations.errors import (
    ConsentNeeded,
    HeldBack,
    OurFault,
    PlatformUnavailable,
    RateLimited,
    ScopeMissing,
)
from apps.platforms.errors import ReconnectNeeded
from apps.platforms.models import Shop
from apps.platforms.services import breaker
from tests.factories.platforms import make_shop

pytestmark = pytest.mark.django_db

OUTAGE = PlatformUnavailable("TikTok Shop is not available.")


def now_of(shop):
    return Shop.objects.get(pk=shop.pk)


def fail(shop, times, now, error=OUTAGE):
    for _ in range(times):
        breaker.note_failure(shop, error, now)


def test_some_failures_do_not_rest_a_shop():
    shop, now = make_shop(), timezone.now()

    fail(shop, breaker.THRESHOLD - 1, now)

    assert now_of(shop).failures_in_a_row == breaker.THRESHOLD - 1
    assert breaker.admit(shop, now)
    assert not breaker.is_resting(now_of(shop), now)


def test_a_shop_that_only_errors_rests_and_says_why():
    shop, neighbour, now = make_shop(), make_shop(), timezone.now()

    fail(shop, breaker.THRESHOLD, now)

    row = now_of(shop)
    assert row.rested_until == now + breaker.FIRST_REST
    assert "5 failures in a row" in row.rest_reason
    assert "not available" in row.rest_reason
    assert not breaker.admit(shop, now + timedelta(minutes=4))
    assert breaker.admit(neighbour, now)
    assert now_of(neighbour).failures_in_a_row == 0


def test_the_rest_grows_up_to_a_cap():
    rests = [breaker.rest_after(n).total_seconds() / 60 for n in range(5, 12)]

    assert rests == [5, 10, 20, 40, 40, 40, 40]
    assert breaker.rest_after(10_000) == breaker.LONGEST_REST


def test_after_the_rest_one_probe_goes_out_and_no_second():
    shop, now = make_shop(), timezone.now()
    fail(shop, breaker.THRESHOLD, now)
    later = now + timedelta(minutes=6)

    assert breaker.admit(shop, later)
    assert not breaker.admit(shop, later)
    assert not breaker.admit(shop, later + timedelta(minutes=1))


def test_a_failed_probe_rests_longer_and_a_good_one_closes():
    shop, now = make_shop(), timezone.now()
    fail(shop, breaker.THRESHOLD, now)
    later = now + timedelta(minutes=6)
    breaker.admit(shop, later)

    fail(shop, 1, later)
    assert now_of(shop).rested_until == later + 2 * breaker.FIRST_REST

    breaker.note_success(shop)
    row = now_of(shop)
    assert (row.failures_in_a_row, row.rested_until, row.rest_reason) == (0, None, "")
    assert breaker.admit(shop, later)


def test_a_probe_whose_process_died_leaves_the_shop_to_the_next():
    shop, now = make_shop(), timezone.now()
    fail(shop, breaker.THRESHOLD, now)
    later = now + timedelta(minutes=6)
    breaker.admit(shop, later)

    assert breaker.admit(shop, later + breaker.PROBE)


@pytest.mark.parametrize(
    "error",
    [
        ConsentNeeded("revoked", code=105001),
        ScopeMissing("scope", code=105005),
        ReconnectNeeded("reconnect"),
        HeldBack("our own limiter"),
        ValueError("a bug of ours"),
    ],
)
def test_what_is_not_the_platforms_trouble_with_the_shop_does_not_count(error):
    shop, now = make_shop(), timezone.now()

    fail(shop, 20, now, error)

    assert now_of(shop).failures_in_a_row == 0
    assert now_of(shop).rested_until is None


@pytest.mark.parametrize("error", [OUTAGE, RateLimited("429"), OurFault("bug")])
def test_what_the_platform_answers_counts(error):
    shop = make_shop()

    fail(shop, 1, timezone.now(), error)

    assert now_of(shop).failures_in_a_row == 1


def test_a_person_can_end_the_rest():
    shop, now = make_shop(), timezone.now()
    fail(shop, 8, now)

    breaker.wake(shop)

    assert breaker.admit(shop, now)
