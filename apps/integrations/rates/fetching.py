"""Rates over HTTP."""

from urllib.parse import urlsplit

import requests

from apps.integrations.errors import PlatformUnavailable
from apps.integrations.http import Request, send
from apps.integrations.rates.quotes import UnreadableRates

_AGENT = {"accept": "*/*", "user-agent": "Shopdesk"}


def fetch(url: str) -> bytes:
    """The body. Raises PlatformUnavailable, and UnreadableRates where there is none."""
    address, _, query = url.partition("?")
    params = dict(pair.partition("=")[::2] for pair in query.split("&") if pair)
    with requests.Session() as session:
        reply = send(
            session,
            lambda: Request("GET", address, params=params, headers=_AGENT),
            safe=True,
        )
    host = urlsplit(url).hostname
    if reply.status >= 500 or reply.status == 429:
        raise PlatformUnavailable(f"{host} answered {reply.status}. Try again later.")
    if reply.status != 200:
        raise UnreadableRates(f"{host} has no such file: it answered {reply.status}.")
    return reply.body
