"""Looking at the pages as a colleague sees them, unable to do anything."""

from html import unescape

import pytest
from django.db import connection
from django.test import Client as Browser
from django.urls import reverse

from apps.orders.models import Buyer
from apps.platforms.models import ConnectAttempt, Shop
from apps.users.models import AuditEntry, Membership, User
from apps.users.roles import Role
from apps.users.services.preview import people_seen_by
from tests.factories.orders import make_order
from tests.factories.platforms import make_api_app, make_shop
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db

ORDERS = "/admin/orders/order/"
SHOPS = "/admin/platforms/shop/"


@pytest.fixture
def team():
    return make_client("Northwind")


@pytest.fixture
def shop(team):
    return make_shop(team, name="Main Store")


@pytest.fixture
def admin(team):
    return make_user("admin", clients=[team], role=Role.ADMIN)


@pytest.fixture
def packer(team):
    return make_user("packer", clients=[team], role=Role.ORDER_FULFILLMENT)


def looking(viewer, person):
    browser = Browser()
    browser.force_login(viewer)
    answer = browser.post(reverse("users:preview_start", args=[person.pk]))
    assert answer.status_code == 302
    return browser


def text(page):
    return unescape(page.content.decode())


def test_one_sees_what_the_other_sees_and_is_told_so(admin, packer, shop):
    browser = looking(admin, packer)

    page = browser.get(SHOPS)

    assert "You see Shopdesk as <strong>packer</strong> does." in text(page)
    assert "+ Add Shop" not in text(page)
    assert browser.get("/admin/platforms/apicall/").status_code == 403


def test_it_ends_with_a_button_and_both_are_in_the_trail(admin, packer, shop):
    browser = looking(admin, packer)

    page = browser.post(reverse("users:preview_stop"), follow=True)

    assert "You are yourself again, no longer packer." in text(page)
    assert "You see Shopdesk as" not in text(browser.get(SHOPS))
    verbs = AuditEntry.objects.order_by("pk").values_list("verb", "actor__username")
    assert list(verbs) == [("began to see as", "admin"), ("ceased to see as", "admin")]


def test_the_other_ones_other_clients_stay_closed(admin, packer, shop):
    elsewhere = make_client("Quokka")
    make_shop(elsewhere, name="Quokka Store")
    Membership.objects.create(user=packer, client=elsewhere, role=Role.ADMIN)

    page = looking(admin, packer).get(SHOPS)

    assert "Main Store" in text(page)
    assert "Quokka" not in text(page)


def test_nobody_gains_by_it_what_they_lack_themselves(team, shop):
    recruiter = make_user("r", clients=[team], permissions=["manage_team"])
    packer = make_user("packer", clients=[team], role=Role.ORDER_FULFILLMENT)
    order = make_order(shop, recipient_name="Ahmad Lim")

    browser = looking(recruiter, packer)

    assert browser.get(ORDERS).status_code == 403
    assert browser.get(f"{ORDERS}{order.pk}/change/").status_code == 403


@pytest.mark.parametrize(
    "address", [f"{SHOPS}{{pk}}/do/pause/", "/platforms/links/", "/account/preview/1/"]
)
def test_nothing_can_be_sent_off(admin, packer, shop, address):
    other = make_user("another admin", clients=[shop.client], role=Role.ADMIN)
    browser = looking(admin, other)

    answer = browser.post(address.format(pk=shop.pk), {"days": "7"})

    assert answer.status_code == 403
    assert "Only looking" in text(answer)
    assert Shop.objects.get(pk=shop.pk).state == Shop.State.CONNECTED


@pytest.mark.django_db(transaction=True)  # the page's own transaction ends with it
def test_a_page_that_writes_when_it_is_opened_does_not(admin, shop):
    other = make_user("another admin", clients=[shop.client], role=Role.ADMIN)
    app = make_api_app()
    browser = looking(admin, other)

    answer = browser.get(
        "/platforms/tiktok/callback/", {"code": "x", "app_key": app.app_key}
    )

    assert answer.status_code == 403
    assert "Only looking" in text(answer)
    assert not ConnectAttempt.objects.exists()


def test_what_is_held_about_the_person_everywhere_is_not_for_the_viewer(admin, packer):
    page = reverse("backoffice:person", args=[packer.pk])

    assert looking(admin, packer).get(page).status_code == 403
    owner = Browser()
    owner.force_login(packer)
    assert owner.get(page).status_code == 200


def test_a_role_elsewhere_is_not_told(admin, packer):
    elsewhere = make_client("Quokka")
    Membership.objects.create(user=packer, client=elsewhere, role=Role.UNDERWRITER)
    words = "No report has been shared with you yet."
    owner = Browser()
    owner.force_login(packer)

    assert words in text(owner.get("/start/"))
    assert words not in text(looking(admin, packer).get("/start/"))


def test_every_statement_that_writes_is_stopped(admin, packer, shop, monkeypatch):
    def writes(*args, **kwargs):
        with connection.cursor() as cursor:
            cursor.execute(
                f'UPDATE "{Shop._meta.db_table}" SET name = %s',  # noqa: S608
                ["changed"],
            )

    monkeypatch.setattr("apps.platforms.admin.shop._sum_of", writes)
    browser = looking(admin, packer)

    assert browser.get(SHOPS).status_code == 403
    assert Shop.objects.get(pk=shop.pk).name == "Main Store"


def test_what_is_seen_is_noted_for_the_one_who_looks(admin, packer, shop):
    order = make_order(
        shop, buyer=Buyer.objects.create(shop=shop, username="lamp_lover")
    )

    page = looking(admin, packer).get(f"{ORDERS}{order.pk}/change/")

    assert "lamp_lover" in text(page)
    entry = AuditEntry.objects.get(verb="saw the buyer")
    assert (entry.actor, entry.details) == (admin, {"seen_as": "packer"})


def test_who_may_see_as_whom(team, admin, packer, superuser):
    stranger = make_user("stranger", clients=[make_client()], role=Role.ADMIN)
    gone = make_user("gone", clients=[team])
    gone.is_active = False
    gone.save()

    assert set(people_seen_by(admin)) == {packer}
    assert set(people_seen_by(superuser)) == {admin, packer, stranger}
    assert set(people_seen_by(packer)) == set()


def test_a_stranger_is_like_nobody(admin):
    stranger = make_user("stranger", clients=[make_client()])
    browser = Browser()
    browser.force_login(admin)

    answers = [
        browser.post(reverse("users:preview_start", args=[pk]))
        for pk in (stranger.pk, 10**9)
    ]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_it_ends_when_the_team_is_no_longer_theirs(admin, packer, shop):
    browser = looking(admin, packer)
    Membership.objects.filter(user=packer).delete()

    page = browser.get(SHOPS)

    assert "You see Shopdesk as" not in text(page)
    assert "+ Add Shop" in text(page)


def test_the_account_pages_stay_their_owners(admin, packer):
    browser = looking(admin, packer)

    answer = browser.post("/account/preview/stop/nowhere/")

    assert answer.status_code == 403
    assert User.objects.get(pk=packer.pk).username == "packer"
