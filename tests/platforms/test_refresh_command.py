"""`manage.py refresh_tokens`."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.platforms.models import ApiCall, Authorization
from tests.factories.platforms import connect_simulator_shops, make_authorization

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> int:
    try:
        call_command("refresh_tokens", *arguments)
    except SystemExit as stop:
        return int(stop.code or 0)
    except CommandError as wrong:
        return wrong.returncode
    return 0


def make_due(*rows: Authorization) -> None:
    pks = [row.pk for row in rows]
    due_at = timezone.now() - timedelta(minutes=1)
    Authorization.objects.filter(pk__in=pks).update(refresh_due_at=due_at)


def generations() -> list[int]:
    return list(
        Authorization.objects.order_by("pk").values_list("generation", flat=True)
    )


def test_nothing_due_is_said_and_is_no_failure(simulator, capsys):
    connect_simulator_shops(simulator)

    assert run() == 0
    assert capsys.readouterr().out == "Nothing is due.\n"
    assert generations() == [0]


def test_all_renews_also_what_is_not_due_and_shows_old_and_new_end(simulator, capsys):
    connect_simulator_shops(simulator)
    before = Authorization.objects.get()

    assert run("--all") == 0

    after = Authorization.objects.get()
    printed = capsys.readouterr().out
    assert after.generation == 1
    assert f"{before.access_expires_at:%d %b %H:%M} → " in printed
    assert str(after.access_token) not in printed


def test_the_worst_end_wins_and_no_failure_stops_another(simulator, capsys):
    unknown = make_authorization()
    connect_simulator_shops(simulator, 0)
    good = Authorization.objects.latest("pk")
    make_due(unknown, good)
    assert run() == 3
    assert generations() == [0, 1]

    connect_simulator_shops(simulator, 1)
    revoked = Authorization.objects.latest("pk")
    simulator.control("tokens/revoke", {"seller_id": simulator.sellers()[1]["id"]})
    make_due(unknown, good, revoked)
    assert run() == 4

    captured = capsys.readouterr()
    assert f"{revoked}: reconnect needed." in captured.err
    assert generations() == [0, 2, 0]
    revoked.refresh_from_db()
    assert revoked.state == Authorization.State.CONSENT_NEEDED


def test_only_the_shops_named_are_renewed(simulator, capsys):
    (shop, *_) = connect_simulator_shops(simulator, 0)
    connect_simulator_shops(simulator, 1)

    assert run("--all", "--shop", str(shop.pk)) == 0

    assert generations() == [1, 0]
    assert run("--all", "--shop", "nowhere at all") == 2


def test_a_dry_run_names_them_and_asks_nobody(simulator, capsys):
    connect_simulator_shops(simulator)
    before = list(ApiCall.objects.values("pk"))

    assert run("--all", "--dry-run", "--json") == 0

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["type"] for line in lines] == ["consent", "summary"]
    assert lines[0]["result"] == "would be refreshed"
    assert lines[1] == {"type": "summary", "consents": 1, "failed": 0}
    assert generations() == [0]
    assert list(ApiCall.objects.values("pk")) == before
