"""Lines follow what their listing SKUs are mapped to."""

import threading

import pytest
from django.db import connection, transaction

from apps.integrations.contracts import Source
from apps.orders.models import OrderLine
from apps.orders.services import relink as service
from apps.orders.services.ingest import ingest_orders
from apps.orders.services.relink import link_stored_lines, relink
from apps.orders.tasks import link_order_lines
from apps.platforms.models import Shop
from apps.products.models import Listing, ListingSku
from apps.products.services.ingest import ingest_listings
from apps.sync.services.listing_details import are_due
from tests.factories.orders import make_order, make_remote_line, make_remote_order
from tests.factories.platforms import make_shop
from tests.factories.products import (
    make_listing_sku,
    make_remote_listing,
    make_remote_sku,
    make_variant,
)
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

SKU = "1730000000000000101"


def sell(shop: Shop, *skus: str, product="1729000000000000101", version=1) -> None:
    lines = tuple(make_remote_line(sku, remote_product_id=product) for sku in skus)
    ingest_orders(shop, [make_remote_order(lines=lines, version=version)], Source.API)


def match(sku: ListingSku, variant) -> None:
    ListingSku.objects.filter(pk=sku.pk).update(
        variant=variant, mapping="matched" if variant else "unmatched"
    )


def test_an_order_is_linked_to_the_sku_it_names_and_the_variant_that_is():
    shop = make_shop()
    variant = make_variant(client=shop.client)
    sku = make_listing_sku(shop=shop, remote_id=SKU, variant=variant)

    sell(shop, SKU)

    line = OrderLine.objects.get()
    assert (line.listing_sku, line.variant) == (sku, variant)
    assert Listing.objects.count() == 1


def test_a_sku_that_only_an_order_names_waits_for_the_next_pull():
    shop = make_shop()

    sell(shop, SKU, "1730000000000000102")

    listing = Listing.objects.get()
    assert (listing.remote_id, listing.title) == ("1729000000000000101", "Rattan lamp")
    assert (listing.source, listing.status, listing.details_of) == ("order", "", None)
    one, two = ListingSku.objects.order_by("remote_id")
    assert (one.seller_sku, one.variation, one.price_amount) == (
        "LAMP-30",
        "Natural",
        None,
    )
    assert OrderLine.objects.filter(listing_sku__in=[one, two]).count() == 2

    ingest_listings(
        shop,
        [
            make_remote_listing(
                skus=(make_remote_sku(SKU), make_remote_sku(two.remote_id))
            )
        ],
        Source.API,
    )

    listing.refresh_from_db()
    assert (listing.source, listing.status) == ("api", "live")
    assert ListingSku.objects.count() == 2


def test_a_sku_without_a_product_moves_to_its_listing_when_that_is_told():
    shop = make_shop()
    sell(shop, SKU, product="")
    sku = ListingSku.objects.get()
    assert sku.listing.remote_id == f"sku:{SKU}"
    variant = make_variant(client=shop.client)
    match(sku, variant)
    relink([sku.pk])

    ingest_listings(shop, [make_remote_listing()], Source.API)

    assert Listing.objects.get().remote_id == "1729000000000000101"
    line = OrderLine.objects.get()
    assert (line.listing_sku, line.variant) == (sku, variant)
    assert ListingSku.objects.get().mapping == "matched"


def test_a_sku_of_long_ago_is_judged_by_the_next_details():
    shop = make_shop()
    known = make_remote_listing(skus=(make_remote_sku(SKU),), raw={"id": "1"})
    ingest_listings(shop, [known], Source.API)
    assert not Listing.objects.filter(are_due()).exists()

    sell(shop, "9", product=known.remote_id)

    assert ListingSku.objects.present().count() == 2
    assert Listing.objects.filter(are_due()).exists()
    ingest_listings(shop, [known], Source.API)
    assert not Listing.objects.filter(are_due()).exists()
    assert ListingSku.objects.present().get().remote_id == SKU
    sell(shop, "9", product=known.remote_id, version=2)
    assert not Listing.objects.filter(are_due()).exists()


def test_a_sku_of_another_shop_is_another_sku():
    shop, other = make_shop(), make_shop()
    make_listing_sku(
        shop=other, remote_id=SKU, variant=make_variant(client=other.client)
    )

    sell(shop, SKU)

    line = OrderLine.objects.get()
    assert line.variant is None
    assert line.listing_sku is not None
    assert line.listing_sku.shop == shop


