"""The page of rates: what is missing, what is typed, who may."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from apps.finance.models import ExchangeRate
from apps.finance.services import rate_loading
from apps.finance.services.rate_state import currency_states
from apps.integrations.rates.quotes import Quote
from apps.users.services.audit import By
from tests.factories.platforms import make_shop
from tests.factories.users import make_client, make_user

pytestmark = pytest.mark.django_db
PAGE = "/admin/finance/exchangerate/"
Source = ExchangeRate.Source
CSV = b"Date,USD,\n2025-12-05,1.1645,\n"


@pytest.fixture
def boss(client):
    user = make_user("boss", is_superuser=True)
    client.force_login(user)
    return user


def load(*days, currency="GBP"):
    quotes = [Quote(day, currency, Decimal("0.874")) for day in days]
    rate_loading.load(quotes, Source.ECB, by=By())


def shown(client, **query):
    page = client.get(PAGE, query)
    assert page.status_code == 200
    return " ".join(page.content.decode().split())


def upload(client, content=CSV, **fields):
    file = SimpleUploadedFile("rates.csv", content)
    answer = client.post(f"{PAGE}file/", {"file": file} | fields, follow=True)
    return " ".join(answer.content.decode().split())


def test_a_gap_is_longer_than_a_long_weekend():
    make_shop(region="GB")
    make_shop(region="VN")
    make_shop(region="DE")
    friday = date(2025, 11, 28)
    load(friday, friday + timedelta(4), friday + timedelta(9))

    vnd, gbp = currency_states(friday + timedelta(10))

    assert (vnd.currency, vnd.newest, vnd.is_late) == ("VND", None, True)
    assert (gbp.age_days, gbp.is_late) == (1, False)
    assert gbp.gaps == ((friday + timedelta(5), friday + timedelta(8)),)


def test_the_page_says_what_is_missing(client, boss):
    make_shop(region="VN")
    make_shop(region="GB")
    load(timezone.now().date())

    page = shown(client)

    assert "None" in page
    assert "GBP 0.874" in page
    assert "European Central Bank" in page


def test_an_empty_table_says_when_rates_come(client, boss):
    assert "No rates yet." in shown(client)
    assert "No rates match these filters." in shown(client, currency="USD")


def test_filters_narrow_the_list(client, boss):
    load(date(2025, 12, 5), date(2025, 12, 8))

    page = shown(client, currency="gbp", since="2025-12-06", source="ecb")

    assert "Dec. 8, 2025" in page
    assert "Dec. 5, 2025" not in page


def test_a_rate_is_typed_shown_and_let_go(client, boss):
    form = {
        "on": "2025-12-05",
        "currency": "vnd",
        "per_euro": "30500.5",
        "reason": "The bank's statement",
    }

    client.post(f"{PAGE}type/", form)

    rate = ExchangeRate.objects.get()
    assert (rate.currency, rate.per_euro) == ("VND", Decimal("30500.5"))
    assert "boss: The bank&#x27;s statement" in shown(client)
    client.post(f"{PAGE}{rate.pk}/let-go/")
    assert not ExchangeRate.objects.exists()


def test_what_is_wrong_with_a_typed_rate_is_said(client, boss):
    form = {"on": "2025-12-05", "currency": "EUR", "per_euro": "1", "reason": "so"}

    euro = client.post(f"{PAGE}type/", form, follow=True).content.decode()
    blank = client.post(f"{PAGE}type/", {}, follow=True).content.decode()

    assert "One euro is one euro." in euro
    assert "Date: This field is required." in blank


def test_a_file_is_compared_before_it_is_read(client, boss):
    compared = upload(client, is_dry_run="on")

    assert "1 rates from 2025-12-05 to 2025-12-05: 1 new" in compared
    assert "Nothing was written." in compared
    assert not ExchangeRate.objects.exists()
    assert "1 new" in upload(client)
    assert ExchangeRate.objects.get().source_text == "rates.csv"
    assert "Nothing was read. The first column is not" in upload(client, b"Day\n")


def test_analysts_look_and_only_superusers_change(client):
    analyst = make_user(clients=[make_client()], role="analyst")
    packer = make_user(clients=[make_client()], role="order_fulfillment")
    load(timezone.now().date())
    client.force_login(analyst)

    page = shown(client)
    refused = client.post(f"{PAGE}type/", {})

    assert "GBP 0.874" in page
    assert "Type a rate" not in page
    assert refused.status_code == 403
    client.force_login(packer)
    assert client.get(PAGE).status_code == 403


def test_a_page_of_rates_asks_a_fixed_number_of_questions(
    client, boss, django_assert_num_queries
):
    make_shop(region="GB")
    today = timezone.now().date()
    load(*(today - timedelta(back) for back in range(60)))
    client.get(PAGE)

    with django_assert_num_queries(14):
        client.get(PAGE)
