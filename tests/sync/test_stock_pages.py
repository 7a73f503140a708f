"""The list of what shops are told, the page of one SKU, and what is done to many."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from apps.inventory.models import ShopStockSettings
from apps.platforms.models import Shop
from apps.products.models import Listing, ListingSku
from apps.sync.admin import push_bulk
from apps.sync.models import StockPush, SyncRun
from apps.sync.services.products import pull_products
from apps.sync.tasks import compare_stock
from apps.users.models import AuditEntry
from apps.users.roles import Role
from tests.factories.inventory import make_shop_warehouse, make_warehouse, receive
from tests.factories.platforms import connect_simulator_shops, make_shop
from tests.factories.products import make_listing, make_listing_sku, make_variant
from tests.factories.sync import make_drift, make_push
from tests.factories.team import as_user, give_role, make_member, make_shop_member
from tests.factories.users import make_client, make_user
from tests.inventory.pages import lines_of, notices, signed_in, words, working_for
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

LIST = reverse("admin:sync_stockpush_changelist")
BULK = reverse("admin:sync_stockpush_bulk")
State = StockPush.State


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
def lamp(company, shop, annex, place):
    """A lamp of which 4 are there, listed in the shop."""
    variant = make_variant(client=company, sku="LAMP-30")
    receive(variant, 4, annex)
    listing = make_listing(shop, "1729000000000000555", title="Rattan lamp")
    return make_listing_sku(listing, "1730000000000000777", variant=variant)


def other(shop: Shop, title: str = "Mug", **fields: Any) -> StockPush:
    variant = make_variant(client=shop.client)
    listing = make_listing(shop, title=title)
    sku = make_listing_sku(listing, variant=variant, seller_sku="MUG-1")
    return make_push(sku, **fields)


def titles(response: Any) -> list[str]:
    return [row.listing_sku.listing.title for row in response.context["cl"].result_list]


def page_of(push: StockPush) -> str:
    return reverse("admin:sync_stockpush_change", args=[push.pk])


def asked(name: str, *pushes: StockPush, **more: str) -> str:
    query = [("deed", name), *(("pk", row.pk) for row in pushes), *more.items()]
    return f"{BULK}?{urlencode(query)}"


def agree(browser: Browser, address: str) -> Any:
    """Look at what will be done, and confirm it."""
    shown = browser.get(address)
    return browser.post(address, {"mark": shown.context["selection"].mark})


# --- the list


def test_tabs_count_what_they_show(clerk, shop, lamp):
    make_push(lamp)
    other(shop, "Due", state=State.DUE)
    other(shop, "Sending", state=State.SENDING)
    other(shop, "Failed", state=State.FAILED)
    other(shop, "Blocked", state=State.BLOCKED)
    other(shop, "Unknown", state=State.UNKNOWN, wanted={}, wanted_total=None)

    shown = clerk.get(LIST)

    counts = {tab["title"]: tab["count"] for tab in shown.context["tabs"]}
    assert counts == {
        "All": 6,
        "Needs a person": 1,
        "Retry scheduled": 1,
        "To be sent": 2,
        "In step": 1,
        "Not told": 1,
    }
    assert titles(clerk.get(LIST, {"tab": "blocked"})) == ["Blocked"]
    assert sorted(titles(clerk.get(LIST, {"tab": "due"}))) == ["Due", "Sending"]
    assert len(titles(clerk.get(LIST, {"tab": "nonsense"}))) == 6


def test_a_row_says_to_show_told_shows_and_what_to_do(clerk, lamp, place):
    make_push(
        lamp,
        place,
        state=State.BLOCKED,
        wanted_total=7,
        found_total=3,
        fault="warehouse",
        message="Warehouse is disabled",
    )

    said = words(clerk.get(LIST))

    assert "LAMP-30 Rattan lamp · Natural" in said
    assert "To tell: +3" in said
    assert "Warehouse is disabled" in said
    assert "Press “Look for warehouses”" in said


def test_what_was_seen_before_it_was_told_is_no_difference(clerk, shop):
    now = timezone.now()
    other(shop, "Older", found_total=9, found_at=now - timedelta(hours=2))
    other(shop, "Newer", found_total=9)

    assert titles(clerk.get(LIST, {"difference": "shows"})) == ["Newer"]
    said = words(clerk.get(LIST))
    assert said.count("Shows +5") == 1


def test_filters_find_differences_faults_and_skus(clerk, company, shop, lamp, place):
    make_push(lamp, place)
    make_drift(lamp, place)
    other(shop, "Behind", wanted_total=9)
    other(shop, "Never", accepted={}, accepted_total=None, accepted_at=None)
    other(shop, "Locked", state=State.BLOCKED, fault="locked")
    second = make_shop(company, name="Second")
    other(second, "Elsewhere")

    def shown(**query: Any) -> list[str]:
        return sorted(titles(clerk.get(LIST, query)))

    assert shown(difference="told") == ["Behind", "Never"]
    assert shown(difference="drift") == ["Rattan lamp"]
    assert shown(fault="locked") == ["Locked"]
    assert shown(shop=second.pk) == ["Elsewhere"]
    for sought in ("LAMP-30", "lamp-3", "1730000000000000777", "rattan lamp"):
        assert shown(q=sought) == ["Rattan lamp"]
    assert shown(q="nothing") == []
    assert len(shown(fault="nonsense", listing_sku__variant__sku="x")) == 5


def test_the_file_has_a_row_per_warehouse_and_runs_no_formula(clerk, lamp, place):
    lamp.listing.title = "=cmd()"
    lamp.listing.save()
    make_push(lamp, place, found={place.remote_id: 3, "695500009": 2})

    lines = lines_of(clerk.get(BULK, {"deed": "export"}))

    assert len(lines) == 3
    assert "'=cmd()" in lines[1]
    assert lines[1].split(",")[8:11] == ["695500001", "4", "4"]
    assert ",695500009,,,," not in lines[1]


def test_the_list_costs_the_same_with_many_rows(clerk, shop, lamp, place):
    make_push(lamp, place)
    clerk.get(LIST)
    with statements() as few:
        clerk.get(LIST)
    for number in range(15):
        push = other(shop, f"Mug {number}", state=State.BLOCKED)
        make_drift(push.listing_sku, place)

    with statements() as many:
        clerk.get(LIST)

    assert len(many) == len(few)
    assert len(many) <= 26


def test_empty_it_says_where_to_begin(company):
    browser = working_for(company)
    assert "It begins when a shop is connected." in words(browser.get(LIST))

    shop = make_shop(company, name="Main Store")
    page = working_for(company).get(LIST)

    assert "No shop is told your stock yet. Switch it on at a shop." in words(page)
    address = f"{reverse('admin:platforms_shop_change', args=[shop.pk])}?tab=stock"
    assert f'href="{address}"' in page.content.decode()


# --- one SKU


def test_the_page_shows_the_calculation_and_what_differs(clerk, lamp, place):
    push = make_push(lamp, place, found={place.remote_id: 9}, found_total=9)
    make_drift(lamp, place, 9)
    make_drift(lamp, place, 1, state="gone", evidence="Two orders since.")

    said = words(clerk.get(page_of(push)))

    assert "Shah Alam 695500001 Annex 4 4 4 9 +5" in said
    assert "How 4 comes about in Shah Alam" in said
    assert "4 available" in said
    assert "Shah Alam shows 9, told 4" in said
    assert "Told 4 at 10:02; no order since." in said
    assert "Two orders since." in said


def test_the_page_says_why_nothing_is_told(clerk, shop, place):
    push = other(shop, state=State.UNKNOWN, wanted={}, wanted_total=None)

    said = words(clerk.get(page_of(push)))

    assert "The shop is not told: Nobody has counted it yet." in said


def test_what_tiktok_said_last_stands_with_what_to_do(clerk, lamp, place):
    push = make_push(
        lamp,
        place,
        state=State.BLOCKED,
        fault="locked",
        fault_code=12052141,
        attempts=3,
        message="SKU is in a campaign",
    )

    said = words(clerk.get(page_of(push)))

    assert "SKU is in a campaign" in said
    assert "Change it in Seller Center" in said
    assert "12052141" in said


def test_api_calls_are_linked_for_who_may_see_them(company, shop, lamp, place):
    push = make_push(lamp, place)
    log = reverse("admin:platforms_apicall_changelist")

    admin_sees = working_for(company, Role.ADMIN).get(page_of(push)).content.decode()
    clerk_sees = working_for(company).get(page_of(push)).content.decode()

    assert f"{log}?shop={shop.pk}&amp;path=" in admin_sees
    assert log not in clerk_sees


def test_the_page_costs_the_same_with_many_warehouses(clerk, shop, lamp, place):
    push = make_push(lamp, place)
    clerk.get(page_of(push))
    with statements() as few:
        clerk.get(page_of(push))
    places = [
        make_shop_warehouse(shop, make_warehouse(shop.client), f"69550001{number}")
        for number in range(5)
    ]
    held = {row.remote_id: 1 for row in [place, *places]}
    StockPush.objects.update(found=held, accepted=held)
    for row in places:
        make_drift(lamp, row)

    with statements() as many:
        clerk.get(page_of(push))

    assert len(many) <= len(few) + 1


# --- what is done to many


def test_telling_now_marks_what_was_agreed_to(clerk, lamp, place):
    push = make_push(lamp, place)

    answer = agree(clerk, asked("tell", push))

    push.refresh_from_db()
    assert push.state == State.DUE
    assert push.is_forced
    assert "1 SKU will be told within seconds." in notices(answer)[0]
    entry = AuditEntry.objects.get(verb="told a shop its stock again")
    assert entry.details == {"asked": 1, "due": 1}


def test_nothing_is_told_before_it_is_agreed_to(clerk, shop, lamp, place):
    push = make_push(lamp, place)
    address = asked("tell", push)

    clerk.get(address)
    clerk.post(address, {"mark": "another"})

    push.refresh_from_db()
    assert push.state == State.IN_STEP
    assert not AuditEntry.objects.filter(verb="told a shop its stock again").exists()


def test_what_cannot_be_told_is_left_out_and_says_why(
    clerk, company, shop, lamp, place
):
    good = make_push(lamp, place)
    nothing = other(
        shop, "Mug", wanted={}, wanted_total=None, message="Nobody has counted it yet."
    )
    closed = make_shop(company, name="Closed", state=Shop.State.DISCONNECTED)
    gone = other(closed, "Gone")

    page = clerk.get(asked("tell", all="1"))

    assert [row.pk for row in page.context["selection"].fit] == [good.pk]
    reasons = {row.pk: why for row, why in page.context["selection"].left_out}
    assert reasons[nothing.pk] == "Nobody has counted it yet."
    assert reasons[gone.pk] == "The shop is disconnected."


def test_all_that_match_are_those_of_the_filters(clerk, company, shop, lamp, place):
    make_push(lamp, place)
    second = make_shop(company, name="Second")
    there = other(second)

    page = clerk.get(asked("tell", all="1", shop=str(second.pk)))

    assert [row.pk for row in page.context["selection"].fit] == [there.pk]


def test_a_deed_that_is_none_sends_back_to_the_list(clerk, lamp, place):
    push = make_push(lamp, place)

    answer = clerk.get(asked("nonsense", push))

    assert answer.status_code == 302
    assert answer.url == LIST


def test_looking_now_asks_the_shop_what_it_shows(simulator, company):
    [shop, *_] = connect_simulator_shops(simulator, client=company)
    pull_products(shop, trigger=SyncRun.Trigger.COMMAND)
    live = ListingSku.objects.filter(listing__status=Listing.Status.LIVE)
    sku = live.order_by("pk")[0]
    sku.variant, sku.mapping = make_variant(client=company), "matched"
    sku.save()
    push = make_push(sku, found={}, found_total=None, found_at=None)

    answer = agree(working_for(company), asked("look", push))

    push.refresh_from_db()
    assert push.found_total is not None
    assert "1 looked at" in notices(answer)[0]


def test_looking_at_very_many_is_left_to_a_comparison(
    clerk, shop, lamp, place, monkeypatch
):
    woken: list[Any] = []
    monkeypatch.setattr(compare_stock, "delay", lambda *args: woken.append(args))
    monkeypatch.setattr(push_bulk, "MOST_LOOKED_AT", 0)

    answer = agree(clerk, asked("look", make_push(lamp, place)))

    assert woken == [(shop.pk, SyncRun.Trigger.USER)]
    assert "the comparison is started" in notices(answer)[0]


def test_a_shop_that_does_not_answer_is_named(clerk, lamp, place):
    push = make_push(lamp, place)
    seen_at = push.found_at

    answer = agree(clerk, asked("look", push))

    push.refresh_from_db()
    assert push.found_at == seen_at
    assert notices(answer)[0].startswith("Main Store (MY): ")


# --- who


def test_other_clients_rows_are_as_if_not_there(lamp, place):
    push = make_push(lamp, place)
    stranger = working_for(make_client("Elsewhere"))

    assert titles(stranger.get(LIST)) == []
    assert "LAMP-30" not in stranger.get(LIST).content.decode()
    unseen = stranger.get(page_of(push))
    absent = stranger.get(reverse("admin:sync_stockpush_change", args=[99_999_999]))
    assert unseen.status_code == absent.status_code == 302
    assert stranger.get(asked("tell", push)).context["selection"].count == 0
    assert (
        len(lines_of(stranger.get(BULK, {"deed": "export", "pk": str(push.pk)}))) == 1
    )


def test_the_right_is_asked_for_at_the_shop(company, shop, lamp, place):
    push = make_push(lamp, place)
    closed = make_shop(company, name="Other Store")
    hidden = other(closed, "Hidden")
    member = make_shop_member(shop, Role.ORDER_FULFILLMENT)

    browser = signed_in(as_user(member))

    assert titles(browser.get(LIST)) == ["Rattan lamp"]
    assert browser.get(page_of(push)).status_code == 200
    assert browser.get(page_of(hidden)).status_code == 302


def test_who_only_looks_ticks_nothing_and_starts_nothing(company, lamp, place):
    push = make_push(lamp, place)
    analyst = working_for(company, Role.ANALYST)

    page = analyst.get(LIST).content.decode()

    assert 'name="pk"' not in page
    assert "Tell now" not in page
    assert "Tell now" not in analyst.get(page_of(push)).content.decode()
    assert analyst.get(asked("tell", push)).status_code == 403
    assert analyst.post(asked("tell", push), {"mark": "x"}).status_code == 403
    push.refresh_from_db()
    assert push.state == State.IN_STEP


def test_who_may_act_in_one_shop_alone_acts_there_alone(company, shop, lamp, place):
    here = make_push(lamp, place)
    second = make_shop(company, name="Second")
    there = other(second)
    member = make_member(company, Role.ANALYST)
    give_role(member, shop, Role.ORDER_FULFILLMENT)

    browser = signed_in(as_user(member))
    selection = browser.get(asked("tell", here, there)).context["selection"]

    assert [row.pk for row in selection.fit] == [here.pk]
    assert selection.left_out[0][1] == "Your role only looks at this shop's stock."


def test_without_a_right_to_see_stock_there_is_no_list(company, shop):
    partner = signed_in(make_user(clients=[company], role=Role.CREATOR_PARTNER))

    assert partner.get(LIST).status_code == 403
    assert partner.get(BULK, {"deed": "export"}).status_code == 403
