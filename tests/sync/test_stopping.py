"""A run that somebody stops ends after the page at hand, and the next goes on."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from apps.orders.models import Order
from apps.sync.management.commands import sync_orders
from apps.sync.models import Resource, SyncCursor, SyncRun
from apps.sync.services.due import next_pull
from apps.sync.services.orders import pull_orders
from apps.sync.services.products import pull_products
from apps.sync.services.stopping import ask_to_stop
from apps.users.models import AuditEntry
from apps.users.services.audit import By
from tests.factories.platforms import make_shop
from tests.factories.sync import make_run
from tests.sync.fake_listings import FakeShelf, listing_at
from tests.sync.fakes import FakePlatform, make_remote_order

pytestmark = pytest.mark.django_db
BY = By(process="tests")


@pytest.fixture
def shop():
    return make_shop()


def orders(count):
    start = timezone.now() - timedelta(hours=5)
    return [
        make_remote_order(f"58000{n}", start + timedelta(minutes=n))
        for n in range(count)
    ]


def stop_at(page):
    def before_page(number):
        if number == page:
            assert ask_to_stop(SyncRun.objects.running().get(), BY)

    return before_page


def test_a_run_stops_after_the_page_at_hand_and_the_next_goes_on(shop):
    platform = FakePlatform(orders(8), before_page=stop_at(3))
    begin = platform.orders[0].updated_at
    assert begin is not None
    SyncCursor.objects.create(shop=shop, resource=Resource.ORDERS, position=begin)

    run = pull_orders(shop, trigger=SyncRun.Trigger.SCHEDULE, client=platform)

    run.refresh_from_db()
    assert run.state == SyncRun.State.INTERRUPTED
    assert run.first_error == "Stopped on request after 2 pages."
    assert not run.needs_person
    assert Order.objects.count() == run.read == 4
    assert SyncCursor.objects.get().position == platform.orders[3].updated_at
    shop.refresh_from_db()
    assert shop.failures_in_a_row == 0

    platform.before_page = lambda number: None
    again = pull_orders(shop, trigger=SyncRun.Trigger.USER, client=platform)

    assert again.state == SyncRun.State.DONE
    assert Order.objects.count() == 8


def test_asking_twice_is_asking_once(shop):
    run = make_run(shop, state=SyncRun.State.RUNNING, ended_at=None)

    assert ask_to_stop(run, BY)
    first = SyncRun.objects.get().stop_asked_at
    assert ask_to_stop(run, BY)

    assert SyncRun.objects.get().stop_asked_at == first
    assert AuditEntry.objects.filter(verb="asked a sync to stop").count() == 1


def test_a_run_that_has_ended_cannot_be_stopped(shop):
    assert not ask_to_stop(make_run(shop), BY)
    assert SyncRun.objects.get().stop_asked_at is None


def test_a_run_whose_process_is_gone_is_closed_instead(shop):
    run = make_run(
        shop,
        state=SyncRun.State.RUNNING,
        ended_at=None,
        heartbeat_at=timezone.now() - timedelta(hours=1),
    )

    assert not ask_to_stop(run, BY)

    run.refresh_from_db()
    assert run.state == SyncRun.State.INTERRUPTED


def test_details_of_listings_stop_as_well(shop):
    at = timezone.now() - timedelta(hours=1)
    platform: Any = FakeShelf.of(*(listing_at(f"17290{n}", at) for n in range(40)))
    asked = []

    def on_detail(done, total):
        asked.append(done)
        ask_to_stop(SyncRun.objects.running().get(), BY)

    run = pull_products(
        shop, trigger=SyncRun.Trigger.USER, client=platform, on_detail=on_detail
    )

    assert run.state == SyncRun.State.INTERRUPTED
    assert len(asked) == 1


def test_a_stopped_run_is_no_failure_to_be_made_good_at_once(shop):
    SyncCursor.objects.create(
        shop=shop, resource=Resource.ORDERS, position=timezone.now()
    )
    now = timezone.now()
    started = now - timedelta(minutes=5)
    run = make_run(shop, state=SyncRun.State.INTERRUPTED, started_at=started)
    assert next_pull(shop, Resource.ORDERS, now) == now

    SyncRun.objects.filter(pk=run.pk).update(stop_asked_at=started)

    assert next_pull(shop, Resource.ORDERS, now) == started + timedelta(minutes=15)


def test_a_command_says_that_it_was_stopped(shop, monkeypatch, capsys):
    stopped = make_run(
        shop,
        state=SyncRun.State.INTERRUPTED,
        first_error="Stopped on request after 2 pages.",
    )
    monkeypatch.setattr(sync_orders.Command, "pull", lambda *args, **options: stopped)

    with pytest.raises(SystemExit) as ended:
        call_command("sync_orders", "--shop", str(shop.pk))

    assert ended.value.code == 3
    assert "Stopped on request after 2 pages." in capsys.readouterr().err
