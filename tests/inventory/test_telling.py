"""What shops are told of their SKUs, and why not."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.inventory.models import ShopStockSettings, StockLevel, StockRule
from apps.inventory.services.places import default_warehouse
from apps.inventory.services.telling import WhyNot, figures_for
from apps.products.models import Listing
from apps.sync.models import StockPush
from tests.factories.inventory import (
    make_shop_warehouse,
    make_warehouse,
    receive,
)
from tests.factories.platforms import make_shop
from tests.factories.products import (
    make_bundle,
    make_listing,
    make_listing_sku,
    make_variant,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    """A shop that is told, with one warehouse that is our default one."""
    shop = make_shop()
    ShopStockSettings.objects.create(shop=shop, is_pushed=True)
    make_shop_warehouse(
        shop, default_warehouse(shop.client_id), "69001", name="Shah Alam"
    )
    return shop


@pytest.fixture
def lamp(shop):
    return make_variant(client=shop.client, sku="LAMP")


def told(sku, **options):
    return figures_for([sku], **options)[sku.pk]


def refusal(sku):
    figures = told(sku)
    assert figures.total is None
    return figures.reason, figures.why_not


def test_a_shop_is_told_what_is_available_in_its_warehouse(shop, lamp):
    receive(lamp, 12)
    sku = make_listing_sku(shop=shop, variant=lamp)

    figures = told(sku)

    assert figures.total == 12
    assert figures.quantities == {"69001": 12}
    share = figures.by_warehouse["69001"]
    assert (share.available, share.pieces) == (12, 12)
    assert share.warehouse == default_warehouse(shop.client_id)
    assert [step.words for step in share.steps] == ["12 available"]
    assert (figures.why_not, figures.reason) == ("", None)


def test_what_is_promised_is_not_told(shop, lamp):
    receive(lamp, 12)
    StockLevel.objects.update(reserved=5)

    assert told(make_listing_sku(shop=shop, variant=lamp)).total == 7


def test_a_bundle_is_told_as_often_as_its_parts_allow(shop, lamp):
    bulb = make_variant(client=shop.client)
    receive(lamp, 7)
    receive(bulb, 40)
    pair = make_bundle({lamp: 2, bulb: 4})

    assert told(make_listing_sku(shop=shop, variant=pair)).total == 3


def test_a_bundle_with_a_part_nobody_counted_is_not_told(shop, lamp):
    receive(lamp, 7)
    pair = make_bundle({lamp: 2, make_variant(client=shop.client): 1})

    reason, _ = refusal(make_listing_sku(shop=shop, variant=pair))

    assert reason is WhyNot.NOT_COUNTED


def test_a_shop_that_is_not_told_says_so_and_what_it_would_be(shop, lamp):
    receive(lamp, 12)
    sku = make_listing_sku(shop=shop, variant=lamp)
    ShopStockSettings.objects.update(is_pushed=False)

    figures = told(sku)

    assert (figures.total, figures.reason) == (None, WhyNot.SWITCHED_OFF)
    assert figures.quantities == {"69001": 12}
    assert told(sku, is_switched_on=True).total == 12


def test_a_sku_that_is_not_matched_is_not_told(shop):
    reason, words = refusal(make_listing_sku(shop=shop))

    assert reason is WhyNot.NOT_MATCHED
    assert "match it" in words


def test_what_nobody_counted_is_not_told(shop, lamp):
    sku = make_listing_sku(shop=shop, variant=lamp)
    assert refusal(sku) == (WhyNot.NOT_COUNTED, "Nobody has counted it yet.")

    receive(lamp, 5)
    StockLevel.objects.update(is_counted=False)

    assert refusal(sku) == (WhyNot.NOT_COUNTED, "Nobody has counted it yet.")


def test_a_listing_off_sale_waits_with_its_figure(shop, lamp):
    receive(lamp, 12)
    listing = make_listing(shop, status=Listing.Status.SELLER_DEACTIVATED)
    sku = make_listing_sku(listing, variant=lamp)

    figures = told(sku)

    assert (figures.total, figures.reason) == (None, WhyNot.NOT_LIVE)
    assert "deactivated by seller" in figures.why_not
    assert figures.quantities == {"69001": 12}


def test_what_the_platform_no_longer_has_is_not_told(shop, lamp):
    receive(lamp, 12)
    listing = make_listing(shop, status=Listing.Status.DELETED)

    assert refusal(make_listing_sku(listing, variant=lamp))[0] is WhyNot.NOT_LISTED


def test_a_warehouse_that_is_not_matched_holds_the_sku_back(shop, lamp):
    receive(lamp, 12)
    make_shop_warehouse(shop, None, name="Shah Alam 2")

    reason, words = refusal(make_listing_sku(shop=shop, variant=lamp))

    assert reason is WhyNot.NOT_MAPPED
    assert words == "“Shah Alam 2” is not matched to a warehouse of yours."


def test_only_the_warehouses_that_hold_the_sku_matter_once_that_is_known(shop, lamp):
    receive(lamp, 12)
    make_shop_warehouse(shop, None, name="Shah Alam 2")
    sku = make_listing_sku(shop=shop, variant=lamp)
    StockPush.objects.create(listing_sku=sku, shop=shop, accepted={"69001": 3})

    assert told(sku).quantities == {"69001": 12}


def test_a_warehouse_nobody_told_us_of_holds_the_sku_back(shop, lamp):
    receive(lamp, 12)
    sku = make_listing_sku(shop=shop, variant=lamp)
    StockPush.objects.create(
        listing_sku=sku, shop=shop, accepted={"69001": 3, "69999": 1}
    )

    reason, words = refusal(sku)

    assert reason is WhyNot.NOT_MAPPED
    assert "69999" in words


def test_a_shop_without_a_warehouse_to_sell_from_is_not_told(shop, lamp):
    receive(lamp, 12)
    shop.shop_warehouses.update(kind="returns")

    assert refusal(make_listing_sku(shop=shop, variant=lamp))[0] is WhyNot.NO_WAREHOUSE


def test_a_warehouse_where_nothing_ever_lay_is_told_none(shop, lamp):
    attic = make_warehouse(shop.client, "Attic")
    make_shop_warehouse(shop, attic, "69002")
    receive(lamp, 12)

    figures = told(make_listing_sku(shop=shop, variant=lamp))

    assert figures.quantities == {"69001": 12, "69002": 0}


def test_pieces_the_shop_shows_where_nobody_counted_are_not_taken_away(shop, lamp):
    attic = make_warehouse(shop.client, "Attic")
    make_shop_warehouse(shop, attic, "69002")
    receive(lamp, 12)
    sku = make_listing_sku(shop=shop, variant=lamp)
    StockPush.objects.create(
        listing_sku=sku, shop=shop, accepted={"69001": 3, "69002": 5}
    )

    reason, words = refusal(sku)

    assert (reason, words) == (
        WhyNot.NOT_COUNTED,
        "Nobody has counted it in Attic yet.",
    )


def test_rules_are_of_the_client_alone(shop, lamp):
    receive(lamp, 12)
    sku = make_listing_sku(shop=shop, variant=lamp)
    StockRule.objects.create(client=shop.client, buffer=2)
    StockRule.objects.create(client=make_shop().client, buffer=9)

    figures = told(sku)

    assert figures.total == 10
    assert figures.by_warehouse["69001"].steps[1].words == "2 kept back"


def test_one_pool_is_told_to_every_shop_of_the_client(shop, lamp):
    other = make_shop(shop.client)
    ShopStockSettings.objects.create(shop=other, is_pushed=True)
    make_shop_warehouse(other, default_warehouse(shop.client_id), "69100")
    receive(lamp, 12)
    skus = [make_listing_sku(shop=each, variant=lamp) for each in (shop, other)]
    StockRule.objects.create(
        client=shop.client, variant=lamp, last_pieces=5, last_pieces_shop=other
    )

    figures = figures_for(skus)

    assert [figures[sku.pk].total for sku in skus] == [7, 12]


def test_many_skus_cost_as_many_queries_as_one(shop, lamp):
    receive(lamp, 12)
    skus = [make_listing_sku(shop=shop, variant=lamp)]
    with CaptureQueriesContext(connection) as of_one:
        figures_for(skus)
    for _ in range(8):
        variant = make_variant(client=shop.client)
        receive(variant, 3)
        skus.append(make_listing_sku(shop=shop, variant=variant))
    skus.append(make_listing_sku(shop=shop, variant=make_bundle({lamp: 2})))

    with CaptureQueriesContext(connection) as of_many:
        figures = figures_for(skus)

    assert len(of_many) == len(of_one) == 7
    assert figures[skus[-1].pk].total == 6
