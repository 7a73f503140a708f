"""The page behind an invitation's link: somebody new, somebody known, the wrong one."""

import logging
import re
import threading
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from apps.core.logging import Redact
from apps.platforms.models import Invitation
from apps.users.models import AuditEntry, Membership, User
from apps.users.roles import VIEW_SHOP, Role
from tests.factories.platforms import make_shop
from tests.factories.team import make_invitation, make_member
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db

PASSWORD = "a long and odd sentence"
CLOSED = "This invitation has been used, has expired or was taken back."
FORM = {
    "first_name": "Ana",
    "last_name": "Reyes",
    "password": PASSWORD,
    "again": PASSWORD,
}


def page_of(row: Invitation) -> str:
    return reverse("users:invitation", args=[row.token])


def words(page: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", unescape(page.content.decode()))
    return re.sub(r"\s+", " ", text)


def person(email: str = "new@example.com") -> User:
    user = make_user(email.split("@")[0])
    user.email = email
    user.save()
    return user


def signed_in_as(browser: Browser) -> str:
    return str(browser.session.get("_auth_user_id", ""))


def test_the_page_says_who_invites_to_what(client):
    boss = make_user("boss", is_superuser=True)
    boss.first_name, boss.last_name = "Bo", "Lund"
    boss.save()
    company = make_client("Northwind")
    row = make_invitation(
        company, shops=[make_shop(company, name="Main")], invited_by=boss
    )

    page = client.get(page_of(row))

    text = words(page)
    assert "Bo Lund invites new@example.com to work with Northwind" in text
    assert "Role Analyst Shops Main (MY)" in text
    assert "at least 12 characters" in text
    everywhere = words(client.get(page_of(make_invitation(company, "b@example.com"))))
    assert "Shops All shops of Northwind" in everywhere


def test_the_address_of_the_page_is_told_to_nobody_and_nothing_is_cached(client):
    row = make_invitation()

    for address in (page_of(row), reverse("users:invitation", args=["x"])):
        page = client.get(address)
        assert page.headers["Referrer-Policy"] == "strict-origin"
        assert "no-store" in page.headers["Cache-Control"]
    assert row.token not in client.get(page_of(row)).content.decode()


def test_somebody_new_makes_an_account_and_is_in(client):
    company = make_client("Northwind")
    shop = make_shop(company)
    row = make_invitation(company)

    page = client.post(page_of(row), FORM)

    assert page.headers["Location"] == reverse("landing")
    user = User.objects.get(username="new@example.com")
    assert signed_in_as(client) == str(user.pk)
    assert client.session["_auth_user_backend"] == "apps.users.backends.PasswordBackend"
    assert user.check_password(PASSWORD)
    assert user.has_perm(VIEW_SHOP, shop)
    follow = client.get(reverse("landing"), follow=True)
    assert "Welcome. You work for Northwind from now on." in words(follow)
    assert client.login(request=follow.wsgi_request, username=user.username,
                        password=PASSWORD)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"again": "something else entirely"}, "The two passwords differ."),
        ({"password": "short", "again": "short"}, "at least 12 characters"),
        ({"password": "new@example.com", "again": "new@example.com"}, "too similar"),
        ({"first_name": " "}, "This field is required."),
        ({"password": "x" * 5000, "again": "x" * 5000}, "at most 1000"),
        ({"first_name": "\x00"}, "Null characters are not allowed."),
    ],
)
def test_what_does_not_hold_is_said_and_makes_no_account(client, changes, told):
    row = make_invitation()

    page = client.post(page_of(row), FORM | changes)

    assert page.status_code == 200
    assert told in words(page)
    assert PASSWORD not in page.content.decode()
    assert not User.objects.filter(email=row.email).exists()
    row.refresh_from_db()
    assert row.accepted_at is None


def test_somebody_known_signs_in_first_and_comes_back(client):
    user = person()
    row = make_invitation()

    page = client.get(page_of(row))

    assert "There is an account for new@example.com. Sign in" in words(page)
    address = page.context["sign_in"]
    signed_in = client.post(
        address, {"username": user.username, "password": "a password"}
    )
    assert signed_in.headers["Location"] == page_of(row)
    assert "You are signed in as new." in words(client.get(page_of(row)))

    done = client.post(page_of(row))
    assert done.headers["Location"] == reverse("landing")
    assert user.memberships.get().role == Role.ANALYST


def test_posting_the_form_of_somebody_new_to_a_known_address_makes_nothing(client):
    user = person()
    row = make_invitation()

    page = client.post(page_of(row), FORM)

    assert "Sign in" in words(page)
    assert signed_in_as(client) == ""
    assert User.objects.filter(email=user.email).count() == 1
    assert not user.memberships.exists()
    user.refresh_from_db()
    assert not user.check_password(PASSWORD)


def test_the_wrong_account_is_told_so_and_can_sign_out(client):
    stranger = person("else@example.com")
    row = make_invitation()
    client.force_login(stranger)

    for page in (client.get(page_of(row)), client.post(page_of(row))):
        text = words(page)
        assert "signed in as else, and this invitation is for new@example.com" in text
        assert "Sign out" in text
    assert not stranger.memberships.exists()
    row.refresh_from_db()
    assert row.accepted_at is None

    out = client.post(reverse("admin:logout"), {"next": page_of(row)})
    assert out.headers["Location"] == page_of(row)
    assert "Make your account" in words(client.get(page_of(row)))


