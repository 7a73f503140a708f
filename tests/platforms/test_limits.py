"""The shared limiter: several keys, people first, never more than the limit."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from django.utils import timezone

from apps.integrations.errors import HeldBack, RateLimited
from apps.platforms.models import ApiCall
from apps.platforms.services.clients import limiter
from apps.platforms.services.rate_limit import Pace, SharedLimiter, paces
from apps.platforms.services.usage import busiest_second, usage
from config import embedded
from tests.platforms.support import make_app, make_shop

ROOT = Path(__file__).resolve().parents[2]
NOBODY = "redis://127.0.0.1:9/0"


@pytest.fixture(scope="module")
def server_url():
    """REDIS_URL if it is given, else a server of our own on a socket."""
    if url := os.environ.get("REDIS_URL"):
        yield url
        return
    binary = embedded.server_binary()
    assert binary
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(  # noqa: S603
            embedded.server_command(binary, Path(folder)), stdout=subprocess.DEVNULL
        )
        url = embedded.redis_url(Path(folder))
        try:
            with redis.Redis.from_url(url) as connection:
                for _ in range(200):
                    try:
                        connection.ping()
                        break
                    except redis.RedisError:
                        time.sleep(0.05)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=10)


@pytest.fixture
def server(server_url):
    with redis.Redis.from_url(server_url) as connection:
        yield connection


@pytest.fixture
def key():
    return f"test:{uuid.uuid4().hex}"


def seconds_for(limiter, calls):
    started = time.monotonic()
    for _ in range(calls):
        limiter.wait()
    return time.monotonic() - started


@pytest.mark.parametrize("limit", [1, 5, 20, 50, 80, 400])
def test_rate_and_burst_together_stay_below_the_limit(limit):
    pace = Pace.below(limit)

    # What a burst adds to the whole calls of a second at this rate.
    assert int(pace.per_second) + pace.burst <= limit
    assert pace.per_second >= limit * 0.9


def test_the_slowest_of_several_keys_decides(server, key):
    shops = [
        SharedLimiter(server, {f"{key}:{n}": Pace(40, 1), key: Pace(20, 1)})
        for n in (1, 2)
    ]
    for shop in shops:
        shop.wait()

    started = time.monotonic()
    for _ in range(4):
        for shop in shops:
            shop.wait()

    # 40 a second each would take 0.1 s; the app they share allows 20 for both.
    assert time.monotonic() - started == pytest.approx(0.4, abs=0.08)


def test_a_pause_asked_of_one_shop_leaves_the_others_and_the_app_alone(server, key):
    one, two = (
        SharedLimiter(server, {f"{key}:{n}": Pace(40, 1), key: Pace(400, 1)})
        for n in (1, 2)
    )
    one.push_back(3)

    assert seconds_for(two, 3) < 0.2
    with pytest.raises(HeldBack) as caught:
        SharedLimiter(server, {f"{key}:1": Pace(40, 1)}, max_wait_seconds=1).wait()
    assert caught.value.retry_after_seconds == pytest.approx(3, abs=0.3)


def test_a_call_held_back_is_a_rate_limit_that_was_not_booked(server, key):
    limiter = SharedLimiter(
        server, {key: Pace(1, 1)}, urgent=True, max_wait_seconds=1.5
    )
    limiter.wait()
    limiter.push_back(2)

    for _ in range(5):
        with pytest.raises(RateLimited):
            limiter.wait()

    patient = SharedLimiter(server, {key: Pace(1, 1)}, urgent=True)
    assert seconds_for(patient, 1) == pytest.approx(2, abs=0.3)


def test_a_person_overtakes_the_work_that_queues(server, key):
    pace = {key: Pace(20, 1)}
    stop = threading.Event()
    done = []

    def work():
        background = SharedLimiter(server, pace)
        while not stop.is_set():
            background.wait()
            done.append(time.monotonic())

    threads = [threading.Thread(target=work) for _ in range(30)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    person = SharedLimiter(server, pace, urgent=True)
    waits = [seconds_for(person, 1) for _ in range(5)]
    stop.set()
    for thread in threads:
        thread.join()

    # In a fair queue of 31 each would wait 1.5 s.
    assert max(waits) < 0.5
    assert len(done) > 10


def test_background_work_is_not_starved_by_people(server, key):
    pace = {key: Pace(10, 1)}
    stop = threading.Event()

    def hurry():
        person = SharedLimiter(server, pace, urgent=True)
        while not stop.is_set():
            person.wait()

    threads = [threading.Thread(target=hurry) for _ in range(6)]
    for thread in threads:
        thread.start()
    took = seconds_for(SharedLimiter(server, pace), 1)
    stop.set()
    for thread in threads:
        thread.join()

    assert took < 5


def test_without_a_server_all_keys_are_kept_by_the_process(key, caplog):
    with redis.Redis.from_url(NOBODY) as nobody:
        shops = [
            SharedLimiter(nobody, {f"{key}:{n}": Pace(40, 1), key: Pace(20, 1)})
            for n in (1, 2)
        ]
        started = time.monotonic()
        for _ in range(4):
            for shop in shops:
                shop.wait()

    assert time.monotonic() - started >= 0.35
    assert caplog.text.count("not shared") <= 1


def test_a_limit_of_zero_is_none(server, key):
    assert paces([(key, 0), ("other", 50)]).keys() == {"other"}
    SharedLimiter(server, {}).wait()


@pytest.mark.django_db
def test_a_client_is_held_to_its_shops_limit_and_its_apps(settings):
    settings.TIKTOK_SHOP_CALL_LIMIT, settings.TIKTOK_APP_CALL_LIMIT = 50, 200
    app, shop = make_app(app_key="k"), make_shop(remote_id="17")

    made = limiter(app, shop)

    assert made._keys == ["limit:tiktok:k:17", "limit:tiktok:k"]
    assert [pace.per_second for pace in made._paces] == [46.0, 184.0]


CALLER = """
import json, sys, time
import redis
from apps.platforms.services.rate_limit import SharedLimiter, Pace
url, key, seconds = sys.argv[1:]
connection = redis.Redis.from_url(url)
connection.ping()
limiters = {
    name: SharedLimiter(
        connection, {f"{key}:{name}": Pace.below(50), key: Pace.below(400)}
    )
    for name in ("a", "b")
}
print("ready", flush=True)
sys.stdin.readline()
calls = {"a": [], "b": []}
end = time.monotonic() + float(seconds)
turn = 0
while time.monotonic() < end:
    name = "ab"[turn % 2]
    turn += 1
    limiters[name].wait()
    calls[name].append(time.monotonic())
