"""Clients are set up as lenders by those who score their applicants."""

import pytest

from apps.credit.models import Lender
from apps.users.models import AuditEntry
from tests.credit.consent_support import BACK, make_lender
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db
PAGE = "/admin/credit/lender/"
FORM = {
    "slug": "harbour",
    "is_open": "on",
    "return_url": BACK,
    "hook_address": "https://lender.example.com/hook",
    "keep_days": "400",
}


@pytest.fixture
def company():
    return make_client("Harbour Credit")


@pytest.fixture
def admin(client, company):
    user = make_user(clients=[company], role="admin")
    client.force_login(user)
    return user


def text_of(response):
    return " ".join(response.content.decode().split())


def test_a_lender_is_set_up_and_its_secret_is_told_once(client, company, admin):
    assert "No client lends yet." in text_of(client.get(PAGE))

    told = client.post(f"{PAGE}add/", FORM | {"client": company.pk})

    lender = Lender.objects.get()
    assert lender.hook_secret in text_of(told)
    page = text_of(client.get(f"{PAGE}{lender.pk}/change/"))
    assert lender.hook_secret not in page
    assert f"ends …{lender.hook_secret[-4:]}" in page
    assert "/api/v1/credit/connect?lender=harbour" in page
    assert AuditEntry.objects.filter(verb="set a client up as a lender").exists()


def test_settings_are_changed_and_the_secret_renewed(client, company, admin):
    lender = make_lender(company, hook_secret="old-secret")
    page = f"{PAGE}{lender.pk}/change/"

    client.post(page, FORM | {"keep_days": "90", "is_open": ""})
    client.post(f"{PAGE}{lender.pk}/secret/")

    lender.refresh_from_db()
    assert (lender.keep_days, lender.is_open) == (90, False)
    assert lender.hook_secret != "old-secret"
    entry = AuditEntry.objects.get(verb="changed a lender's settings")
    assert entry.details["changed"] == ["hook_address", "is_open", "keep_days"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"hook_address": "https://me:pw@lender.example.com/"}, "Leave name and"),
        ({"keep_days": "5"}, "greater than or equal to 30"),
        ({"return_url": "nowhere"}, "valid URL"),
    ],
)
def test_what_cannot_be_is_said(client, company, admin, wrong, words):
    answer = client.post(f"{PAGE}add/", FORM | {"client": company.pk} | wrong)

    assert words in text_of(answer)
    assert not Lender.objects.exists()


def test_a_stranger_finds_no_lender(client, company):
    lender = make_lender(company)
    client.force_login(make_user(clients=[make_client()], role="admin"))

    page = client.get(f"{PAGE}{lender.pk}/change/", follow=True)
    post = client.post(f"{PAGE}{lender.pk}/secret/", follow=True)

    assert "Perhaps it was deleted" in page.content.decode()
    assert "Perhaps it was deleted" in post.content.decode()
    assert "Harbour Credit" not in text_of(client.get(PAGE))
    client.force_login(make_user(clients=[company], role="analyst"))
    assert client.get(PAGE).status_code == 403
