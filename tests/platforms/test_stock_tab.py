"""The tab of what a shop is told of our stock, and what is decided there."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from apps.inventory.models import (
    ShopStockSettings,
    ShopWarehouse,
    StockDocument,
    StockNews,
)
from apps.orders.models import Order
from apps.platforms.models import Shop
from apps.products.models import Listing, ListingSku
from apps.sync.models import Resource, StockPush, SyncRun
from apps.sync.services.products import pull_products
from apps.sync.tasks import compare_stock
from apps.users.models import AuditEntry
from apps.users.roles import Role
from tests.factories.inventory import (
    make_shop_warehouse,
    make_warehouse,
    receive,
    stock_of,
)
from tests.factories.platforms import connect_simulator_shops, make_shop
from tests.factories.products import make_listing, make_listing_sku, make_variant
from tests.factories.sync import make_drift, make_push, make_run
from tests.factories.team import as_user, give_role, make_member, make_shop_member
from tests.factories.users import make_client, make_user
from tests.inventory.pages import notices, sell, signed_in, words, working_for
from tests.orders.queries import statements
from tests.platforms.screens_support import deed, page_of

pytestmark = pytest.mark.django_db
State = StockPush.State


@pytest.fixture
def company():
    return make_client("Northwind")


@pytest.fixture
def shop(company):
    return make_shop(company, name="Main Store")


@pytest.fixture
def annex(company):
    return make_warehouse(company, "Annex", is_default=True)


@pytest.fixture
def place(shop, annex):
    return make_shop_warehouse(shop, annex, "695500001", name="Shah Alam")


@pytest.fixture
def clerk(company, shop):
    return working_for(company)


@pytest.fixture
def lamp(company, shop, annex, place):
    """4 are there; the shop shows 9 of them."""
    variant = make_variant(client=company, sku="LAMP-30")
    receive(variant, 4, annex)
    listing = make_listing(shop, title="Rattan lamp")
    return make_listing_sku(listing, variant=variant, quantity=9)


def tab(browser: Browser, shop: Shop) -> Any:
    response = browser.get(page_of(shop, "stock"))
    assert response.status_code == 200
    return response


def address(shop: Shop, name: str) -> str:
    return reverse(f"admin:platforms_shop_stock_{name}", args=[shop.pk])


def match_page(place: ShopWarehouse) -> str:
    keys = [place.shop_id, place.pk]
    return reverse("admin:platforms_shop_stock_match", args=keys)


def is_told(shop: Shop) -> bool:
    return ShopStockSettings.objects.filter(shop=shop, is_pushed=True).exists()


# --- the tab


def test_it_says_how_the_shop_stands(clerk, shop, lamp, place):
    make_listing_sku(shop=shop)
    make_listing_sku(shop=shop, mapping=ListingSku.Mapping.IGNORED)
    make_push(lamp, place, state=State.BLOCKED)
    make_drift(lamp, place)
    make_run(shop, resource=Resource.STOCK, read=180, same=177, updated=2, failed=1)

    said = words(tab(clerk, shop))

    assert "Main Store is not told your stock." in said
    assert "SKUs matched 1 Not matched 1" in said
    assert "Needs a person 1" in said
    assert "Open differences 1" in said
    assert "SKUs looked at 180 As they should be 177 Another number 2" in said
    assert "Shah Alam Default" not in said
    assert "695500001 Sales Annex" in said


def test_each_number_is_that_of_the_list_it_leads_to(clerk, shop, lamp, place):
    make_push(lamp, place, state=State.FAILED)
    make_drift(lamp, place)
    elsewhere = make_listing_sku(make_listing(make_shop(shop.client)))
    make_push(elsewhere)

    page = tab(clerk, shop).content.decode()
    found = re.findall(
        r"<dd>(\d+)</dd><p class=\"soft\"><a href=\"(/admin/sync/[^\"]+)\"", page
    )

    assert len(found) == 7
    for count, link in found:
        there = clerk.get(link.replace("&amp;", "&"))
        assert there.context["cl"].result_count == int(count), link


def test_it_costs_the_same_with_many_skus(clerk, shop, annex, lamp, place):
    make_push(lamp, place)
    tab(clerk, shop)
    with statements() as few:
        tab(clerk, shop)
    for _ in range(15):
        sku = make_listing_sku(shop=shop, variant=make_variant(client=shop.client))
        make_drift(sku, place)
        make_push(sku, place)
        make_shop_warehouse(shop)

    with statements() as many:
        tab(clerk, shop)

    assert len(many) == len(few)
    assert len(many) <= 32


def test_who_sees_no_stock_has_no_such_tab(company, shop):
    user = make_user(clients=[company], permissions=["process_orders"])

    page = signed_in(user).get(page_of(shop, "stock"))

    assert "?tab=stock" not in page.content.decode()
    assert "push_states" not in page.context
    assert signed_in(user).get(address(shop, "start")).status_code == 403


def test_who_only_looks_finds_no_buttons(company, shop, lamp):
    analyst = working_for(company, Role.ANALYST)

    page = tab(analyst, shop).content.decode()

    for name in ("start", "stop", "settings", "find", "opening"):
        assert f'href="{address(shop, name)}"' not in page
        assert analyst.post(address(shop, name)).status_code == 403
    assert not is_told(shop)


# --- switching it on and off


def test_what_would_be_told_is_shown_before_it_is(clerk, company, shop, lamp, annex):
    off = make_listing(shop, status=Listing.Status.SELLER_DEACTIVATED)
    idle = make_variant(client=company)
    receive(idle, 2, annex)
    make_listing_sku(off, variant=idle)
    make_listing_sku(shop=shop, variant=make_variant(client=company))
    make_listing_sku(shop=shop)

    page = clerk.get(address(shop, "start"))

    said = words(page)
    assert "SKUs matched 3 Would be told 1 Not matched 1" in said
    assert "Rattan lamp Natural 9 4" in said
    counts = {each["title"]: each["count"] for each in page.context["tabs"]}
    assert counts == {
        "Told another number": 1,
        "Shows it already": 0,
        "Not counted": 1,
        "Not on sale": 1,
    }
    uncounted = words(clerk.get(address(shop, "start"), {"show": "not_counted"}))
    assert "Nobody has counted it yet." in uncounted
    assert not is_told(shop)


def test_switching_on_tells_all_that_is_matched(clerk, shop, lamp):
    StockNews.objects.all().delete()

    answer = clerk.post(address(shop, "start"))

    assert is_told(shop)
    assert StockNews.objects.filter(variant=lamp.variant).exists()
    assert answer.url == page_of(shop, "stock")
    assert AuditEntry.objects.get(verb="changed the stock settings").details == {
        "is_pushed": True
    }


def test_what_was_seen_last_goes_before_what_the_listing_said(clerk, shop, lamp, place):
    make_push(lamp, place, found_total=4)

    page = clerk.get(address(shop, "start"), {"show": "same"})

    assert [row.shows for row in page.context["rows"]] == [4]


def test_what_it_took_since_is_what_it_shows(clerk, shop, lamp, place):
    earlier = timezone.now() - timedelta(hours=2)
    make_push(lamp, place, found_total=9, found_at=earlier)

    page = clerk.get(address(shop, "start"), {"show": "same"})

    assert [row.shows for row in page.context["rows"]] == [4]


def test_the_check_costs_the_same_with_many_skus(clerk, shop, lamp, annex):
    clerk.get(address(shop, "start"))
    with statements() as few:
        clerk.get(address(shop, "start"))
    for _ in range(15):
        variant = make_variant(client=shop.client)
        receive(variant, 3, annex)
        make_listing_sku(shop=shop, variant=variant)

    with statements() as many:
        clerk.get(address(shop, "start"))

    assert len(many) == len(few)


def test_it_is_switched_off_again(clerk, shop):
    ShopStockSettings.objects.create(shop=shop, is_pushed=True, drift="repair")

    clerk.post(address(shop, "stop"))

    assert not is_told(shop)
    assert shop.stock_settings.drift == "repair"


def test_settings_are_saved_and_leave_telling_as_it_is(clerk, shop):
    ShopStockSettings.objects.create(shop=shop, is_pushed=True)

    clerk.post(address(shop, "settings"), {"drift": "repair", "zero": "keep_one"})

    row = ShopStockSettings.objects.get()
    assert (row.is_pushed, row.drift, row.zero) == (True, "repair", "keep_one")


def test_settings_that_do_not_hold_are_shown_again(clerk, shop):
    page = clerk.post(address(shop, "settings"), {"drift": "burn", "zero": "keep_one"})

    assert "Select a valid choice" in words(page)
    assert not ShopStockSettings.objects.exists()


def test_who_runs_the_shop_sets_it_and_who_works_elsewhere_does_not(company, shop):
    manager = make_user(
        clients=[company], permissions=["manage_settings", "view_analytics"]
    )
    member = make_member(company, Role.ANALYST)
    give_role(member, make_shop(company), Role.ORDER_FULFILLMENT)

    refused = signed_in(as_user(member)).post(address(shop, "start"))
    assert refused.status_code == 403
    assert not is_told(shop)

    signed_in(manager).post(address(shop, "start"))
    assert is_told(shop)


def test_a_disconnected_shop_can_only_be_read(clerk, shop):
    Shop.objects.update(state=Shop.State.DISCONNECTED)

    page = tab(clerk, shop).content.decode()
    answer = clerk.post(address(shop, "start"))

    assert address(shop, "start") not in page
    assert deed(shop, "sync-stock") not in page
    assert "is disconnected and can only be read." in notices(answer)[0]
    assert not is_told(shop)


# --- comparing, and finding warehouses


def test_a_comparison_is_started(clerk, shop, monkeypatch):
    asked: list[Any] = []
    monkeypatch.setattr(compare_stock, "delay", lambda *args: asked.append(args))

    answer = clerk.post(deed(shop, "sync-stock"))

    assert asked == [(shop.pk, SyncRun.Trigger.USER)]
    assert "stock sync started" in notices(answer)[0]


def test_one_that_runs_is_told_instead(clerk, shop, monkeypatch):
    asked: list[Any] = []
    monkeypatch.setattr(compare_stock, "delay", lambda *args: asked.append(args))
    make_run(shop, resource=Resource.STOCK, state=SyncRun.State.RUNNING, ended_at=None)

    answer = clerk.post(deed(shop, "sync-stock"))

    assert asked == []
    assert "stock sync running since" in notices(answer)[0]


def test_the_next_comparison_is_told(clerk, shop, lamp):
    now = timezone.now()
    make_run(shop, resource=Resource.STOCK, started_at=now - timedelta(minutes=20))

    at = now + timedelta(minutes=40)

    assert f"Next comparison at {at:%d %b %Y %H:%M} UTC." in words(tab(clerk, shop))
    ListingSku.objects.all().delete()
    assert "no SKU is matched yet." in words(tab(clerk, shop))


def test_warehouses_are_looked_for_at_the_platform(simulator, company, annex):
    [shop, *_] = connect_simulator_shops(simulator, client=company)
    browser = working_for(company)

    answer = browser.post(address(shop, "find"))

    places = ShopWarehouse.objects.filter(shop=shop)
    assert places.exists()
    assert f"The shop has {places.count()} warehouse" in notices(answer)[0]


def test_a_platform_that_does_not_answer_is_told(clerk, shop):
    answer = clerk.post(address(shop, "find"))

    assert notices(answer)
    assert not ShopWarehouse.objects.exists()


# --- which warehouse is which


def test_what_matching_moves_is_shown_before_it_does(
    clerk, company, shop, annex, lamp, place
):
    shed = make_warehouse(company, "Shed")
    order = sell(
        lamp.variant,
        2,
        shop=shop,
        remote_id="580000000000000001",
        warehouse=place.remote_id,
    )
    assert stock_of(lamp.variant, annex) == (4, 2, 0, 0)

    said = words(clerk.get(match_page(place), {"warehouse": shed.pk}))
    assert "1 open order moves its promises." in said
    place.refresh_from_db()
    assert place.warehouse == annex

    clerk.post(match_page(place), {"warehouse": shed.pk})
    place.refresh_from_db()
    assert place.warehouse == shed
    assert stock_of(lamp.variant, annex) == (4, 0, 0, 0)
    assert stock_of(lamp.variant, shed)[1] == 2
    assert Order.objects.get(pk=order.pk).is_stock_due is False


def test_a_place_may_be_matched_to_none(clerk, place):
    said = words(clerk.get(match_page(place), {"warehouse": ""}))
    assert "what it holds is not told any more" in said

    clerk.post(match_page(place), {"warehouse": ""})

    place.refresh_from_db()
    assert place.warehouse is None


def test_one_that_another_place_is_already_is_refused(clerk, shop, annex, place):
    second = make_shop_warehouse(shop, None, name="Penang")

    answer = clerk.get(match_page(second), {"warehouse": annex.pk})

    assert "would sell them twice" in notices(answer)[0]
    clerk.post(match_page(second), {"warehouse": annex.pk})
    second.refresh_from_db()
    assert second.warehouse is None


def test_other_clients_warehouses_and_places_are_as_if_not_there(clerk, shop, place):
    foreign = make_warehouse(make_client("Elsewhere"), "Foreign shed")
    there = make_shop_warehouse(make_shop(), None)

    assert clerk.post(match_page(place), {"warehouse": foreign.pk}).status_code == 404
    wrong = reverse("admin:platforms_shop_stock_match", args=[shop.pk, there.pk])
    assert clerk.get(wrong).status_code == 404
    assert clerk.get(match_page(there)).status_code == 302
    assert "Foreign shed" not in tab(clerk, shop).content.decode()


def test_matching_asks_for_the_right_at_the_whole_client(company, shop, place):
    shed = make_warehouse(company, "Shed")
    browser = signed_in(as_user(make_shop_member(shop, Role.ORDER_FULFILLMENT)))

    assert match_page(place) not in tab(browser, shop).content.decode()
    assert browser.get(match_page(place)).status_code == 403
    answer = browser.post(match_page(place), {"warehouse": shed.pk})
    assert answer.status_code == 403
    place.refresh_from_db()
    assert place.warehouse != shed


# --- the shop's figures as opening stock


def test_opening_the_page_asks_nobody(clerk, shop):
    said = words(clerk.get(address(shop, "opening")))

    assert "Ask the shop" in said
    assert "would be counted" not in said


def test_the_shops_figures_are_looked_at_and_booked_once(simulator, company):
    [shop, *_] = connect_simulator_shops(simulator, client=company)
    pull_products(shop, trigger=SyncRun.Trigger.COMMAND)
    browser = working_for(company)
    browser.post(address(shop, "find"))
    for each in ShopWarehouse.objects.selling().filter(warehouse=None):
        each.warehouse = make_warehouse(company, f"Ours of {each.remote_id}")
        each.save()
    live = ListingSku.objects.filter(listing__status=Listing.Status.LIVE)
    for sku in live.order_by("pk")[:3]:
        sku.variant, sku.mapping = make_variant(client=company), "matched"
        sku.save()

    looked = browser.post(address(shop, "opening"), {"look": "1"})
    opening = looked.context["opening"]
    assert f"{len(opening.rows)} would be counted" in words(looked)
    assert not StockDocument.objects.exists()

    key = looked.context["key"]
    answer = browser.post(address(shop, "opening"), {"key": key})
    again = browser.post(address(shop, "opening"), {"key": key})

    for row in opening.rows:
        assert stock_of(row.variant, row.warehouse)[0] == row.on_hand
    assert opening.rows
    places = {row.warehouse for row in opening.rows}
    assert StockDocument.objects.count() == len(places)
    assert f"as {shop} shows them." in notices(answer)[0]
    assert "booked already" in notices(again)[-1]


def test_an_error_of_the_platform_is_told_and_nothing_is_booked(clerk, shop, lamp):
    page = clerk.post(address(shop, "opening"), {"look": "1"})

    assert page.status_code == 200
    assert "would be counted" not in words(page)
    assert stock_of(lamp.variant)[0] == 4


def test_taking_over_asks_for_the_right_at_the_whole_client(shop):
    browser = signed_in(as_user(make_shop_member(shop, Role.ORDER_FULFILLMENT)))

    assert browser.get(address(shop, "opening")).status_code == 403
    assert browser.post(address(shop, "opening"), {"key": "x"}).status_code == 403
    assert address(shop, "opening") not in tab(browser, shop).content.decode()


def test_other_clients_shops_are_as_if_not_there(shop):
    stranger = working_for(make_client("Elsewhere"))

    for name in ("start", "stop", "settings", "find", "opening"):
        assert stranger.post(address(shop, name)).status_code == 302
    assert not is_told(shop)
