"""The stock list: what it shows to whom, and the file of it."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from apps.inventory.models import StockDocument, StockRule
from apps.inventory.services.places import default_warehouse
from apps.products.services.categories import save_category
from apps.sync.models import StockPush
from apps.users.roles import Role
from tests.factories.inventory import (
    count,
    level_of,
    make_document,
    make_warehouse,
    receive,
)
from tests.factories.platforms import make_shop
from tests.factories.products import (
    make_bundle,
    make_listing_sku,
    make_product,
    make_variant,
)
from tests.factories.team import as_user, make_shop_member
from tests.factories.users import make_client
from tests.inventory.pages import lines_of, sell, signed_in, words, working_for
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

LIST = reverse("admin:inventory_stocklevel_changelist")
EXPORT = reverse("admin:inventory_stocklevel_export")
QUARANTINE = StockDocument.Kind.QUARANTINE


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
def many(company, shop):
    """Lamps in two warehouses, one of them oversold, and a chair nobody counted."""
    lighting = save_category(company, "Lighting")
    table = save_category(company, "Table lamps", parent=lighting)
    lamp = make_product(company, "Rattan lamp", category=table)
    small = make_variant(lamp, "LAMP-30", barcode="4006381333931")
    large = make_variant(lamp, "LAMP-40")
    chair = make_variant(make_product(company, "Chair"), "CHAIR")
    default_warehouse(company.pk)
    north = make_warehouse(company, "North")
    receive(small, 10)
    receive(small, 4, north)
    make_document(QUARANTINE, {small: 1}, north)
    receive(large, 1)
    sell(small, 3, shop=shop, remote_id="580000000000000001")
    sell(large, 3, shop=shop, remote_id="580000000000000002")
    sell(chair, 1, shop=shop, remote_id="580000000000000003")
    return small


def listed(browser: Browser, **query: Any) -> list[str]:
    page = browser.get(LIST, query)
    assert page.status_code == 200
    return [str(row) for row in page.context["cl"].result_list]


def test_stock_is_listed_by_sku_and_warehouse_with_its_sums(many, clerk):
    page = clerk.get(LIST)
    text = words(page)

    assert listed(clerk) == [
        "CHAIR in Main warehouse",
        "LAMP-30 in Main warehouse",
        "LAMP-30 in North",
        "LAMP-40 in Main warehouse",
    ]
    assert dict(page.context["totals"]) == {
        "On hand": "14",
        "Reserved": "7",
        "Available": "7",
        "Expected back": "0",
        "Quarantined": "1",
        "Oversold": "2",
    }
    assert "Oversold by 2" in text
    assert "Not counted" in text
    assert "Rattan lamp" in text


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ({"q": "lamp-40"}, ["LAMP-40 in Main warehouse"]),
        ({"q": "rattan 30"}, ["LAMP-30 in Main warehouse", "LAMP-30 in North"]),
        (
            {"q": "400-6381333931"},
            ["LAMP-30 in Main warehouse", "LAMP-30 in North"],
        ),
        ({"q": "nothing"}, []),
        ({"state": "oversold"}, ["LAMP-40 in Main warehouse"]),
        ({"state": "uncounted"}, ["CHAIR in Main warehouse"]),
        ({"state": "none"}, ["LAMP-40 in Main warehouse"]),
        ({"state": "some"}, ["LAMP-30 in Main warehouse", "LAMP-30 in North"]),
        ({"state": "quarantine"}, ["LAMP-30 in North"]),
        ({"state": "back"}, []),
    ],
)
def test_stock_is_found(many, clerk, query, rows):
    assert listed(clerk, **query) == rows


def test_the_page_of_a_sku_leads_back_to_the_list_as_it_was_left(many, clerk):
    listed_page = clerk.get(LIST, {"q": "rattan 30"}).content.decode()
    [address, *_] = re.findall(r'href="([^"]*/sku/[^"]*)"', listed_page)

    page = clerk.get(unescape(address))

    assert f'href="{LIST}?q=rattan+30"' in page.content.decode()


def test_stock_is_found_by_place_and_category(many, clerk, company):
    north = company.warehouses.get(name="North")
    lighting = company.categories.get(name="Lighting")

    assert listed(clerk, warehouse=north.pk) == ["LAMP-30 in North"]
    assert len(listed(clerk, category=lighting.pk)) == 3
    assert len(listed(clerk, client=company.pk)) == 4


def test_a_shop_sells_what_it_lists_be_it_in_a_bundle(many, clerk, company):
    other = make_shop(company, name="Second Store")
    make_listing_sku(shop=other, variant=make_bundle({many: 2}, "PAIR"))

    assert listed(clerk, shop=other.pk) == [
        "LAMP-30 in Main warehouse",
        "LAMP-30 in North",
    ]


def test_what_a_shop_was_not_told_is_found_where_one_sees_the_shop(
    many, clerk, company, shop
):
    sku = shop.listing_skus.get(variant__sku="LAMP-40")
    StockPush.objects.create(
        listing_sku=sku, shop=shop, state=StockPush.State.BLOCKED, wanted_total=1
    )
    second = make_shop(company, name="Second Store")
    elsewhere = signed_in(as_user(make_shop_member(second, Role.ORDER_FULFILLMENT)))

    assert listed(clerk, state="out_of_step") == ["LAMP-40 in Main warehouse"]
    assert len(listed(elsewhere)) == 4
    assert listed(elsewhere, state="out_of_step") == []


def test_the_list_sorts_by_what_is_available(many, clerk):
    rows = listed(clerk, o="4")

    assert rows[0] == "LAMP-40 in Main warehouse"
    assert rows[-1] == "LAMP-30 in Main warehouse"


def test_a_rule_that_names_the_sku_is_a_badge(many, clerk, company):
    StockRule.objects.create(client=company, variant=many, buffer=2)

    page = clerk.get(LIST, {"q": "LAMP"})

    assert words(page).count("Own rule") == 2


def test_who_may_change_stock_finds_the_forms_and_others_do_not(many, company, clerk):
    analyst = working_for(company, Role.ANALYST)

    assert "kind=receipt" in clerk.get(LIST).content.decode()
    page = analyst.get(LIST)
    assert "LAMP-30" in words(page)
    assert "kind=receipt" not in page.content.decode()


def test_another_clients_stock_is_not_there(many, clerk):
    theirs = make_variant(client=make_client("Quokka"), sku="SECRET")
    receive(theirs, 900)

    page = clerk.get(LIST, {"client": theirs.client_id})

    assert "SECRET" not in words(page)
    assert "Quokka" not in words(page)
    assert len(page.context["cl"].result_list) == 4
    assert "Client: ignored, because it does not fit here." in words(page)
    other = clerk.get(
        reverse("admin:inventory_stocklevel_change", args=[level_of(theirs).pk])
    )
    absent = clerk.get(reverse("admin:inventory_stocklevel_change", args=[9_999_999]))
    assert (other.status_code, absent.status_code) == (302, 302)
    assert other["Location"] == absent["Location"]


def test_a_column_in_the_address_answers_nothing(many, clerk):
    page = clerk.get(LIST, {"variant__cost_amount__gte": "5"})

    assert page.status_code == 200
    assert len(page.context["cl"].result_list) == 4


def test_a_page_that_is_not_there_is_the_first(many, clerk):
    page = clerk.get(LIST, {"p": "99"})

    assert len(page.context["cl"].result_list) == 4
    assert "Page: ignored, because it does not fit here." in words(page)


def test_an_empty_list_says_what_helps(clerk, company):
    analyst = working_for(company, Role.ANALYST)

    assert "Count it, receive it, or take" in words(clerk.get(LIST))
    assert "No stock yet. It appears as soon as" in words(analyst.get(LIST))


def test_filters_that_nothing_matches_can_be_reset(many, clerk):
    assert "No stock matches these filters. Reset" in words(
        clerk.get(LIST, {"q": "nothing"})
    )


def test_the_file_has_the_rows_of_the_list_and_runs_no_formula(many, clerk, company):
    odd = make_variant(make_product(company, "=HYPERLINK(1)"), "ODD")
    count(odd, 2)

    rows = lines_of(clerk.get(EXPORT, {"q": "LAMP-40"}))
    odd_rows = lines_of(clerk.get(EXPORT, {"q": "ODD"}))

    assert len(rows) == 2
    assert rows[1].startswith(
        "Northwind,LAMP-40,Rattan lamp,,,Main warehouse,1,3,-2,0,0,2,yes,"
    )
    assert ",'=HYPERLINK(1)," in odd_rows[1]


def test_the_list_takes_as_many_queries_however_long_it_is(many, clerk, company):
    with statements() as few:
        clerk.get(LIST)
    for number in range(30):
        variant = make_variant(sku=f"MORE-{number}", client=company)
        receive(variant, 5)
    with statements() as more:
        clerk.get(LIST)

    assert len(more) == len(few)
    assert len(more) <= 26


def test_somebody_without_the_permission_is_refused(company, shop):
    browser = working_for(company, Role.CREATOR_PARTNER)

    assert browser.get(LIST).status_code == 403
    assert browser.get(EXPORT).status_code == 403


def test_a_level_leads_to_its_skus_page(many, clerk):
    page = clerk.get(LIST)

    address = reverse("admin:inventory_stocklevel_sku", args=[many.pk])
    assert address in page.content.decode()
