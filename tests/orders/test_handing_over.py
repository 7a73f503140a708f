"""A shop that changes hands, or becomes a test shop, and the goods."""

from datetime import timedelta

import pytest

from apps.integrations.contracts import OrderStatus, Source
from apps.inventory.models import StockRule
from apps.orders.services.handing_over import save_shop_settings
from apps.orders.services.ingest import ingest_orders
from apps.orders.services.mapping import By, choose
from apps.orders.services.stock import book_all_due
from apps.platforms.models import Shop
from tests.factories.inventory import (
    make_shop_warehouse,
    make_warehouse,
    receive,
    stock_of,
)
from tests.factories.orders import PLACED, make_remote_order
from tests.factories.platforms import make_shop
from tests.factories.products import make_listing_sku, make_variant
from tests.factories.users import make_client

pytestmark = pytest.mark.django_db
SKU = "1730000000000000101"


def make_selling_shop():
    """A shop with one order for one of ten pieces; the variant, and the shop's SKU."""
    shop = make_shop()
    variant = make_variant(client=shop.client)
    sku = make_listing_sku(shop=shop, remote_id=SKU, variant=variant)
    receive(variant, 10)
    ingest_orders(shop, [make_remote_order()], Source.API)
    return shop, variant, sku


def test_a_shop_that_changes_hands_leaves_its_old_clients_goods():
    shop, variant, sku = make_selling_shop()
    place = make_shop_warehouse(shop, make_warehouse(shop.client, "Depot"))
    rule = StockRule.objects.create(client=shop.client, shop=shop, buffer=1)
    general = StockRule.objects.create(client=shop.client, buffer=2)

    save_shop_settings(shop, {"client": make_client()})
    book_all_due()

    assert stock_of(variant) == (10, 0, 0, 0)
    sku.refresh_from_db()
    place.refresh_from_db()
    assert (sku.variant, place.warehouse) == (None, None)
    assert not StockRule.objects.filter(pk=rule.pk).exists()
    assert StockRule.objects.filter(pk=general.pk).exists()


def test_what_has_left_the_old_client_stays_gone_there_and_is_not_taken_again():
    shop, variant, sku = make_selling_shop()
    left = make_remote_order(
        version=2,
        status=OrderStatus.IN_TRANSIT,
        shipped_at=PLACED + timedelta(hours=1),
    )
    ingest_orders(shop, [left], Source.API)
    assert stock_of(variant) == (9, 0, 0, 0)
    new_client = make_client()

    save_shop_settings(shop, {"client": new_client})
    book_all_due()
    assert stock_of(variant) == (9, 0, 0, 0)

    shop.refresh_from_db()
    theirs = make_variant(client=new_client)
    receive(theirs, 5)
    choose(shop, {sku.pk: theirs.pk}, By())
    book_all_due()
    assert stock_of(theirs) == (5, 0, 0, 0)
    assert stock_of(variant) == (9, 0, 0, 0)


def test_orders_of_a_test_shop_take_no_stock_and_do_once_it_is_none():
    shop, variant, _ = make_selling_shop()
    environments = Shop.Environment

    save_shop_settings(shop, {"environment": environments.SANDBOX})
    book_all_due()
    assert stock_of(variant) == (10, 0, 0, 0)

    shop.refresh_from_db()
    later = make_remote_order("59", placed_at=PLACED + timedelta(hours=1))
    ingest_orders(shop, [later], Source.API)
    assert stock_of(variant) == (10, 0, 0, 0)

    save_shop_settings(shop, {"environment": environments.PRODUCTION})
    book_all_due()
    assert stock_of(variant) == (10, 2, 0, 0)


def test_another_name_books_nothing_anew():
    shop, _, _ = make_selling_shop()

    assert save_shop_settings(shop, {"name": "New"}) == ["name"]

    assert book_all_due() == 0
