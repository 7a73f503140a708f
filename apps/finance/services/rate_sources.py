"""Rates from where they are published: the ECB, and a second source for the rest."""

from datetime import date, timedelta

from django.conf import settings

from apps.finance.models import ExchangeRate
from apps.finance.services.rate_loading import EURO, Loaded, load
from apps.integrations.rates import ecb, other
from apps.integrations.rates.fetching import fetch
from apps.integrations.rates.quotes import Quote, UnreadableRates
from apps.platforms.models import Shop
from apps.users.services.audit import By

# A first load: a credit score looks 97 days back, a year is compared with the last.
FIRST_DAYS = 400
# A second source has an address a day, and each is a call.
MOST_DAYS_AT_ONCE = 120
# The ECB's own pauses (Easter, Christmas) are shorter.
LOOK_BACK_DAYS = 7


def load_from_ecb(
    today: date, by: By, *, days: int | None = None, dry_run: bool = False
) -> Loaded:
    """What is missing since the last time, or `days` back.

    Raises UnreadableRates and PlatformUnavailable; nothing is taken in then.
    """
    reach = days if days is not None else _missing_days(today)
    name = ecb.file_for(reach)
    quotes = ecb.parse(fetch(settings.RATES_ECB_URL.rstrip("/") + "/" + name))
    since = today - timedelta(days=reach)
    recent = [quote for quote in quotes if quote.on >= since]
    return load(
        recent, ExchangeRate.Source.ECB, by=by, source_text=name, dry_run=dry_run
    )


def load_from_other(
    today: date, by: By, *, days: int | None = None, dry_run: bool = False
) -> Loaded:
    """Rates of the currencies our shops have and the ECB has not, for each day that
    lacks one. Nothing where no second source is set. Raises as load_from_ecb."""
    wanted = currencies_beside_ecb(today)
    if not settings.RATES_OTHER_URL or not wanted:
        return Loaded()
    reach = min(FIRST_DAYS if days is None else days, MOST_DAYS_AT_ONCE)
    quotes: list[Quote] = []
    refusal: UnreadableRates | None = None
    for on in _days_without(wanted, today, reach):
        url = settings.RATES_OTHER_URL.replace("{date}", on.isoformat())
        try:
            quotes += other.parse(fetch(url), wanted)
        except UnreadableRates as error:
            refusal = error  # a day it does not have, or not yet
    if refusal is not None and not quotes:
        raise refusal
    source = settings.RATES_OTHER_NAME
    return load(
        quotes,
        ExchangeRate.Source.OTHER,
        by=by,
        source_text=source,
        dry_run=dry_run,
    )


def currencies_beside_ecb(today: date) -> set[str]:
    """Those of our shops that the ECB has not named lately."""
    used = set(Shop.objects.order_by().values_list("currency", flat=True).distinct())
    lately = ExchangeRate.objects.filter(
        source=ExchangeRate.Source.ECB, on__gt=today - timedelta(days=FIRST_DAYS)
    )
    named = set(lately.order_by().values_list("currency", flat=True).distinct())
    return used - named - {EURO, ""}


def is_due(today: date) -> bool:
    """Whether the ECB may have published something that is not here."""
    newest = _newest_of_ecb()
    return newest is None or newest < _last_working_day(today)


def _missing_days(today: date) -> int:
    newest = _newest_of_ecb()
    if newest is None:
        return FIRST_DAYS
    return min((today - newest).days + LOOK_BACK_DAYS, FIRST_DAYS)


def _newest_of_ecb() -> date | None:
    rows = ExchangeRate.objects.filter(source=ExchangeRate.Source.ECB)
    return rows.order_by("-on").values_list("on", flat=True).first()


def _last_working_day(today: date) -> date:
    weekend = max(today.weekday() - 4, 0)
    return today - timedelta(days=weekend)


def _days_without(currencies: set[str], today: date, days: int) -> list[date]:
    """Days of the last `days`, oldest first, that lack a rate of one of these."""
    since = today - timedelta(days=days)
    rows = ExchangeRate.objects.filter(currency__in=currencies, on__gt=since)
    known: dict[date, set[str]] = {}
    for on, currency in rows.values_list("on", "currency"):
        known.setdefault(on, set()).add(currency)
    every = (today - timedelta(days=back) for back in range(days - 1, -1, -1))
    return [on for on in every if currencies - known.get(on, set())]
