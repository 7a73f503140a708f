"""A second source for currencies the ECB does not list, such as VND.

The form is that of the open "currency-api": `{"date": "2025-12-05", "eur": {"vnd":
30512.4, …}}`, an address a day, with the day in place of `{date}`.
Source: github.com/fawazahmed0/exchange-api, README.
"""

import json
from collections.abc import Collection
from decimal import Decimal

from apps.integrations.rates.quotes import Quote, UnreadableRates, day, quote


def parse(content: bytes, currencies: Collection[str]) -> list[Quote]:
    """The quotes of `currencies`, as far as it has them. Raises UnreadableRates."""
    try:
        data = json.loads(content, parse_float=Decimal)
        on, rates = day(str(data["date"])), data["eur"]
        written = {str(name).upper(): value for name, value in rates.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UnreadableRates("The answer is not of the form expected.") from None
    return [
        quote(on, currency, str(written[currency]))
        for currency in sorted(currencies)
        if currency in written
    ]
