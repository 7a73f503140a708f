"""The page of one SKU: its places, its history, its queue, and what shops are told."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.integrations.contracts import OrderStatus
from apps.inventory.models import ShopStockSettings, StockDocument, StockRule
from apps.inventory.services.places import default_warehouse
from apps.sync.models import StockPush
from apps.users.roles import Role
from tests.factories.inventory import (
    count,
    level_of,
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

SECRET_ORDER = "580000000000000777"
JUST_NOW = timedelta(hours=1)


@pytest.fixture
def company():
    return make_client("Northwind")


@pytest.fixture
def shop(company):
    return make_shop(company, name="Main Store")


@pytest.fixture
def clerk(company, shop):
    return working_for(company)


@pytest.fixture
def lamp(company):
    default_warehouse(company.pk)
    return make_variant(client=company, sku="LAMP-30")


def page_of(variant: Any) -> str:
    return reverse("admin:inventory_stocklevel_sku", args=[variant.pk])


def test_it_shows_each_warehouse_and_all_together(lamp, clerk, company):
    receive(lamp, 10)
    receive(lamp, 4, make_warehouse(company, "North"))

    page = clerk.get(page_of(lamp))

    assert page.context["totals"]["on_hand"] == 14
    assert [each["row"].on_hand for each in page.context["levels"]] == [10, 4]
    assert "2 warehouses" in words(page)


def test_one_warehouse_can_be_looked_at_alone(lamp, clerk, company):
    north = make_warehouse(company, "North")
    receive(lamp, 10, reference="AT-MAIN")
    receive(lamp, 4, north, reference="AT-NORTH")

    narrowed = words(clerk.get(page_of(lamp), {"warehouse": north.pk}))
    level = reverse(
        "admin:inventory_stocklevel_change", args=[level_of(lamp, north).pk]
    )

    for text in (narrowed, words(clerk.get(level))):
        assert "Movements in North" in text
        assert "AT-NORTH" in text
        assert "AT-MAIN" not in text


def test_the_queue_says_who_came_first_and_who_is_covered(lamp, clerk, shop):
    receive(lamp, 4)
    late, early = datetime(2026, 9, 21, tzinfo=UTC), datetime(2026, 9, 20, tzinfo=UTC)
    sell(lamp, 3, shop=shop, remote_id="580000000000000002", placed_at=late)
    sell(lamp, 3, shop=shop, remote_id="580000000000000001", placed_at=early)
    sell(lamp, 1, shop=shop, remote_id="580000000000000003", placed_at=late + JUST_NOW)

    page = clerk.get(page_of(lamp))

    queue = [
        (each.cause.words[6:24], each.place, each.covered)
        for each in page.context["promises"]
    ]
    assert queue == [
        ("580000000000000001", 1, 3),
        ("580000000000000002", 2, 1),
        ("580000000000000003", 3, 0),
    ]
    text = words(page)
    assert "1 of 3 covered" in text
    assert "Not covered" in text


def test_a_queue_of_what_nobody_counted_says_so(lamp, clerk, shop):
    sell(lamp, 3, shop=shop, remote_id="580000000000000001")

    page = clerk.get(page_of(lamp))

    assert "Not counted" in words(page)
    assert "Not covered" not in words(page)


def test_what_is_coming_back_is_listed(lamp, clerk, shop):
    receive(lamp, 4)
    sell(
        lamp,
        2,
        shop=shop,
        remote_id="580000000000000001",
        status=OrderStatus.CANCELLED,
        status_text="CANCELLED",
        shipped_at=datetime(2026, 9, 21, tzinfo=UTC),
        cancelled_at=datetime(2026, 9, 25, tzinfo=UTC),
        cancel_reason="Package delivery failed",
    )

    page = clerk.get(page_of(lamp))

    assert [row.expected_back for row, _, _ in page.context["back"]] == [2]


def test_the_history_is_a_picture_with_words_and_a_table(lamp, clerk):
    receive(lamp, 10, effective_at=timezone.now() - timedelta(days=9))
    count(lamp, 7, effective_at=timezone.now() - timedelta(days=3))

    page = clerk.get(page_of(lamp), {"days": "30"})

    text = words(page)
    assert "On hand and available from" in text
    assert "7 on hand" not in text
    assert "7 at the end, of which 7 available" in text
    assert "1 stock take." in text
    assert "7 counted in Main warehouse" in text
    changes = [
        (day.on_hand, day.change.came, day.change.left) for day in page.context["days"]
    ]
    assert changes == [(7, 0, 3), (10, 10, 0)]


def test_the_picture_bears_no_number_that_is_written_for_people(lamp, clerk):
    receive(lamp, 25_000, effective_at=timezone.now() - timedelta(days=9))

    svg = re.search(r"<svg.*?</svg>", clerk.get(page_of(lamp)).content.decode(), re.S)

    assert svg
    shapes = re.findall(r' (?:d|x|y|cx|cy|viewBox)="([^"]*)"', svg[0])
    assert len(shapes) > 10
    # A comma parts two places of a path; one before three digits would part thousands.
    assert not [shape for shape in shapes if re.search(r"\d,\d{3}\b(?!\.)", shape)]


def test_a_period_there_is_none_of_is_said_and_left_out(lamp, clerk):
    receive(lamp, 10)

    page = clerk.get(page_of(lamp), {"days": "7000", "warehouse": "abc"})

    text = words(page)
    assert "Period: ignored" in text
    assert "Warehouse: ignored" in text


def test_it_shows_what_a_shop_is_told_step_by_step(lamp, clerk, company, shop):
    receive(lamp, 10)
    warehouse = default_warehouse(company.pk)
    place = make_shop_warehouse(shop, warehouse, is_default=True)
    ShopStockSettings.objects.create(shop=shop, is_pushed=True)
    StockRule.objects.create(client=company, variant=lamp, buffer=2, note="Fragile")
    sku = make_listing_sku(shop=shop, variant=lamp)
    StockPush.objects.create(
        listing_sku=sku,
        shop=shop,
        state=StockPush.State.IN_STEP,
        wanted={place.remote_id: 8},
        wanted_total=8,
        accepted={place.remote_id: 8},
        accepted_total=8,
        accepted_at=timezone.now() - JUST_NOW,
        found={place.remote_id: 5},
        found_total=5,
        found_at=timezone.now(),
    )

    page = clerk.get(page_of(lamp))

    text = words(page)
    assert page.context["shops"][0]["told"].total == 8
    assert "10 available" in text
    assert "8 told" in text
    assert "In step" in text
    assert "Shows -3" in text
    assert "TikTok took 8" in text
    assert "Keep 2 back · Fragile" in text


def test_an_unseen_shop_is_named_nowhere_on_the_page(lamp, company, shop):
    """Neither its orders, nor what it is told, nor as the one that gets the last."""
    receive(lamp, 10)
    warehouse = default_warehouse(company.pk)
    second = make_shop(company, name="Second Store")
    for each in (shop, second):
        make_shop_warehouse(each, warehouse, is_default=True)
        ShopStockSettings.objects.create(shop=each, is_pushed=True)
        make_listing_sku(shop=each, variant=lamp)
    sell(lamp, 2, shop=shop, remote_id=SECRET_ORDER)
    StockRule.objects.create(
        client=company, variant=lamp, last_pieces=3, last_pieces_shop=shop
    )
    StockRule.objects.create(client=company, variant=lamp, shop=shop, cap=1)
    elsewhere = signed_in(as_user(make_shop_member(second, Role.ORDER_FULFILLMENT)))

    page = elsewhere.get(page_of(lamp))

    text = words(page)
    assert "Second Store" in text
    assert "An order in a shop you do not see" in text
    assert "the last 3 only in a shop you do not see" in text
    assert "Main Store" not in page.content.decode()
    assert SECRET_ORDER not in page.content.decode()
    assert page.context["rules"] == []


def test_a_bundle_shows_how_many_can_be_made_and_of_what(lamp, clerk, company):
    bulb = make_variant(client=company, sku="BULB")
    pair = make_bundle({lamp: 2, bulb: 1}, "PAIR")
    north = make_warehouse(company, "North")
    receive(lamp, 9)
    receive(bulb, 3)
    receive(lamp, 6, north)

    page = clerk.get(page_of(pair))

    assert page.context["can_be_made"] == 3
    made = [
        (str(row.warehouse), row.count, row.limits) for row in page.context["makeable"]
    ]
    assert made == [("Main warehouse", 3, "BULB"), ("North", 0, "BULB")]
    assert page_of(lamp) in page.content.decode()
    assert page.context["deeds"] == []


def test_a_sku_without_stock_says_what_helps(lamp, clerk, company):
    assert "No stock yet: nobody has counted" in words(clerk.get(page_of(lamp)))
    analyst = working_for(company, Role.ANALYST)
    assert analyst.get(page_of(lamp)).context["deeds"] == []


def test_the_forms_know_the_sku_and_the_client(lamp, clerk, company):
    make_warehouse(company, "Annex")
    titles = dict(clerk.get(page_of(lamp)).context["deeds"])

    assert list(titles) == [
        "Receive",
        "Count",
        "Adjust",
        "Transfer",
        "Quarantine",
        "Hold",
    ]
    form = clerk.get(titles["Transfer"])
    assert form.status_code == 200
    assert "LAMP-30" in form.content.decode()


def test_another_clients_sku_is_as_absent_as_none(clerk, lamp):
    theirs = make_variant(client=make_client("Quokka"), sku="SECRET")
    receive(theirs, 5)

    other = clerk.get(page_of(theirs))
    absent = clerk.get(reverse("admin:inventory_stocklevel_sku", args=[9_999_999]))

    assert (other.status_code, absent.status_code) == (302, 302)
    assert other["Location"] == absent["Location"]


def test_nothing_is_posted_to_it(lamp, clerk):
    assert clerk.post(page_of(lamp)).status_code == 405


def test_the_page_takes_as_many_queries_however_much_moved(lamp, clerk, company, shop):
    place = make_shop_warehouse(shop, default_warehouse(company.pk), is_default=True)
    ShopStockSettings.objects.create(shop=shop, is_pushed=True)
    receive(lamp, 5)
    sell(lamp, 1, shop=shop, remote_id="580000000000000001")
    count(lamp, 4)
    make_document(StockDocument.Kind.HOLD, {lamp: 1})
    assert place.warehouse
    with statements() as few:
        clerk.get(page_of(lamp))
    for number in range(10, 30):
        receive(lamp, number)
        sell(lamp, 1, shop=shop, remote_id=f"5800000000000000{number}")
    make_listing_sku(shop=shop, variant=lamp)
    with statements() as more:
        page = clerk.get(page_of(lamp))

    assert page.context["promise_count"] == 22
    assert len(more) == len(few)
    assert len(more) <= 50
