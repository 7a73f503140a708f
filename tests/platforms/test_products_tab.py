"""The tab of a shop's page that says how its listings stand."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.platforms.models import Shop
from apps.products.models import Listing, ListingSku
from apps.sync.models import Resource, SyncRun, SyncSchedule
from apps.sync.services.due import next_pull
from apps.users.roles import Role
from tests.factories.platforms import make_shop
from tests.factories.products import (
    LISTED,
    make_listing,
    make_listing_sku,
    make_variant,
)
from tests.factories.sync import make_run
from tests.factories.team import give_role
from tests.factories.users import make_client, make_user
from tests.platforms.screens_support import deed, page_of, signed_in

pytestmark = pytest.mark.django_db
Status, Mapping = Listing.Status, ListingSku.Mapping


@pytest.fixture
def shop():
    return make_shop(make_client("Ours"), name="Main Store", region="US")


@pytest.fixture
def browser(shop):
    return signed_in(make_user(clients=[shop.client], role=Role.ADMIN))


def tab(browser, shop):
    response = browser.get(page_of(shop, "products"))
    assert response.status_code == 200
    return response


def text_of(response) -> str:
    content = response.content.decode().split('id="content"')[1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", content))


def counts_in(response, name):
    return {key: count for key, _, count in response.context[name] if count}


def make_products_run(shop, **fields):
    return make_run(shop, resource=Resource.PRODUCTS, **fields)


def test_listings_are_counted_by_state(shop, browser):
    for status in (Status.LIVE, Status.LIVE, Status.PENDING, Status.FAILED):
        make_listing(shop, status=status)
    for status in (Status.FROZEN, Status.DRAFT, Status.DELETED):
        make_listing(shop, status=status)
    make_listing(status=Status.LIVE)  # of another shop

    assert counts_in(tab(browser, shop), "listing_states") == {
        "all": 6,
        "live": 2,
        "review": 1,
        "rejected": 1,
        "deactivated": 1,
        "drafts": 1,
        "deleted": 1,
    }


def test_skus_are_counted_as_the_workspace_does(shop, browser):
    variant = make_variant(client=shop.client)
    listing = make_listing(shop)
    make_listing_sku(listing, variant=variant)
    make_listing_sku(listing)
    for mapping in (Mapping.UNMATCHED, Mapping.CONFLICT, Mapping.SUGGESTED):
        make_listing_sku(listing, mapping=mapping)
    make_listing_sku(listing, mapping=Mapping.IGNORED)
    make_listing_sku(listing, removed_at=timezone.now())
    make_listing_sku(make_listing(shop, status=Status.DELETED))
    make_listing_sku()

    assert counts_in(tab(browser, shop), "sku_states") == {
        "unmatched": 2,
        "suggested": 1,
        "matched": 1,
        "conflicts": 1,
        "ignored": 1,
    }


def test_each_number_is_that_of_the_list_it_leads_to(shop, browser):
    listing = make_listing(shop, status=Status.FAILED, audit=Listing.Audit.FAILED)
    make_listing(shop)
    make_listing(make_shop(shop.client))
    make_listing_sku(listing, mapping=Mapping.CONFLICT)
    make_listing_sku(listing)

    page = tab(browser, shop).content.decode()
    found = re.findall(
        r"<dd>(\d+)</dd><p class=\"soft\"><a href=\"(/admin/products/[^\"]+)\"", page
    )

    assert len(found) == 12
    for count, address in found:
        there = browser.get(address.replace("&amp;", "&"))
        assert there.status_code == 200
        assert there.context["cl"].result_count == int(count), address


def test_the_last_pull_of_products_is_told(shop, browser):
    make_products_run(
        shop,
        state=SyncRun.State.PARTLY,
        read=180,
        new=12,
        failed=2,
        first_error="17290: no title.",
        started_at=timezone.now() - timedelta(minutes=20),
    )
    make_run(shop, read=4_321)
    make_listing(shop, details_of=LISTED)
    make_listing(shop)

    page = text_of(tab(browser, shop))

    panel = page.split("Last pull")[1].split("Quick actions")[0]
    assert "Done with failures" in panel
    assert "20 min ago" in panel
    assert "Read 180 New 12" in panel
    assert "17290: no title." in panel
    assert "1 listing whose details are still to come." in panel
    assert "4321" not in panel


def test_before_the_first_pull_it_says_so(shop, browser):
    page = text_of(tab(browser, shop))

    assert "Products were not pulled yet." in page
    assert "The next pull is due: it begins within a minute or two." in page


def test_the_next_pull_follows_the_schedule(shop, browser):
    now = timezone.now()
    make_products_run(shop, started_at=now - timedelta(minutes=20))
    at = now + timedelta(minutes=40)
    assert f"Next pull at {at:%d %b %Y %H:%M} UTC." in text_of(tab(browser, shop))

    row = SyncSchedule.objects.create(
        shop=shop, resource=Resource.PRODUCTS, minutes=120
    )
    at = now + timedelta(minutes=100)
    assert f"Next pull at {at:%d %b %Y %H:%M} UTC." in text_of(tab(browser, shop))

    row.is_on = False
    row.save()
    assert "the schedule is off (tab Settings)." in text_of(tab(browser, shop))

    make_products_run(shop, state=SyncRun.State.RUNNING, ended_at=None)
    assert "A pull is running." in text_of(tab(browser, shop))


def test_a_resting_shop_is_pulled_after_its_rest_and_a_paused_one_not_at_all(shop):
    with time_machine.travel(timezone.now(), tick=False):
        now = timezone.now()
        assert next_pull(shop, Resource.PRODUCTS, now) == now

        make_products_run(shop, state=SyncRun.State.FAILED, started_at=now)
        again = next_pull(shop, Resource.PRODUCTS, now)
        assert again == now + timedelta(minutes=2)
        Shop.objects.update(rested_until=now + timedelta(minutes=9))
        rested = next_pull(shop, Resource.PRODUCTS, now)
        assert rested == now + timedelta(minutes=9)

        Shop.objects.update(state=Shop.State.PAUSED)
        assert next_pull(shop, Resource.PRODUCTS, now) is None


def test_a_disconnected_shop_offers_no_pull(shop, browser):
    Shop.objects.update(state=Shop.State.DISCONNECTED)

    page = tab(browser, shop)

    assert "the shop is not connected." in text_of(page)
    assert deed(shop, "sync-products") not in page.content.decode()


@pytest.mark.parametrize(
    ("role", "may_sync"),
    [
        (Role.ADMIN, True),
        (Role.CONTENT_MANAGER, True),
        (Role.ORDER_FULFILLMENT, True),
        (Role.ANALYST, False),
    ],
)
def test_the_button_is_there_once_for_who_may_press_it(shop, role, may_sync):
    browser = signed_in(make_user(clients=[shop.client], role=role))

    page = tab(browser, shop).content.decode()

    assert page.count(f'"{deed(shop, "sync-products")}"') == int(may_sync)
    assert f'value="{page_of(shop, "products")}"' in page or not may_sync


def test_who_sees_no_listings_has_no_such_tab(shop):
    user = make_user(clients=[shop.client], permissions=["process_orders"])
    make_listing(shop, title="Secret lamp")

    response = signed_in(user).get(page_of(shop, "products"))

    assert "?tab=products" not in response.content.decode()
    assert "listing_states" not in response.context
    assert "Tab: ignored" in response.content.decode()


def test_the_right_is_asked_for_at_this_shop(shop):
    user = make_user(clients=[shop.client], role=Role.CONTENT_MANAGER)
    give_role(user.memberships.get(), shop, permissions=["process_orders"])

    response = signed_in(user).get(page_of(shop, "products"))

    assert "listing_states" not in response.context


def test_an_error_is_told_to_who_sees_runs(shop):
    make_products_run(shop, state=SyncRun.State.FAILED, first_error="Secret words.")
    user = make_user(
        clients=[shop.client], permissions=["manage_logistics", "view_products"]
    )

    page = tab(signed_in(user), shop).content.decode()

    assert "Failed" in page
    assert "Secret words." not in page
    assert "/admin/sync/syncrun/" not in page


def test_the_tab_costs_the_same_with_many_listings(shop, browser):
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            tab(browser, shop)
        return len(queries)

    make_products_run(shop)
    make_listing_sku(shop=shop)
    few = cost()
    for _ in range(20):
        listing = make_listing(shop)
        make_listing_sku(listing)
        make_listing_sku(listing, variant=make_variant(client=shop.client))
        make_products_run(shop)

    assert cost() == few
    assert few <= 27
