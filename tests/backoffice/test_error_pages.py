"""What people read where a page is refused, missing or broken."""

from html import unescape

import pytest
from django.test import Client as Browser
from django.urls import reverse

from apps.users.roles import Role
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db


def signed_in(role=Role.ANALYST, **options):
    browser = Browser(**options)
    browser.force_login(make_user(clients=[make_client()], role=role))
    return browser


def text(page):
    return unescape(page.content.decode())


def test_a_page_of_another_role_says_whom_to_ask():
    page = signed_in().get("/admin/platforms/apicall/")

    assert page.status_code == 403
    assert "ask an Admin of the shop" in text(page)
    assert 'href="/"' in text(page)


def test_a_missing_page_says_no_more_than_that():
    page = signed_in().get("/platforms/shops/4711/first-pull/Quokka/")

    assert page.status_code == 404
    assert "There is no such page" in text(page)
    assert "Quokka" not in text(page)


def test_a_form_without_its_cookie_is_too_old():
    page = signed_in(enforce_csrf_checks=True).post(reverse("users:preview_stop"))

    assert page.status_code == 403
    assert "Nothing was changed." in text(page)


def test_a_broken_page_tells_nothing_of_the_reason(monkeypatch):
    def broken(request):
        raise ValueError("secret reason")

    monkeypatch.setattr("apps.backoffice.views.roles_of", broken)

    page = signed_in(raise_request_exception=False).get("/start/")

    assert page.status_code == 500
    assert "Something broke on our side." in text(page)
    assert "secret reason" not in text(page)


def test_who_looks_as_another_finds_the_way_back_on_a_refusal():
    team = make_client()
    admin = make_user("admin", clients=[team], role=Role.ADMIN)
    partner = make_user("partner", clients=[team], role=Role.CREATOR_PARTNER)
    browser = Browser()
    browser.force_login(admin)
    browser.post(reverse("users:preview_start", args=[partner.pk]))

    page = browser.get("/admin/orders/order/")

    assert page.status_code == 403
    assert reverse("users:preview_stop") in text(page)
