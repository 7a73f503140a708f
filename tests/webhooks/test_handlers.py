"""What each event has us read, and that the table knows what it promises."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.integrations.errors import RequestRefused
from apps.integrations.tiktok.topics import WEBHOOK_TOPICS, Topic
from apps.integrations.tiktok.webhooks import parse_notice
from apps.platforms.models import Shop
from apps.products.models import Listing
from apps.sync.models import Resource, SyncCursor, SyncRun
from apps.sync.services.due import is_due
from apps.webhooks.handlers import HANDLERS, News
from apps.webhooks.handlers import stock as stock_handler
from apps.webhooks.handlers.listings import read_listings
from apps.webhooks.handlers.orders import read_returns
from apps.webhooks.handlers.stock import compare
from tests.factories.aftersales import make_remote_return
from tests.factories.platforms import make_shop
from tests.factories.products import make_listing, make_listing_sku, make_variant
from tests.factories.webhooks import make_delivery, make_event
from tests.sync.fake_listings import FakeShelf, listing_at
from tests.sync.fakes import FakePlatform, make_remote_order

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def shop() -> Shop:
    return make_shop()


def news(shop: Shop, type_number: int, **data: Any) -> News:
    body = make_delivery(type_number, shop.remote_id, data=data)
    return News(make_event(shop), parse_notice(body))


def words(shop: Shop, act: Any, platform: Any, *told: News) -> list[str]:
    outcomes = act(shop, told, platform)
    assert outcomes.keys() == {each.event.pk for each in told}
    return [outcomes[each.event.pk].words for each in told]


def test_each_type_an_erp_needs_is_acted_on():
    acted_on = {WEBHOOK_TOPICS[number] for number in WEBHOOK_TOPICS} & HANDLERS.keys()
    needed = (1, 2, 3, 4, 5, 6, 7, 11, 12, 15, 16, 18, 27, 37, 50, 64, 65, 67, 71)

    assert {WEBHOOK_TOPICS[number] for number in needed} <= acted_on
    assert Topic.UNKNOWN not in HANDLERS
    assert all(handler.most > 0 for handler in HANDLERS.values())


def test_listings_are_read_once_and_each_event_hears_of_its_own(shop):
    shelf = FakeShelf.of(listing_at("17", AT), listing_at("18", AT))
    shelf.before_detail = refuse_when("19")

    told = words(
        shop,
        read_listings,
        shelf,
        news(shop, 5, product_id=17, status="PRODUCT_STATUS_CHANGED"),
        news(shop, 15, product_id="17"),
        news(shop, 37, product_id=18),
        news(shop, 37, product_id=19),
        news(shop, 16, product_id=404),
        news(shop, 16),
    )

    assert told == [
        "Listing 17: is new",
        "Listing 17: is new",
        "Listing 18: is new",
        "Listing 19: It may not be shown.",
        "TikTok has no listing 404",
        "It names no product.",
    ]
    assert shelf.details == ["17", "18", "19", "404"]
    again = words(shop, read_listings, shelf, news(shop, 5, product_id=17))
    assert again == ["Listing 17: no change"]
    assert not SyncRun.objects.exists()

    del shelf.listings["18"]
    words(shop, read_listings, shelf, news(shop, 5, product_id=18))
    assert Listing.objects.get(remote_id="18").status == Listing.Status.DELETED


def refuse_when(remote_id: str) -> Any:
    def before(asked: str) -> None:
        if asked == remote_id:
            raise RequestRefused("It may not be shown.")

    return before


def test_events_of_requests_that_name_no_order_pull_what_changed(shop):
    at = timezone.now() - timedelta(hours=1)
    platform = FakePlatform(
        [make_remote_order("O1", at)],
        returns=[make_remote_return("7", order_id="O1", updated_at=at)],
    )
    request = news(shop, 64, aftersales_request_id="7")

    assert words(shop, read_returns, platform, request) == [
        "The shop's first pull is still to come, and brings it."
    ]

    SyncCursor.objects.create(shop=shop, resource=Resource.ORDERS, position=at)
    told = words(shop, read_returns, platform, request, news(shop, 65, rma_id="8"))

    assert told == ["Returns: 1 new"] * 2
    run = SyncRun.objects.get()
    assert run.trigger == SyncRun.Trigger.WEBHOOK
    assert words(shop, read_returns, platform, request) == ["Returns: no change"]
    assert is_due(shop, Resource.RETURNS, timezone.now()), "the schedule is its own"


def test_stock_of_matched_skus_is_compared_and_no_other(shop, monkeypatch):
    listing = make_listing(shop, "1729")
    mine = make_listing_sku(listing, "1730", variant=make_variant(client=shop.client))
    make_listing_sku(listing, "1731")
    asked: list[set[int]] = []

    def compare_stock(*args: Any, only: set[int], **options: Any) -> None:
        asked.append(only)

    monkeypatch.setattr(stock_handler, "compare_stock", compare_stock)
    told = words(
        shop,
        compare,
        None,
        news(shop, 71, sku_id=1730, product_id=1729),
        news(shop, 27, sku_id="1731"),
        news(shop, 71, sku_id=9),
        news(shop, 71),
    )

    assert asked == [{mine.pk}]
    assert told == [
        "SKU 1730: its stock was not shown",
        "SKU 1731 is not matched: nothing to compare",
        "SKU 9 is not matched: nothing to compare",
        "It names no SKU.",
    ]
