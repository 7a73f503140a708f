"""Where people land after signing in."""

from html import unescape

import pytest
from django.test import Client as Browser
from django.urls import reverse

from apps.platforms.models import ShopRole
from apps.users.models import Membership
from apps.users.roles import Role
from tests.factories.platforms import make_shop
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db

ORDERS = reverse("admin:orders_order_changelist")
SHOPS = reverse("admin:platforms_shop_changelist")
REPORTS = "/admin/credit/creditreport/"
START = reverse("start")


def landed(user):
    browser = Browser()
    browser.force_login(user)
    address = browser.get("/")["Location"]
    assert browser.get(address).status_code == 200
    return address


@pytest.mark.parametrize(
    ("role", "address"),
    [
        (Role.ADMIN, ORDERS),
        (Role.ORDER_FULFILLMENT, f"{ORDERS}?tab=ship-24h"),
        (Role.ANALYST, f"{ORDERS}?tab=all"),
        (Role.CONTENT_MANAGER, SHOPS),
        (Role.CREATOR_PARTNER, START),
        (Role.UNDERWRITER, REPORTS),
    ],
)
def test_work_begins_where_the_role_has_it(role, address):
    assert landed(make_user(clients=[make_client()], role=role)) == address


def test_a_role_at_one_shop_counts_too():
    shop = make_shop()
    person = make_user(clients=[shop.client])
    member = Membership.objects.get(user=person)
    ShopRole.objects.create(membership=member, shop=shop, role=Role.ORDER_FULFILLMENT)

    assert landed(person) == f"{ORDERS}?tab=ship-24h"


@pytest.mark.parametrize(
    ("permission", "address"),
    [("view_analytics", ORDERS), ("manage_logistics", SHOPS), ("view_products", START)],
)
def test_without_a_role_it_is_the_first_page_one_may_see(permission, address):
    person = make_user(clients=[make_client()], permissions=[permission])

    assert landed(person) == address


@pytest.mark.parametrize(
    ("role", "words"),
    [
        (Role.UNDERWRITER, "No report has been shared with you yet."),
        (Role.CREATOR_PARTNER, "There is nothing of yours yet."),
        ("", "You work for nobody yet"),
    ],
)
def test_the_empty_start_page_says_why_it_is_empty(role, words):
    browser = Browser()
    browser.force_login(make_user(clients=[make_client()], role=role))

    assert words in unescape(browser.get(START).content.decode())


def test_who_left_an_inactive_client_behind_has_no_work():
    client = make_client()
    person = make_user(clients=[client], role=Role.ADMIN)
    client.is_active = False
    client.save()

    assert landed(person) == START


def test_strangers_are_asked_to_sign_in_and_come_to_the_work(client, superuser):
    superuser.set_password("a long enough password")
    superuser.save()
    page = client.get("/", follow=True)
    assert page.redirect_chain[-1][0].startswith(reverse("admin:login"))

    signed_in = client.post(
        reverse("admin:login"),
        {"username": superuser.username, "password": "a long enough password"},
    )

    assert signed_in["Location"] == "/"
