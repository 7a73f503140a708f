import io

import pytest
from celery import current_app
from django.conf import settings
from django.core.management import call_command
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from apps.sync.services.schedule import seed_schedule
from config.celery import app
from config.schedule import SCHEDULE, Job


def test_every_task_of_the_schedule_exists():
    app.loader.import_default_modules()

    for job in SCHEDULE:
        assert job.task in current_app.tasks
        assert job.seconds > 0
        assert job.reason
    assert len({job.name for job in SCHEDULE}) == len(SCHEDULE)


@pytest.mark.django_db
def test_seeding_adds_what_is_missing_once():
    out = io.StringIO()

    call_command("seed_schedule", stdout=out)
    call_command("seed_schedule", stdout=out)

    jobs = len(SCHEDULE)
    first, second = out.getvalue().splitlines()
    assert first == f"{jobs} added, 0 kept."
    assert second == f"0 added, {jobs} kept."
    rows = PeriodicTask.objects.filter(name__in=[job.name for job in settings.SCHEDULE])
    assert {(row.task, row.interval.every) for row in rows} == {
        (job.task, job.seconds) for job in SCHEDULE
    }
    assert all(row.enabled for row in rows)


@pytest.mark.django_db
def test_seeding_never_overwrites_what_people_changed():
    seed_schedule(SCHEDULE)
    hourly = IntervalSchedule.objects.create(every=1, period=IntervalSchedule.HOURS)
    name = SCHEDULE[0].name
    PeriodicTask.objects.filter(name=name).update(interval=hourly, enabled=False)

    assert seed_schedule(SCHEDULE) == 0

    row = PeriodicTask.objects.get(name=name)
    assert row.interval == hourly
    assert not row.enabled


@pytest.mark.django_db
def test_seeding_uses_an_interval_that_is_there():
    jobs = [Job("one", "a.task", 60, "why"), Job("two", "b.task", 60, "why")]

    assert seed_schedule(jobs) == 2
    assert IntervalSchedule.objects.filter(every=60).count() == 1
