"""The page that shows where the stock is."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from apps.inventory.models import StockDocument
from apps.inventory.services.places import default_warehouse
from apps.sync.models import StockPush
from apps.users.roles import Role
from tests.factories.inventory import (
    make_document,
    make_shop_warehouse,
    make_warehouse,
    receive,
)
from tests.factories.platforms import make_shop
from tests.factories.products import make_bundle, make_listing_sku, make_variant
from tests.factories.team import as_user, make_shop_member
from tests.factories.users import make_client
from tests.inventory.pages import sell, signed_in, words, working_for
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:inventory_stockmovement_flow")


@pytest.fixture
def company():
    return make_client("Northwind")


@pytest.fixture
def shop(company):
    shop = make_shop(company, name="Main Store")
    make_shop_warehouse(shop, default_warehouse(company.pk), is_default=True)
    return shop


@pytest.fixture
def clerk(company, shop):
    return working_for(company)


@pytest.fixture
def lamp(company, shop):
    """Ten lamps: two promised, one in quarantine, five of seven on offer."""
    lamp = make_variant(client=company, sku="LAMP-30")
    receive(lamp, 10)
    make_document(StockDocument.Kind.QUARANTINE, {lamp: 1})
    sell(lamp, 2, shop=shop, remote_id="580000000000000001")
    tell(lamp, shop, 5)
    return lamp


def tell(variant: Any, shop: Any, pieces: int, found: int | None = None) -> None:
    rows = shop.listing_skus.filter(variant=variant)
    told = {shop.shop_warehouses.get().remote_id: pieces}
    StockPush.objects.create(
        listing_sku=rows.first() or make_listing_sku(shop=shop, variant=variant),
        shop=shop,
        state=StockPush.State.IN_STEP,
        wanted=told,
        wanted_total=pieces,
        found=dict.fromkeys(told, pieces if found is None else found),
        found_total=pieces if found is None else found,
        found_at=timezone.now(),
    )


def figures(page: Any) -> dict[str, int]:
    assert page.status_code == 200
    return {
        caption.title: units
        for _, rows in page.context["stages"]
        for caption, units in rows
    }


def test_it_shows_where_the_pieces_are(lamp, clerk):
    page = clerk.get(PAGE)

    assert figures(page) == {
        "On hand": 9,
        "Quarantined": 1,
        "Main warehouse": 10,
        "Reserved": 2,
        "Free, on offer": 5,
        "Free, kept back": 2,
        "Main Store (MY)": 5,
    }
    assert "Ribbons from what there is" in page.content.decode()


def test_each_bar_of_the_picture_has_a_name_and_a_number(lamp, clerk):
    page = clerk.get(PAGE)

    svg = re.search(r'<svg class="flow".*?</svg>', page.content.decode(), re.S)
    assert svg
    assert 'viewBox="0 0 1040 ' in svg[0]
    bars = re.findall(
        r'class="name"[^>]*>([^<]+)<.*?class="count"[^>]*>([^<]+)', svg[0]
    )
    assert {name: int(count) for name, count in bars} == figures(page)


def test_a_sku_and_a_warehouse_can_be_looked_at_alone(lamp, clerk, company):
    north = make_warehouse(company, "North")
    receive(make_variant(client=company, sku="CHAIR"), 40, north)

    assert figures(clerk.get(PAGE))["On hand"] == 49
    assert figures(clerk.get(PAGE, {"sku": "lamp-30"}))["On hand"] == 9
    assert figures(clerk.get(PAGE, {"warehouse": north.pk})) == {
        "On hand": 40,
        "North": 40,
        "Free, told nowhere": 40,
    }


def test_a_bundle_offers_its_parts(lamp, clerk, shop):
    tell(make_bundle({lamp: 2}, "PAIR"), shop, 3)

    page = clerk.get(PAGE)

    assert figures(page)["Free, on offer"] == 6
    assert figures(page)["Main Store (MY)"] == 6


def test_where_tiktok_shows_another_number_there_is_a_badge(lamp, clerk, shop):
    chair = make_variant(client=shop.client, sku="CHAIR")
    receive(chair, 4)
    tell(chair, shop, 4, found=9)

    page = clerk.get(PAGE)

    row = page.context["shops"][0]
    assert (row.skus, row.told, row.shows, row.unlike) == (2, 9, 14, 1)
    assert "1 SKU differs" in words(page)


def test_what_was_seen_before_the_shop_was_told_is_no_difference(lamp, clerk, shop):
    StockPush.objects.update(
        accepted=F("wanted"),
        accepted_total=F("wanted_total"),
        accepted_at=timezone.now(),
        found=dict.fromkeys([shop.shop_warehouses.get().remote_id], 8),
        found_at=timezone.now() - timedelta(minutes=1),
    )

    page = clerk.get(PAGE)

    [row] = page.context["shops"]
    assert (row.told, row.shows, row.unlike) == (5, 5, 0)


def test_of_one_warehouse_shops_show_what_lies_there(lamp, clerk, company, shop):
    attic = make_warehouse(company, "Attic")
    place = make_shop_warehouse(shop, attic)
    push = StockPush.objects.get()
    push.wanted |= {place.remote_id: 3}
    push.found |= {place.remote_id: 1}
    push.wanted_total, push.found_total = 8, 6
    push.save()
    receive(lamp, 3, attic)

    page = clerk.get(PAGE, {"warehouse": attic.pk})

    [row] = page.context["shops"]
    assert (row.skus, row.told, row.shows, row.unlike) == (1, 3, 1, 1)
    assert "in Attic alone" in words(page)


def test_what_is_promised_and_not_there_is_said(lamp, clerk, shop):
    sell(lamp, 20, shop=shop, remote_id="580000000000000002")

    page = clerk.get(PAGE)

    assert "13 pieces promised that are not there" in words(page)
    assert figures(page)["Reserved"] == 9


def test_test_shops_are_left_out_and_named(lamp, clerk, company):
    sandbox = make_shop(company, name="Trial", environment="sandbox")
    make_shop_warehouse(sandbox, default_warehouse(company.pk))
    tell(lamp, sandbox, 7)

    page = clerk.get(PAGE)

    assert "Trial (MY)" not in figures(page)
    assert "Test shops are left out: Trial (MY)." in words(page)


def test_an_unseen_shop_is_not_in_the_picture(lamp, company):
    second = make_shop(company, name="Second Store")
    elsewhere = signed_in(as_user(make_shop_member(second, Role.ORDER_FULFILLMENT)))

    page = elsewhere.get(PAGE)

    assert figures(page)["On hand"] == 9
    assert "Main Store" not in page.content.decode()


def test_another_clients_stock_flows_nowhere_here(lamp, clerk):
    theirs = make_variant(client=make_client("Quokka"), sku="SECRET")
    receive(theirs, 900)

    assert figures(clerk.get(PAGE))["On hand"] == 9
    page = clerk.get(PAGE, {"sku": "SECRET"})
    assert "Nothing flows for these filters" in words(page)


def test_no_stock_says_what_helps(clerk):
    assert "No stock yet. As soon as goods are counted" in words(clerk.get(PAGE))


def test_it_takes_as_many_queries_however_much_there_is(lamp, clerk, company, shop):
    with statements() as few:
        clerk.get(PAGE)
    for number in range(12):
        variant = make_variant(client=company, sku=f"MORE-{number}")
        receive(variant, 5)
        tell(variant, shop, 3)
    with statements() as more:
        clerk.get(PAGE)

    assert len(more) == len(few)
    assert len(more) <= 26


def test_it_is_read_and_by_those_who_may(lamp, clerk, company):
    assert clerk.post(PAGE).status_code == 405
    creator = working_for(company, Role.CREATOR_PARTNER)
    assert creator.get(PAGE).status_code == 403
