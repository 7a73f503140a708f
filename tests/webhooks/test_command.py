"""`replay_webhooks`: what it takes up, what it says, how it ends."""

import json
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.integrations.errors import ConsentNeeded
from apps.platforms.models import Shop
from apps.webhooks.management.commands import replay_webhooks
from apps.webhooks.models import WebhookEvent
from apps.webhooks.services.processing import work_events
from tests.factories.platforms import make_authorization, make_shop
from tests.factories.webhooks import make_event, order_news
from tests.sync.fakes import FakePlatform, make_remote_order

pytestmark = pytest.mark.django_db
State = WebhookEvent.State


@pytest.fixture
def shop() -> Shop:
    shop = make_shop(name="Main Store")
    make_authorization(shops=[shop])
    return shop


@pytest.fixture
def platform(monkeypatch) -> FakePlatform:
    at = timezone.now() - timedelta(hours=1)
    platform = FakePlatform([make_remote_order("1", at)])
    client: Any = platform
    work = partial(work_events, client=client)
    monkeypatch.setattr(replay_webhooks, "work_events", work)
    return platform


def told(shop: Shop, order_id: str = "1", **fields: Any) -> WebhookEvent:
    body = order_news(shop, order_id).decode()
    return make_event(shop, **{"body": body, "state": State.DEAD} | fields)


def run(*arguments: str) -> int:
    """The exit code a shell would see."""
    try:
        call_command("replay_webhooks", *arguments)
    except SystemExit as stop:
        return int(stop.code or 0)
    except CommandError as error:
        return int(error.returncode)
    return 0


def test_dead_and_failed_ones_are_acted_on_again(shop, platform, capsys):
    dead, failed = told(shop, attempts=7), told(shop, "404", state=State.FAILED)
    done = told(shop, state=State.PROCESSED)
    forged = told(shop, state=State.BAD_SIGNATURE)

    assert run("--shop", "Main Store") == 0

    assert platform.asked_ids == [("1", "404")]
    for event in (dead, failed, done, forged):
        event.refresh_from_db()
    assert (dead.state, dead.outcome) == (State.PROCESSED, "Order 1 is new")
    assert failed.outcome == "TikTok has no order 404"
    assert done.attempts == 0
    assert forged.state == State.BAD_SIGNATURE
    out = capsys.readouterr().out
    assert "Main Store (MY)" in out
    assert run("--all-shops") == 0
    assert "Nothing is to be replayed." in capsys.readouterr().out


def test_state_period_and_limit_narrow_it(shop, platform):
    old = told(shop, received_at=timezone.now() - timedelta(days=9))
    new = told(shop)
    done = told(shop, state=State.PROCESSED)

    assert run("--all-shops", "--days", "2", "--limit", "1") == 0
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.state, new.state) == (State.DEAD, State.PROCESSED)

    assert run("--all-shops", "--state", "processed", "--limit", "5") == 0
    done.refresh_from_db()
    assert done.outcome == "Order 1: no change"


def test_a_dry_run_counts_and_does_nothing(shop, platform, capsys):
    told(shop)
    told(shop)

    assert run("--all-shops", "--dry-run", "--json") == 0

    line = json.loads(capsys.readouterr().out)
    assert line | {"shop": 0} == {
        "type": "events",
        "shop": 0,
        "state": "dead",
        "topic": "order_status_change",
        "count": 2,
    }
    assert not platform.asked_ids


def test_json_has_a_line_for_each_shop_and_a_sum(shop, platform, capsys):
    told(shop)

    assert run("--all-shops", "--json") == 0

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["type"] for line in lines] == ["shop", "summary"]
    assert (lines[0]["done"], lines[1]["replayed"]) == (1, 1)


def test_what_needs_a_person_or_goes_wrong_is_told_by_the_code(
    shop, platform, capsys, monkeypatch
):
    assert run("--shop", "nobody") == 2
    assert run("--all-shops", "--limit", "0") == 2
    told(shop)

    def gone(ids: list[str]) -> Any:
        raise ConsentNeeded("The seller took the app away.")

    monkeypatch.setattr(platform, "get_orders", gone)
    assert run("--shop", "Main Store") == 4
    assert "Connect the shop again" in capsys.readouterr().err
    assert run("--shop", "Main Store") == 4, "the shop is not connected by now"

    def broken(ids: list[str]) -> Any:
        raise ValueError

    Shop.objects.update(state=Shop.State.CONNECTED)
    monkeypatch.setattr(platform, "get_orders", broken)
    assert run("--shop", "Main Store") == 3
