"""Rates in the table: whose word counts, what is missing, what is left out."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
import responses
import time_machine
from django.core.management import CommandError, call_command

from apps.finance.errors import RateRefused
from apps.finance.models import ExchangeRate
from apps.finance.services import rate_loading, rate_sources
from apps.finance.services.rates import base_sum, newest_rates, rate_table
from apps.finance.tasks import load_exchange_rates
from apps.integrations.rates.quotes import Quote
from apps.users.models import AuditEntry
from apps.users.services.audit import By
from tests.factories.platforms import make_shop
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db
Source = ExchangeRate.Source
DAY = date(2025, 12, 5)
BY = By(process="a test")


def usd(rate, on=DAY):
    return Quote(on, "USD", Decimal(rate))


def load(*quotes, source=Source.ECB, **options):
    return rate_loading.load(quotes, source, by=BY, **options)


def known(currency="USD", on=DAY):
    return ExchangeRate.objects.get(currency=currency, on=on)


def test_a_publication_read_twice_changes_nothing():
    first = load(usd("1.1645"), usd("1.1670", DAY - timedelta(1)))
    again = load(usd("1.1645"), usd("1.1670", DAY - timedelta(1)))

    assert (first.new, first.same) == (2, 0)
    assert (again.new, again.changed, again.same) == (0, 0, 2)
    assert ExchangeRate.objects.count() == 2


def test_a_corrected_publication_counts_and_is_written_down():
    load(usd("1.1645"))

    loaded = load(usd("1.1654"))

    assert loaded.changed == 1
    assert loaded.examples == [(DAY, "USD", Decimal("1.1645"), Decimal("1.1654"))]
    assert known().per_euro == Decimal("1.1654")
    assert AuditEntry.objects.get(verb="changed exchange rates").details["rates"] == 1


def test_a_dry_run_counts_and_writes_nothing():
    loaded = load(usd("1.1645"), dry_run=True)

    assert loaded.new == 1
    assert not ExchangeRate.objects.exists()


def test_what_contradicts_itself_is_refused_as_a_whole():
    other_day = usd("1.2", DAY - timedelta(1))

    with pytest.raises(RateRefused, match="two rates of USD on 2025-12-05"):
        load(other_day, usd("1.1645"), usd("1.1646"))

    assert not ExchangeRate.objects.exists()


def test_a_second_source_never_replaces_the_first():
    load(usd("1.1645"))

    loaded = load(usd("1.9"), source=Source.OTHER)

    assert loaded.kept == 1
    assert known().per_euro == Decimal("1.1645")
    assert load(usd("1.1645"), source=Source.ECB).same == 1


def test_a_typed_rate_stands_until_it_is_let_go():
    person = make_user()
    rate = rate_loading.type_in(
        DAY, "USD", Decimal("1.2"), "The bank's statement", By(person)
    )

    assert load(usd("1.1645")).kept == 1
    assert known().per_euro == Decimal("1.2")
    rate_loading.let_go(rate, By(person))
    assert load(usd("1.1645")).new == 1
    verbs = AuditEntry.objects.filter(actor=person).values_list("verb", flat=True)
    assert set(verbs) == {
        "typed an exchange rate",
        "let go of a typed exchange rate",
    }


@pytest.mark.parametrize(
    ("currency", "rate", "reason", "words"),
    [
        ("USD", "1.2", " ", "Say why"),
        ("EUR", "1", "so", "One euro is one euro"),
        ("ABC", "1", "so", "no currency"),
        ("USD", "-1", "so", "above zero"),
        ("USD", "1e-30", "so", "above zero"),
    ],
)
def test_a_rate_that_cannot_be_is_not_typed(currency, rate, reason, words):
    with pytest.raises(RateRefused, match=words):
        rate_loading.type_in(DAY, currency, Decimal(rate), reason, BY)

    assert not ExchangeRate.objects.exists()


def test_only_a_typed_rate_is_let_go():
    load(usd("1.1645"))

    with pytest.raises(RateRefused, match="not typed by hand"):
        rate_loading.let_go(known(), BY)


def test_a_sum_names_its_rates_and_what_it_leaves_out():
    load(usd("1.17"), Quote(DAY, "IDR", Decimal(19_400)))
    table = rate_table(DAY, DAY + timedelta(30))
    late = DAY + timedelta(8)

    total = base_sum(
        table,
        "USD",
        [
            (Decimal(97_000), "IDR", DAY),
            (Decimal(97_000), "IDR", DAY + timedelta(7)),
            (Decimal(100), "USD", late),
            (Decimal(5_000), "IDR", late),
            (Decimal(9), "VND", DAY),
        ],
    )

    assert total.amount == Decimal("111.70")
    assert total.left_out == {
        ("IDR", late): Decimal(5_000),
        ("VND", DAY): Decimal(9),
    }
    assert total.rates["IDR", DAY + timedelta(7)].rate_date == DAY
    assert total.is_provisional
    assert newest_rates(["USD", "VND"]) == {"USD": DAY}


def test_a_table_asks_once(django_assert_num_queries):
    load(usd("1.17"))

    with django_assert_num_queries(1):
        table = rate_table(DAY, DAY + timedelta(3), {"USD"})
        for back in range(4):
            table.convert(Decimal(1), "EUR", "USD", DAY + timedelta(back))


def test_rates_come_from_the_ecb_and_those_it_lacks_from_a_second_source(simulator):
    make_shop(region="VN")
    make_shop(region="GB")
    now = simulator.control("clock")["now"]

    with time_machine.travel(now, tick=True):
        load_exchange_rates()

        today = datetime.fromtimestamp(now, tz=UTC).date()
        newest = newest_rates(["USD", "GBP", "VND"])
        assert newest["USD"] == newest["GBP"] >= today - timedelta(4)
        assert newest["VND"] == today
        vnd = ExchangeRate.objects.filter(currency="VND")
        assert {row.source for row in vnd} == {Source.OTHER}
        assert vnd.count() == rate_sources.MOST_DAYS_AT_ONCE
        table = rate_table(today - timedelta(90), today)
        dong = table.convert(Decimal(30_480), "VND", "USD", today - timedelta(80))
        assert dong.amount_base is not None
        assert Decimal("1.0") < dong.amount_base < Decimal("1.3")
        before = ExchangeRate.objects.count()
        load_exchange_rates()
        assert ExchangeRate.objects.count() == before


@responses.activate
def test_a_publisher_that_is_away_leaves_everything_as_it_is(settings):
    settings.RATES_ECB_URL = "https://rates.example.com/ecb"
    settings.RATES_OTHER_URL = "https://rates.example.com/{date}"
    make_shop(region="VN")
    responses.get("https://rates.example.com/ecb/eurofxref-hist.zip", status=503)
    responses.get(
        url="https://rates.example.com/2025-12-05",
        json={"date": "2025-12-05", "eur": {"vnd": 30512.4}},
    )
    responses.get(re.compile(r"https://rates\.example\.com/2025-1.*"), status=404)

    with time_machine.travel("2025-12-05T18:00Z"):
        err = StringIO()
        with pytest.raises(SystemExit) as stopped:
            call_command("load_rates", days=2, stdout=StringIO(), stderr=err)

    assert stopped.value.code == 3
    assert "rates.example.com" in err.getvalue()
    assert list(ExchangeRate.objects.values_list("currency", flat=True)) == ["VND"]


def test_files_are_read_by_hand_and_a_missing_one_is_wrong_usage(tmp_path):
    path = tmp_path / "rates.csv"
    path.write_text("Date,USD,\n2025-12-05,1.1645,\n")
    out = StringIO()

    call_command("load_rates", str(path), "--json", stdout=out)

    assert '"new": 1' in out.getvalue()
    assert known().source == Source.FILE
    assert known().source_text == "rates.csv"
    with pytest.raises(CommandError) as wrong:
        call_command("load_rates", str(tmp_path / "gone.csv"))
    assert wrong.value.returncode == 2
