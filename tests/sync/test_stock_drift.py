"""What a person decides about a shop that shows another number."""

import pytest

from apps.inventory.models import ShopStockSettings, StockDocument, StockRule
from apps.inventory.services.documents import By
from apps.inventory.services.rules import save_rule
from apps.sync.models import StockDrift, StockPush
from apps.sync.services.stock_drift import leave, take_over, tell_ours
from apps.sync.services.stock_push import noting
from apps.users.models import AuditEntry
from tests.factories.inventory import count, receive, stock_of
from tests.factories.products import make_bundle, make_listing_sku
from tests.factories.users import make_user
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

State = StockDrift.State
DEEDS = (tell_ours, take_over, leave)


@pytest.fixture
def shop():
    shop = make_told_shop()
    hears_of_orders(shop)
    return shop


@pytest.fixture
def platform():
    return FakeShownShop()


@pytest.fixture
def by():
    return By(make_user(), address="10.0.0.9")


def drifted(shop, platform, units: int = 12, shows: int = 7) -> StockDrift:
    """A SKU that shows another number than it was told."""
    sku = make_stocked(shop, units)
    settle(shop, platform)
    platform.moves(sku, shows - units)
    compare(shop, platform)
    return StockDrift.objects.get(listing_sku=sku)


def test_ours_is_told_again(shop, platform, by):
    drift = drifted(shop, platform)

    settled = tell_ours([drift], by)

    assert (len(settled.done), settled.left) == (1, [])
    drift.refresh_from_db()
    assert (drift.state, drift.settled_by) == (State.REPAIRED, by.user)
    assert drift.settled_at is not None
    tell(shop, platform)
    assert platform.stock[drift.listing_sku.remote_id] == {PLACE: 12}
    entry = AuditEntry.objects.get(verb="told a shop our stock again")
    assert (entry.actor, entry.shop_key, entry.details) == (
        by.user,
        shop.pk,
        {"skus": 1},
    )


def test_many_at_once_are_one_entry_for_each_shop(shop, platform, by):
    rows = [drifted(shop, platform) for _ in range(3)]

    assert len(tell_ours(rows, by).done) == 3

    entry = AuditEntry.objects.get(verb="told a shop our stock again")
    assert (entry.target_id, entry.details) == (str(shop.pk), {"skus": 3})


def test_a_shop_that_is_not_told_is_not_told_again(shop, platform, by):
    drift = drifted(shop, platform)
    ShopStockSettings.objects.update(is_pushed=False)

    settled = tell_ours([drift], by)

    assert settled.done == []
    assert [row.pk for row, _ in settled.left] == [drift.pk]
    assert settled.left[0][1]
    drift.refresh_from_db()
    assert drift.state == State.OPEN
    assert not AuditEntry.objects.filter(verb="told a shop our stock again").exists()


def test_their_figure_becomes_ours(shop, platform, by):
    drift = drifted(shop, platform)
    variant = drift.listing_sku.variant
    assert variant is not None

    settled = take_over([drift], by)

    assert (len(settled.done), settled.left) == (1, [])
    assert stock_of(variant) == (7, 0, 0, 0)
    document = StockDocument.objects.get(kind="adjustment")
    assert (document.reason, document.user) == ("shop_figure", by.user)
    said = f"{document.reference} {document.note}"  # who sees it may not see the shop
    assert said.strip() == f"Drift {drift.pk}"
    line = document.lines.get()
    assert (line.variant, line.quantity) == (variant, -5)
    drift.refresh_from_db()
    assert drift.state == State.TAKEN_OVER
    settle(shop, platform)
    assert platform.stock[drift.listing_sku.remote_id] == {PLACE: 7}
    compare(shop, platform)
    assert drifts() == [("taken_over", "somebody", 12, 7)]


def test_a_buffer_is_reckoned_with(shop, platform, by):
    sku = make_stocked(shop, 12)
    save_rule(StockRule(client=shop.client, buffer=2), actor=None)
    settle(shop, platform)
    platform.moves(sku, -3)
    compare(shop, platform)
    drift = StockDrift.objects.get()
    assert (drift.wanted, drift.found) == (10, 7)

    assert take_over([drift], by).left == []

    assert sku.variant is not None
    assert stock_of(sku.variant) == (9, 0, 0, 0)


