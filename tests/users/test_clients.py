"""The client pages: what is counted of what one may see, and what superusers do."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.backoffice.services.analytics.counting import count_sales
from apps.orders.models import Order
from apps.users.models import AuditEntry, Client
from apps.users.roles import Role
from tests.factories.orders import make_order
from tests.factories.platforms import make_shop
from tests.factories.sales import make_rates, make_sale
from tests.factories.team import (
    as_user,
    give_role,
    make_invitation,
    make_member,
    make_shop_member,
)
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db

LIST = reverse("admin:users_client_changelist")
ADD = reverse("admin:users_client_add")


@pytest.fixture
def company():
    return make_client("Northwind")


@pytest.fixture
def root():
    return signed_in(make_user("root", is_superuser=True))


def signed_in(user: Any) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def page_of(client: Client) -> str:
    return reverse("admin:users_client_change", args=[client.pk])


def deed(client: Client, name: str) -> str:
    return reverse("admin:users_client_act", args=[client.pk, name])


def words(page: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", unescape(page.content.decode()))
    return re.sub(r"\s+", " ", text)


def counts(page: Any) -> dict[str, tuple[int, int, int]]:
    return {
        row.name: (row.shop_count, row.people_count, row.order_count)
        for row in page.context["cl"].result_list
    }


def test_the_list_counts_shops_people_and_a_month_of_orders(company, root):
    main, test = make_shop(company), make_shop(company, environment="sandbox")
    make_member(company, Role.ANALYST)
    for shop in (main, main, test):
        make_order(shop)
    make_order(main, placed_at=timezone.now() - timedelta(days=31))
    make_client("Southwind")

    page = root.get(LIST)

    assert counts(page) == {"Northwind": (2, 1, 2), "Southwind": (0, 0, 0)}
    assert "Clients" in words(page)


def test_what_is_counted_is_what_one_may_see(company):
    here, there = make_shop(company), make_shop(company)
    for shop in (here, there):
        make_order(shop)
    admin = make_shop_member(here, Role.ADMIN)
    manager = make_member(company, permissions=["manage_team"])
    make_shop(make_client("Quokka"))

    limited = signed_in(as_user(admin)).get(LIST)
    assert counts(limited) == {"Northwind": (1, 2, 1)}
    # Who manages the team alone reads no orders.
    assert counts(signed_in(as_user(manager)).get(LIST)) == {"Northwind": (2, 2, 0)}


def test_a_month_of_sales_stands_in_one_currency_and_what_is_left_out_is_said(company):
    today = timezone.now().date()
    make_rates(today - timedelta(days=2), USD="1.20", MYR="4.80")
    main, hanoi = make_shop(company), make_shop(company, currency="VND")
    test = make_shop(company, environment="sandbox")
    for shop, amount in ((main, "400"), (hanoi, "90000"), (test, "7000")):
        make_sale(shop, timezone.now() - timedelta(days=1), amount)
        count_sales(shop)
    make_sale(main, timezone.now() - timedelta(days=40), "5000")
    count_sales(main)
    make_client("Southwind")
    analyst = make_member(company, permissions=["view_analytics", "manage_team"])
    manager = make_member(company, permissions=["manage_team"])

    seen = words(signed_in(as_user(analyst)).get(LIST))
    hidden = words(signed_in(as_user(manager)).get(LIST))

    assert "USD 100.00" in seen
    assert "without VND: no rate" in seen
    assert "USD" not in hidden


def test_the_number_of_queries_does_not_grow_with_the_clients(company, root):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert root.get(LIST).status_code == 200
        return len(queries)

    make_order(make_shop(company))
    few = count()
    for _ in range(6):
        client = make_client()
        make_member(client, Role.ANALYST)
        make_order(make_shop(client))
    assert count() == few
    assert few <= 17


def test_the_list_is_filtered_by_name_and_state(company, root):
    left = make_client("Southwind")
    left.is_active = False
    left.save()

    assert counts(root.get(LIST, {"q": "north"})).keys() == {"Northwind"}
    assert counts(root.get(LIST, {"state": "inactive"})).keys() == {"Southwind"}
    assert "No clients match these filters." in words(root.get(LIST, {"q": "x"}))


def test_the_first_client_is_a_step_away(root):
    text = words(root.get(LIST))

    assert "No clients yet. Shops and people belong to one. Add client" in text


def test_the_page_shows_shops_team_and_invitations(company):
    shop = make_shop(company, name="Main")
    boss = make_member(company, Role.ADMIN)
    make_order(shop)
    make_invitation(company, "asked@example.com")

    text = words(signed_in(as_user(boss)).get(page_of(company)))

    assert "Northwind Active" in text
    assert "Main (MY)" in text
    assert f"{shop.remote_id} 1 " in text
    assert boss.user.email in text
    assert "asked@example.com Analyst All shops Open" in text
    assert "Rename" not in text


def test_an_empty_client_says_what_to_do_next(company, root):
    text = words(root.get(page_of(company)))

    assert "No shops yet. Connect one" in text
    assert "+ Add Shop" in text
    assert "Nobody works for Northwind yet" in text
    assert "Invite somebody" in text


def test_a_shop_one_may_not_see_is_not_on_the_page(company):
    here, hidden = make_shop(company), make_shop(company, name="Hidden")
    make_order(hidden)
    admin = make_shop_member(here, Role.ADMIN)
    member = make_member(company, Role.ANALYST)
    give_role(member, hidden, Role.ADMIN)

    page = signed_in(as_user(admin)).get(page_of(company))

    assert "Hidden" not in words(page)
    assert "+ Add Shop" not in words(page)


def test_another_client_is_like_one_that_does_not_exist(company):
    browser = signed_in(as_user(make_member(company, Role.ADMIN)))
    other = make_client("Quokka")
    missing = Client(pk=other.pk + 100_000)

    for method, find in (
        ("get", page_of),
        ("post", lambda client: deed(client, "rename")),
    ):
        answers = set()
        for client in (other, missing):
            page = getattr(browser, method)(find(client))
            answers.add((page.status_code, page.headers["Location"]))
        assert answers == {(302, reverse("admin:index"))}
    other.refresh_from_db()
    assert other.name == "Quokka"


def test_a_superuser_adds_a_client(root):
    page = root.post(ADD, {"name": "Southwind"}, follow=True)

    client = Client.objects.get(name="Southwind")
    assert page.redirect_chain[-1][0] == page_of(client)
    assert "Southwind is added. Connect its shops, invite its people." in words(page)
    assert AuditEntry.objects.get(verb="added a client").client == client

    refused = root.post(ADD, {"name": "SOUTHWIND"})
    assert "There is a client “SOUTHWIND” already." in words(refused)
    assert Client.objects.count() == 1


def test_a_superuser_renames_a_client(company, root):
    page = root.post(deed(company, "rename"), {"name": "Eastwind"}, follow=True)

    assert "Renamed." in words(page)
    company.refresh_from_db()
    assert company.name == "Eastwind"
    entry = AuditEntry.objects.get(verb="renamed a client")
    assert entry.details == {"name": ["Northwind", "Eastwind"]}
    empty = root.post(deed(company, "rename"), {"name": ""})
    assert "This field is required." in words(empty)


def test_letting_a_client_go_says_what_it_does_and_can_be_undone(company, root):
    member = make_member(company, Role.ADMIN)
    browser = signed_in(as_user(member))
    shop = make_shop(company)
    assert "its own people see nothing of it" in words(root.get(page_of(company)))

    page = root.post(deed(company, "deactivate"), follow=True)

    assert "Northwind is inactive: its people see nothing of it." in words(page)
    assert "its shops stay connected until somebody disconnects" in words(page)
    address = reverse("admin:platforms_shop_change", args=[shop.pk])
    assert browser.get(address).status_code == 403
    root.post(deed(company, "activate"))
    assert browser.get(address).status_code == 200
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs[-2:] == ["made a client inactive", "made a client active"]


def test_nobody_but_a_superuser_changes_a_client(company):
    browser = signed_in(as_user(make_member(company, Role.ADMIN)))

    assert browser.get(ADD).status_code == 403
    assert browser.post(ADD, {"name": "x"}).status_code == 403
    for name in ("rename", "deactivate", "activate"):
        assert browser.post(deed(company, name), {"name": "x"}).status_code == 403
    assert browser.post(page_of(company)).status_code == 405
    company.refresh_from_db()
    assert (company.name, company.is_active) == ("Northwind", True)
    assert Client.objects.count() == 1


def test_reading_the_addresses_of_deeds_does_nothing(company, root):
    assert root.get(deed(company, "deactivate")).status_code == 405
    assert root.post(deed(company, "explode")).status_code == 404
    company.refresh_from_db()
    assert company.is_active
    assert not Order.objects.exists()
