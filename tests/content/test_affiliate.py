"""Affiliate orders come in, once each, and the last word counts."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from apps.content.models import AffiliateOrder, Creator
from apps.content.services.affiliate import (
    costs_of,
    ingest,
    ingest_of_shop,
    link_orders,
    preview_of_shop,
)
from apps.content.services.sides import Side
from apps.integrations.contracts import Source
from apps.integrations.contracts.affiliate import CommissionAmounts, Settlement
from tests.factories.content import (
    PLACED_AT,
    make_creator_account,
    make_remote_sku,
)
from tests.factories.orders import make_order
from tests.factories.platforms import make_shop

pytestmark = pytest.mark.django_db
API, FILE = Source.API, Source.FILE
SETTLED = CommissionAmounts(base=Decimal(50), commission=Decimal(5))


def counts(result):
    return result.new, result.updated, result.same


def test_a_sale_is_kept_with_its_creator_its_order_and_its_money():
    shop = make_shop()
    order = make_order(shop=shop, remote_id="576000000012345678")

    result = ingest_of_shop(shop, [make_remote_sku()], API)

    row = AffiliateOrder.objects.with_commission().with_sales().get()
    assert counts(result) == (1, 0, 0)
    assert (row.client, row.order, row.shop) == (shop.client, order, shop)
    assert str(row.creator) == "@rumah.rapi"
    assert (row.commission, row.sales) == (Decimal(10), Decimal(100))


def test_the_same_news_changes_nothing_and_says_so():
    shop = make_shop()
    ingest_of_shop(shop, [make_remote_sku()], API)
    before = AffiliateOrder.objects.values().get()

    result = ingest_of_shop(shop, [make_remote_sku()], API)

    assert counts(result) == (0, 0, 1)
    assert AffiliateOrder.objects.values().get() == before


def test_settled_takes_the_place_of_an_estimate_and_ineligible_is_nothing():
    shop = make_shop()
    sale = make_remote_sku()
    ingest_of_shop(shop, [sale], API)
    settled = replace(sale, settlement=Settlement.SETTLED, actual=SETTLED)

    assert counts(ingest_of_shop(shop, [settled], API)) == (0, 1, 0)
    row = AffiliateOrder.objects.with_commission().get()
    assert (row.commission, row.estimated_amount) == (Decimal(5), Decimal(10))

    ingest_of_shop(shop, [replace(sale, settlement=Settlement.INELIGIBLE)], API)
    row = AffiliateOrder.objects.with_commission().get()
    assert row.commission == 0
    assert not AffiliateOrder.objects.unsettled().exists()


def test_a_version_without_the_sku_is_of_the_one_row_it_can_be_of():
    shop = make_shop()
    ingest_of_shop(shop, [make_remote_sku()], FILE)
    nameless = make_remote_sku(sku_id="", settlement=Settlement.SETTLED, actual=SETTLED)

    assert counts(ingest_of_shop(shop, [nameless], API)) == (0, 1, 0)
    row = AffiliateOrder.objects.get()
    assert (row.remote_sku_id, row.item) == ("sku-1", "sku-1")
    assert row.actual_amount == Decimal(5)


def test_a_row_known_by_its_product_alone_gets_its_sku():
    shop = make_shop()
    ingest_of_shop(shop, [make_remote_sku(sku_id="")], API)

    ingest_of_shop(shop, [make_remote_sku()], API)

    row = AffiliateOrder.objects.get()
    assert (row.remote_sku_id, row.item) == ("sku-1", "sku-1")


def test_one_order_may_have_several_skus_contents_and_a_repeat():
    shop = make_shop()
    sales = [
        make_remote_sku(),
        make_remote_sku(sku_id="sku-2"),
        make_remote_sku(content_id="live-1"),
        make_remote_sku(content_id="", creator_username="pasar"),
        make_remote_sku(quantity=3),
    ]

    ingest_of_shop(shop, sales, API)

    assert AffiliateOrder.objects.count() == 4
    assert AffiliateOrder.objects.earliest("pk").quantity == 3
    assert Creator.objects.count() == 2


def test_an_older_file_changes_no_money_and_a_newer_one_does():
    shop = make_shop()
    sale = make_remote_sku()
    settled = replace(sale, settlement=Settlement.SETTLED, actual=SETTLED)
    ingest_of_shop(shop, [settled], API)

    ingest_of_shop(shop, [replace(sale, shop_name="Kedai")], FILE)
    row = AffiliateOrder.objects.get()
    assert (row.settlement, row.shop_name, row.source) == ("settled", "Kedai", "api")

    ingest_of_shop(shop, [replace(sale, order_id="576000000099999999")], API)
    later = replace(settled, order_id="576000000099999999")
    ingest_of_shop(shop, [later], FILE)
    row = AffiliateOrder.objects.get(remote_order_id="576000000099999999")
    assert (row.settlement, row.actual_amount) == ("settled", Decimal(5))


def test_a_dry_run_counts_and_writes_nothing():
    shop = make_shop()

    result = preview_of_shop(shop, [make_remote_sku()], API)

    assert counts(result) == (1, 0, 0)
    assert not AffiliateOrder.objects.exists()
    assert not Creator.objects.exists()


def test_a_sale_without_sku_or_product_is_refused_by_name():
    shop = make_shop()

    result = ingest_of_shop(
        shop, [make_remote_sku(sku_id="", product_id=""), make_remote_sku()], API
    )

    assert counts(result) == (1, 0, 0)
    assert "neither a SKU nor a product" in result.refused[0][1]


def test_what_a_creator_tells_stands_beside_what_the_shop_tells():
    shop = make_shop()
    account = make_creator_account(shop.client)
    order = make_order(shop=shop, remote_id="576000000012345678")
    ingest_of_shop(shop, [make_remote_sku()], API)

    ingest(Side(account=account), [make_remote_sku(creator_username="")], API)

    rows = AffiliateOrder.objects.order_by("pk")
    assert [row.shop for row in rows] == [shop, None]
    assert [row.order for row in rows] == [order, order]
    creator = Creator.objects.get()
    assert creator.open_id == account.open_id
    assert [row.creator for row in rows] == [creator, creator]


def test_a_creator_who_takes_another_name_stays_one_creator():
    account = make_creator_account()
    ingest(Side(account=account), [make_remote_sku(creator_username="")], API)
    account.username = "New.Name"

    sale = make_remote_sku(creator_username="", sku_id="sku-2")
    ingest(Side(account=account), [sale], API)

    assert Creator.objects.get().username == "new.name"


def test_a_creators_sale_is_never_linked_to_another_clients_order():
    account = make_creator_account()
    make_order(shop=make_shop(), remote_id="576000000012345678")

    ingest(Side(account=account), [make_remote_sku(creator_username="")], API)

    assert AffiliateOrder.objects.get().order is None
    assert link_orders(Side(account=account)) == 0


def test_an_order_that_comes_later_is_linked():
    shop = make_shop()
    ingest_of_shop(shop, [make_remote_sku()], API)
    order = make_order(shop=shop, remote_id="576000000012345678")

    assert link_orders(Side(shop=shop)) == 1
    assert AffiliateOrder.objects.get().order == order
    assert link_orders(Side(shop=shop)) == 0


def test_shops_costs_are_by_currency_and_leave_creators_own_word_out():
    shop = make_shop()
    account = make_creator_account(shop.client)
    settled = make_remote_sku(
        sku_id="sku-2", settlement=Settlement.SETTLED, actual=SETTLED
    )
    ingest_of_shop(shop, [make_remote_sku(), settled], API)
    ingest(Side(account=account), [make_remote_sku(creator_username="")], API)

    until = PLACED_AT + timedelta(days=1)
    assert costs_of([shop], PLACED_AT, until) == {"MYR": Decimal(15)}
    assert costs_of([shop], until, until + timedelta(days=1)) == {}
