"""What the seller has registered and a listing may name: who answers for it, charts.

Asked when a page needs it and not stored: the platform owns it, and it changes there.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from apps.integrations.contracts import (
    PartyPage,
    PartyProfile,
    RemoteParty,
    RemoteSizeChart,
    SizeChartPage,
)
from apps.integrations.errors import MalformedReply
from apps.products.services.publishing.channel import Channel

Page = TypeVar("Page", PartyPage, SizeChartPage)


@dataclass(frozen=True, slots=True)
class Party:
    """One that may be chosen, as the shop's region reads it."""

    remote_id: str
    name: str
    trade_name: str = ""
    address: str = ""


def manufacturers(channel: Channel) -> list[Party]:
    """All the seller has registered, by name. Raises PlatformError, ReconnectNeeded."""
    pages = _pages(lambda token: channel.reads.manufacturers(page_token=token))
    return _shown(channel, pages)


def responsible_persons(channel: Channel) -> list[Party]:
    """As `manufacturers`."""
    pages = _pages(lambda token: channel.reads.responsible_persons(page_token=token))
    return _shown(channel, pages)


def size_charts(channel: Channel) -> list[RemoteSizeChart]:
    """The templates any product may use, by name; raises as `manufacturers`."""
    charts = [
        chart
        for page in _pages(lambda token: channel.reads.size_charts(page_token=token))
        for chart in page.charts
        if chart.is_reusable
    ]
    return sorted(charts, key=lambda chart: (chart.name.casefold(), chart.remote_id))


def _pages(ask: Callable[[str], Page]) -> Iterator[Page]:
    """All pages, to the last; one that leads back to an earlier one is an error."""
    seen = {""}
    token = ""
    while True:
        page = ask(token)
        yield page
        token = page.next_page_token
        if not token:
            return
        if token in seen:
            raise MalformedReply("TikTok Shop sent us to a page we have been on.")
        seen.add(token)


def _shown(channel: Channel, pages: Iterator[PartyPage]) -> list[Party]:
    region = channel.shop.region
    parties = [_party(each, region) for page in pages for each in page.parties]
    return sorted(parties, key=lambda party: (party.name.casefold(), party.remote_id))


def _party(remote: RemoteParty, region: str) -> Party:
    """In the region's language, else in English, else in any; its id without any."""
    if not remote.profiles:
        return Party(remote.remote_id, remote.remote_id)
    chosen = min(remote.profiles, key=lambda profile: _distance(profile, region))
    return Party(remote.remote_id, chosen.name, chosen.trade_name, chosen.address)


def _distance(profile: PartyProfile, region: str) -> int:
    """How far a profile's locale is from the region: "de" and "de-DE" are Germany's."""
    language, _, country = profile.locale.casefold().partition("-")
    if region.casefold() in (country, language):
        return 0
    return 1 if language == "en" else 2
