"""Differences between what shops were told and show: the list, and settling them."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client as Browser
from django.urls import reverse

from apps.inventory.models import ShopStockSettings, StockDocument
from apps.platforms.models import Shop
from apps.sync.models import StockDrift, StockPush
from apps.users.roles import Role
from tests.factories.inventory import (
    make_shop_warehouse,
    make_warehouse,
    receive,
    stock_of,
)
from tests.factories.platforms import make_shop
from tests.factories.products import make_listing, make_listing_sku, make_variant
from tests.factories.sync import make_drift, make_push
from tests.factories.team import as_user, make_shop_member
from tests.factories.users import make_client
from tests.inventory.pages import notices, signed_in, words, working_for
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

LIST = reverse("admin:sync_stockdrift_changelist")
BULK = reverse("admin:sync_stockdrift_bulk")
State, Mover = StockDrift.State, StockDrift.Mover


@pytest.fixture
def company():
    return make_client("Northwind")


@pytest.fixture
def shop(company):
    shop = make_shop(company, name="Main Store")
    ShopStockSettings.objects.create(shop=shop, is_pushed=True)
    return shop


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
def drift(company, shop, annex, place):
    """Of a lamp the shop was told 4, and it shows 9."""
    return differing(shop, place, "LAMP-30", "Rattan lamp")


def differing(
    shop: Shop, place: Any, sku: str, title: str, **fields: Any
) -> StockDrift:
    variant = make_variant(client=shop.client, sku=sku)
    receive(variant, 4, place.warehouse)
    listed = make_listing_sku(make_listing(shop, title=title), variant=variant)
    found = fields.get("found", 9)
    make_push(listed, place, found={place.remote_id: found}, found_total=found)
    return make_drift(listed, place, **fields)


def titles(response: Any) -> list[str]:
    return [row.listing_sku.listing.title for row in response.context["cl"].result_list]


def asked(name: str, *drifts: StockDrift, **more: str) -> str:
    query = [("deed", name), *(("pk", row.pk) for row in drifts), *more.items()]
    return f"{BULK}?{urlencode(query)}"


def agree(browser: Browser, address: str) -> Any:
    shown = browser.get(address)
    return browser.post(address, {"mark": shown.context["selection"].mark})


def test_open_ones_come_first_and_say_who_moved_it(clerk, shop, place, drift):
    differing(shop, place, "MUG-1", "Mug", state=State.GONE, mover=Mover.SALES)

    page = clerk.get(LIST)

    assert titles(page) == ["Rattan lamp"]
    said = words(page)
    assert "Somebody in Seller Center, or another tool" in said
    assert "Told 4 at 10:02; no order since." in said
    counts = {tab["title"]: tab["count"] for tab in page.context["tabs"]}
    assert counts["Open"] == 1
    assert counts["Gone by itself"] == 1
    assert titles(clerk.get(LIST, {"tab": "gone"})) == ["Mug"]
    assert titles(clerk.get(LIST, {"tab": "all", "mover": Mover.SALES})) == ["Mug"]


def test_telling_ours_again_settles_it_and_the_shop_is_due(clerk, drift):
    answer = agree(clerk, asked("tell", drift))

    drift.refresh_from_db()
    assert drift.state == State.REPAIRED
    assert drift.settled_by is not None
    push = StockPush.objects.get(listing_sku=drift.listing_sku)
    assert push.state == StockPush.State.DUE
    assert notices(answer) == ["Tell ours again: 1 done."]


def test_taking_theirs_over_books_the_difference(clerk, annex, drift):
    page = clerk.get(asked("take", drift))
    assert "the difference is booked as an adjustment" in words(page)

    agree(clerk, asked("take", drift))

    drift.refresh_from_db()
    assert drift.state == State.TAKEN_OVER
    assert stock_of(drift.listing_sku.variant, annex) == (9, 0, 0, 0)
    document = StockDocument.objects.get(kind=StockDocument.Kind.ADJUSTMENT)
    assert document.reason == StockDocument.Reason.SHOP_FIGURE


def test_what_is_left_changes_nothing_and_may_be_settled_later(clerk, annex, drift):
    agree(clerk, asked("leave", drift))

    drift.refresh_from_db()
    assert drift.state == State.LEFT
    assert stock_of(drift.listing_sku.variant, annex) == (4, 0, 0, 0)

    again = clerk.get(asked("leave", drift)).context["selection"]
    assert again.left_out[0][1] == "It is left already."
    agree(clerk, asked("tell", drift))
    drift.refresh_from_db()
    assert drift.state == State.REPAIRED


def test_one_that_moved_since_is_looked_at_again(clerk, annex, drift):
    address = asked("take", drift)
    shown = clerk.get(address)
    StockDrift.objects.update(found=7)

    answer = clerk.post(address, {"mark": shown.context["selection"].mark})

    assert answer.status_code == 200
    assert "They have changed by now" in words(answer)
    drift.refresh_from_db()
    assert drift.state == State.OPEN
    assert stock_of(drift.listing_sku.variant, annex) == (4, 0, 0, 0)


def test_all_that_match_are_settled_with_one_word(clerk, shop, place, drift):
    second = differing(shop, place, "MUG-1", "Mug")
    settled = differing(shop, place, "CUP-1", "Cup", state=State.GONE)

    agree(clerk, asked("leave", all="1"))

    states = [StockDrift.objects.get(pk=row.pk).state for row in (drift, second)]
    assert states == [State.LEFT, State.LEFT]
    settled.refresh_from_db()
    assert settled.state == State.GONE


def test_a_paused_shop_is_told_nothing(clerk, shop, drift):
    Shop.objects.update(state=Shop.State.PAUSED)

    selection = clerk.get(asked("tell", drift)).context["selection"]

    assert selection.count == 0
    assert selection.left_out[0][1] == "The shop is paused."


def test_who_works_at_one_shop_does_not_change_the_clients_stock(shop, annex, drift):
    member = make_shop_member(shop, Role.ORDER_FULFILLMENT)
    browser = signed_in(as_user(member))

    taking = browser.get(asked("take", drift)).context["selection"]

    assert taking.count == 0
    assert "Only who looks after all the client's stock" in taking.left_out[0][1]
    browser.post(asked("take", drift), {"mark": taking.mark})
    assert stock_of(drift.listing_sku.variant, annex) == (4, 0, 0, 0)
    agree(browser, asked("tell", drift))
    drift.refresh_from_db()
    assert drift.state == State.REPAIRED


def test_who_only_looks_settles_nothing(company, drift):
    analyst = working_for(company, Role.ANALYST)

    page = analyst.get(LIST)

    assert titles(page) == ["Rattan lamp"]
    assert 'name="pk"' not in page.content.decode()
    assert analyst.post(asked("leave", drift), {"mark": "x"}).status_code == 403
    drift.refresh_from_db()
    assert drift.state == State.OPEN


def test_other_clients_differences_are_as_if_not_there(drift):
    stranger = working_for(make_client("Elsewhere"))

    assert titles(stranger.get(LIST, {"tab": "all"})) == []
    assert stranger.get(asked("leave", drift)).context["selection"].count == 0


def test_without_any_it_says_that_all_is_well(clerk):
    said = words(clerk.get(LIST))

    assert "No differences: every shop shows what it was told" in said


def test_the_list_costs_the_same_with_many_rows(clerk, shop, place, drift):
    clerk.get(LIST)
    with statements() as few:
        clerk.get(LIST)
    for number in range(12):
        differing(shop, place, f"MUG-{number}", f"Mug {number}")

    with statements() as many:
        clerk.get(LIST)

    assert len(many) == len(few)
    assert len(many) <= 22
