"""The pages of people, for superusers alone: what goes through services, the trail."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from apps.users.models import AuditEntry, User
from apps.users.roles import Role
from tests.factories.platforms import make_shop
from tests.factories.team import as_user, give_role, make_member
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db

LIST = reverse("admin:users_user_changelist")
ADD = reverse("admin:users_user_add")
PASSWORD = "a long and odd sentence"


@pytest.fixture
def superuser():
    return make_user("root", is_superuser=True)


@pytest.fixture
def root(superuser):
    return signed_in(superuser)


def signed_in(user: Any) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def page_of(user: User) -> str:
    return reverse("admin:users_user_change", args=[user.pk])


def deed(user: User, name: str) -> str:
    return reverse("admin:users_user_act", args=[user.pk, name])


def words(page: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", unescape(page.content.decode()))
    return re.sub(r"\s+", " ", text)


def entries(verb: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(verb=verb))


def test_only_superusers_see_the_pages_of_people():
    boss = as_user(make_member(make_client(), Role.ADMIN))
    browser = signed_in(boss)

    for address in (LIST, ADD, page_of(boss)):
        assert browser.get(address).status_code == 403
    for name in ("shut-out", "make-superuser"):
        assert browser.post(deed(boss, name)).status_code == 403
    boss.refresh_from_db()
    assert not boss.is_superuser


def test_the_page_has_no_groups_permissions_or_switches_for_access(root):
    person = make_user()

    form = root.get(page_of(person)).context["adminform"].form

    assert set(form.fields) == {
        "username",
        "password",
        "first_name",
        "last_name",
        "email",
    }


def test_access_is_not_changed_by_the_form(root):
    person = make_user("person")
    data = {"username": "person", "is_superuser": "on", "is_active": ""}

    root.post(page_of(person), data)

    person.refresh_from_db()
    assert person.is_active
    assert not person.is_superuser


def test_the_page_lists_where_somebody_works(root):
    client = make_client("Northwind")
    shop = make_shop(client, name="Main")
    member = make_member(client, Role.ANALYST)
    give_role(member, shop, Role.ADMIN)

    page = root.get(page_of(member.user))

    assert "Northwind Analyst Main (MY): Admin" in words(page)
    address = reverse("admin:users_membership_change", args=[member.pk])
    assert address in page.content.decode()
    assert "No client yet. Invite them" in words(root.get(page_of(make_user())))


def test_somebody_is_shut_out_and_let_in_again(root, superuser):
    person = make_member(make_client(), Role.ANALYST).user
    browser = signed_in(person)

    page = root.post(deed(person, "shut-out"), follow=True)

    assert f"{person} is shut out, at once." in words(page)
    assert "Let in again" in words(page)
    assert browser.get(reverse("admin:index")).status_code == 302
    page = root.post(deed(person, "let-in"), follow=True)
    assert "may sign in again" in words(page)
    person.refresh_from_db()
    assert person.is_active
    assert entries("shut out")[0].details == {"active": [True, False]}
    assert entries("let in")[0].actor == superuser


def test_the_last_admin_of_a_shop_is_not_shut_out(root):
    client = make_client()
    shop = make_shop(client)
    boss = make_member(client, Role.ADMIN).user

    page = root.post(deed(boss, "shut-out"), follow=True)

    assert f"{shop} would be left without an Admin." in words(page)
    boss.refresh_from_db()
    assert boss.is_active


def test_a_superuser_is_made_and_unmade_with_an_entry(root):
    person = make_user(is_staff=False)

    root.post(deed(person, "make-superuser"))
    person.refresh_from_db()
    assert person.is_superuser
    assert signed_in(person).get(LIST).status_code == 200

    root.post(deed(person, "end-superuser"))
    person.refresh_from_db()
    assert not person.is_superuser
    assert entries("made superuser")[0].details == {"superuser": [False, True]}
    assert entries("made no longer superuser")[0].details == {
        "superuser": [True, False]
    }


def test_nobody_shuts_out_or_demotes_themselves_so_one_superuser_stays(root, superuser):
    assert "This is you." in words(root.get(page_of(superuser)))

    for name in ("shut-out", "end-superuser"):
        page = root.post(deed(superuser, name), follow=True)
        assert "yourself" in words(page)

    superuser.refresh_from_db()
    assert superuser.is_active
    assert superuser.is_superuser


def test_the_add_form_asks_for_an_address_and_the_trail_knows(root):
    data = {"username": "new", "password1": PASSWORD, "password2": PASSWORD}

    refused = root.post(ADD, data)
    assert "This field is required." in words(refused)
    root.post(ADD, data | {"email": "new@example.com"})

    person = User.objects.get(username="new")
    assert (person.email, person.is_staff) == ("new@example.com", True)
    assert not person.is_superuser
    assert person.check_password(PASSWORD)
    assert entries("added a person")[0].target_id == str(person.pk)


def test_an_address_belongs_to_one_person_whatever_its_case(root):
    person = make_user()
    person.email = "new@example.com"
    person.save()
    data = {"username": "other", "password1": PASSWORD, "password2": PASSWORD}

    page = root.post(ADD, data | {"email": "NEW@example.com"})

    assert "Somebody has this address already." in words(page)
    assert not User.objects.filter(username="other").exists()


def test_what_changed_of_a_person_is_in_the_trail(root, superuser):
    person = make_user("person")
    data = {"username": "renamed", "first_name": "Ana", "last_name": "", "email": ""}

    root.post(page_of(person), data)

    (entry,) = entries("changed a person")
    assert entry.actor == superuser
    assert entry.details["changes"] == {
        "username": ["person", "renamed"],
        "first_name": ["", "Ana"],
    }


def test_a_password_set_by_a_superuser_is_in_the_trail_without_it(root):
    person = make_user()
    address = reverse("admin:auth_user_password_change", args=[person.pk])

    root.post(address, {"password1": "short", "password2": "short"})
    assert entries("set somebody's password") == []
    root.post(address, {"password1": PASSWORD, "password2": PASSWORD})

    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    (entry,) = entries("set somebody's password")
    assert PASSWORD not in str(entry.details)


def test_reading_the_addresses_of_deeds_does_nothing(root):
    person = make_user()

    assert root.get(deed(person, "shut-out")).status_code == 405
    assert root.post(deed(person, "explode")).status_code == 404
    assert root.post(deed(User(pk=10**9), "shut-out")).status_code == 302
    person.refresh_from_db()
    assert person.is_active
