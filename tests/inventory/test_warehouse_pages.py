"""Warehouses of a client: the list, the page, and what can be done to one."""

import pytest
from django.urls import reverse

from apps.inventory.models import Warehouse
from apps.users.models import AuditEntry
from apps.users.roles import Role
from tests.factories.inventory import make_shop_warehouse, make_warehouse, receive
from tests.factories.platforms import make_shop
from tests.factories.products import make_variant
from tests.factories.team import as_user, give_role, make_member, make_shop_member
from tests.factories.users import make_client, make_user
from tests.inventory.pages import notices, signed_in, words, working_for
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

LIST = reverse("admin:inventory_warehouse_changelist")
ADD = reverse("admin:inventory_warehouse_add")


@pytest.fixture
def company():
    return make_client("Northwind")


@pytest.fixture
def shop(company):
    return make_shop(company, name="Main Store")


@pytest.fixture
def main(company):
    return make_warehouse(company, "Main warehouse", is_default=True)


@pytest.fixture
def annex(company, main):
    return make_warehouse(company, "Annex")


@pytest.fixture
def clerk(company, shop):
    return working_for(company)


def page_of(row: Warehouse) -> str:
    return reverse("admin:inventory_warehouse_change", args=[row.pk])


def deed(row: Warehouse, name: str) -> str:
    return reverse("admin:inventory_warehouse_act", args=[row.pk, name])


def test_the_list_says_what_lies_where_and_which_places_it_is(
    clerk, company, shop, main, annex
):
    receive(make_variant(client=company), 5, main)
    receive(make_variant(client=company), 1_200, main)
    make_shop_warehouse(shop, main, name="Shah Alam")

    said = words(clerk.get(LIST))

    assert "Main warehouse Northwind 2 1,205 0 Shah Alam (Main Store) Default" in said
    assert "Annex Northwind 0 0 0 — Open" in said


def test_places_that_nobody_matched_are_named(clerk, shop, main):
    make_shop_warehouse(shop, None, name="Penang")
    make_shop_warehouse(shop, None, name="Returns place", kind="returns")

    said = words(clerk.get(LIST))

    assert "Penang Not matched Main Store (MY)" in said
    assert "Returns place" not in said


def test_the_list_costs_the_same_with_many(clerk, company, shop, main):
    make_shop_warehouse(shop, main)
    clerk.get(LIST)
    with statements() as few:
        clerk.get(LIST)
    for number in range(8):
        row = make_warehouse(company, f"Shed {number}")
        receive(make_variant(client=company), 3, row)
        make_shop_warehouse(shop, row)

    with statements() as many:
        clerk.get(LIST)

    assert len(many) == len(few)
    assert len(many) <= 22


def test_one_is_added_with_a_name_of_its_own(clerk, company, main):
    answer = clerk.post(ADD, {"name": "Annex", "note": "Key at the desk"})

    row = Warehouse.objects.get(name="Annex")
    assert answer.url == page_of(row)
    assert (row.client, row.note, row.is_default) == (company, "Key at the desk", False)
    assert AuditEntry.objects.get(verb="added a warehouse").client == company

    twice = clerk.post(ADD, {"name": "annex"})
    assert "There is a warehouse “annex” already." in words(twice)
    assert Warehouse.objects.count() == 2


def test_of_several_clients_one_is_chosen_first(company, main):
    second = make_client("Southwind")
    user = make_user(clients=[company, second], role=Role.ORDER_FULFILLMENT)
    browser = signed_in(user)

    assert "For the client" in words(browser.get(ADD))
    browser.post(f"{ADD}?client={second.pk}", {"name": "Annex"})

    assert Warehouse.objects.get(name="Annex").client == second


def test_name_and_note_are_changed(clerk, annex):
    clerk.post(page_of(annex), {"name": "Annex 2", "note": "Behind the house"})

    annex.refresh_from_db()
    assert (annex.name, annex.note) == ("Annex 2", "Behind the house")
    same = clerk.post(page_of(annex), {"name": "Annex 2", "note": "Behind the house"})
    assert notices(same) == ["Saved.", "Nothing was changed."] or notices(same) == [
        "Nothing was changed."
    ]


def test_a_refused_name_is_told_beside_the_form(clerk, main, annex):
    page = clerk.post(page_of(annex), {"name": "Main warehouse"})

    assert "There is a warehouse “Main warehouse” already." in words(page)
    annex.refresh_from_db()
    assert annex.name == "Annex"


def test_the_default_one_is_another_now(clerk, main, annex):
    clerk.post(deed(annex, "default"))

    main.refresh_from_db()
    annex.refresh_from_db()
    assert (main.is_default, annex.is_default) == (False, True)


def test_an_empty_one_is_closed_and_opened_again(clerk, annex):
    assert "Close Annex" in words(clerk.get(page_of(annex)))

    clerk.post(deed(annex, "close"))
    annex.refresh_from_db()
    assert not annex.is_active
    assert "Open it again" in words(clerk.get(page_of(annex)))

    clerk.post(deed(annex, "open"))
    annex.refresh_from_db()
    assert annex.is_active


def test_one_that_is_in_use_says_what_has_to_be_done_first(clerk, company, shop, annex):
    receive(make_variant(client=company), 5, annex)
    make_shop_warehouse(shop, annex, name="Shah Alam")

    said = words(clerk.get(page_of(annex)))
    clerk.post(deed(annex, "close"))

    assert "It cannot be closed yet:" in said
    assert "transfer what is there" in said
    assert "Shah Alam" in said
    annex.refresh_from_db()
    assert annex.is_active


def test_places_of_shops_one_does_not_see_are_not_named(company, shop, annex):
    closed = make_shop(company, name="Secret Store")
    make_shop_warehouse(closed, annex, name="Hidden place")
    member = make_member(company, Role.ORDER_FULFILLMENT)
    give_role(member, closed)
    browser = signed_in(as_user(member))

    for page in (
        browser.get(LIST),
        browser.get(page_of(annex)),
        browser.post(deed(annex, "close"), follow=True),
    ):
        assert "Secret Store" not in page.content.decode()
        assert "Hidden place" not in page.content.decode()
    assert "a shop you do not see" in words(browser.get(page_of(annex)))
    annex.refresh_from_db()
    assert annex.is_active


def test_getting_a_deed_does_nothing(clerk, annex):
    assert clerk.get(deed(annex, "close")).status_code == 405
    assert clerk.post(deed(annex, "burn")).status_code == 404
    annex.refresh_from_db()
    assert annex.is_active


def test_who_works_at_one_shop_alone_only_looks(shop, annex):
    browser = signed_in(as_user(make_shop_member(shop, Role.ORDER_FULFILLMENT)))

    page = browser.get(page_of(annex))

    assert "Close Annex" not in words(page)
    assert "Add warehouse" not in words(browser.get(LIST))
    assert browser.get(ADD).status_code == 403
    assert browser.post(page_of(annex), {"name": "Mine"}).status_code == 403
    assert browser.post(deed(annex, "close")).status_code == 403
    annex.refresh_from_db()
    assert (annex.name, annex.is_active) == ("Annex", True)


def test_other_clients_warehouses_are_as_if_not_there(annex):
    stranger = working_for(make_client("Elsewhere"))

    assert "Annex" not in words(stranger.get(LIST))
    assert stranger.get(page_of(annex)).status_code == 302
    assert stranger.post(deed(annex, "close")).status_code == 302
    annex.refresh_from_db()
    assert annex.is_active


def test_empty_it_says_how_one_comes_about(clerk):
    assert "No warehouses yet." in words(clerk.get(LIST))
