"""`sync_returns`, `sync_packages`, and orders by when they were placed."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.integrations.errors import PlatformUnavailable, ScopeMissing
from apps.orders.models import Cancellation, Order, Package, Return
from apps.sync.management.commands import sync_orders, sync_packages, sync_returns
from apps.sync.models import SyncRun
from tests.factories.aftersales import (
    make_remote_cancellation,
    make_remote_package,
    make_remote_return,
)
from tests.factories.platforms import make_shop
from tests.sync.fakes import FakePlatform, make_remote_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def platform(monkeypatch) -> FakePlatform:
    """What all commands speak to."""
    at = timezone.now() - timedelta(days=1)
    platform = FakePlatform(
        [make_remote_order("O1", at)],
        packages=[make_remote_package(order_ids=("O1",), updated_at=at)],
        cancellations=[make_remote_cancellation(order_id="O1", updated_at=at)],
        returns=[
            make_remote_return(str(number), order_id="O1", updated_at=at)
            for number in range(3)
        ],
    )
    for module, names in (
        (sync_orders, ("pull_orders", "pull_placed_orders")),
        (sync_packages, ("pull_packages",)),
        (sync_returns, ("pull_cancellations", "pull_returns")),
    ):
        for name in names:
            pull = partial(getattr(module, name), client=platform)
            monkeypatch.setattr(module, name, pull)
    return platform


def run(command: str, *arguments: str) -> int:
    """The exit code a shell would see."""
    try:
        call_command(command, "--all-shops", *arguments)
    except SystemExit as stop:
        return int(stop.code or 0)
    except CommandError as error:
        return int(error.returncode)
    return 0


def test_returns_come_with_cancellations_each_told_apart(platform, capsys):
    shop = make_shop()

    assert run("sync_returns") == 0

    assert (Cancellation.objects.count(), Return.objects.count()) == (1, 3)
    captured = capsys.readouterr()
    rows = [line.split("|") for line in captured.out.splitlines()[1:]]
    assert [row[0].strip() for row in rows] == [
        f"{shop}, cancellations",
        f"{shop}, returns",
        "Total",
    ]
    assert rows[-1][1].strip() == "4"
    lines = captured.err.splitlines()
    assert sum(" sync_returns shop=" in line for line in lines) == len(lines) > 1
    assert any("resource=cancellations" in line for line in lines)

    assert run("sync_returns", "--since", "2026-01-01") == 0
    assert "Nothing has changed." in capsys.readouterr().out


def test_json_names_the_resource(platform, capsys):
    make_shop()

    assert run("sync_returns", "--json", "--dry-run") == 0

    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row.get("resource") for row in rows] == ["cancellations", "returns", None]
    assert (rows[-1]["shops"], rows[-1]["new"]) == (1, 4)
    assert not Return.objects.exists()


def test_one_that_fails_does_not_keep_the_other(platform, capsys, monkeypatch):
    make_shop()

    def fail(*args: Any, **options: Any) -> Any:
        raise PlatformUnavailable("TikTok did not answer.")

    monkeypatch.setattr(platform, "search_cancellations", fail)
    assert run("sync_returns") == 3
    assert Return.objects.count() == 3

    def refuse(*args: Any, **options: Any) -> Any:
        raise ScopeMissing("Access denied.", code=105005)

    monkeypatch.setattr(platform, "search_cancellations", refuse)
    assert run("sync_returns") == 4


def test_packages_have_a_command_of_their_own(platform, capsys):
    make_shop()

    assert run("sync_packages") == 0

    assert Package.objects.get().orders.get().remote_id == "O1"
    assert "Dry run" not in capsys.readouterr().out


def test_orders_are_compared_by_when_they_were_placed(platform):
    make_shop()
    old = datetime(2024, 3, 1, tzinfo=UTC)
    platform.orders.append(make_remote_order("O2", old + timedelta(days=200)))
    placed = old + timedelta(days=200) - timedelta(hours=1)

    ends = ("--placed-from", "2024-03-01", "--placed-to", "2024-12-31")
    assert run("sync_orders", *ends) == 0
    assert Order.objects.get().placed_at == placed
    made = SyncRun.objects.get()
    assert (made.basis, made.since) == ("placed", old)

    assert run("sync_orders", "--full") == 0
    assert Order.objects.count() == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--full", "--days", "7"), "one of both"),
        (("--placed-from", "2026-01-01", "--since", "2026-01-01"), "one of both"),
        (("--full", "--placed-from", "2026-01-01"), "give no period"),
        (("--placed-to", "2026-01-01"), "--placed-to needs --placed-from"),
        (
            ("--placed-from", "2026-01-02", "--placed-to", "2026-01-01"),
            "must lie before",
        ),
        (("--placed-from", "yesterday"), "--placed-from"),
    ],
)
def test_wrong_usage_says_what_is_wrong(arguments, words):
    make_shop()

    with pytest.raises(CommandError, match=words) as caught:
        call_command("sync_orders", "--all-shops", *arguments)

    assert caught.value.returncode in (1, 2)
    assert not SyncRun.objects.exists()
