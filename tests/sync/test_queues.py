"""Who waits for whom: three queues, two workers, and the order in a queue."""

import heapq
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import mean
from typing import Any

import pytest
from celery import current_app
from django.utils import timezone

from apps.core.management.commands.up import worker_queues
from apps.sync import tasks
from apps.sync.models import Resource
from apps.sync.services.due import shops_due
from config import queues
from config.queues import NEWS, SLOW, URGENT, queue_of
from config.schedule import SCHEDULE
from tests.factories.platforms import make_shop
from tests.factories.sync import make_run

PULL = "apps.sync.tasks.pull_orders"


@pytest.mark.parametrize(
    ("args", "queue"),
    [
        ((1, "user"), URGENT),
        ((1, "user", "2026-09-01T00:00:00+00:00"), SLOW),
        ((1, "connect"), SLOW),
        ((1, "schedule"), NEWS),
        ((), NEWS),
    ],
)
def test_a_pull_waits_as_long_as_who_asked_for_it_can(args, queue):
    assert queue_of(PULL, args) == queue


def test_every_task_named_in_the_table_exists():
    import apps.backoffice.tasks
    import apps.imports.tasks
    import apps.orders.tasks
    import apps.users.tasks
    import apps.webhooks.tasks  # noqa: F401

    known = set(current_app.tasks)

    assert known >= queues._URGENT | queues._SLOW


def test_what_beat_sends_every_few_seconds_waits_for_nothing_slow():
    for job in SCHEDULE:
        if job.seconds <= 15:
            assert queue_of(job.task) == URGENT, job.name


def test_all_queues_are_consumed_and_slow_ones_never_take_all():
    quick, slow = worker_queues()

    assert set(quick) | set(slow) == set(queues.QUEUES)
    assert SLOW not in quick
    assert quick.index(URGENT) < quick.index(NEWS)
    assert tasks.SLOW == SLOW


def test_celery_follows_the_table():
    router = current_app.amqp.router

    sent = router.route({}, PULL, (1, "connect"), {})

    assert sent["queue"].name == SLOW


@pytest.mark.django_db
def test_who_has_been_due_for_longest_comes_first():
    now = timezone.now()
    for minutes in (20, 40, 30):
        make_run(
            make_shop(name=f"Due {minutes}"),
            started_at=now - timedelta(minutes=minutes),
        )
    make_shop(name="Never ran")

    names = [shop.name for shop in shops_due(Resource.ORDERS, now)]

    assert names == ["Never ran", "Due 40", "Due 30", "Due 20"]


@pytest.mark.django_db
def test_first_pulls_and_slow_shops_wait_for_each_other_alone(monkeypatch):
    now = timezone.now()
    sent: dict[int, Any] = {}
    monkeypatch.setattr(
        tasks.pull_orders,
        "apply_async",
        lambda args, **options: sent.setdefault(args[0], options),
    )
    first, quick, slow = make_shop(), make_shop(), make_shop()
    started = now - timedelta(minutes=20)
    make_run(quick, started_at=started)
    make_run(slow, started_at=started, ended_at=started + timedelta(minutes=3))

    tasks.sweep_orders()

    assert sent[first.pk]["queue"] == sent[slow.pk]["queue"] == SLOW
    assert "queue" not in sent[quick.pk]
    # By then the next sweep has sent another.
    assert {options["expires"] for options in sent.values()} == {60}


@dataclass
class Simulated:
    """40 shops, two places for work, a sweep a minute: when each shop's pull begins
    after it was due. What a sweep sent is gone when the next comes, as its messages
    expire; it sends who is due for longest first."""

    seconds: dict[int, float]
    every: float = 900.0
    due: dict[int, float] = field(default_factory=dict)
    waits: dict[int, list[float]] = field(default_factory=dict)

    def run(self, hours: float) -> None:
        self.due = dict.fromkeys(self.seconds, 0.0)
        free = [0.0, 0.0]
        for sweep in range(int(hours * 60)):
            now, end = sweep * 60.0, sweep * 60.0 + 60.0
            waiting = sorted((at, key) for key, at in self.due.items() if at <= now)
            for at, key in waiting:
                begin = max(heapq.heappop(free), now)
                if begin >= end:
                    heapq.heappush(free, begin)
                    break
                heapq.heappush(free, begin + self.seconds[key])
                self.waits.setdefault(key, []).append(begin - at)
                self.due[key] = begin + self.every


@pytest.mark.parametrize(
    "seconds",
    [
        dict.fromkeys(range(40), 3.0),
        # A load that two places can only just bear.
        dict.fromkeys(range(40), 42.0),
        # Some take as long as what still counts as quick.
        {key: 59.0 if key % 8 == 0 else 5.0 for key in range(40)},
    ],
)
def test_of_forty_shops_on_two_places_none_waits_twice_as_long_as_the_mean(seconds):
    simulated = Simulated(seconds)

    simulated.run(hours=8)

    by_shop = [mean(waits) for waits in simulated.waits.values()]
    assert len(by_shop) == 40
    assert max(by_shop) <= 2 * mean(by_shop) + 1
