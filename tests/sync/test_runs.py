import logging
import os
import socket
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from apps.core.logging import TextFormatter
from apps.core.processes import process_name
from apps.integrations.errors import ConsentNeeded, PlatformUnavailable
from apps.platforms.errors import ReconnectNeeded
from apps.platforms.models import Shop
from apps.sync.errors import AlreadyRunning
from apps.sync.models import Resource, SyncRun
from apps.sync.services.runs import recorded_run
from tests.factories.platforms import make_shop

pytestmark = pytest.mark.django_db

HOST = socket.gethostname()[:100]
NO_SUCH_PROCESS = 2**22 + 1


@pytest.fixture
def shop() -> Shop:
    return make_shop()


def run_of(shop: Shop) -> AbstractContextManager[SyncRun]:
    return recorded_run(shop, Resource.ORDERS, trigger=SyncRun.Trigger.USER)


def make_running(shop: Shop, process: str, *, silent_for: timedelta) -> SyncRun:
    return SyncRun.objects.create(
        shop=shop,
        resource=Resource.ORDERS,
        trigger=SyncRun.Trigger.SCHEDULE,
        process=process,
        heartbeat_at=timezone.now() - silent_for,
    )


def test_a_run_that_ends_well_is_done(shop):
    with run_of(shop) as run:
        assert SyncRun.objects.running().get() == run

    run.refresh_from_db()
    assert run.state == SyncRun.State.DONE
    assert run.ended_at is not None
    assert run.process == process_name()


def test_a_run_with_failed_items_is_partly_done(shop):
    with run_of(shop) as run:
        run.failed = 1

    run.refresh_from_db()
    assert run.state == SyncRun.State.PARTLY


@pytest.mark.parametrize(
    ("error", "needs_person"),
    [
        (PlatformUnavailable("Away."), False),
        (ConsentNeeded("Revoked."), True),
        (ReconnectNeeded("Over."), True),
        (ZeroDivisionError(), False),
    ],
)
def test_an_error_is_noted_and_rises_on(shop, error, needs_person):
    with pytest.raises(type(error)), run_of(shop):
        raise error

    run = SyncRun.objects.get()
    assert run.state == SyncRun.State.FAILED
    assert run.first_error == (str(error) or repr(error))
    assert run.needs_person is needs_person
    assert run.ended_at is not None


def test_what_the_database_repeats_of_a_row_is_not_kept(shop):
    error = IntegrityError("no buyer\nDETAIL:  Failing row contains (1, Ahmad Lim).")

    with pytest.raises(IntegrityError), run_of(shop):
        raise error

    kept = SyncRun.objects.get().first_error
    assert kept == "no buyer\nDETAIL:  Failing row contains ***"


def test_the_first_error_of_an_item_is_kept_when_the_run_fails_later(shop):
    def fail() -> None:
        with run_of(shop) as run:
            run.first_error = "O1: no total"
            raise PlatformUnavailable("Away.")

    with pytest.raises(PlatformUnavailable):
        fail()

    assert SyncRun.objects.get().first_error == "O1: no total"


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_an_interruption_leaves_its_mark_and_the_next_run_may_start(shop, interruption):
    with pytest.raises(interruption), run_of(shop):
        raise interruption

    assert SyncRun.objects.get().state == SyncRun.State.INTERRUPTED
    with run_of(shop) as run:
        assert run.state == SyncRun.State.RUNNING


def test_a_second_run_is_refused_and_told_where_the_first_one_is(shop):
    with run_of(shop) as first:
        with pytest.raises(AlreadyRunning) as caught, run_of(shop):
            raise AssertionError("it started")

        assert SyncRun.objects.get() == first
    words = str(caught.value)
    assert f"process {os.getpid()} on {HOST}" in words
    assert f"since {first.started_at:%H:%M:%S} UTC" in words
    assert str(shop) in words


def test_another_shop_may_run_at_the_same_time(shop):
    with run_of(shop), run_of(make_shop()):
        assert SyncRun.objects.running().count() == 2


@pytest.mark.parametrize(
    ("process", "minutes"),
    [
        (f"{HOST}:{NO_SUCH_PROCESS}:0badc0de", 0),
        (f"{HOST}:{os.getpid()}:0badc0de", 0),  # the number was given out again
        ("another-host:1:0badc0de", 6),
        (f"{HOST}:{os.getppid()}:0badc0de", 6),
    ],
    ids=["no process", "number given out again", "elsewhere, silent", "silent"],
)
def test_a_run_whose_process_is_gone_does_not_block_the_next(shop, process, minutes):
    dead = make_running(shop, process, silent_for=timedelta(minutes=minutes))

    with run_of(shop) as run:
        assert run.pk != dead.pk

    dead.refresh_from_db()
    assert dead.state == SyncRun.State.INTERRUPTED
    assert dead.first_error == "Its process ended without a word."
    assert dead.ended_at == dead.heartbeat_at


@pytest.mark.parametrize(
    "process",
    [f"{HOST}:{os.getppid()}:1", "another-host:1:1", process_name()],
    ids=["a process", "elsewhere", "our own"],
)
def test_a_run_that_may_be_alive_is_left_alone(shop, process):
    alive = make_running(shop, process, silent_for=timedelta(minutes=4))

    with pytest.raises(AlreadyRunning), run_of(shop):
        raise AssertionError("it started")

    alive.refresh_from_db()
    assert alive.state == SyncRun.State.RUNNING
    assert SyncRun.objects.count() == 1


def test_lines_written_during_a_run_name_it_and_so_does_its_last(shop, caplog):
    formatter = TextFormatter("{message}", style="{")
    caplog.handler.setFormatter(formatter)
    caplog.set_level(logging.INFO)

    with run_of(shop) as run:
        logging.getLogger("tests").info("within")
    logging.getLogger("tests").info("after")

    within, ended, after = caplog.text.splitlines()
    assert within == f"within [run={run.pk}]"
    assert ended.startswith(f"run ended shop={shop.pk} resource=orders state=done")
    assert ended.endswith(f"[run={run.pk}]")
    assert after == "after"
