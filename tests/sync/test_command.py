"""`manage.py sync_orders`: what it prints and how it ends."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.core.management.reporting import Progress
from apps.integrations.tiktok import retries
from apps.orders.models import Order
from apps.platforms.models import Authorization, Shop
from apps.sync.management.commands import sync_orders
from apps.sync.models import SyncCursor, SyncRun
from apps.sync.services.orders import pull_orders
from tests.factories.platforms import (
    connect_simulator_shops,
    make_authorization,
    make_shop,
)
from tests.factories.users import make_client
from tests.sync.test_due import make_run

pytestmark = pytest.mark.django_db

SEARCH = "/order/202309/orders/search"


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(
        retries.RetryPolicy, "pause_seconds", lambda self, error, repeat: None
    )


def run(*arguments: str) -> int:
    """The exit code a shell would see."""
    try:
        call_command("sync_orders", *arguments)
    except SystemExit as stop:
        return int(stop.code or 0)
    except CommandError as error:
        return int(error.returncode)
    return 0


def test_a_pull_prints_a_table_and_plain_lines_of_progress(simulator, capsys):
    shop, other = connect_simulator_shops(simulator, 0)

    assert run("--all-shops") == 0

    captured = capsys.readouterr()
    header, *rows = captured.out.splitlines()
    assert [cell.strip() for cell in header.split("|")] == [
        *("Shop", "Read", "New", "Updated", "Same", "Failed", "Took")
    ]
    assert [row.split("|")[0].strip() for row in rows] == [
        *sorted([str(shop), str(other)]),
        "Total",
    ]
    total = rows[-1].split("|")
    assert int(total[2].replace(",", "")) == Order.objects.count()
    assert "\r" not in captured.err
    assert "\x1b" not in captured.err
    lines = captured.err.splitlines()
    assert all(" sync_orders shop=" in line for line in lines)
    assert sum("state=done" in line for line in lines) == 2


def test_a_second_pull_says_that_nothing_has_changed(simulator, capsys):
    connect_simulator_shops(simulator, 3)
    run("--all-shops")
    capsys.readouterr()

    assert run("--all-shops") == 0
    assert "Nothing has changed." in capsys.readouterr().out


def test_json_prints_one_object_a_line_and_nothing_else(simulator, capsys):
    shop, *_ = connect_simulator_shops(simulator, 3)

    assert run("--all-shops", "--json") == 0

    captured = capsys.readouterr()
    rows = [json.loads(line) for line in captured.out.splitlines()]
    assert [row["type"] for row in rows] == ["shop", "summary"]
    assert rows[0]["shop"] == shop.pk
    assert rows[0]["state"] == "done"
    assert rows[1]["new"] == Order.objects.count() == rows[1]["read"]
    assert captured.err == ""


def test_json_stays_json_when_a_shop_fails(simulator, capsys, impatient):
    connect_simulator_shops(simulator, 3)
    simulator.control("faults", {"kind": "status", "path": SEARCH})

    assert run("--all-shops", "--json") == 3

    captured = capsys.readouterr()
    rows = [json.loads(line) for line in captured.out.splitlines()]
    assert rows[0]["state"] == "failed"
    assert "TikTok" in rows[0]["error"]
    assert "TikTok" in captured.err


def test_a_dry_run_writes_no_order_and_says_so(simulator, capsys):
    connect_simulator_shops(simulator, 3)

    assert run("--all-shops", "--dry-run") == 0

    assert "Dry run: no order was written." in capsys.readouterr().out
    assert not Order.objects.exists()
    assert not SyncCursor.objects.exists()


def test_a_period_in_days_is_pulled_alone(simulator):
    connect_simulator_shops(simulator, 0)

    assert run("--all-shops", "--days", "20") == 0

    since = timezone.now() - timedelta(days=20, minutes=1)
    assert Order.objects.exists()
    assert not Order.objects.filter(remote_updated_at__lt=since).exists()
    assert not SyncCursor.objects.exists()


def test_shops_are_chosen_by_our_id_their_id_name_or_client(simulator):
    client = make_client("Northwind")
    one, two = connect_simulator_shops(simulator, 0, client=client)

    for name in (str(one.pk), one.remote_id, one.name.upper(), str(one)):
        SyncRun.objects.all().delete()
        assert run("--shop", name) == 0
        assert SyncRun.objects.get().shop == one
    SyncRun.objects.all().delete()
    assert run("--client", "northwind") == 0
    assert {r.shop for r in SyncRun.objects.all()} == {one, two}
    SyncRun.objects.all().delete()
    assert run("--shop", str(one.pk), "--shop", str(two.pk)) == 0
    assert SyncRun.objects.count() == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Say which shops"),
        (("--shop", "nowhere"), "No shop “nowhere”. Known: none is connected yet"),
        (("--client", "nobody"), "No shop of a client “nobody”"),
        (("--all-shops", "--days", "0"), "more than 0"),
        (("--all-shops", "--days", "nan"), "more than 0"),
        (("--all-shops", "--days", "1e12"), "more than 0"),
        (("--all-shops", "--limit", "0"), "1 or more"),
        (("--all-shops", "--days", "1", "--since", "2026-01-01"), "not both"),
        (("--all-shops", "--until", "2026-01-01"), "--until needs --since"),
        (
            ("--all-shops", "--since", "2026-01-02", "--until", "2026-01-01"),
            "must lie before",
        ),
        (("--all-shops", "--since", "yesterday"), "--since"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_is_wrong(arguments, words):
    with pytest.raises(CommandError, match=words.replace("(", r"\(")) as caught:
        call_command("sync_orders", *arguments)

    assert caught.value.returncode in (1, 2)
    assert not SyncRun.objects.exists()


def test_an_unknown_shop_names_the_known_ones():
    shop = make_shop(name="Lamps")

    with pytest.raises(CommandError, match=f"Known: {shop.pk} Lamps") as caught:
        call_command("sync_orders", "--shop", "Lamp")
    assert caught.value.returncode == 2


def test_a_name_of_several_shops_is_refused():
    client = make_client()
    one, two = make_shop(client, name="Lamps"), make_shop(client, name="Lamps")

    with pytest.raises(CommandError, match="names several shops") as caught:
        call_command("sync_orders", "--shop", "lamps")

    assert caught.value.returncode == 2
    assert f"is {one.pk}" in str(caught.value)
    assert f"is {two.pk}" in str(caught.value)


def test_a_platform_that_is_down_ends_with_3(simulator, capsys, impatient):
    connect_simulator_shops(simulator, 3)
    simulator.control("faults", {"kind": "status", "path": SEARCH})

    assert run("--all-shops") == 3
    assert "Isarwerk Shop (DE): " in capsys.readouterr().err
    assert not Order.objects.exists()


def test_rows_that_cannot_be_taken_end_with_3(simulator, capsys, monkeypatch):
    connect_simulator_shops(simulator, 3)

    def pull(*args, **options):
        made = whole(*args, **options)
        made.failed = 2
        return made

    whole = pull_orders
    monkeypatch.setattr(sync_orders, "pull_orders", pull)

    assert run("--all-shops") == 3


def test_a_shop_that_must_be_connected_again_ends_with_4(simulator, capsys):
    connect_simulator_shops(simulator, 3)
    simulator.control("tokens/deauthorise", {})

    assert run("--all-shops") == 4

    assert "reconnect needed" in capsys.readouterr().err
    assert Shop.objects.get().state == Shop.State.RECONNECT_NEEDED


def test_a_pull_that_runs_already_ends_with_5(capsys):
    shop = make_shop()
    make_run(shop, SyncRun.State.RUNNING, minutes_ago=0)

    assert run("--shop", str(shop.pk)) == 5
    assert "already being synced (process 1 on another-host" in capsys.readouterr().err


def test_ctrl_c_keeps_what_was_pulled_and_ends_with_130(simulator, capsys, monkeypatch):
    connect_simulator_shops(simulator, 0)
    whole = Progress.show

    def show(self, done, total, counts, state="running"):
        if done:
            raise KeyboardInterrupt
        whole(self, done, total, counts, state)

    monkeypatch.setattr(Progress, "show", show)

    assert run("--all-shops") == 130

    assert "what was pulled is kept" in capsys.readouterr().err
    interrupted = SyncRun.objects.get()
    assert interrupted.state == SyncRun.State.INTERRUPTED
    assert Order.objects.count() == interrupted.new > 0


def test_the_worst_code_wins_and_one_failing_shop_stops_no_other(
    simulator, capsys, impatient
):
    good, *_ = connect_simulator_shops(simulator, 3)
    busy = make_shop(name="Busy")
    make_run(busy, SyncRun.State.RUNNING, minutes_ago=0)
    assert run("--all-shops") == 5

    broken = make_shop(name="Broken")
    make_authorization(shops=[broken])
    Authorization.objects.filter(credentials__shop=broken).update(
        access_expires_at=timezone.now()
    )
    assert run("--all-shops") == 3

    lost = make_shop(name="Lost")
    assert run("--all-shops") == 4

    latest = {
        shop: SyncRun.objects.filter(shop=shop)[0] for shop in (good, broken, lost)
    }
    assert latest[good].state == SyncRun.State.DONE
    assert latest[broken].state == SyncRun.State.FAILED
    assert latest[lost].needs_person
    assert Order.objects.filter(shop=good).exists()


def test_a_crash_in_one_shop_is_told_and_the_others_are_pulled(
    simulator, capsys, caplog, monkeypatch
):
    good, other = connect_simulator_shops(simulator, 0)

    def pull(shop, **options):
        if shop == good:
            raise ZeroDivisionError("a bug")
        return pull_orders(shop, **options)

    monkeypatch.setattr(sync_orders, "pull_orders", pull)

    assert run("--all-shops") == 1

    assert f"{good}: crashed: ZeroDivisionError" in capsys.readouterr().err
    assert "Traceback" in caplog.text
    assert Order.objects.filter(shop=other).exists()
    assert not Order.objects.filter(shop=good).exists()
