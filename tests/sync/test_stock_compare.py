"""What shops show beside what they are to show: read page by page, and noted."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.integrations.contracts import RemoteWarehouse
from apps.integrations.errors import (
    ConsentNeeded,
    PlatformUnavailable,
    ScopeMissing,
)
from apps.inventory.models import ShopStockSettings, ShopWarehouse, StockNews
from apps.platforms.errors import ReconnectNeeded, ShopRefuses
from apps.platforms.models import Shop
from apps.products.models import Listing, ListingSku
from apps.sync.errors import AlreadyRunning
from apps.sync.models import Resource, StockDrift, StockPush, SyncRun
from apps.sync.services.due import is_due, next_pull, shops_due
from apps.sync.services.stock_compare import AT_ONCE, compare_stock
from apps.sync.services.stock_push import noting
from tests.factories.inventory import receive
from tests.factories.platforms import make_authorization, make_shop
from tests.factories.products import make_listing, make_listing_sku, make_variant
from tests.factories.sync import make_run
from tests.sync.shown_stock import (
    PLACE,
    FakeShownShop,
    compare,
    drifts,
    hears_of_orders,
    settle,
)
from tests.sync.stock_shop import make_stocked, make_told_shop, push_of

pytestmark = pytest.mark.django_db

State = SyncRun.State


@pytest.fixture
def shop():
    shop = make_told_shop()
    hears_of_orders(shop)
    return shop


@pytest.fixture
def platform():
    return FakeShownShop()


def counts(run: SyncRun) -> tuple[int, ...]:
    return run.read, run.new, run.updated, run.same, run.failed


def test_what_a_shop_shows_is_noted(shop, platform):
    skus = [make_stocked(shop, units) for units in (12, 7)]
    settle(shop, platform)

    run = compare(shop, platform)

    assert counts(run) == (2, 2, 0, 0, 0)
    assert (run.state, run.resource, run.pages, run.expected) == (
        State.DONE,
        Resource.STOCK,
        1,
        2,
    )
    pushes = [push_of(sku) for sku in skus]
    assert [push.found for push in pushes] == [{PLACE: 12}, {PLACE: 7}]
    assert [push.found_total for push in pushes] == [12, 7]
    assert all(push.found_at and push.found_at > run.started_at for push in pushes)
    assert drifts() == []


def test_looking_again_moves_nothing_but_the_moment(shop, platform):
    sku = make_stocked(shop, 12)
    settle(shop, platform)
    compare(shop, platform)
    noting.drain()
    before = push_of(sku)

    run = compare(shop, platform)

    after = push_of(sku)
    assert counts(run) == (1, 0, 0, 1, 0)
    assert after.found_at
    assert before.found_at
    assert after.found_at > before.found_at
    assert after.modified_at == before.modified_at
    assert not StockNews.objects.exists()
    assert platform.calls == [(sku.listing.remote_id, {sku.remote_id: {PLACE: 12}})]


def test_a_shop_that_is_not_told_is_looked_at_and_never_judged(platform):
    shop = make_shop()
    variant = make_variant(client=shop.client)
    receive(variant, 5)
    sku = make_listing_sku(shop=shop, variant=variant)
    platform.stock = {sku.remote_id: {PLACE: 99}}

    run = compare(shop, platform)

    assert counts(run) == (1, 1, 0, 0, 0)
    push = push_of(sku)
    assert (push.state, push.found, push.wanted_total) == ("unknown", {PLACE: 99}, None)
    assert drifts() == []


def test_only_matched_skus_of_live_listings_are_asked_for(shop, platform):
    sku = make_stocked(shop)
    make_listing_sku(shop=shop)
    make_stocked(shop, listing=make_listing(shop, status=Listing.Status.DRAFT))
    make_stocked(shop, removed_at=timezone.now())
    make_stocked(make_told_shop(place="69002"))

    run = compare(shop, platform)

    assert platform.searches == [[sku.remote_id]]
    assert run.read == 1


def test_what_is_not_shown_or_not_readable_is_named_and_never_zero(shop, platform):
    gone, odd, silent, fine = (make_stocked(shop, 5) for _ in range(4))
    settle(shop, platform)
    del platform.stock[gone.remote_id]
    platform.unreadable = {odd.remote_id}
    platform.silent = {silent.remote_id}

    run = compare(shop, platform)

    assert counts(run) == (4, 1, 0, 0, 3)
    assert run.state == State.PARTLY
    issues = dict(run.issues.values_list("remote_id", "message"))
    assert issues == {
        gone.remote_id: "TikTok shows no stock of it.",
        odd.remote_id: "Its stock cannot be read: no number.",
        silent.remote_id: "TikTok does not say how many there are.",
    }
    assert [push_of(sku).found for sku in (gone, odd, silent)] == [{}, {}, {}]
    assert push_of(fine).found == {PLACE: 5}
    assert drifts() == []


def test_warehouses_are_learnt_before_stock_is_looked_at(platform):
    shop = make_told_shop(place="69009")
    sku = make_stocked(shop, 4)
    platform.stock = {sku.remote_id: {PLACE: 4}}
    platform.places.append(RemoteWarehouse("69009", "Klang", "SALES_WAREHOUSE"))

    compare(shop, platform)

    names = ShopWarehouse.objects.filter(shop=shop).values_list("name", flat=True)
    assert set(names) == {"Shah Alam", "Klang"}


def test_where_a_sku_turns_out_to_be_held_is_looked_into(shop, platform):
    sku = make_stocked(shop, 4)
    settle(shop, platform)
    platform.stock[sku.remote_id][PLACE] = 4
    compare(shop, platform)
    noting.drain()
    platform.stock[sku.remote_id]["69002"] = 3

    run = compare(shop, platform)

    assert run.updated == 0
    assert [row.variant for row in StockNews.objects.all()] == [sku.variant]
    assert drifts() == []


def test_without_a_permission_for_warehouses_stock_is_compared_all_the_same(
    shop, platform
):
    sku = make_stocked(shop, 4)
    settle(shop, platform)

    def refuse():
        raise ScopeMissing("The app may not see warehouses.")

    platform.warehouses = refuse

    run = compare(shop, platform)

    assert (run.state, run.read, run.failed) == (State.PARTLY, 1, 1)
    assert "Its warehouses cannot be read." in run.first_error
    assert push_of(sku).found == {PLACE: 4}


def test_a_dry_run_counts_and_writes_nothing(shop, platform):
    sku, other = make_stocked(shop, 12), make_stocked(shop, 12)
    settle(shop, platform)
    platform.moves(sku, -3)
    platform.places.append(RemoteWarehouse("69002", "Klang", "SALES_WAREHOUSE"))

    run = compare(shop, platform, dry_run=True)

    assert counts(run) == (2, 1, 1, 0, 0)
    assert push_of(sku).found == push_of(other).found == {}
    assert ShopWarehouse.objects.count() == 1
    assert drifts() == []
    assert not SyncRun.objects.filter(resource=Resource.ORDERS).exists()


def test_as_many_are_looked_at_as_were_asked_for(shop, platform):
    skus = [make_stocked(shop, 4) for _ in range(3)]
    settle(shop, platform)

    assert compare(shop, platform, limit=2).read == 2
    assert compare(shop, platform, only=[skus[2].pk]).read == 1

    assert platform.searches[-1] == [skus[2].remote_id]
    assert compare(shop, platform, only=[]).read == 0


def test_an_outage_in_the_middle_keeps_what_was_found(shop, platform, monkeypatch):
    monkeypatch.setattr("apps.sync.services.stock_compare.AT_ONCE", 1)
    first, second = make_stocked(shop, 4), make_stocked(shop, 5)
    settle(shop, platform)

    def fail(number):
        if number == 2:
            raise PlatformUnavailable("TikTok Shop has trouble.")

    platform.before_search = fail
    with pytest.raises(PlatformUnavailable):
        compare(shop, platform)

    run = SyncRun.objects.filter(resource=Resource.STOCK).get()
    assert (run.state, run.read) == (State.FAILED, 1)
    assert run.first_error == "TikTok Shop has trouble."
    assert push_of(first).found == {PLACE: 4}
    assert push_of(second).found == {}

    platform.before_search = lambda number: None
    assert counts(compare(shop, platform)) == (2, 1, 0, 1, 0)


def test_an_interruption_leaves_the_next_comparison_whole(shop, platform, monkeypatch):
    monkeypatch.setattr("apps.sync.services.stock_compare.AT_ONCE", 1)
    skus = [make_stocked(shop, 4) for _ in range(2)]
    settle(shop, platform)
    platform.moves(skus[1], -1)

    def interrupt(number):
        if number == 2:
            raise KeyboardInterrupt

    platform.before_search = interrupt
    with pytest.raises(KeyboardInterrupt):
        compare(shop, platform)
    run = SyncRun.objects.filter(resource=Resource.STOCK).get()
    assert run.state == State.INTERRUPTED

    platform.before_search = lambda number: None
    compare(shop, platform)

    assert drifts() == [("open", "somebody", 4, 3)]


def test_a_shop_that_is_paused_meanwhile_is_left_alone(shop, platform):
    sku = make_stocked(shop, 4)
    settle(shop, platform)

    def pause(number):
        Shop.objects.update(state=Shop.State.PAUSED)

    platform.before_search = pause
    with pytest.raises(ShopRefuses, match="paused"):
        compare(shop, platform)

    assert push_of(sku).found == {}


def test_a_lost_consent_is_said_at_the_shop(shop, platform):
    make_authorization(shops=[shop])
    make_stocked(shop, 4)

    def refuse(number):
        raise ConsentNeeded("The seller took the consent back.")

    platform.before_search = refuse
    with pytest.raises(ConsentNeeded):
        compare(shop, platform)

    shop.refresh_from_db()
    assert shop.state == Shop.State.RECONNECT_NEEDED
    assert SyncRun.objects.get(resource=Resource.STOCK).needs_person


def test_a_shop_without_consent_says_so():
    shop = make_told_shop()
    make_stocked(shop, 4)

    with pytest.raises(ReconnectNeeded):
        compare_stock(shop, trigger=SyncRun.Trigger.SCHEDULE)

    assert SyncRun.objects.get(resource=Resource.STOCK).needs_person


def test_one_comparison_at_a_time(shop, platform):
    make_stocked(shop, 4)

    def compare_too(number):
        with pytest.raises(AlreadyRunning, match="stock is already being synced"):
            compare(shop, platform)

    platform.before_search = compare_too
    assert compare(shop, platform).read == 1


def test_ten_thousand_skus_take_a_handful_of_calls_and_statements(shop, platform):
    variant = make_variant(client=shop.client)
    receive(variant, 5)
    listing = make_listing(shop)
    rows = ListingSku.objects.bulk_create(
        ListingSku(
            shop=shop,
            listing=listing,
            remote_id=f"173{number:016}",
            variant=variant,
            mapping=ListingSku.Mapping.MATCHED,
        )
        for number in range(10_000)
    )
    platform.stock = {row.remote_id: {PLACE: 5} for row in rows}
    now = timezone.now()
    StockPush.objects.bulk_create(
        StockPush(
            listing_sku=row,
            shop=shop,
            state=StockPush.State.IN_STEP,
            wanted={PLACE: 5},
            wanted_total=5,
            accepted={PLACE: 5},
            accepted_total=5,
            accepted_at=now,
            found={PLACE: 5},
            found_total=5,
            found_at=now,
        )
        for row in rows
    )
    shop.shop_warehouses.update(name="Shah Alam", is_default=True)  # nothing to learn
    StockNews.objects.all().delete()

    with CaptureQueriesContext(connection) as queries:
        run = compare(shop, platform)

    assert counts(run) == (10_000, 0, 0, 10_000, 0)
    assert len(platform.searches) == -(-10_000 // AT_ONCE) == 17
    assert len(queries) < 500


# When it is due.


def test_a_shop_is_due_once_something_is_matched_and_then_hourly(shop):
    now = timezone.now()
    assert shops_due(Resource.STOCK, now) == []
    assert not is_due(shop, Resource.STOCK, now)
    assert next_pull(shop, Resource.STOCK, now) is None

    make_stocked(shop)
    assert shops_due(Resource.STOCK, now) == [shop]
    assert next_pull(shop, Resource.STOCK, now) == now

    run = make_run(
        shop, resource=Resource.STOCK, started_at=now - timedelta(minutes=59)
    )
    assert not is_due(shop, Resource.STOCK, now)
    assert next_pull(shop, Resource.STOCK, now) == run.started_at + timedelta(hours=1)
    assert is_due(shop, Resource.STOCK, now + timedelta(minutes=1))


def test_shops_that_are_not_told_are_compared_as_well(shop):
    make_stocked(shop)
    ShopStockSettings.objects.all().delete()

    assert shops_due(Resource.STOCK, timezone.now()) == [shop]
    assert not StockDrift.objects.exists()
