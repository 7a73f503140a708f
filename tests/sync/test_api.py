"""Runs for programs: stopped, pulled again, asked for what failed."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from kombu.exceptions import OperationalError

from apps.core.processes import process_name
from apps.platforms.models import Shop
from apps.sync import tasks
from apps.sync.models import Resource, SyncIssue, SyncRun
from apps.users.models import AuditEntry
from apps.users.roles import Role
from tests.api.support import Caller, code
from tests.factories.platforms import make_shop
from tests.factories.sync import make_run
from tests.factories.users import make_client, make_user
from tests.sync.queued import noted

pytestmark = pytest.mark.django_db
DEEDS = ("stop", "retry", "retry-items")


@pytest.fixture
def company():
    return make_client("Northwind")


@pytest.fixture
def shop(company):
    return make_shop(company)


@pytest.fixture
def packer(company):
    return Caller(make_user(clients=[company], role=Role.ORDER_FULFILLMENT))


@pytest.fixture
def sent(monkeypatch):
    """What would have been sent to the workers."""
    found: list[Any] = []
    for task in (tasks.pull_orders, tasks.retry_failed_items):
        for name, send in noted(found, task.name.rsplit(".", 1)[1]).items():
            monkeypatch.setattr(task, name, send)
    return found


def failed_run(shop, *ids, **fields):
    run = make_run(shop, **{"state": SyncRun.State.PARTLY, "failed": len(ids)} | fields)
    for remote_id in ids:
        SyncIssue.objects.create(run=run, remote_id=remote_id, message="no total")
    return run


def test_a_run_under_way_is_asked_to_stop_once(packer, shop):
    run = make_run(
        shop, state=SyncRun.State.RUNNING, ended_at=None, process=process_name()
    )

    first = packer.post(f"runs/{run.pk}/stop/")
    again = packer.post(f"runs/{run.pk}/stop/")

    assert first.status_code == 200
    assert first.json()["stop_asked_at"] == again.json()["stop_asked_at"] is not None
    entry = AuditEntry.objects.get(verb="asked a sync to stop")
    assert entry.actor == packer.user
    over = make_run(shop)
    assert packer.post(f"runs/{over.pk}/stop/").json()["stop_asked_at"] is None


def test_the_period_of_a_run_is_pulled_again_once_for_a_key(packer, shop, sent):
    since = timezone.now() - timedelta(days=2)
    until = since + timedelta(days=1)
    run = failed_run(shop, "580001", since=since, until=until)
    address = f"runs/{run.pk}/retry/"

    first = packer.post(address, idempotency_key="k1")
    again = packer.post(address, idempotency_key="k1")

    assert first.status_code == again.status_code == 202
    assert first.json() == again.json() == {"started": True, "run": None}
    period = (since.isoformat(), until.isoformat())
    assert sent == [("pull_orders", shop.pk, "user", *period)]
    other = make_run(shop, state=SyncRun.State.RUNNING, ended_at=None)
    assert packer.post(address).json() == {"started": False, "run": other.pk}


def test_items_that_failed_are_asked_for_again(packer, shop, sent):
    run = failed_run(shop, "580001", "580002", "580001")

    answer = packer.post(f"runs/{run.pk}/retry-items/")

    assert (answer.status_code, answer.json()) == (202, {"items": 2})
    ((name, key, user, _address),) = sent
    assert (name, key, user) == ("retry_failed_items", run.pk, packer.user.pk)


def test_what_cannot_be_is_said_and_starts_nothing(packer, shop, sent, monkeypatch):
    nothing = make_run(shop)
    running = failed_run(shop, "1", state=SyncRun.State.RUNNING, ended_at=None)
    failed = failed_run(shop, "2")

    assert code(packer.post(f"runs/{nothing.pk}/retry-items/")) == (
        409,
        "nothing_to_retry",
    )
    early = packer.post(f"runs/{running.pk}/retry-items/")
    assert code(early) == (409, "shop_refuses")
    assert "still under way" in early.json()["detail"]

    def away(*args):
        raise OperationalError("no broker")

    monkeypatch.setattr(tasks.retry_failed_items, "delay", away)
    unheard = packer.post(f"runs/{failed.pk}/retry-items/")
    assert "The task queue does not answer" in unheard.json()["detail"]
    Shop.objects.update(state=Shop.State.PAUSED)
    for deed in ("retry", "retry-items"):
        assert code(packer.post(f"runs/{failed.pk}/{deed}/")) == (409, "shop_refuses")
    assert sent == []


def test_who_may_not_start_a_sync_steers_none(company, shop, sent):
    run = failed_run(shop, "580001")
    listing = failed_run(shop, "17", resource=Resource.PRODUCTS)
    analyst = Caller(make_user(clients=[company], role=Role.ANALYST))
    stranger = Caller(make_user(clients=[make_client()], role=Role.ADMIN))
    reader = Caller(make_user(clients=[company], role=Role.ADMIN), scopes=["runs:read"])

    for deed in DEEDS:
        for row in (run, listing):
            address = f"runs/{row.pk}/{deed}/"
            assert code(analyst.post(address)) == (403, "permission_denied")
            assert code(stranger.post(address)) == (404, "not_found")
            assert code(reader.post(address)) == (403, "scope_missing")
    assert sent == []
    run.refresh_from_db()
    assert run.stop_asked_at is None
