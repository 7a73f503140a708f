"""`manage.py find_gaps`, and gaps in the API."""

import io
import json
from typing import Any

import pytest
from django.core.management import call_command

from apps.platforms.models import Shop
from apps.sync.management.commands import find_gaps
from apps.sync.models import SyncGap
from apps.sync.services.gaps.recount import recount
from apps.users.roles import Role
from tests.api.support import Caller
from tests.factories.platforms import make_shop
from tests.factories.sync import make_gap
from tests.factories.users import make_client, make_user
from tests.orders.queries import statements
from tests.sync.fakes import FakePlatform, make_remote_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return make_shop(name="Main Store")


@pytest.fixture
def platform(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the command counts against: one order a day ago, unreadable."""
    gap = make_gap(shop)
    gap.delete()
    order = make_remote_order("O1", gap.since.replace(hour=12))
    fake: Any = FakePlatform([order], unreadable=frozenset({"O1"}))
    monkeypatch.setattr(
        find_gaps, "recount", lambda shop, **o: recount(shop, client=fake, **o)
    )
    return fake


def run(*arguments: str, **options: Any) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command("find_gaps", *arguments, stdout=out, stderr=err, **options)
    except SystemExit as error:
        code = int(str(error.code))
    return code, out.getvalue(), err.getvalue()


def test_it_says_where_sides_differ_and_exits_with_3(shop, platform):
    code, out, _ = run("--shop", str(shop.pk), "--no-progress")

    assert code == 3
    gap = SyncGap.objects.get()
    assert f"{gap.day:%d %b %Y} of {shop}: 1 order differs; TikTok counts 1" in out

    platform.orders = []
    code, out, _ = run("--all-shops", "--no-progress")

    assert code == 0
    assert "All orders that were counted agree." in out
    assert not SyncGap.objects.open().exists()


def test_programs_read_one_object_a_line(shop, platform):
    code, out, _ = run("--shop", shop.name, "--json", "--days", "3")

    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["type"] for line in lines] == ["gap", "shop", "summary"]
    assert (lines[0]["left"], lines[0]["their_orders"]) == (1, 1)
    assert code == 3
    assert len({since for since, _ in platform.asked}) == 3


def test_a_dry_run_opens_no_gap(shop, platform):
    code, out, _ = run("--shop", str(shop.pk), "--dry-run", "--no-progress")

    assert code == 3
    assert "Dry run" in out
    assert not SyncGap.objects.exists()


def test_the_api_shows_gaps_of_ones_own_shops(shop):
    gap = make_gap(shop, "576460001")
    caller = Caller(make_user(clients=[shop.client], role=Role.ANALYST))
    stranger = Caller(make_user(clients=[make_client()], role=Role.ADMIN))

    (row,) = caller.get("gaps/?state=open").json()["results"]
    assert (row["id"], row["left"], row["shop"]) == (gap.pk, 1, shop.pk)
    assert row["their_money"] == {shop.currency: "80"}
    detail = caller.get(f"gaps/{gap.pk}/").json()
    assert detail["orders"] == [
        {
            "remote_id": "576460001",
            "kind": "missing",
            "theirs": f"1 unit, 40 {shop.currency}",
            "ours": "",
        }
    ]
    assert stranger.get("gaps/").json()["results"] == []
    assert stranger.get(f"gaps/{gap.pk}/").status_code == 404


def test_the_list_in_the_api_costs_the_same_however_many_there_are(shop):
    caller = Caller(make_user(clients=[shop.client], role=Role.ANALYST))

    def asked() -> int:
        with statements() as sent:
            caller.get("gaps/")
        return len(sent)

    make_gap(shop, "1")
    caller.get("gaps/")
    before = asked()
    for _ in range(3):
        make_gap(make_shop(shop.client), "1", "2")

    assert asked() == before