@pytest.mark.parametrize("rule", [{"share_percent": 50}, {"cap": 6}])
def test_where_a_rule_makes_it_unclear_what_there_is_nothing_is_booked(
    shop, platform, by, rule
):
    sku = make_stocked(shop, 12)
    save_rule(StockRule(client=shop.client, **rule), actor=None)
    settle(shop, platform)
    platform.moves(sku, 3)
    compare(shop, platform)
    drift = StockDrift.objects.get()

    settled = take_over([drift], by)

    assert "Rules say what the shop is told" in settled.left[0][1]
    assert sku.variant is not None
    assert stock_of(sku.variant) == (12, 0, 0, 0)
    assert not StockDocument.objects.filter(kind="adjustment").exists()
    drift.refresh_from_db()
    assert drift.state == State.OPEN


def test_a_bundle_has_no_figure_to_be_taken_over(shop, platform, by):
    part = make_stocked(shop, 12).variant
    assert part is not None
    bundle = make_listing_sku(shop=shop, variant=make_bundle({part: 2}))
    noting.note([bundle.pk])
    settle(shop, platform)
    platform.moves(bundle, -1)
    compare(shop, platform)

    settled = take_over(StockDrift.objects.all(), by)

    assert "A bundle has no stock of its own" in settled.left[0][1]
    assert stock_of(part) == (12, 0, 0, 0)


def test_our_figure_that_changed_since_is_not_adjusted_by_an_old_difference(
    shop, platform, by
):
    drift = drifted(shop, platform)
    variant = drift.listing_sku.variant
    assert variant is not None
    count(variant, 7)

    settled = take_over([drift], by)

    assert "It is to show 7 by now, not 12." in settled.left[0][1]
    assert stock_of(variant) == (7, 0, 0, 0)


def test_it_may_be_left_as_it_is(shop, platform, by):
    drift = drifted(shop, platform)

    assert len(leave([drift], by).done) == 1

    drift.refresh_from_db()
    assert (drift.state, drift.settled_by) == (State.LEFT, by.user)
    assert push_of(drift.listing_sku).state == StockPush.State.IN_STEP
    assert AuditEntry.objects.filter(verb="left a shop's stock as it is").exists()
    assert len(tell_ours([drift], by).done) == 1  # on second thoughts


@pytest.mark.parametrize("deed", DEEDS)
def test_a_deed_done_twice_is_done_once(shop, platform, by, deed):
    drift = drifted(shop, platform)

    deed([drift], by)
    entries = AuditEntry.objects.count()
    documents = StockDocument.objects.count()
    again = deed([drift], by)

    assert (len(again.done), again.left) == (1, [])
    assert AuditEntry.objects.count() == entries
    assert StockDocument.objects.count() == documents


@pytest.mark.parametrize("deed", DEEDS)
def test_what_shows_another_number_since_the_person_looked_is_left(
    shop, platform, by, deed
):
    drift = drifted(shop, platform)
    platform.moves(drift.listing_sku, -1)
    compare(shop, platform)

    settled = deed([drift], by, seen={drift.pk: 7})

    assert settled.done == []
    assert settled.left[0][1] == "The shop shows 6 now. Look at it again."
    assert drifts() == [("open", "somebody", 12, 6)]
    assert drift.listing_sku.variant is not None
    assert stock_of(drift.listing_sku.variant) == (12, 0, 0, 0)


@pytest.mark.parametrize("deed", DEEDS)
def test_what_is_in_step_again_is_left(shop, platform, by, deed):
    drift = drifted(shop, platform)
    platform.moves(drift.listing_sku, 5)
    compare(shop, platform)

    settled = deed([drift], by)

    assert settled.done == []
    assert settled.left[0][1] == "It is settled already: no longer so."
    assert drifts() == [("gone", "somebody", 12, 7)]


def test_one_that_cannot_be_taken_over_keeps_no_other_from_it(shop, platform, by):
    first, second = drifted(shop, platform), drifted(shop, platform)
    assert first.listing_sku.variant is not None
    receive(first.listing_sku.variant, 1)

    settled = take_over([first, second], by)

    assert [row.pk for row in settled.done] == [second.pk]
    assert [row.pk for row, _ in settled.left] == [first.pk]