def test_a_member_is_told_that_they_are_one(client):
    company = make_client("Northwind")
    user = person()
    row = make_invitation(company)
    Membership.objects.create(user=user, client=company, role=Role.ANALYST)
    client.force_login(user)

    assert "You work for Northwind already." in words(client.post(page_of(row)))


def test_whatever_leads_nowhere_gets_the_same_answer(client):
    company = make_client()
    used = make_invitation(company, "a@example.com", accepted_at=timezone.now())
    expired = make_invitation(company, "b@example.com", expires_in=-timedelta(days=1))
    revoked = make_invitation(company, "c@example.com", revoked_at=timezone.now())
    orphan = make_invitation(company, "d@example.com")
    tokens = [row.token for row in (used, expired, revoked, orphan)]
    orphan.delete()
    tokens += [tokens[0][:-1] + "x", "x", "a:b:c", "%00", "é" * 300]

    answers = set()
    for token in tokens:
        for method in (client.get, client.post):
            page = method(f"/account/invitation/{token}/", FORM)
            answers.add((page.status_code, page.content))

    assert len(answers) == 1
    assert CLOSED in words(page)
    assert not User.objects.filter(first_name="Ana").exists()


def test_an_invitation_taken_back_while_the_page_was_open_gives_nothing(client):
    row = make_invitation()
    assert "Make your account" in words(client.get(page_of(row)))
    Invitation.objects.update(revoked_at=timezone.now())

    page = client.post(page_of(row), FORM)

    assert CLOSED in words(page)
    assert not User.objects.filter(email=row.email).exists()


def test_a_second_click_finds_the_way_to_sign_in(client):
    row = make_invitation()
    client.post(page_of(row), FORM)

    page = Browser().post(page_of(row), FORM)

    assert CLOSED in words(page)
    assert "If you have accepted it, sign in ." in words(page)
    assert User.objects.filter(email=row.email).count() == 1
    assert Membership.objects.count() == 1


def test_a_form_from_elsewhere_is_refused():
    row = make_invitation()
    browser = Browser(enforce_csrf_checks=True)
    browser.get(page_of(row))

    assert browser.post(page_of(row), FORM).status_code == 403

    assert not User.objects.filter(email=row.email).exists()


def test_the_token_is_in_no_log_line_and_no_entry(client, caplog):
    row = make_invitation()
    token = row.token
    browser = Browser(enforce_csrf_checks=True)

    with caplog.at_level(logging.DEBUG):
        client.get(page_of(row))
        client.get(page_of(row) + "more/")  # no such page: Django warns
        browser.post(page_of(row))  # a forged form: Django warns
        client.post(page_of(row), FORM)
    lines = []
    for record in caplog.records:
        Redact().filter(record)  # as the handler of every process does
        lines.append(record.getMessage())

    assert [line for line in lines if token in line] == []
    assert any("/account/invitation/***" in line for line in lines)
    for entry in AuditEntry.objects.all():
        assert token not in f"{entry.details} {entry.target_text}"


def test_a_failed_sign_in_keeps_no_link(client):
    """django-axes keeps what was asked with a failed sign-in."""
    person()
    row = make_invitation()
    address = client.get(page_of(row)).context["sign_in"]

    client.post(address, {"username": "new", "password": "a wrong password"})

    with connection.cursor() as cursor:
        cursor.execute("SELECT get_data, post_data FROM axes_accessattempt")
        kept = str(cursor.fetchall())
    assert "next" in kept
    assert row.token not in kept


def test_a_session_from_before_is_replaced(client):
    row = make_invitation()
    client.get(page_of(row))
    session = client.session
    session["planted"] = "x"
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before

    client.post(page_of(row), FORM)

    assert client.session.session_key != before


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_known", [False, True])
def test_two_browsers_at_once_make_one_account_and_one_membership(is_known):
    row = make_invitation()
    browsers = [Browser(), Browser()]
    if is_known:
        user = person()
        for browser in browsers:
            browser.force_login(user)
    barrier = threading.Barrier(2)
    answers: list[Any] = []

    def run(browser: Browser) -> None:
        try:
            barrier.wait()
            answers.append(browser.post(page_of(row), FORM))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[each]) for each in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert sorted(answer.status_code for answer in answers) == [200, 302]
    assert User.objects.filter(email=row.email).count() == 1
    assert Membership.objects.count() == 1
    assert AuditEntry.objects.filter(verb="accepted an invitation").count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_acceptance_and_a_revocation_at_once_end_in_one_of_them():
    company = make_client()
    boss = make_member(company, Role.ADMIN)
    row = make_invitation(company)
    address = reverse("admin:users_membership_invitation", args=[row.pk, "revoke"])
    invited, manager = Browser(), Browser()
    manager.force_login(boss.user)
    barrier = threading.Barrier(2)

    def run(browser: Browser, path: str) -> None:
        try:
            barrier.wait()
            browser.post(path, FORM)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=[invited, page_of(row)]),
        threading.Thread(target=run, args=[manager, address]),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    row.refresh_from_db()
    joined = Membership.objects.filter(user__email=row.email).exists()
    assert (row.accepted_at is None) != (row.revoked_at is None)
    assert joined == (row.accepted_at is not None)
