"""The page where people make and revoke their tokens."""

import re

import pytest
from django.test import Client as Browser

from apps.users.models import ApiToken, AuditEntry
from apps.users.services.tokens import MOST_TOKENS, make_token
from tests.api.support import Caller
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db
PAGE = "/account/tokens/"


@pytest.fixture
def user():
    return make_user("noor")


@pytest.fixture
def browser(user) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def test_a_new_token_is_shown_once_and_works(browser, user):
    page = browser.post(
        PAGE, {"name": "Warehouse", "days": "30", "scopes": ["me:read", "orders:read"]}
    )

    (token,) = re.findall(r'value="(sd_[0-9a-f]+)"', page.content.decode())
    assert page["Cache-Control"].startswith("max-age=0")
    answer = Browser().get("/api/v1/me/", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["username"] == "noor"
    again = browser.get(PAGE).content.decode()
    assert token not in again
    assert f"ends …{token[-4:]}" in again
    assert "Warehouse" in again
    assert "See orders, without their buyers" in again
    entry = AuditEntry.objects.get(verb="made an API token")
    assert token not in str(entry.details)


def test_only_a_digest_of_the_token_is_kept(user):
    row, token = make_token(user, "Warehouse", ["me:read"], days=30)

    kept = str(ApiToken.objects.values().get(pk=row.pk))

    assert token not in kept
    assert token[15:] not in kept


def test_a_token_without_scopes_is_not_made(browser):
    page = browser.post(PAGE, {"name": "Warehouse", "days": "30"})

    assert "Choose what the token is for." in page.content.decode()
    assert not ApiToken.objects.exists()


def test_somebody_with_too_many_tokens_is_told_to_revoke_one(browser, user):
    for number in range(MOST_TOKENS):
        make_token(user, f"Program {number}", ["me:read"], days=1)

    page = browser.post(PAGE, {"name": "More", "days": "7", "scopes": ["me:read"]})

    assert "Revoke one that is no longer used." in page.content.decode()
    assert ApiToken.objects.count() == MOST_TOKENS


def test_a_revoked_token_is_refused_at_once(browser, user):
    program = Caller(user)
    assert program.get("me/").status_code == 200

    answer = browser.post(f"{PAGE}{program.row.pk}/revoke/")

    assert answer.status_code == 302
    assert program.get("me/").status_code == 401
    assert AuditEntry.objects.filter(verb="revoked an API token").exists()


def test_nobody_sees_or_revokes_the_token_of_somebody_else(browser):
    other = Caller(make_user())

    page = browser.get(PAGE).content.decode()
    foreign = browser.post(f"{PAGE}{other.row.pk}/revoke/")
    missing = browser.post(f"{PAGE}999999/revoke/")

    assert f"ends …{other.row.ends_with}" not in page
    assert foreign.status_code == missing.status_code == 404
    assert other.get("me/").status_code == 200


def test_the_page_is_for_those_who_are_signed_in():
    answer = Browser().get(PAGE)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")
