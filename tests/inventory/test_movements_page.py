"""The list of all movements, and the file of it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from apps.inventory.admin import base, movements, movements_csv
from apps.inventory.models import StockDocument, StockMovement
from apps.inventory.services.documents import By, Deed, Line, book_document
from apps.inventory.services.places import default_warehouse
from apps.users.roles import Role
from tests.factories.inventory import count, make_document, make_warehouse, receive
from tests.factories.platforms import make_shop
from tests.factories.products import make_product, make_variant
from tests.factories.team import as_user, make_shop_member
from tests.factories.users import make_client, make_user
from tests.inventory.pages import lines_of, sell, signed_in, words, working_for
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db

LIST = reverse("admin:inventory_stockmovement_changelist")
EXPORT = reverse("admin:inventory_stockmovement_export")
ORDER = "580000000000000001"


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
def lamp(company, shop):
    """Received, sold and counted; a chair lies elsewhere."""
    default_warehouse(company.pk)
    lamp = make_variant(make_product(company, "Rattan lamp"), "LAMP-30")
    chair = make_variant(make_product(company, "Chair"), "CHAIR")
    receive(lamp, 10, effective_at=datetime(2026, 8, 1, tzinfo=UTC), reference="DN-1")
    sell(lamp, 3, shop=shop, remote_id=ORDER)
    count(lamp, 8, effective_at=datetime(2026, 9, 25, tzinfo=UTC))
    receive(chair, 5, make_warehouse(company, "North"))
    return lamp


def listed(browser: Browser, **query: Any) -> list[str]:
    page = browser.get(LIST, query)
    assert page.status_code == 200
    return [
        f"{row.level.variant.sku} {row.get_reason_display()}"
        for row in page.context["cl"].result_list
    ]


def test_movements_are_listed_newest_first_with_their_cause_and_what_it_came_to(
    lamp, clerk
):
    page = clerk.get(LIST)

    text = words(page)
    assert listed(clerk) == [
        "CHAIR Received",
        "LAMP-30 Counted",
        "LAMP-30 Ordered",
        "LAMP-30 Received",
    ]
    assert f"Order {ORDER} · Main Store (MY)" in text
    assert "DN-1" in text
    assert "8 · 5" in text


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ({"q": "chair"}, ["CHAIR Received"]),
        ({"reason": "order"}, ["LAMP-30 Ordered"]),
        ({"order": ORDER}, ["LAMP-30 Ordered"]),
        ({"order": "0001"}, ["LAMP-30 Ordered"]),
        ({"order": "999999"}, []),
        (
            {"when": "moved", "until": "2026-08-01"},
            ["CHAIR Received", "LAMP-30 Received"],
        ),
        (
            {"when": "moved", "since": "2026-09-20", "until": "2026-09-25"},
            ["LAMP-30 Counted", "LAMP-30 Ordered"],
        ),
        ({"until": "2020-01-01"}, []),
        ({"since": "9999-12-31", "until": "9999-12-31"}, []),
        ({"person": "nobody-of-that-name"}, []),
    ],
)
def test_movements_are_found(lamp, clerk, query, rows):
    assert listed(clerk, **query) == rows


def test_movements_are_found_by_sku_place_and_person(lamp, clerk, company):
    north = company.warehouses.get(name="North")
    keeper = make_user("keeper", clients=[company], role=Role.ORDER_FULFILLMENT)
    main = default_warehouse(company.pk)
    lost = Deed(StockDocument.Kind.ADJUSTMENT, main, [Line(lamp, -1)], reason="lost")
    book_document(company, lost, By(user=keeper))

    assert listed(clerk, warehouse=north.pk) == ["CHAIR Received"]
    assert listed(clerk, person="keep") == ["LAMP-30 Adjusted"]
    page = clerk.get(LIST, {"variant": lamp.pk})
    assert "Only of LAMP-30" in words(page)
    assert len(page.context["cl"].result_list) == 4


def test_an_order_of_an_unseen_shop_is_neither_named_nor_found(lamp, company):
    second = make_shop(company, name="Second Store")
    elsewhere = signed_in(as_user(make_shop_member(second, Role.ORDER_FULFILLMENT)))

    page = elsewhere.get(LIST)
    file = "\n".join(lines_of(elsewhere.get(EXPORT)))

    assert len(page.context["cl"].result_list) == 4
    assert "An order in a shop you do not see" in words(page)
    assert ORDER not in page.content.decode()
    assert "An order in a shop you do not see" in file
    assert ORDER not in file
    assert "Main Store" not in page.content.decode() + file
    assert listed(elsewhere, order=ORDER) == listed(elsewhere, order="999999") == []


def test_another_clients_movements_are_not_there(lamp, clerk):
    theirs = make_variant(client=make_client("Quokka"), sku="SECRET")
    receive(theirs, 900)

    page = clerk.get(LIST, {"variant": theirs.pk})

    assert "SECRET" not in words(page)
    assert len(page.context["cl"].result_list) == 4


def test_the_file_has_all_that_match_and_its_numbers_stay_numbers(lamp, clerk):
    make_document(StockDocument.Kind.ADJUSTMENT, {lamp: -2}, reason="damaged")

    rows = lines_of(clerk.get(EXPORT, {"q": "LAMP"}))

    assert len(rows) == 5
    adjusted = rows[1].split(",")
    assert adjusted[7:8] + adjusted[9:] == [
        *("Adjusted", "Damaged", "-2", "0", "0", "0", "6", "3", "3", "System")
    ]


def test_a_long_file_comes_in_pieces_and_names_each_movement_once(
    lamp, clerk, monkeypatch
):
    monkeypatch.setattr(movements_csv, "_CHUNK", 2)
    for number in range(1, 6):
        receive(lamp, number)

    rows = lines_of(clerk.get(EXPORT))

    assert len(rows) == 1 + StockMovement.objects.count()
    assert len(set(rows)) == len(rows)


def test_no_more_are_counted_than_anybody_pages(lamp, clerk, monkeypatch):
    monkeypatch.setattr(base, "MOST_PAGED", 3)
    monkeypatch.setattr(movements, "MOST_PAGED", 3)

    page = clerk.get(LIST)

    assert page.context["cl"].result_count == 3
    assert "The newest 3 are paged here" in words(page)


def test_an_empty_list_says_why(clerk):
    assert "Nothing has moved yet" in words(clerk.get(LIST))
    assert "No movements match these filters" in words(clerk.get(LIST, {"q": "x"}))


def test_the_list_takes_as_many_queries_however_long_it_is(lamp, clerk, shop):
    with statements() as few:
        clerk.get(LIST)
    for number in range(10, 30):
        receive(lamp, number)
        sell(lamp, 1, shop=shop, remote_id=f"5800000000000000{number}")
    with statements() as more:
        clerk.get(LIST)

    assert len(more) == len(few)
    assert len(more) <= 26


def test_somebody_without_the_permission_is_refused(company, shop):
    browser = working_for(company, Role.CREATOR_PARTNER)

    assert browser.get(LIST).status_code == 403
    assert browser.get(EXPORT).status_code == 403
