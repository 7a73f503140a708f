"""The shared limiter on a real server of the Redis protocol."""

import logging
import uuid
from dataclasses import dataclass

import pytest
import redis

from apps.integrations.errors import RateLimited
from apps.platforms.models import ApiApp
from apps.platforms.services import clients
from apps.platforms.services.rate_limit import Pace, SharedLimiter

NOBODY = "redis://127.0.0.1:9/0"


@pytest.fixture
def connection(redis_url):
    with redis.Redis.from_url(redis_url) as connection:
        yield connection


@pytest.fixture
def key() -> str:
    return f"test:{uuid.uuid4().hex}"


@dataclass
class Watched:
    """A limiter that does not sleep: `naps` are the seconds it would have.

    At a call each ten seconds what the machine does meanwhile is lost in the rounding.
    """

    limiter: SharedLimiter
    naps: list[float]

    def asked(self, calls: int) -> list[int]:
        """Seconds that each of so many calls would wait."""
        waits = []
        for _ in range(calls):
            self.naps.clear()
            self.limiter.wait()
            waits.append(round(sum(self.naps) / 10) * 10)
        return waits


def make_limiter(connection, key: str, *, burst: int = 1, **options) -> Watched:
    naps: list[float] = []
    options = {"urgent": True, "max_wait_seconds": 10_000.0} | options
    pace = {key: Pace(0.1, burst)}
    return Watched(SharedLimiter(connection, pace, sleep=naps.append, **options), naps)


def test_the_burst_goes_at_once_and_the_rest_at_the_pace(connection, key):
    limiter = make_limiter(connection, key, burst=5)

    assert limiter.asked(9) == [0, 0, 0, 0, 0, 10, 20, 30, 40]


def test_a_pause_does_not_save_up_more_than_the_burst(connection, key):
    limiter = make_limiter(connection, key, burst=2)
    connection.set(f"limit:{key}", 1)  # a slot of long ago

    assert limiter.asked(4) == [0, 0, 10, 20]


def test_keys_do_not_hinder_each_other(connection, key):
    one, two = (make_limiter(connection, f"{key}:{n}") for n in (1, 2))
    one.asked(3)
    one.limiter.push_back(500)

    assert two.asked(1) == [0]


def test_a_push_back_holds_everyone_off(connection, redis_url, key):
    one = make_limiter(connection, key, burst=4)
    with redis.Redis.from_url(redis_url) as another:
        two = make_limiter(another, key, burst=4)
        one.asked(1)

        one.limiter.push_back(400)

        assert two.asked(1) == [400]
        assert one.asked(1) == [410]


def test_a_shorter_push_back_does_not_shorten_a_longer_one(connection, key):
    watched = make_limiter(connection, key)
    watched.limiter.push_back(500)
    watched.limiter.push_back(100)

    assert watched.asked(1) == [500]


def test_a_pause_of_minutes_is_not_forgotten(connection, key):
    watched = make_limiter(connection, key, max_wait_seconds=30.0)

    watched.limiter.push_back(600)
    with pytest.raises(RateLimited):
        watched.limiter.wait()

    assert connection.ttl(f"limit:{key}") >= 600


def test_a_wait_that_would_be_too_long_is_refused_so_that_the_worker_is_free(
    connection, key
):
    watched = make_limiter(connection, key, max_wait_seconds=2.0)
    watched.limiter.push_back(600)

    with pytest.raises(RateLimited, match="is used up for ") as caught:
        watched.limiter.wait()

    assert caught.value.retry_after_seconds == pytest.approx(600, abs=10)
    assert watched.naps == []


def test_without_a_server_the_pace_is_kept_alone_with_one_warning(caplog, key):
    with redis.Redis.from_url(NOBODY) as nobody:
        limiter = make_limiter(nobody, key)

        assert limiter.asked(4) == [0, 10, 20, 30]

    (record,) = [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert "not shared" in record.getMessage()


def test_without_a_server_a_push_back_is_kept_too(key):
    with redis.Redis.from_url(NOBODY) as nobody:
        watched = make_limiter(nobody, key)
        watched.asked(1)
        watched.limiter.push_back(300)

        assert watched.asked(1) == [300]


def test_a_server_that_is_away_costs_a_client_no_time(settings, monkeypatch):
    """The library would try again for seconds, at every single call."""
    settings.REDIS_URL = NOBODY
    pauses: list[float] = []
    monkeypatch.setattr("redis.retry.sleep", pauses.append)
    clients._redis.cache_clear()
    try:
        limiter = clients.limiter(ApiApp(app_key=uuid.uuid4().hex))

        for _ in range(4):
            limiter.wait()
    finally:
        clients._redis.cache_clear()

    assert sum(pauses) == 0
