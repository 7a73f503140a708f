"""One's own account: what it says, and what may be changed with what."""

from html import unescape

import pytest
from axes.models import AccessAttempt

from apps.platforms.models import ShopRole
from apps.users.models import AuditEntry, User
from apps.users.roles import Role
from tests.factories.platforms import make_shop
from tests.factories.users import make_client
from tests.users.signin_support import PASSWORD, make_person, sign_in

pytestmark = pytest.mark.django_db

ACCOUNT = "/account/"
CHANGE = "/account/password/"
NEW = "another long pass phrase"


@pytest.fixture
def person():
    return make_person(clients=[make_client("Northwind")], role=Role.ANALYST)


@pytest.fixture
def browser(client, person):
    sign_in(client)
    return client


def html(answer):
    assert answer.status_code in (200, 429)
    return unescape(answer.content.decode())


def test_strangers_sign_in_first_and_come_back(client):
    for address in (ACCOUNT, CHANGE, "/account/two-factor/"):
        assert client.get(address)["Location"] == f"/admin/login/?next={address}"


def test_the_page_says_who_one_is_and_what_one_may_do_where(browser, person):
    shop = make_shop(person.memberships.get().client, name="Harbour Store")
    ShopRole.objects.create(
        membership=person.memberships.get(), shop=shop, role=Role.ORDER_FULFILLMENT
    )
    make_shop(make_client("Quokka"), name="Quokka Store")

    page = html(browser.get(ACCOUNT))

    for words in ("kim", "kim@example.com", "Northwind", "Analyst", "Harbour Store"):
        assert words in page
    assert "Order Fulfillment" in page
    assert "Quokka" not in page


def test_who_works_for_nobody_is_told_so(client):
    make_person()
    sign_in(client)

    assert "You work for no client yet" in html(client.get(ACCOUNT))


def test_the_menu_leads_to_the_page(browser):
    page = html(browser.get(ACCOUNT))

    assert f'href="{ACCOUNT}"' in page
    assert browser.get("/admin/password_change/")["Location"] == CHANGE


def test_one_changes_ones_own_name(browser, person):
    data = {"deed": "name", "first_name": "Kim", "last_name": "Oz", "username": "root"}
    answer = browser.post(ACCOUNT, {**data, "is_superuser": "on"})

    assert answer["Location"] == ACCOUNT
    person.refresh_from_db()
    assert (person.get_full_name(), person.username) == ("Kim Oz", "kim")
    assert not person.is_superuser


def test_the_address_changes_with_the_password_alone(browser, person):
    data = {"deed": "email", "email": "new@example.com"}
    for wrong in ({}, {"password": "not mine"}):
        assert browser.post(ACCOUNT, data | wrong).status_code == 200
        person.refresh_from_db()
        assert person.email == "kim@example.com"

    answer = browser.post(ACCOUNT, data | {"password": PASSWORD})

    assert answer["Location"] == ACCOUNT
    person.refresh_from_db()
    assert person.email == "new@example.com"
    entry = AuditEntry.objects.latest("pk")
    assert (entry.verb, entry.actor) == ("changed their e-mail address", person)
    assert entry.details == {}


def test_an_address_somebody_has_is_refused(browser, person):
    make_person("lee")
    data = {"deed": "email", "email": "LEE@example.com", "password": PASSWORD}

    page = html(browser.post(ACCOUNT, data))

    assert "Somebody has this address already." in page
    assert User.objects.get(pk=person.pk).email == "kim@example.com"


def test_a_new_password_takes_the_old_one(browser, person):
    new = {"new_password1": NEW, "new_password2": NEW}
    assert "not your password" in html(browser.post(CHANGE, new | {"password": "x"}))

    answer = browser.post(CHANGE, new | {"password": PASSWORD})

    assert answer["Location"] == ACCOUNT
    person.refresh_from_db()
    assert person.check_password(NEW)
    assert browser.get(ACCOUNT).status_code == 200
    assert AuditEntry.objects.latest("pk").verb == "changed their password"


def test_a_weak_password_is_refused(browser, person):
    data = {"password": PASSWORD, "new_password1": "short", "new_password2": "short"}

    assert "at least 12 characters" in html(browser.post(CHANGE, data))
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_wrong_passwords_count_like_failed_sign_ins(browser, person):
    new = {"new_password1": NEW, "new_password2": NEW}
    for _ in range(5):
        browser.post(CHANGE, new | {"password": "a guess"})

    page = html(browser.post(CHANGE, new | {"password": PASSWORD}))

    assert "Too many wrong passwords" in page
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    entries = AuditEntry.objects.filter(verb="gave a wrong password", actor=person)
    assert entries.count() == 5


def test_nothing_that_was_typed_is_kept_where_failures_are_counted(browser):
    new = {"new_password1": NEW, "new_password2": NEW}
    browser.post(CHANGE, new | {"password": "a guess"})
    browser.post(
        ACCOUNT, {"deed": "email", "email": "x@example.com", "password": "a guess"}
    )

    (row,) = AccessAttempt.objects.values()
    for typed in (NEW, "a guess", "x@example.com", "kim"):
        assert typed not in str(row)


def test_the_page_asks_a_fixed_number_of_questions(
    browser, person, django_assert_num_queries
):
    browser.get(ACCOUNT)
    for number in range(3):
        company = make_client(f"Client {number}")
        member = person.memberships.create(client=company, role=Role.ANALYST)
        for _ in range(2):
            ShopRole.objects.create(
                membership=member, shop=make_shop(company), role=Role.ADMIN
            )

    with django_assert_num_queries(21):
        browser.get(ACCOUNT)
