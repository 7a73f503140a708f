"""Put the schedule's lines into Beat's tables, once; people may change them there."""

from collections.abc import Iterable
from typing import Protocol

from django_celery_beat.models import IntervalSchedule, PeriodicTask


class Job(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def task(self) -> str: ...
    @property
    def seconds(self) -> int: ...
    @property
    def reason(self) -> str: ...


def seed_schedule(jobs: Iterable[Job]) -> int:
    """Add the lines Beat does not have yet; never touch those it has. How many."""
    added = 0
    for job in jobs:
        interval, _ = IntervalSchedule.objects.get_or_create(
            every=job.seconds, period=IntervalSchedule.SECONDS
        )
        _, created = PeriodicTask.objects.get_or_create(
            name=job.name,
            defaults={
                "task": job.task,
                "interval": interval,
                "description": job.reason,
            },
        )
        added += created
    return added
