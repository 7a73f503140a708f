"""push_inventory: what it sends, what it shows, and what it tells the shell."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from apps.integrations.contracts import StockFault
from apps.integrations.errors import ConsentNeeded, RateLimited
from apps.inventory.models import ShopStockSettings
from apps.platforms.models import Shop
from apps.sync.models import StockPush
from apps.sync.services.stock_push import working
from tests.factories.inventory import receive
from tests.factories.platforms import make_shop
from tests.sync.stock_shop import (
    FakeStockShop,
    make_stocked,
    make_told_shop,
    push_of,
    refusal,
    tell,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make_told_shop()


@pytest.fixture
def platform(monkeypatch):
    platform = FakeStockShop()
    monkeypatch.setattr(working, "_channel", platform.channel)
    return platform


def run(*arguments, code=0):
    """What it says on both streams."""
    out, err = io.StringIO(), io.StringIO()
    ended_with = 0
    try:
        call_command("push_inventory", *arguments, stdout=out, stderr=err)
    except SystemExit as ended:
        ended_with = int(ended.code or 0)
    except CommandError as error:
        ended_with = error.returncode
        err.write(str(error))
    assert ended_with == code
    return out.getvalue(), err.getvalue()


def test_it_tells_what_changed_and_sums_up(shop, platform):
    sku = make_stocked(shop, 12)

    out, err = run(f"--shop={shop.pk}")

    assert platform.stock == {sku.remote_id: {"69001": 12}}
    header, row = out.splitlines()[:2]
    assert header.startswith("Shop")
    assert row.split(" | ")[1:5] == ["       1", "       1", "     0", "             0"]
    assert "state=done done=1 total=1 accepted=1" in err


def test_news_that_waits_is_taken_in_first(shop, platform):
    sku = make_stocked(shop, 12)
    tell(shop, platform)
    receive(sku.variant, 1)

    run("--all-shops")

    assert platform.stock[sku.remote_id] == {"69001": 13}


def test_without_news_nothing_is_told(shop, platform):
    make_stocked(shop, 12)
    run("--all-shops")
    platform.calls.clear()

    out, _ = run("--all-shops")

    assert "Nothing was to be told." in out
    assert platform.calls == []


def test_all_of_it_is_sent_anew_when_asked(shop, platform):
    for _ in range(2):
        make_stocked(shop, 12)
    run("--all-shops")
    platform.calls.clear()

    run("--all-shops", "--full")

    assert len(platform.calls) == 2


@pytest.mark.parametrize("name", ["variant", "seller"])
def test_one_sku_can_be_named_by_ours_or_by_theirs(shop, platform, name):
    sku = make_stocked(shop, 12, seller_sku="THEIRS-1")
    make_stocked(shop, 12, seller_sku="THEIRS-2")
    assert sku.variant is not None
    named = sku.variant.sku.lower() if name == "variant" else "theirs-1"

    run(f"--shop={shop.pk}", f"--sku={named}")

    assert [product for product, _ in platform.calls] == [sku.listing.remote_id]


def test_a_limit_stops_early(shop, platform):
    for _ in range(3):
        make_stocked(shop, 12)

    run(f"--shop={shop.pk}", "--limit=2")

    assert len(platform.calls) == 2
    assert StockPush.objects.filter(state="due").count() == 1


def test_a_dry_run_shows_what_would_be_told_and_does_nothing(shop, platform):
    told, changed = make_stocked(shop, 12), make_stocked(shop, 5)
    tell(shop, platform)
    platform.calls.clear()
    assert changed.variant is not None
    assert told.variant is not None
    receive(changed.variant, 2)
    before = StockPush.objects.values()

    out, _ = run(f"--shop={shop.pk}", "--dry-run")

    lines = out.splitlines()
    assert lines[0].split(" | ")[0].strip() == "SKU"
    assert [cell.strip() for cell in lines[1].split("|")] == [
        changed.variant.sku,
        str(shop),
        "5",
        "7",
        "changed",
    ]
    assert "1 would be told, and nothing was sent." in lines[-1]
    assert told.variant.sku not in out
    assert platform.calls == []
    assert list(StockPush.objects.values()) == list(before)


def test_a_dry_run_of_all_says_why_not_as_well(shop, platform):
    make_stocked(shop, 12)
    ShopStockSettings.objects.update(is_pushed=False)

    out, _ = run(f"--shop={shop.pk}", "--dry-run", "--full", "--json")

    row = json.loads(out.splitlines()[0])
    assert (row["told"], row["now"], row["is_due"]) == (None, None, False)
    assert "switch it on" in row["why"]


def test_a_shop_that_is_not_told_is_named(shop, platform):
    ShopStockSettings.objects.update(is_pushed=False)

    out, err = run(f"--shop={shop.pk}")

    assert "No shop to tell." in out
    assert "is not told our stock" in err


def test_a_shop_that_is_paused_is_named(shop, platform):
    Shop.objects.update(state=Shop.State.PAUSED)

    _, err = run(f"--shop={shop.pk}")

    assert "is paused" in err


def test_a_sku_that_no_shop_has_is_a_mistake(shop, platform):
    _, err = run(f"--shop={shop.pk}", "--sku=NOWHERE", code=2)

    assert "None of these shops" in err


def test_a_limit_of_none_is_a_mistake(shop, platform):
    run(f"--shop={shop.pk}", "--limit=0", code=2)


@pytest.mark.parametrize(
    ("kind", "code"), [(StockFault.RETRY, 3), (StockFault.LOCKED, 4)]
)
def test_what_is_not_taken_is_in_the_exit_code_and_listed(shop, platform, kind, code):
    sku = make_stocked(shop, 12)
    platform.before_call = lambda *_: [refusal(sku.remote_id, kind)]

    _, err = run(f"--shop={shop.pk}", code=code)

    assert f"1x TikTok says {kind.value}" in err


def test_the_other_shops_are_told_where_one_fails(shop, platform):
    other = make_told_shop(shop.client, "69100")
    make_told_shop(make_shop().client, "69200")
    for each in (shop, other):
        make_stocked(each, 12)

    def before_call(product, skus):
        if "69001" in skus[0].quantities:
            raise RateLimited("Too many calls")

    platform.before_call = before_call
    out, err = run("--all-shops", "--json", code=3)

    lines = [json.loads(line) for line in out.splitlines()]
    assert {line["shop"]: line["accepted"] for line in lines}[other.pk] == 1
    assert "Too many calls" in err


def test_consent_that_is_gone_is_for_a_person(shop, platform):
    sku = make_stocked(shop, 12)

    def before_call(product, skus):
        raise ConsentNeeded("The seller took consent back")

    platform.before_call = before_call
    _, err = run(f"--shop={shop.pk}", code=4)

    assert "reconnect needed" in err
    assert push_of(sku).state == "blocked"


def test_a_shop_being_told_is_left_alone(shop, platform):
    sku = make_stocked(shop, 12)
    working_on = StockPush.objects.filter(listing_sku=sku)
    working_on.update(state="sending", sending_since="2999-01-01T00:00:00Z")

    _, err = run(f"--shop={shop.pk}", code=5)

    assert "already being sent" in err
