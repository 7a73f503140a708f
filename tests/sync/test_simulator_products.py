"""Listings from the running simulator, in good and in bad weather."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.integrations.errors import PlatformError
from apps.integrations.tiktok import retries
from apps.orders.models import OrderLine
from apps.platforms.models import ApiCall, Shop
from apps.products.models import Listing, ListingPayload, ListingSku
from apps.sync import tasks
from apps.sync.models import Resource, SyncCursor, SyncRun
from apps.sync.services.orders import pull_orders
from apps.sync.services.products import pull_products
from tests.factories.platforms import connect_simulator_shops
from tests.simulator_server import SimulatorServer
from tests.sync.queued import at_once

pytestmark = pytest.mark.django_db

DETAIL = "/product/202309/products/"


@pytest.fixture
def shop(simulator) -> Shop:
    return connect_simulator_shops(simulator, 0)[0]


@pytest.fixture
def hasty(monkeypatch):
    """Repeat without the long pauses."""
    whole = retries.RetryPolicy.pause_seconds

    def pause_seconds(self, error, repeat):
        pause = whole(self, error, repeat)
        return None if pause is None else 0.01

    monkeypatch.setattr(retries.RetryPolicy, "pause_seconds", pause_seconds)


def pull(shop: Shop, **options) -> SyncRun:
    return pull_products(shop, trigger=SyncRun.Trigger.COMMAND, **options)


def listed(simulator: SimulatorServer, shop: Shop) -> dict[str, str]:
    """{product ID: status} as the simulator knows them."""
    rows = simulator.control(f"listings?shop_id={shop.remote_id}&limit=99999")
    return {row["id"]: row["status"] for row in rows}


def stored(shop: Shop) -> dict[str, str]:
    return dict(
        Listing.objects.filter(shop=shop).values_list("remote_id", "status_text")
    )


def a_live_one(shop: Shop) -> Any:
    rows = Listing.objects.filter(shop=shop, status="live", details_of__isnull=False)
    return rows.order_by("remote_id").first()


def test_the_first_pull_brings_every_listing_whole(shop, simulator):
    run = pull(shop)

    assert (run.state, run.failed) == (SyncRun.State.DONE, 0)
    assert stored(shop) == listed(simulator, shop)
    assert run.new == run.read == run.expected == Listing.objects.count() >= 20
    hidden = Listing.objects.filter(status__in=["deleted", "frozen"]).count()
    assert ListingPayload.objects.count() == run.new - hidden
    assert not ListingSku.objects.filter(seller_sku="", price_amount=None).exists()
    rejected = Listing.objects.get(status="failed")
    assert rejected.rejections[0]["reasons"]


def test_what_changed_in_seller_center_comes_with_the_next_pull(shop, simulator):
    pull(shop)
    row = a_live_one(shop)
    untouched = dict(
        Listing.objects.exclude(pk=row.pk).values_list("pk", "modified_at")
    )
    sku = row.skus.order_by("position").first()
    ApiCall.objects.all().delete()
    simulator.control(
        f"listings/{row.remote_id}/change",
        {
            "title": "A title from Seller Center, longer than twenty-five",
            "price": "7.77",
        },
    )

    run = pull(shop)

    assert (run.read, run.updated, run.failed) == (1, 1, 0)
    row.refresh_from_db()
    sku.refresh_from_db()
    assert row.title.startswith("A title from Seller Center")
    assert str(sku.price_amount) == "7.7700"
    assert ApiCall.objects.count() == 3
    rows = Listing.objects.exclude(pk=row.pk)
    assert dict(rows.values_list("pk", "modified_at")) == untouched


@pytest.mark.parametrize(
    ("status", "ours"),
    [("DELETED", "deleted"), ("FREEZE", "frozen"), ("PLATFORM_DEACTIVATED", None)],
)
def test_states_follow_the_platform(shop, simulator, status, ours):
    pull(shop)
    row = a_live_one(shop)
    simulator.control(f"listings/{row.remote_id}/status", {"status": status})

    run = pull(shop)

    assert (run.state, run.failed) == (SyncRun.State.DONE, 0)
    row.refresh_from_db()
    assert row.status == (ours or "platform_deactivated")
    assert row.status_text == status


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "rate_limit"},
        {"kind": "status", "status": 500},
        {"kind": "drop"},
        {"kind": "cut"},
    ],
    ids=lambda fault: fault["kind"],
)
def test_trouble_that_passes_is_survived(shop, simulator, hasty, fault):
    simulator.control("faults", fault | {"path": "/product", "count": 3})

    run = pull(shop)

    assert run.state == SyncRun.State.DONE
    assert stored(shop) == listed(simulator, shop)


def test_details_that_fail_are_had_by_the_next_pull(shop, simulator, hasty):
    simulator.control("faults", {"kind": "status", "status": 503, "path": DETAIL})
    with pytest.raises(PlatformError):
        pull(shop)
    assert stored(shop) == listed(simulator, shop)
    assert not ListingPayload.objects.exists()
    simulator.control("faults", method="DELETE")

    run = pull(shop)

    assert run.state == SyncRun.State.DONE
    assert ListingPayload.objects.count() > 15


def test_orders_are_linked_whichever_comes_first(shop):
    pull_orders(shop, trigger=SyncRun.Trigger.COMMAND)
    lines = OrderLine.objects.filter(order__shop=shop)
    assert lines.exists()
    assert not lines.filter(listing_sku=None).exists()
    stubs = Listing.objects.filter(source="order").count()
    assert stubs

    pull(shop)

    assert not Listing.objects.filter(source="order").exists()
    assert not lines.filter(listing_sku=None).exists()
    assert not lines.exclude(listing_sku__shop=shop).exists()


def test_the_sweep_wakes_products_hourly_and_apart_from_orders(shop, monkeypatch):
    monkeypatch.setattr(
        tasks.pull_products, "apply_async", at_once(tasks.pull_products)
    )
    Shop.objects.exclude(pk=shop.pk).update(state=Shop.State.PAUSED)

    assert tasks.sweep_products() == 1
    run = SyncRun.objects.get()
    assert (run.resource, run.trigger, run.state) == ("products", "schedule", "done")
    assert tasks.sweep_products() == 0

    SyncRun.objects.update(started_at=timezone.now() - timedelta(minutes=59))
    assert tasks.sweep_products() == 0
    SyncRun.objects.update(started_at=timezone.now() - timedelta(minutes=61))
    assert tasks.sweep_products() == 1
    assert SyncRun.objects.count() == 2


def test_a_shop_that_may_not_show_products_is_asked_hourly(simulator, monkeypatch):
    shop = connect_simulator_shops(simulator, 0)[0]
    Shop.objects.exclude(pk=shop.pk).update(state=Shop.State.PAUSED)
    shop.credentials.get().authorization.__class__.objects.update(
        scopes=["seller.order.info"]
    )
    monkeypatch.setattr(
        tasks.pull_products, "apply_async", at_once(tasks.pull_products)
    )

    assert tasks.sweep_products() == 1
    run = SyncRun.objects.get()
    assert (run.state, run.needs_person) == (SyncRun.State.FAILED, True)
    SyncRun.objects.update(started_at=timezone.now() - timedelta(minutes=30))
    assert tasks.sweep_products() == 0
    shop.refresh_from_db()
    assert shop.state == Shop.State.CONNECTED


def run_command(*options: str) -> object:
    try:
        call_command("sync_products", *options)
    except SystemExit as end:
        return end.code
    except CommandError as error:
        return error.returncode
    return 0


def test_the_command_pulls_and_says_so(shop, capsys):
    assert run_command(f"--shop={shop.pk}") == 0

    out, err = capsys.readouterr()
    count = Listing.objects.count()
    assert f"{count} | " in out.splitlines()[1]
    assert f"sync_products shop={shop.pk} state=done done={count}" in err
    assert f"sync_products details shop={shop.pk} state=done" in err

    assert run_command(f"--shop={shop.pk}") == 0
    assert "Nothing has changed." in capsys.readouterr().out


def test_the_command_compares_all_when_told(shop, capsys):
    run_command(f"--shop={shop.pk}")

    assert run_command(f"--shop={shop.pk}", "--full", "--json") == 0

    out = capsys.readouterr().out
    assert f'"read": {Listing.objects.count()}' in out.splitlines()[-1]


@pytest.mark.parametrize(
    "options", [("--full", "--days=1"), ("--full", "--since=2026-01-01"), ()]
)
def test_options_that_do_not_go_together_are_refused(shop, options):
    named = (f"--shop={shop.pk}",) if options else ()

    assert run_command(*named, *options) == 2
    assert not SyncRun.objects.exists()


def test_a_dry_run_of_the_command_writes_no_product(shop, capsys):
    assert run_command(f"--shop={shop.pk}", "--dry-run") == 0

    assert "Dry run: no product was written." in capsys.readouterr().out
    assert not Listing.objects.exists()
    assert not SyncCursor.objects.filter(resource=Resource.PRODUCTS).exists()


def test_a_limit_of_the_command_stops_early(shop):
    assert run_command(f"--shop={shop.pk}", "--limit=1") == 0

    assert not SyncCursor.objects.exists()
