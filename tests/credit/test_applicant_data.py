"""Staff carry out what an applicant may ask for."""

import pytest

from apps.credit.models import Applicant, Score
from apps.platforms.models import Shop
from apps.users.models import Client
from tests.credit.consent_support import make_lender
from tests.credit.selling import make_applicant, make_read_shop
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def applicant():
    home = Client.objects.create(name="Applicant at home", is_applicant=True)
    shop = make_read_shop(home)
    client = make_lender().client
    return make_applicant(client, reference="A-17", home=home, shops=[shop])


@pytest.fixture
def page(applicant):
    return f"/admin/credit/applicant/{applicant.pk}"


def sign_in(client, applicant, role="admin"):
    client.force_login(make_user(clients=[applicant.client], role=role))


def test_a_copy_an_end_and_to_be_forgotten(client, applicant, page):
    sign_in(client, applicant)
    shown = client.get(f"{page}/change/").content.decode()
    assert "Download all that is held" in shown

    told = client.post(f"{page}/data/")
    client.post(f"{page}/part/")
    wrong = client.post(f"{page}/erase/", {"typed": "A-18"}, follow=True)

    assert told.json()["applicant"]["reference"] == "A-17"
    assert "attachment" in told.headers["Content-Disposition"]
    assert Shop.objects.get().state == Shop.State.DISCONNECTED
    assert "Type “A-17” to erase" in wrong.content.decode()
    client.post(f"{page}/erase/", {"typed": "A-17"})
    assert Applicant.objects.get().erased_at is not None
    assert not Shop.objects.exists()
    assert "Erase the applicant" not in client.get(f"{page}/change/").content.decode()


@pytest.mark.parametrize("deed", ["data", "part", "erase"])
def test_nobody_else_does_it(client, applicant, page, deed):
    sign_in(client, applicant, "analyst")
    assert client.post(f"{page}/{deed}/", {"typed": "A-17"}).status_code == 403

    client.force_login(make_user(clients=[make_client()], role="admin"))
    refused = client.post(f"{page}/{deed}/", {"typed": "A-17"})

    assert refused.status_code == 302
    assert "change" not in refused.headers["Location"]
    assert Applicant.objects.get().erased_at is None
    assert Shop.objects.get().state == Shop.State.CONNECTED
    assert not Score.objects.exists()


def test_a_deed_is_not_done_by_looking(client, applicant, page):
    sign_in(client, applicant)

    assert client.get(f"{page}/erase/").status_code == 405