def test_a_line_without_a_sku_id_stays_unlinked():
    shop = make_shop()

    sell(shop, "")

    assert OrderLine.objects.get().listing_sku is None
    assert not ListingSku.objects.exists()


def test_lines_follow_a_decision_its_change_and_its_undoing():
    shop = make_shop()
    sku = make_listing_sku(shop=shop, remote_id=SKU)
    other = make_listing_sku(sku.listing, "9")
    sell(shop, SKU, "9")
    one, two = (make_variant(client=shop.client) for _ in range(2))

    for variant in (one, two, None):
        match(sku, variant)

        assert relink([sku.pk]) == 1
        assert relink([sku.pk]) == 0
        assert OrderLine.objects.get(listing_sku=sku).variant == variant
        assert OrderLine.objects.get(listing_sku=other).variant is None


def test_lines_follow_what_was_matched_where_nobody_relinks():
    shop = make_shop()
    skus = [make_listing_sku(shop=shop) for _ in range(3)]
    ignored = make_listing_sku(shop=shop)
    sell(shop, *(sku.remote_id for sku in (*skus, ignored)))
    variants = [make_variant(client=shop.client) for _ in skus]
    for sku, variant in zip(skus, variants, strict=True):
        match(sku, variant)  # as publishing does, which knows no orders

    assert link_order_lines() == 3
    assert link_order_lines() == 0

    for sku, variant in zip(skus, variants, strict=True):
        assert OrderLine.objects.get(listing_sku=sku).variant == variant
    assert OrderLine.objects.get(listing_sku=ignored).variant is None


def test_a_later_version_of_an_order_follows_the_mapping_of_today():
    shop = make_shop()
    sku = make_listing_sku(shop=shop, remote_id=SKU)
    sell(shop, SKU)
    variant = make_variant(client=shop.client)
    match(sku, variant)  # and nobody relinked

    lines = (make_remote_line(SKU, quantity=3),)
    ingest_orders(shop, [make_remote_order(lines=lines, version=2)], Source.API)

    assert OrderLine.objects.get().variant == variant


def test_many_skus_are_relinked_in_the_same_statements():
    shop = make_shop()
    variant = make_variant(client=shop.client)
    skus = [make_listing_sku(shop=shop, variant=variant) for _ in range(30)]
    sell(shop, *(sku.remote_id for sku in skus))
    OrderLine.objects.update(variant=None)

    with statements() as asked:
        assert relink([sku.pk for sku in skus]) == 30

    assert asked.kinds == [
        "SELECT products_listingsku",
        "UPDATE orders_order",  # they are due to be booked
        "UPDATE orders_orderline",
    ]


def test_lines_from_before_are_linked_in_batches_once(monkeypatch):
    monkeypatch.setattr(service, "BATCH", 3)
    shop, other = make_shop(), make_shop()
    variant = make_variant(client=shop.client)
    make_listing_sku(shop=shop, remote_id=SKU, variant=variant)
    for n in range(7):
        make_order((shop, other)[n % 2])
    make_order(shop, remote_sku_id="")

    assert link_stored_lines(most=4) in (4, 5, 6)
    assert link_order_lines() > 0
    assert link_order_lines() == 0

    ours = OrderLine.objects.filter(order__shop=shop).exclude(remote_sku_id="")
    theirs = OrderLine.objects.filter(order__shop=other)
    assert {line.variant for line in ours} == {variant}
    assert {line.variant for line in theirs} == {None}
    assert {line.listing_sku and line.listing_sku.shop for line in theirs} == {other}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_order_that_comes_in_while_somebody_decides_gets_what_is_decided():
    shop = make_shop()
    sku = make_listing_sku(shop=shop, remote_id=SKU)
    variant = make_variant(client=shop.client)
    has_locked, may_end = threading.Event(), threading.Event()

    def decide():
        with transaction.atomic():
            list(ListingSku.objects.select_for_update().filter(pk=sku.pk))
            match(sku, variant)
            relink([sku.pk])
            has_locked.set()
            may_end.wait(10)
        connection.close()

    def order():
        sell(shop, SKU)
        connection.close()

    threads = [threading.Thread(target=decide), threading.Thread(target=order)]
    threads[0].start()
    has_locked.wait(10)
    threads[1].start()
    threads[1].join(0.5)
    may_end.set()
    for thread in threads:
        thread.join(10)

    assert OrderLine.objects.get().variant == variant
