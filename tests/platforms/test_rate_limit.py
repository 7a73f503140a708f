"""The shared limiter on a real server of the Redis protocol."""

import json
import logging
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
import redis

from apps.integrations.errors import RateLimited
from apps.platforms.models import ApiApp
from apps.platforms.services import clients
from apps.platforms.services.rate_limit import Pace, SharedLimiter

ROOT = Path(__file__).resolve().parents[2]
NOBODY = "redis://127.0.0.1:9/0"


@pytest.fixture
def connection(redis_url):
    with redis.Redis.from_url(redis_url) as connection:
        yield connection


@pytest.fixture
def key() -> str:
    return f"test:{uuid.uuid4().hex}"


def make_limiter(connection, key: str, **options) -> SharedLimiter:
    pace = Pace(options.pop("per_second", 20), options.pop("burst", 1))
    return SharedLimiter(connection, {key: pace}, **options)


def waited(limiter: SharedLimiter, calls: int) -> float:
    """Seconds that so many calls took to be let through."""
    started = time.monotonic()
    for _ in range(calls):
        limiter.wait()
    return time.monotonic() - started


def test_the_burst_goes_at_once_and_the_rest_at_the_pace(connection, key):
    limiter = make_limiter(connection, key, burst=5)

    assert waited(limiter, 5) < 0.05
    assert waited(limiter, 4) == pytest.approx(0.2, abs=0.06)


def test_a_pause_does_not_save_up_more_than_the_burst(connection, key):
    limiter = make_limiter(connection, key, burst=2)
    waited(limiter, 2)
    time.sleep(0.4)

    assert waited(limiter, 2) < 0.04
    assert waited(limiter, 2) == pytest.approx(0.1, abs=0.04)


def test_keys_do_not_hinder_each_other(connection, key):
    one, two = (make_limiter(connection, f"{key}:{n}") for n in (1, 2))
    one.wait()
    one.push_back(5)

    assert waited(two, 1) < 0.04


def test_a_push_back_holds_everyone_off(connection, redis_url, key):
    one = make_limiter(connection, key, burst=4)
    with redis.Redis.from_url(redis_url) as another:
        two = make_limiter(another, key, burst=4)
        one.wait()

        one.push_back(0.4)

        assert waited(two, 1) == pytest.approx(0.4, abs=0.06)
        assert waited(one, 1) == pytest.approx(0.05, abs=0.04)


def test_a_shorter_push_back_does_not_shorten_a_longer_one(connection, key):
    limiter = make_limiter(connection, key)
    limiter.push_back(0.5)
    limiter.push_back(0.1)

    assert waited(limiter, 1) == pytest.approx(0.5, abs=0.06)


def test_a_pause_of_minutes_is_not_forgotten(connection, key):
    limiter = make_limiter(connection, key, burst=1)

    limiter.push_back(600)
    with pytest.raises(RateLimited):
        limiter.wait()

    assert connection.ttl(f"limit:{key}") >= 600


def test_a_wait_that_would_be_too_long_is_refused_so_that_the_worker_is_free(
    connection, key
):
    naps: list[float] = []
    limiter = make_limiter(connection, key, max_wait_seconds=2.0, sleep=naps.append)
    limiter.push_back(60)

    with pytest.raises(RateLimited, match="used up for 60 s") as caught:
        limiter.wait()

    assert caught.value.retry_after_seconds == pytest.approx(60, abs=1)
    assert naps == []


def test_without_a_server_the_pace_is_kept_alone_with_one_warning(caplog, key):
    with redis.Redis.from_url(NOBODY) as nobody:
        limiter = make_limiter(nobody, key)

        took = waited(limiter, 5)

    assert 0.2 <= took < 0.5
    (record,) = [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert "not shared" in record.getMessage()


def test_without_a_server_a_push_back_is_kept_too(key):
    with redis.Redis.from_url(NOBODY) as nobody:
        limiter = make_limiter(nobody, key)
        limiter.wait()
        limiter.push_back(0.3)

        assert waited(limiter, 1) == pytest.approx(0.3, abs=0.06)


def test_a_server_that_is_away_costs_a_client_no_time(settings):
    """The library would try again for seconds, at every single call."""
    settings.REDIS_URL = NOBODY
    clients._redis.cache_clear()
    try:
        limiter = clients.limiter(ApiApp(app_key="any"))

        assert waited(limiter, 4) < 0.5
    finally:
        clients._redis.cache_clear()


CALLER = """
import json, sys, time
import redis
from apps.platforms.services.rate_limit import Pace, SharedLimiter
url, key, rate, burst, seconds = sys.argv[1:]
limiters = {
    name: SharedLimiter(
        redis.Redis.from_url(url), {f"{key}:{name}": Pace(float(rate), int(burst))}
    )
    for name in ("a", "b")
}
for limiter in limiters.values():
    limiter._book.registered_client.ping()
print("ready", flush=True)
sys.stdin.readline()
calls = {"a": [], "b": []}
end = time.time() + float(seconds)
turn = 0
while time.time() < end:
    name = "ab"[turn % 2]
    turn += 1
    limiters[name].wait()
    calls[name].append(time.time())
print(json.dumps(calls), flush=True)
"""


@pytest.mark.slow
def test_four_processes_stay_below_the_limit_and_near_it(redis_url, key):
    rate, burst, seconds = 40, 8, 3.0
    processes = [
        subprocess.Popen(  # noqa: S603
            [
                *(sys.executable, "-c", CALLER),
                *(redis_url, key, str(rate), str(burst), str(seconds)),
            ],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    outputs = [process.communicate(timeout=30)[0] for process in processes]

    for name in ("a", "b"):
        calls = sorted(t for out in outputs for t in _calls(out)[name])
        assert most_in_a_second(calls) <= 50
        assert len(calls) / (calls[-1] - calls[0]) >= rate * 0.9


def _calls(output: str) -> dict[str, list[float]]:
    return dict(json.loads(output))


def most_in_a_second(calls: list[float]) -> int:
    return max(
        sum(1 for other in calls[i : i + 200] if other < start + 1)
        for i, start in enumerate(calls)
    )
