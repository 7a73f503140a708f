"""Prices that are sent: planned or given, only where they differ, only where taken."""

from decimal import Decimal

import pytest

from apps.core.money import Money
from apps.products.errors import RunRefuses
from apps.products.models import ListingDraft, ListingSku, PublishItem, PublishRun
from apps.products.services.publishing import GivenPrices, planned_changes, start_run
from tests.factories.platforms import make_shop
from tests.factories.products import make_listing, make_listing_sku, make_variant
from tests.products.publishing_support import (
    listed,
    open_shop,
    outcome,
    run_of,
    shown,
    take_in,
)

Kind, State = PublishRun.Kind, PublishItem.State


def prices(shop, listing):
    skus = shown(shop, listing.remote_id)["skus"]
    return {sku["id"]: Decimal(sku["price"]["sale_price"]) for sku in skus}


def matched(listing, *prices):
    """Its first SKUs are variants of ours that cost so much."""
    rows = list(listing.skus.order_by("position"))[: len(prices)]
    for row, price in zip(rows, prices, strict=True):
        row.variant = make_variant(
            client=listing.shop.client, prices={row.currency: price}
        )
        row.mapping = ListingSku.Mapping.MATCHED
        row.save()
    return [row.remote_id for row in rows]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("region", ["GB", "MY"])
def test_buyers_see_the_planned_price_in_shops_at_home_and_abroad(simulator, region):
    shop = open_shop(simulator, region)
    listing = take_in(shop, listed(simulator, shop))
    before = prices(shop, listing)
    [sku_id] = matched(listing, "123.45")

    item = outcome(run_of(shop, Kind.PRICE, listing))

    assert item.state == State.DONE, item.failure
    assert prices(shop, listing) == {**before, sku_id: Decimal("123.45")}
    assert len(item.differences) == 1
    assert len(item.request["skus"]) == 1
    # What could not be priced is said beside it.
    assert any("not matched" in note for note in item.details)
    assert listing.skus.get(remote_id=sku_id).price_amount == Decimal("123.45")


@pytest.mark.django_db(transaction=True)
def test_given_prices_go_before_planned_ones(simulator):
    shop = open_shop(simulator, "GB")
    listing = take_in(shop, listed(simulator, shop))
    [sku_id] = matched(listing, "99")
    given = GivenPrices(listing, {sku_id: Money(Decimal("12.3"), "GBP")})

    item = outcome(run_of(shop, Kind.PRICE, given))

    assert item.state == State.DONE, item.failure
    assert prices(shop, listing)[sku_id] == Decimal("12.3")


@pytest.mark.django_db(transaction=True)
def test_a_promotion_locks_the_price_in_the_platforms_words(simulator):
    shop = open_shop(simulator, "GB")
    listing = take_in(shop, listed(simulator, shop))
    matched(listing, "99")
    simulator.control(f"listings/{listing.remote_id}/promotion", {"on": True})

    item = outcome(run_of(shop, Kind.PRICE, listing))

    assert (item.state, item.code) == (State.REFUSED, 12052038)
    assert "promotion" in item.failure


@pytest.mark.django_db(transaction=True)
def test_a_listing_off_sale_takes_no_price_and_nobody_is_asked(simulator):
    shop = open_shop(simulator, "GB")
    listing = take_in(shop, listed(simulator, shop, "SELLER_DEACTIVATED"))
    matched(listing, "99")

    item = outcome(run_of(shop, Kind.PRICE, listing))

    assert (item.state, item.code) == (State.REFUSED, None)
    assert "SELLER_DEACTIVATED" in item.failure


@pytest.mark.django_db(transaction=True)
def test_a_listing_without_any_price_is_refused_with_the_reason(simulator):
    shop = open_shop(simulator, "GB")
    listing = take_in(shop, listed(simulator, shop))
    row = listing.skus.earliest("position")
    row.variant = make_variant(client=shop.client, prices={"USD": "5"})
    row.mapping = ListingSku.Mapping.MATCHED
    row.save()

    item = outcome(run_of(shop, Kind.PRICE, listing))

    assert item.state == State.REFUSED
    assert "no price in GBP" in item.failure


@pytest.mark.django_db(transaction=True)
def test_a_price_of_a_sku_that_is_gone_is_not_said_to_be_set(simulator):
    shop = open_shop(simulator, "GB")
    listing = take_in(shop, listed(simulator, shop))
    first = listing.skus.earliest("position")
    make_listing_sku(listing, "1730000000000009999")
    price = Money(Decimal("12.3"), "GBP")

    alone = GivenPrices(listing, {"1730000000000009999": price})
    item = outcome(run_of(shop, Kind.PRICE, alone))
    assert item.state == State.REFUSED
    assert "no SKU 1730000000000009999" in item.failure

    beside = GivenPrices(
        listing, {first.remote_id: price, "1730000000000009999": price}
    )
    item = outcome(run_of(shop, Kind.PRICE, beside))
    assert item.state == State.DONE
    assert any("no SKU 1730000000000009999" in note for note in item.details)
    assert prices(shop, listing)[first.remote_id] == Decimal("12.3")


@pytest.mark.django_db
def test_a_run_of_many_begins_with_as_many_queries_as_one_of_few(
    django_assert_max_num_queries,
):
    shop = make_shop(region="GB")
    listings = [make_listing(shop, f"17290000000000{n:05}") for n in range(40)]
    price = Money(Decimal(5), "GBP")
    given = [
        GivenPrices(each, {make_listing_sku(each).remote_id: price})
        for each in listings
    ]
    for each in listings:
        ListingDraft.objects.create(shop=shop, listing=each)
    drafts = list(ListingDraft.objects.all())

    for kind, subjects in ((Kind.PRICE, given), (Kind.EDIT, drafts)):
        with django_assert_max_num_queries(15):
            start_run(shop, kind, subjects, None)


@pytest.mark.django_db
def test_prices_that_make_no_sense_are_not_begun():
    shop = make_shop(region="GB")
    listing = make_listing(shop)
    sku = make_listing_sku(listing)
    for given, words in [
        ({sku.remote_id: Money(Decimal(5), "USD")}, "sells in GBP"),
        ({sku.remote_id: Money(Decimal("0.001"), "GBP")}, "more than nothing"),
        ({"1730": Money(Decimal(5), "GBP")}, "no SKU 1730"),
        ({}, "No price"),
    ]:
        with pytest.raises(RunRefuses, match=words):
            start_run(shop, Kind.PRICE, [GivenPrices(listing, given)], None)
    right = GivenPrices(listing, {sku.remote_id: Money(Decimal(5), "GBP")})
    with pytest.raises(RunRefuses, match="changes prices"):
        start_run(shop, Kind.DELETE, [right], None)


@pytest.mark.django_db
def test_what_would_change_is_seen_beforehand(django_assert_num_queries):
    shop = make_shop()
    listing = make_listing(shop)
    same = make_variant(client=shop.client, prices={"MYR": "40"})
    more = make_variant(client=shop.client, prices={"MYR": "41"})
    for number, variant in enumerate((same, more, None)):
        make_listing_sku(listing, variant=variant, position=number)

    with django_assert_num_queries(3):
        changes = planned_changes([listing])

    assert [(each.price and each.price.amount, each.differs) for each in changes] == [
        (40, False),
        (41, True),
        (None, False),
    ]
    assert "not matched" in changes[2].words
