"""Who moved the stock a shop shows, and what is done about it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.core.processes import process_name
from apps.integrations.contracts import RemoteWarehouse
from apps.integrations.errors import PlatformUnavailable
from apps.inventory.models import ShopStockSettings, StockRule
from apps.inventory.services.rules import save_rule
from apps.orders.services.mapping import By as MappingBy
from apps.orders.services.mapping import unlink
from apps.sync.models import Resource, StockDrift, StockPush, SyncCursor, SyncRun
from apps.sync.services.stock_judging import Look, judge
from apps.sync.services.stock_push import noting
from tests.factories.inventory import make_shop_warehouse, make_warehouse, receive
from tests.factories.sync import make_run
from tests.sync.shown_stock import (
    PLACE,
    FakeShownShop,
    compare,
    drifts,
    hears_of_orders,
    settle,
)
from tests.sync.stock_shop import make_stocked, make_told_shop, push_of, tell

pytestmark = pytest.mark.django_db

State = StockPush.State


@pytest.fixture
def shop():
    shop = make_told_shop()
    hears_of_orders(shop)
    return shop


@pytest.fixture
def platform():
    return FakeShownShop()


@pytest.fixture
def sku(shop, platform):
    """12 of it, told and shown."""
    sku = make_stocked(shop, 12)
    settle(shop, platform)
    return sku


def repairs(shop):
    ShopStockSettings.objects.filter(shop=shop).update(drift="repair")


# Somebody.


def test_what_nothing_explains_was_somebody_and_a_person_is_asked(shop, platform, sku):
    platform.moves(sku, -5)

    run = compare(shop, platform)

    assert drifts() == [("open", "somebody", 12, 7)]
    drift = StockDrift.objects.get()
    assert (drift.shop, drift.listing_sku) == (shop, sku)
    assert drift.shop_warehouse.remote_id == PLACE
    assert (drift.told, drift.told_at) == (12, push_of(sku).accepted_at)
    assert "We told it 12 on " in drift.evidence
    assert "No order there has changed it since. It shows 7 on " in drift.evidence
    assert (run.updated, run.state) == (1, SyncRun.State.DONE)
    assert push_of(sku).state == State.IN_STEP


def test_a_drift_is_one_while_it_lasts_and_gone_once_in_step(shop, platform, sku):
    platform.moves(sku, -5)
    compare(shop, platform)
    platform.moves(sku, 1)
    compare(shop, platform)

    assert drifts() == [("open", "somebody", 12, 8)]
    drift = StockDrift.objects.get()
    assert drift.last_seen_at > drift.found_at

    platform.moves(sku, 4)
    compare(shop, platform)

    assert drifts() == [("gone", "somebody", 12, 8)]
    assert StockDrift.objects.get().settled_at is not None
    platform.moves(sku, -1)
    compare(shop, platform)
    assert drifts()[1:] == [("open", "somebody", 12, 11)]


def test_by_setting_ours_is_told_again_at_once(shop, platform, sku):
    repairs(shop)
    platform.moves(sku, -5)

    compare(shop, platform)

    assert drifts() == [("repaired", "somebody", 12, 7)]
    assert (push_of(sku).state, push_of(sku).is_forced) == (State.DUE, True)
    tell(shop, platform)
    assert platform.stock[sku.remote_id] == {PLACE: 12}
    compare(shop, platform)
    assert drifts() == [("repaired", "somebody", 12, 7)]


def test_what_was_left_as_it_is_stays_so_until_it_changes(shop, platform, sku):
    platform.moves(sku, -5)
    compare(shop, platform)
    StockDrift.objects.update(state=StockDrift.State.LEFT)
    before = StockDrift.objects.get()

    compare(shop, platform)

    assert drifts() == [("left", "somebody", 12, 7)]
    assert StockDrift.objects.get().last_seen_at > before.last_seen_at
    platform.moves(sku, -1)
    compare(shop, platform)
    assert drifts()[1:] == [("open", "somebody", 12, 6)]


def test_a_drift_ends_with_what_it_was_about(shop, platform, sku):
    platform.moves(sku, -5)
    compare(shop, platform)

    unlink(shop, [sku.pk], MappingBy())
    noting.drain()
    compare(shop, platform)

    assert drifts() == [("gone", "somebody", 12, 7)]


def test_a_drift_ends_when_the_shop_is_no_longer_told(shop, platform, sku):
    platform.moves(sku, -5)
    compare(shop, platform)

    ShopStockSettings.objects.update(is_pushed=False)
    compare(shop, platform)

    assert drifts() == [("gone", "somebody", 12, 7)]


def test_each_place_is_judged_alone(shop, platform):
    there = make_warehouse(shop.client)
    make_shop_warehouse(shop, there, "69002")
    platform.places.append(RemoteWarehouse("69002", "Klang", "SALES_WAREHOUSE"))
    variant = make_stocked(shop, 12).variant
    assert variant is not None
    receive(variant, 5, there)
    settle(shop, platform)
    key = next(iter(platform.stock))
    assert platform.stock[key] == {PLACE: 12, "69002": 5}
    platform.stock[key] |= {"69002": 1}

    compare(shop, platform)

    assert drifts() == [("open", "somebody", 5, 1)]
    assert StockDrift.objects.get().shop_warehouse.warehouse == there


# Sales.


def test_a_sale_that_was_not_heard_of_is_asked_about_before_anybody_is_blamed(
    shop, platform, sku
):
    repairs(shop)
    platform.sells(sku, 2)

    run = compare(shop, platform)

    assert drifts() == []
    assert (run.updated, run.same) == (0, 1)
    assert SyncRun.objects.filter(resource=Resource.ORDERS).count() == 1
    push = push_of(sku)
    assert (push.wanted, push.found) == ({PLACE: 10}, {PLACE: 10})
    assert not push.is_forced
    settle(shop, platform)
    assert platform.stock[sku.remote_id] == {PLACE: 10}
    compare(shop, platform)
    assert drifts() == []


def test_sales_do_not_hide_what_somebody_took_beside_them(shop, platform, sku):
    platform.sells(sku, 2)
    platform.moves(sku, -3)

    compare(shop, platform)
    assert drifts() == []  # news of the sale is on its way to the shop

    settle(shop, platform)
    assert platform.stock[sku.remote_id] == {PLACE: 10}


def test_where_orders_cannot_be_read_nobody_is_blamed(shop, platform, sku):
    repairs(shop)
    platform.moves(sku, -5)

    def fail():
        raise PlatformUnavailable("TikTok Shop has trouble.")

    platform.before_orders = fail
    run = compare(shop, platform)

    assert drifts() == []
    assert (run.state, run.failed) == (SyncRun.State.PARTLY, 1)
    assert "1 SKU shows another number, but new orders could not" in run.first_error
    assert not push_of(sku).is_forced


def test_without_any_orders_read_yet_nobody_is_blamed(shop, platform, sku):
    SyncCursor.objects.all().delete()
    platform.moves(sku, -5)

    compare(shop, platform)

    assert drifts() == []
    assert not SyncRun.objects.filter(resource=Resource.ORDERS).exists()


def test_while_orders_are_pulled_elsewhere_nobody_is_blamed(shop, platform, sku):
    process = process_name()
    make_run(shop, state=SyncRun.State.RUNNING, ended_at=None, process=process)
    platform.moves(sku, -5)

    compare(shop, platform)

    assert drifts() == []


def test_where_orders_cannot_be_read_the_shops_own_count_explains_a_sale(
    shop, platform, sku
):
    SyncCursor.objects.all().delete()
    platform.sells(sku, 2)

    run = compare(shop, platform)

    assert drifts() == [("gone", "sales", 12, 10)]
    assert "TikTok counts 2 more as sold" in StockDrift.objects.get().evidence
    assert run.state == SyncRun.State.DONE


def test_what_sales_took_of_a_figure_that_stays_is_told_again_and_nobodys(
    shop, platform, sku
):
    save_rule(StockRule(client=shop.client, shop=shop, cap=5), actor=None)
    settle(shop, platform)
    assert platform.stock[sku.remote_id] == {PLACE: 5}
    platform.sells(sku, 2)

    compare(shop, platform)

    push = push_of(sku)
    assert (push.state, push.wanted) == (State.DUE, {PLACE: 5})
    assert drifts() == []
    tell(shop, platform)
    assert platform.stock[sku.remote_id] == {PLACE: 5}


def test_what_sales_took_and_nobody_told_again_is_found_and_repaired(
    shop, platform, sku
):
    save_rule(StockRule(client=shop.client, shop=shop, cap=5), actor=None)
    settle(shop, platform)
    platform.sells(sku, 2)
    compare(shop, platform)
    StockPush.objects.update(state=State.IN_STEP, is_forced=False)  # lost somehow

    compare(shop, platform)

    assert drifts() == [("repaired", "sales", 5, 3)]
    tell(shop, platform)
    assert platform.stock[sku.remote_id] == {PLACE: 5}


def test_what_may_be_a_sale_is_repaired_once_it_is_still_there(shop, platform, sku):
    repairs(shop)
    platform.moves(sku, -5)
    platform.committed = {sku.remote_id: 1}  # more than we know of

    compare(shop, platform)
    assert drifts() == [("open", "somebody", 12, 7)]
    assert not push_of(sku).is_forced

    compare(shop, platform)
    assert drifts() == [("repaired", "somebody", 12, 7)]
    assert push_of(sku).is_forced


# What is under way, or moves while we look.


def test_what_is_to_be_sent_anyway_is_no_drift(shop, platform, sku):
    assert sku.variant is not None
    platform.moves(sku, -5)
    receive(sku.variant, 3)
    compare(shop, platform)
    assert drifts() == []

    noting.drain()
    for state in (State.DUE, State.SENDING, State.FAILED):
        StockPush.objects.update(state=state)
        compare(shop, platform)
    assert drifts() == []


def test_what_was_pushed_while_we_looked_has_its_turn_next_time(shop, platform, sku):
    platform.moves(sku, -5)

    def push_meanwhile(number):
        StockPush.objects.update(accepted_at=timezone.now())

    platform.before_search = push_meanwhile
    compare(shop, platform)
    assert drifts() == []

    platform.before_search = lambda number: None
    compare(shop, platform)
    assert len(drifts()) == 1


def test_what_moves_between_two_looks_is_not_judged(shop, platform, sku):
    platform.moves(sku, -5)

    def move(number):
        if number == 2:
            platform.moves(sku, -1)

    platform.before_search = move
    compare(shop, platform)

    assert drifts() == []
    assert push_of(sku).found == {PLACE: 6}


def test_what_is_right_at_the_second_look_counts_as_the_same(shop, platform, sku):
    platform.moves(sku, -5)

    def mend(number):
        if number == 2:
            platform.moves(sku, 5)

    platform.before_search = mend
    run = compare(shop, platform)

    assert (run.updated, run.same) == (0, 1)
    assert drifts() == []


# Other movers.


def test_a_campaigns_share_is_for_a_person_whatever_the_setting(shop, platform, sku):
    repairs(shop)
    platform.moves(sku, -4)
    platform.set_aside = {sku.remote_id: 4}

    compare(shop, platform)

    assert drifts() == [("open", "promotion", 12, 8)]
    assert "4 are set aside there" in StockDrift.objects.get().evidence
    assert push_of(sku).state == State.IN_STEP


def test_what_was_never_taken_is_nobodys_doing(shop, platform):
    sku = make_stocked(shop, 12)
    platform.stock = {sku.remote_id: {PLACE: 3}}
    StockPush.objects.update(
        state=State.BLOCKED,
        message="TikTok keeps this figure itself.",
        next_try_at=timezone.now() + timedelta(hours=1),
    )

    compare(shop, platform)

    assert drifts() == [("open", "never_told", 12, 3)]
    evidence = StockDrift.objects.get().evidence
    assert evidence == "It was never told ours. TikTok keeps this figure itself."


def test_a_push_we_never_heard_of_is_known_to_have_been_taken(shop, platform, sku):
    assert sku.variant is not None
    receive(sku.variant, 3)
    noting.drain()
    now = timezone.now()
    StockPush.objects.update(
        state=State.FAILED,
        sent={PLACE: 15},
        sending_since=now - timedelta(minutes=3),
        next_try_at=now + timedelta(minutes=20),
    )
    platform.moves(sku, 3)

    compare(shop, platform)

    push = push_of(sku)
    assert (push.state, push.accepted, push.accepted_total) == (
        State.IN_STEP,
        {PLACE: 15},
        15,
    )
    assert drifts() == []


# The judgement alone.

TOLD_AT = datetime(2026, 9, 20, 10, 2, tzinfo=UTC)
FOUND_AT = datetime(2026, 9, 20, 11, 0, tzinfo=UTC)


def look(found: int, wanted: int = 10, **facts) -> Look:
    values: dict[str, Any] = {"told": 10, "told_at": TOLD_AT, "short": 10 - found}
    return Look(wanted, found, FOUND_AT, **values | facts)


@pytest.mark.parametrize("found", [10, 12])
def test_what_it_is_to_show_or_was_told_is_no_drift(found):
    assert judge(look(found, wanted=12)) is None


@pytest.mark.parametrize(
    ("facts", "mover", "words"),
    [
        ({"ordered": 3}, "sales", "3 were ordered there since."),
        ({"unheard": 3}, "sales", "counts 3 more as sold"),
        (
            {"ordered": 1, "all_ordered": 1, "unheard": 2},
            "sales",
            "since. TikTok counts",
        ),
        (
            {"all_ordered": 1, "unheard": 2},
            "sales",
            "UTC. TikTok counts 2 more as sold",
        ),
        ({"all_ordered": 1, "unheard": 3}, "somebody", "No order there"),
        ({"set_aside": 3}, "promotion", "3 are set aside"),
        ({"sent": 7}, "lost_push", "We sent 7 and never heard"),
        ({"told": None, "why_never": "Nobody may."}, "never_told", "ours. Nobody may."),
        ({}, "somebody", "No order there has changed it since."),
        ({"ordered": 2}, "somebody", "2 were ordered there since, which is not"),
        ({"unheard": 2, "set_aside": 5}, "somebody", "No order there"),
    ],
)
def test_the_first_thing_that_explains_a_difference_names_its_mover(
    facts, mover, words
):
    verdict = judge(look(7, **facts))

    assert verdict is not None
    assert verdict.mover == mover
    assert words in verdict.evidence


def test_more_than_was_told_may_be_cancellations():
    verdict = judge(look(12, ordered=-2))
    assert verdict is not None
    assert (verdict.mover, verdict.is_ours) == ("sales", True)
    assert "2 ordered there were called off since." in verdict.evidence

    verdict = judge(look(12, unheard=-2))
    assert verdict is not None
    assert (verdict.mover, verdict.passes) == ("sales", True)
    assert "2 fewer as sold" in verdict.evidence


def test_evidence_names_the_moments():
    verdict = judge(look(7))

    assert verdict is not None
    assert verdict.evidence == (
        "We told it 10 on 20 Sep at 10:02 UTC. No order there has changed it since. "
        "It shows 7 on 20 Sep at 11:00 UTC."
    )