print(json.dumps(calls), flush=True)
"""


@pytest.mark.slow
def test_four_processes_on_two_shops_use_the_limit_and_never_exceed_it(server_url, key):
    limit, seconds = 50, 6.0
    processes = [
        subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", CALLER, server_url, key, str(seconds)],
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
    outputs = [json.loads(process.communicate(timeout=60)[0]) for process in processes]

    for shop in "ab":
        calls = sorted(at for output in outputs for at in output[shop])
        most = max(
            sum(1 for c in calls[i : i + 120] if c < t + 1) for i, t in enumerate(calls)
        )
        reached = len(calls) / (calls[-1] - calls[0])
        sys.stdout.write(f"shop {shop}: {reached:.1f}/s, {most} in the worst second\n")
        assert most <= limit
        assert reached >= limit * 0.9


@pytest.mark.django_db
def test_usage_counts_the_calls_of_the_last_second_and_minute(
    settings, django_assert_num_queries
):
    settings.TIKTOK_SHOP_CALL_LIMIT = 50
    app, shop, now = make_app(), make_shop(), timezone.now()
    ages = [0.1, 0.5, 3.0, 3.1, 3.2, 3.9, 59.0, 61.0]
    for owner in (shop, make_shop()):
        for age in ages:
            ApiCall.objects.create(
                shop=owner, api_app=app, at=now - timedelta(seconds=age),
                method="GET", path="/x", http_status=200, code=0, milliseconds=1,
            )  # fmt: skip

    with django_assert_num_queries(1):
        used = usage(shop, now)

    assert (used.last_second, used.last_minute, used.busiest_second) == (2, 7, 4)
    assert str(used) == "4 of 50 a second"
    assert used.share == pytest.approx(0.08)


def test_a_quiet_shop_has_no_busiest_second():
    assert busiest_second([]) == 0
