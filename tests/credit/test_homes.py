"""What was made to hold an applicant's shops is nobody's client."""

import importlib

import pytest
from django.apps import apps
from django.http import QueryDict
from django.urls import reverse

from apps.backoffice.admin.analytics.filters import AnalyticsFilters
from apps.credit.services.consenting.granting import home_of
from apps.platforms.models import Shop
from apps.users.models import Client
from tests.credit.selling import make_applicant, make_read_shop
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def home():
    lender = make_client("Harbour Credit")
    home = home_of(make_applicant(lender))
    make_read_shop(home, name="Their Lamps")
    make_read_shop(lender, name="Harbour Lamps")
    return home


@pytest.fixture
def superuser(client):
    user = make_user("walker", is_superuser=True)
    client.force_login(user)
    return user


@pytest.mark.parametrize(
    "address",
    [
        "admin:users_client_changelist",
        "admin:users_membership_changelist",
        "admin:credit_applicant_changelist",
        "admin:credit_applicant_add",
        "admin:backoffice_analytics_changelist",
        "admin:inventory_stocklevel_changelist",
        "admin:products_product_changelist",
        "platforms:connect",
    ],
)
def test_superusers_find_it_in_no_list_and_no_choice_of_clients(
    client, superuser, home, address
):
    page = client.get(reverse(address), follow=True).content.decode()

    assert "Harbour Credit" in page
    assert str(home) not in page


@pytest.mark.parametrize(
    "address",
    ["admin:platforms_shop_changelist", "admin:sync_syncdashboard_changelist"],
)
def test_no_filter_of_shops_offers_it(client, superuser, home, address):
    page = client.get(reverse(address), follow=True).content.decode()

    assert "Harbour Credit</option>" in page
    assert f"{home}</option>" not in page


def test_the_api_lists_and_takes_companies_alone(client, superuser, home):
    listed = client.get("/api/v1/clients/").json()["results"]
    asked = client.get("/api/v1/shops/", {"client": home.pk})

    assert [one["name"] for one in listed] == ["Harbour Credit"]
    assert client.get(f"/api/v1/clients/{home.pk}/").status_code == 404
    assert asked.status_code == 400


def test_what_applicants_sell_is_in_no_sum_over_shops(superuser, home):
    shops = AnalyticsFilters(QueryDict(), superuser).shops()

    assert [shop.name for shop in shops] == ["Harbour Lamps"]
    names = [shop.name for shop in Shop.objects.visible_to(superuser)]
    assert names == ["Harbour Lamps", "Their Lamps"]


def test_those_made_before_are_marked():
    home, company = make_client("Applicant 7"), make_client("Applicant Ltd")
    make_applicant(company, home=home)
    migration = importlib.import_module(
        "apps.credit.migrations.0006_homes_are_no_companies"
    )

    migration.mark(apps, None)

    assert list(Client.objects.companies()) == [company]
    home.refresh_from_db()
    assert home.is_applicant
