"""What sold a line: each has exactly one channel, and at most one creator.

These are two dimensions; each adds up to the total. What the platform says of its
videos and lives overlaps, so it stands beside these as "influenced", never in a sum.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

# People pay a while after a live has ended.
AFTERGLOW = timedelta(minutes=30)
NO_CREATOR = "(none)"


class Channel(StrEnum):
    LIVE = "LIVE"
    VIDEO = "VIDEO"
    SHOWCASE = "SHOWCASE"
    PRODUCT_CARD = "PRODUCT_CARD"
    OTHER = "OTHER"


class Source(StrEnum):
    """Who says so."""

    PLATFORM = "platform"
    INFERRED = "inferred"
    DEFAULT = "default"


class Attributed(NamedTuple):
    channel: Channel
    source: Source
    content_id: str | None


@dataclass(frozen=True, slots=True)
class Live:
    """A live of a shop and the products it shows; `end` None while it runs."""

    live_id: str
    shop_id: str
    start: datetime
    end: datetime | None
    products: frozenset[str]


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A paid line; `content_type` and `content_id` as the platform gives them,
    `surge_content_id` the video its surge was traced to."""

    shop_id: str
    product_id: str
    paid_at: datetime
    content_type: str | None = None
    content_id: str | None = None
    surge_content_id: str | None = None
    is_organic: bool = False


class Lives:
    """Lives, to be asked for the one that showed a product at a time."""

    def __init__(self, lives: Iterable[Live]) -> None:
        self._showing: dict[tuple[str, str], list[Live]] = defaultdict(list)
        for live in sorted(lives, key=lambda live: (live.start, live.live_id)):
            for product_id in live.products:
                self._showing[live.shop_id, product_id].append(live)

    def showing(self, shop_id: str, product_id: str, at: datetime) -> Live | None:
        """The one that started last; of several at once, that with the highest id."""
        lives = self._showing.get((shop_id, product_id), [])
        started = bisect_right(lives, at, key=lambda live: live.start)
        for live in reversed(lives[:started]):
            if live.end is None or at <= live.end + AFTERGLOW:
                return live
        return None


def attribute(line: SoldLine, lives: Lives) -> Attributed:
    """What the platform says, else what was on at that time, else what is left."""
    said = (line.content_type or "").upper()
    if said in (Channel.SHOWCASE, Channel.PRODUCT_CARD) or (
        said in (Channel.LIVE, Channel.VIDEO) and line.content_id
    ):
        return Attributed(Channel(said), Source.PLATFORM, line.content_id)
    live = lives.showing(line.shop_id, line.product_id, line.paid_at)
    if live is not None:
        return Attributed(Channel.LIVE, Source.INFERRED, live.live_id)
    if line.surge_content_id:
        return Attributed(Channel.VIDEO, Source.INFERRED, line.surge_content_id)
    channel = Channel.PRODUCT_CARD if line.is_organic else Channel.OTHER
    return Attributed(channel, Source.DEFAULT, None)


class Split(NamedTuple):
    """The same net twice, by what sold it and by who did; each adds up to the total."""

    by_channel: dict[str, Decimal]
    by_creator: dict[str, Decimal]


def split(lines: Iterable[tuple[Channel, str | None, Decimal]]) -> Split:
    """Of lines with channel, creator and net."""
    by_channel: dict[str, Decimal] = defaultdict(Decimal)
    by_creator: dict[str, Decimal] = defaultdict(Decimal)
    for channel, creator_id, net in lines:
        by_channel[channel] += net
        by_creator[creator_id or NO_CREATOR] += net
    return Split(dict(by_channel), dict(by_creator))
