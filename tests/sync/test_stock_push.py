"""What is sent to shops, when, and what becomes of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.inventory.models import (
    ShopStockSettings,
    StockDocument,
    StockNews,
    StockRule,
)
from apps.inventory.services.rules import save_rule
from apps.orders.services.mapping import By, choose, unlink
from apps.platforms.models import Shop
from apps.products.models import Listing, ListingSku
from apps.sync import tasks
from apps.sync.errors import AlreadyRunning
from apps.sync.models import StockPush
from apps.sync.services.stock_push import crew, noting
from apps.sync.services.stock_push.claiming import claim, put_back_dead
from apps.sync.services.stock_push.rows import locked
from tests.factories.inventory import make_document, receive
from tests.factories.products import (
    make_bundle,
    make_listing,
    make_listing_sku,
    make_product,
    make_variant,
)
from tests.sync.stock_shop import (
    FakeStockShop,
    make_stocked,
    make_told_shop,
    push_of,
    recount,
    tell,
)

pytestmark = pytest.mark.django_db
State = StockPush.State


@pytest.fixture
def shop():
    return make_told_shop()


@pytest.fixture
def platform():
    return FakeStockShop()


def test_a_shop_is_told_what_there_is_and_that_is_kept(shop, platform):
    sku = make_stocked(shop, 12)

    pushed = tell(shop, platform)

    assert platform.calls == [(sku.listing.remote_id, {sku.remote_id: {"69001": 12}})]
    assert (pushed.listings, pushed.accepted, pushed.failed) == (1, 1, 0)
    push = push_of(sku)
    assert (push.state, push.accepted, push.accepted_total) == (
        State.IN_STEP,
        {"69001": 12},
        12,
    )
    assert (push.due_since, push.message, push.attempts) == (None, "", 0)


def test_telling_again_without_news_calls_nobody(shop, platform):
    make_stocked(shop)
    tell(shop, platform)
    platform.calls.clear()

    assert tell(shop, platform).listings == 0
    assert noting.recompute(shop) == 0
    assert platform.calls == []


def test_all_due_skus_of_a_listing_go_in_one_call(shop, platform):
    listing = make_listing(shop)
    skus = [make_stocked(shop, units, listing=listing) for units in (3, 4, 5)]

    tell(shop, platform)

    assert platform.calls == [
        (
            listing.remote_id,
            {
                sku.remote_id: {"69001": units}
                for sku, units in zip(skus, (3, 4, 5), strict=True)
            },
        )
    ]


def test_only_what_changed_since_it_was_taken_is_sent(shop, platform):
    listing = make_listing(shop)
    still, moved = (make_stocked(shop, 5, listing=listing) for _ in range(2))
    make_stocked(shop, 5)
    tell(shop, platform)
    platform.calls.clear()

    recount(moved, 4)
    tell(shop, platform)

    assert platform.calls == [(listing.remote_id, {moved.remote_id: {"69001": 4}})]
    assert push_of(still).state == State.IN_STEP


def test_a_burst_of_changes_is_one_call_with_the_newest_figure(shop, platform):
    sku = make_stocked(shop, 300)
    tell(shop, platform)
    platform.calls.clear()

    for _ in range(200):
        receive(sku.variant, 1)
    assert StockNews.objects.count() >= 200
    tell(shop, platform)

    assert platform.calls == [(sku.listing.remote_id, {sku.remote_id: {"69001": 500}})]
    assert not StockNews.objects.exists()


def test_what_changes_and_changes_back_is_not_sent(shop, platform):
    sku = make_stocked(shop, 5)
    tell(shop, platform)
    platform.calls.clear()

    receive(sku.variant, 1)
    recount(sku, 5)
    tell(shop, platform)

    assert platform.calls == []


def test_a_change_during_the_call_is_sent_afterwards(shop, platform):
    sku = make_stocked(shop, 5)

    def meanwhile(product, skus):
        if len(platform.calls) == 1:
            receive(sku.variant, 2)
            noting.drain()

    platform.before_call = meanwhile
    tell(shop, platform)

    assert [sent[sku.remote_id]["69001"] for _, sent in platform.calls] == [5, 7]
    push = push_of(sku)
    assert (push.state, push.accepted) == (State.IN_STEP, {"69001": 7})


def test_a_call_takes_the_figures_of_its_own_moment(shop, platform):
    sku = make_stocked(shop, 5)
    receive(sku.variant, 3)  # its news is still to be drained
    push = push_of(sku)
    assert push.wanted == {"69001": 5}

    tell(shop, platform)

    assert platform.stock[sku.remote_id] == {"69001": 8}
    assert len(platform.calls) == 1


def test_a_bundle_follows_its_parts(shop, platform):
    bulb = make_variant(client=shop.client)
    receive(bulb, 9)
    sku = make_stocked(shop, variant=make_bundle({bulb: 2}))
    tell(shop, platform)

    receive(bulb, 3)
    tell(shop, platform)

    assert [sent[sku.remote_id]["69001"] for _, sent in platform.calls] == [4, 6]


def test_every_shop_of_the_client_hears_of_one_pool(shop, platform):
    other = make_told_shop(shop.client, "69100")
    sku = make_stocked(shop, 5)
    beside = make_stocked(other, variant=sku.variant)

    for each in (shop, other):
        tell(each, platform)

    assert platform.stock == {
        sku.remote_id: {"69001": 5},
        beside.remote_id: {"69100": 5},
    }


def test_a_rule_is_told_by_itself(shop, platform):
    sku = make_stocked(shop, 12)
    tell(shop, platform)

    save_rule(StockRule(client=shop.client, buffer=2), actor=None)
    tell(shop, platform)

    assert platform.stock[sku.remote_id] == {"69001": 10}


def test_what_nobody_counted_is_never_told(shop, platform):
    sku = make_stocked(shop, variant=make_variant(client=shop.client))

    tell(shop, platform)

    assert platform.calls == []
    push = push_of(sku)
    assert (push.state, push.fault) == (State.UNKNOWN, "not_counted")
    assert push.message == "Nobody has counted it yet."


def test_a_warehouse_that_is_not_matched_is_never_told(shop, platform):
    shop.shop_warehouses.update(warehouse=None)
    sku = make_stocked(shop, 12)

    tell(shop, platform)

    assert platform.calls == []
    assert push_of(sku).fault == "not_mapped"


def test_a_shop_that_is_not_told_has_no_pushes(shop, platform):
    ShopStockSettings.objects.update(is_pushed=False)
    make_stocked(shop, 12)

    tell(shop, platform)

    assert platform.calls == []
    assert not StockPush.objects.exists()


def test_a_shop_switched_off_is_told_no_more(shop, platform):
    sku = make_stocked(shop, 12)
    ShopStockSettings.objects.update(is_pushed=False)

    tell(shop, platform)  # what was due is looked at once more before it goes

    assert platform.calls == []
    assert (push_of(sku).state, push_of(sku).fault) == (State.UNKNOWN, "switched_off")


def test_a_match_is_told_and_an_unlinked_sku_no_more(shop, platform):
    variant = make_variant(client=shop.client)
    receive(variant, 6)
    sku = make_listing_sku(shop=shop)
    by = By(process="tests")

    choose(shop, {sku.pk: variant.pk}, by)
    tell(shop, platform)
    assert platform.stock[sku.remote_id] == {"69001": 6}

    unlink(shop, [sku.pk], by)
    receive(variant, 1)
    tell(shop, platform)
    assert (push_of(sku).state, push_of(sku).fault) == (State.UNKNOWN, "not_matched")
    assert len(platform.calls) == 1


def test_a_listing_off_sale_waits_and_goes_by_itself_once_it_is_live(shop, platform):
    listing = make_listing(shop, status=Listing.Status.PENDING)
    sku = make_stocked(shop, 12, listing=listing)
    tell(shop, platform)
    assert platform.calls == []
    assert push_of(sku).fault == "not_live"

    Listing.objects.update(status=Listing.Status.LIVE)
    tasks.catch_up_stock()
    tell(shop, platform)

    assert platform.stock[sku.remote_id] == {"69001": 12}


def test_a_listing_taken_off_sale_is_told_no_more(shop, platform):
    sku = make_stocked(shop, 12)
    tell(shop, platform)

    Listing.objects.update(status=Listing.Status.FROZEN)
    noting.catch_up()

    assert (push_of(sku).state, push_of(sku).fault) == (State.UNKNOWN, "not_live")


def test_skus_matched_by_publishing_are_found_by_looking(shop, platform):
    variant = make_variant(client=shop.client)
    receive(variant, 6)
    noting.drain()
    sku = make_listing_sku(shop=shop, variant=variant)

    assert noting.catch_up() == 1
    assert push_of(sku).wanted_total == 6
    tell(shop, platform)

    assert platform.stock[sku.remote_id] == {"69001": 6}


def test_a_bundle_made_of_something_else_is_found_by_looking(shop, platform):
    bulb = make_variant(client=shop.client)
    receive(bulb, 12)
    pair = make_bundle({bulb: 2})
    sku = make_stocked(shop, variant=pair)
    tell(shop, platform)

    pair.components.update(quantity=4)
    pair.save()  # as whoever changes components does
    noting.catch_up()
    tell(shop, platform)

    assert platform.stock[sku.remote_id] == {"69001": 3}


def test_what_is_forced_is_sent_again_once(shop, platform):
    sku = make_stocked(shop, 12)
    tell(shop, platform)

    noting.force([sku.pk])
    tell(shop, platform)
    tell(shop, platform)

    assert len(platform.calls) == 2
    assert push_of(sku).is_forced is False


def test_a_paused_shop_keeps_what_is_due_until_it_is_back(shop, platform):
    sku = make_stocked(shop, 12)
    Shop.objects.update(state=Shop.State.PAUSED)

    assert tasks.sweep_stock() == 0
    assert push_of(sku).state == State.DUE


def test_twenty_changed_skus_of_many_cost_their_listings_calls(shop, platform):
    listings = [make_listing(shop) for _ in range(100)]
    product = make_product(shop.client)
    variants = [make_variant(product) for _ in range(1_000)]
    for number, variant in enumerate(variants):
        make_listing_sku(listings[number % 100], variant=variant)
    make_document(StockDocument.Kind.RECEIPT, dict.fromkeys(variants, 5))
    tell(shop, platform)
    assert len(platform.calls) == 100
    platform.calls.clear()

    for variant in variants[:100:5]:  # twenty SKUs of twenty listings
        receive(variant, 1)
    tell(shop, platform)

    assert len(platform.calls) == 20
    assert sum(len(sent) for _, sent in platform.calls) == 20


def test_an_idle_sweep_costs_three_queries(shop, platform, django_assert_num_queries):
    make_stocked(shop, 12)
    tell(shop, platform)

    with django_assert_num_queries(3):
        assert tasks.sweep_stock() == 0


def test_a_second_pusher_leaves_the_shop_to_the_first(shop, platform):
    sku = make_stocked(shop, 12)
    claim(shop, [sku.listing_id])

    with pytest.raises(AlreadyRunning, match="already being sent"):
        tell(shop, platform)

    assert platform.calls == []


def test_what_is_claimed_is_nobody_elses(shop):
    sku = make_stocked(shop, 12)

    assert len(claim(shop, [sku.listing_id])) == 1
    assert claim(shop, [sku.listing_id]) == []


@pytest.mark.parametrize(
    "lost",
    [
        {"process": "somewhere:1:abc", "sending_since": timedelta(minutes=3)},
        {"process": "", "sending_since": timedelta(minutes=3)},
    ],
)
def test_what_a_lost_process_was_sending_is_sent_again(shop, platform, lost):
    sku = make_stocked(shop, 12)
    claim(shop, [sku.listing_id])
    since = timezone.now() - lost["sending_since"]
    StockPush.objects.update(process=lost["process"], sending_since=since)

    tell(shop, platform)

    assert platform.stock[sku.remote_id] == {"69001": 12}
    assert push_of(sku).state == State.IN_STEP


def test_a_figure_of_which_nobody_heard_is_sent_over_even_if_it_was_right(
    shop, platform
):
    sku = make_stocked(shop, 12)
    tell(shop, platform)
    receive(sku.variant, 1)
    noting.drain()
    claim(shop, [sku.listing_id])  # and the process dies; perhaps the shop shows 13
    recount(sku, 12)
    StockPush.objects.update(sending_since=timezone.now() - timedelta(minutes=3))

    assert put_back_dead() == 1
    tell(shop, platform)

    assert platform.calls[-1][1] == {sku.remote_id: {"69001": 12}}
    assert len(platform.calls) == 2


def test_what_was_claimed_too_long_ago_is_claimed_anew_before_it_is_sent(
    shop, platform, monkeypatch
):
    sku = make_stocked(shop, 12)
    monkeypatch.setattr(crew, "FRESH_FOR", timedelta(0))

    tell(shop, platform)

    assert platform.calls == []
    assert push_of(sku).state == State.DUE
    monkeypatch.undo()
    recount(sku, 11)
    tell(shop, platform)
    assert platform.calls == [(sku.listing.remote_id, {sku.remote_id: {"69001": 11}})]


def test_the_answer_to_an_old_call_does_not_undo_a_newer_claim(shop, platform):
    sku = make_stocked(shop, 12)

    def is_taken_over(product, skus):
        if len(platform.calls) == 1:
            later = timezone.now() + timedelta(seconds=1)
            StockPush.objects.update(sending_since=later, process="elsewhere:1:abc")

    platform.before_call = is_taken_over
    tell(shop, platform)

    push = push_of(sku)
    assert (push.state, push.process) == (State.SENDING, "elsewhere:1:abc")
    assert push.accepted == {}


def test_pushes_are_locked_in_the_order_of_their_skus_whenever_they_were_made(shop):
    variant = make_variant(client=shop.client)
    first, second = (make_listing_sku(shop=shop, variant=variant) for _ in range(2))
    noting.note([second.pk])
    noting.note([first.pk])

    rows = locked([first.pk, second.pk])

    assert [row.listing_sku_id for row in rows] == [first.pk, second.pk]
    assert rows[0].pk > rows[1].pk


def test_the_sweep_drains_and_wakes_one_push_a_shop(shop, monkeypatch):
    for _ in range(3):
        make_stocked(shop, 12)
    make_told_shop()
    woken: list[int] = []
    monkeypatch.setattr(tasks.push_stock, "delay", woken.append)

    assert tasks.sweep_stock() == 1

    assert woken == [shop.pk]
    assert not StockNews.objects.exists()
    assert ListingSku.objects.filter(stock_push__state=State.DUE).count() == 3
