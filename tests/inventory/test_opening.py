"""A shop's own figures as the first stock take."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.integrations.contracts import OrderStatus, Source
from apps.integrations.errors import PlatformUnavailable
from apps.inventory.errors import StockRefuses
from apps.inventory.models import StockDocument, StockLevel
from apps.inventory.services.documents import By
from apps.orders.services.ingest import ingest_orders
from apps.platforms.models import Shop
from apps.sync.services.stock_opening import look_at_opening, take_opening
from tests.factories.inventory import (
    NOBODY,
    count,
    level_of,
    make_shop_warehouse,
    make_warehouse,
    stock_of,
)
from tests.factories.orders import make_remote_line, make_remote_order
from tests.factories.products import (
    make_bundle,
    make_listing,
    make_listing_sku,
    make_variant,
)
from tests.factories.users import make_user
from tests.sync.shown_stock import PLACE, FakeShownShop, compare
from tests.sync.stock_shop import make_told_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make_told_shop()


@pytest.fixture
def platform():
    return FakeShownShop()


def sold(shop, platform, shows: int = 10, *, variant=None, committed: int = 0):
    """A matched SKU that nobody counted, as the shop shows it."""
    variant = variant or make_variant(client=shop.client)
    sku = make_listing_sku(shop=shop, variant=variant)
    platform.stock[sku.remote_id] = {PLACE: shows}
    platform.committed[sku.remote_id] = committed
    return sku


def ordered(shop, sku, units: int = 2, number: int = 1, **changes):
    news = make_remote_order(
        f"58{number:016}",
        lines=(make_remote_line(sku.remote_id, quantity=units),),
        **changes,
    )
    assert not ingest_orders(shop, [news], Source.API).refused


def take(shop, platform, by=NOBODY, **options):
    return take_opening(shop, by, client=platform, **{"key": "opening:1"} | options)


def refusals(opening) -> list[str]:
    return [why for _, why in opening.refused]


def test_what_the_shop_sells_and_has_sold_is_what_lies_there(shop, platform):
    sku = sold(shop, platform, 10, committed=3)

    opening, at = look_at_opening(shop, client=platform)

    row = opening.rows[0]
    assert (row.variant, row.skus) == (sku.variant, (sku,))
    assert (row.available, row.committed, row.on_hand) == (10, 3, 13)
    assert row.shop_warehouse.remote_id == PLACE
    assert row.warehouse.is_default
    assert (opening.refused, opening.counted) == ([], 0)
    assert at <= timezone.now()
    assert not StockDocument.objects.exists()
    assert not StockLevel.objects.exists()


def test_it_is_booked_as_a_stock_take_of_that_moment(shop, platform):
    user = make_user()
    skus = [sold(shop, platform, units) for units in (10, 0)]

    taken = take(shop, platform, By(user))

    document = StockDocument.objects.get()
    assert taken.documents == [document]
    assert (document.kind, document.user) == ("count", user)
    assert (document.reference, document.note) == ("As a shop shows", "")
    assert [stock_of(sku.variant)[0] for sku in skus] == [10, 0]
    level = level_of(skus[0].variant)
    assert level.is_counted
    assert level.counted_at == document.effective_at


def test_open_orders_keep_what_they_were_promised(shop, platform):
    sku = sold(shop, platform, 10, committed=3)
    ordered(shop, sku, units=2)

    take(shop, platform)
    assert stock_of(sku.variant) == (13, 2, 0, 0)

    ordered(shop, sku, units=1, number=2)  # the third piece, heard of later
    level = level_of(sku.variant)
    assert level.available == 10


def test_what_left_before_and_is_heard_of_later_is_in_the_figure_already(
    shop, platform
):
    sku = sold(shop, platform, 10)
    take(shop, platform)
    left = timezone.now() - timedelta(hours=2)

    ordered(shop, sku, status=OrderStatus.IN_TRANSIT, shipped_at=left, placed_at=left)

    assert stock_of(sku.variant) == (10, 0, 0, 0)


def test_booking_it_again_books_nothing(shop, platform):
    sold(shop, platform, 10)
    first = take(shop, platform)

    again = take(shop, platform)
    other = take(shop, platform, key="opening:2")

    assert [row.pk for row in again.documents] == [row.pk for row in first.documents]
    assert other.documents == []
    assert other.opening.counted == 1
    assert StockDocument.objects.count() == 1


def test_what_was_counted_stays_as_it_was_counted(shop, platform):
    sku = sold(shop, platform, 10)
    assert sku.variant is not None
    count(sku.variant, 4)

    taken = take(shop, platform)

    assert (taken.opening.rows, taken.opening.counted) == ([], 1)
    assert stock_of(sku.variant) == (4, 0, 0, 0)


def test_each_warehouse_is_a_stock_take_of_its_own(shop, platform):
    there = make_warehouse(shop.client)
    make_shop_warehouse(shop, there, "69002")
    sku = sold(shop, platform, 10)
    platform.stock[sku.remote_id]["69002"] = 4

    taken = take(shop, platform)

    assert len(taken.documents) == 2
    assert stock_of(sku.variant) == (10, 0, 0, 0)
    assert stock_of(sku.variant, there) == (4, 0, 0, 0)


def test_what_cannot_be_taken_over_is_said_with_its_reason(shop, platform):
    make_shop_warehouse(shop, None, "69002", name="Klang")
    part = make_variant(client=shop.client)
    bundle = sold(shop, platform, 3, variant=make_bundle({part: 2}))
    unmatched = sold(shop, platform, 3)
    platform.stock[unmatched.remote_id] = {"69002": 3}
    unknown = sold(shop, platform, 3)
    platform.stock[unknown.remote_id] = {"69003": 3}
    gone, odd, silent = (sold(shop, platform, 3) for _ in range(3))
    del platform.stock[gone.remote_id]
    platform.unreadable = {odd.remote_id}
    platform.silent = {silent.remote_id}
    twice = make_variant(client=shop.client)
    doubles = [sold(shop, platform, units, variant=twice) for units in (3, 4)]

    taken = take(shop, platform)

    said = dict(taken.opening.refused)
    assert said[bundle] == "It is a bundle, whose parts are counted."
    assert said[unmatched] == "“Klang” is not matched to a warehouse of yours."
    assert "Its warehouse (69003) is not known here yet." in said[unknown]
    assert said[gone] == "TikTok shows no stock of it."
    assert said[odd] == "It cannot be read: no number."
    assert said[silent] == "TikTok does not say how many there are."
    assert all("show different numbers" in said[sku] for sku in doubles)
    assert not StockDocument.objects.exists()


def test_two_skus_of_a_shop_that_agree_are_one_figure(shop, platform):
    variant = make_variant(client=shop.client)
    for committed in (1, 2):
        sold(shop, platform, 5, variant=variant, committed=committed)

    take(shop, platform)

    assert stock_of(variant) == (8, 0, 0, 0)


def test_goods_promised_by_other_shops_and_in_bundles_lie_there_as_well(shop, platform):
    variant = make_variant(client=shop.client)
    sold(shop, platform, 10, variant=variant, committed=1)
    other = make_told_shop(shop.client, place="69009")
    theirs = make_listing(other, status="draft")
    ordered(other, make_listing_sku(theirs, variant=variant), units=4)
    bundle = make_listing_sku(shop=shop, variant=make_bundle({variant: 3}))
    ordered(shop, bundle, units=1, number=2)

    take(shop, platform)

    assert stock_of(variant) == (10 + 1 + 4 + 3, 7, 0, 0)


# Several shops.


def elsewhere(shop, variant, shows: int | None) -> Shop:
    """Another shop of the client that sells it, and was compared if it shows some."""
    other = make_told_shop(shop.client, place="69009")
    sku = make_listing_sku(shop=other, variant=variant)
    if shows is not None:
        compare(
            other, FakeShownShop(stock={sku.remote_id: {"69009": shows}}, places=[])
        )
    return other


@pytest.mark.parametrize(
    ("shows", "words"), [(4, "shows 4 of it, this shop 10"), (None, "never compared")]
)
def test_shops_that_do_not_agree_are_refused_unless_one_is_to_hold(
    shop, platform, shows, words
):
    sku = sold(shop, platform, 10)
    other = elsewhere(shop, sku.variant, shows)

    taken = take(shop, platform)
    assert taken.documents == []
    assert words in refusals(taken.opening)[0]
    assert str(other) in refusals(taken.opening)[0]

    take(shop, platform, is_leading=True)
    assert stock_of(sku.variant) == (10, 0, 0, 0)


def test_shops_that_agree_share_the_figure(shop, platform):
    sku = sold(shop, platform, 10)
    elsewhere(shop, sku.variant, 10)

    take(shop, platform)

    assert stock_of(sku.variant) == (10, 0, 0, 0)


def test_a_shop_that_is_disconnected_has_no_say(shop, platform):
    sku = sold(shop, platform, 10)
    other = elsewhere(shop, sku.variant, 4)
    Shop.objects.filter(pk=other.pk).update(state=Shop.State.DISCONNECTED)

    take(shop, platform)

    assert stock_of(sku.variant) == (10, 0, 0, 0)


def test_a_number_that_cannot_be_is_refused(shop, platform):
    sold(shop, platform, 10_000_001)
    fine = sold(shop, platform, 5)

    taken = take(shop, platform)

    assert refusals(taken.opening) == ["10,000,001 are more than a stock take takes."]
    assert stock_of(fine.variant) == (5, 0, 0, 0)


def test_a_platform_that_is_away_books_nothing(shop, platform):
    sold(shop, platform, 10)

    def fail(number):
        raise PlatformUnavailable("TikTok Shop has trouble.")

    platform.before_search = fail
    with pytest.raises(PlatformUnavailable):
        take(shop, platform)

    assert not StockDocument.objects.exists()


def test_a_warehouse_that_was_closed_meanwhile_books_nothing(shop, platform):
    there = make_warehouse(shop.client)
    make_shop_warehouse(shop, there, "69002")
    sku = sold(shop, platform, 10)
    platform.stock[sku.remote_id]["69002"] = 4
    there.is_active = False
    there.save()

    with pytest.raises(StockRefuses, match="is closed"):
        take(shop, platform)

    assert not StockDocument.objects.exists()
