"""The sidebar, health, and other people's admin pages under our theme."""

from html import unescape

import pytest
from django.contrib import admin
from django.db import OperationalError, connection
from django.test import Client as Browser
from unfold.admin import ModelAdmin as ThemeModelAdmin

from apps.core.middleware import POLICY
from apps.users.roles import Role
from tests.factories.platforms import make_shop
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def root():
    browser = Browser()
    browser.force_login(make_user(is_superuser=True))
    return browser


def test_every_admin_page_is_under_the_theme():
    foreign = [
        model.__name__
        for model, page in admin.site._registry.items()
        if not isinstance(page, ThemeModelAdmin)
    ]

    assert foreign == []


ADDRESSES = sorted(
    f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    for model in admin.site._registry
)


@pytest.mark.parametrize("address", ["/admin/", *ADDRESSES])
def test_every_list_opens_empty_and_with_rows(root, address):
    assert root.get(address).status_code == 200
    make_shop()

    page = root.get(address)

    assert page.status_code == 200
    assert page.headers["Content-Security-Policy"] == POLICY
    assert "shopdesk/shopdesk.css" in page.content.decode()


def test_every_page_has_a_title_of_its_own_and_the_name_of_the_house(root):
    page = root.get("/admin/products/listing/").content.decode()

    title = page.partition("<title>")[2].partition("</title>")[0]
    assert " ".join(title.split()) == "Listings | Shopdesk"
    assert "TikTok Shop back office" in page  # in the corner, a link to the start


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_form_to_add_opens_or_is_refused(root, address):
    # A shop's page takes any word for an ID, and there is no such shop; what is only
    # ever booked has no form at all.
    assert root.get(f"{address}add/").status_code in (200, 302, 403, 404)


# Of what everybody sees who sees products.
_ORDERS = ["Alerts", "Orders", "Packages", "Cancellations", "Returns"]
_PRODUCTS = ["Product mapping", "Products", "Listings", "Publishing runs", "Categories"]
_STOCK = [
    "Stock",
    "Stock flow",
    "Stock documents",
    "Oversells",
    "Shop stock",
    "Warehouses",
    "Stock rules",
]
_CONTENT = ["Creators", "Affiliate orders"]


def links(browser):
    sections = browser.get("/admin/").context["sidebar_navigation"]
    return [
        item["title"]
        for section in sections
        for item in section["items"]
        if item["has_permission"]
    ]


def test_the_sidebar_has_everything_for_those_who_may_all(root):
    assert links(root) == [
        *_ORDERS,
        "Customers",
        *_PRODUCTS,
        "Suppliers",
        "Price rules",
        *_STOCK,
        *_CONTENT,
        "Shop accounts",
        "Creator accounts",
        "Connect links",
        "Clients",
        "Credit reports",
        "Applicants",
        "Lenders",
        "Analytics",
        "Settlements",
        "Team and roles",
        "API apps",
        "Sync dashboard",
        "Sync runs",
        "Gaps",
        "Webhook log",
        "API log",
        "Alert hooks",
        "Imports",
        "Exchange rates",
        "Audit trail",
        "Buyers' data",
        "Data retention",
        "Schedule",
        "Users",
    ]


@pytest.mark.parametrize(
    ("role", "titles"),
    [
        (
            Role.ORDER_FULFILLMENT,
            [
                *_ORDERS,
                "Customers",
                *_PRODUCTS,
                "Price rules",
                *_STOCK,
                "Shop accounts",
                "Sync dashboard",
                "Sync runs",
                "Gaps",
                "Webhook log",
                "Imports",
            ],
        ),
        (
            Role.ANALYST,
            [
                *_ORDERS,
                *_PRODUCTS,
                "Suppliers",
                "Price rules",
                *_STOCK,
                *_CONTENT,
                "Shop accounts",
                "Creator accounts",
                "Analytics",
                "Settlements",
                "Sync dashboard",
                "Sync runs",
                "Gaps",
                "Exchange rates",
            ],
        ),
        (
            Role.CONTENT_MANAGER,
            [
                *_ORDERS,
                *_PRODUCTS,
                "Suppliers",
                "Price rules",
                *_STOCK,
                *_CONTENT,
                "Shop accounts",
                "Creator accounts",
                "Analytics",
                "Settlements",
                "Sync dashboard",
                "Sync runs",
                "Gaps",
                "Exchange rates",
            ],
        ),
        (Role.CREATOR_PARTNER, [*_PRODUCTS, "Price rules", *_CONTENT]),
        (Role.UNDERWRITER, ["Credit reports"]),
    ],
)
def test_the_sidebar_shows_what_one_may_open(role, titles):
    browser = Browser()
    browser.force_login(make_user(clients=[make_client()], role=role))

    assert links(browser) == titles


def test_health_answers_whoever_asks():
    answer = Browser().get("/health/")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert Browser().post("/health/").status_code == 405


def test_health_fails_without_the_database():
    def away(execute, sql, params, many, context):
        raise OperationalError("gone away")

    browser = Browser(raise_request_exception=False)
    with connection.execute_wrapper(away):
        answer = browser.get("/health/")

    assert answer.status_code == 500
    assert "gone away" not in unescape(answer.content.decode())


def test_the_start_page_leads_to_the_admin():
    assert Browser().get("/").headers["Location"] == "/admin/"


def test_the_themes_search_finds_nothing_whatever_it_is_asked():
    browser = Browser()
    browser.force_login(make_user(clients=[make_client()], role=Role.ADMIN))

    for query in ("s=orders", "s=orders&page=x", "s=orders&extended=1", ""):
        answer = browser.get(f"/admin/search/?{query}")
        assert (answer.status_code, answer.content) == (200, b"")
