"""What handlers are given: events, read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from apps.integrations.contracts import PlatformClient
from apps.integrations.tiktok.webhooks import Notice
from apps.platforms.models import Shop
from apps.platforms.services.scopes import ORDERS
from apps.webhooks.models import WebhookEvent


@dataclass(frozen=True, slots=True)
class News:
    """One event, and what it says."""

    event: WebhookEvent
    notice: Notice


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one event, in words for the log; `is_failed` where a person has to
    do what they say first."""

    words: str
    is_failed: bool = False


# {key of the event: what came of it}, of each event given.
Outcomes = dict[int, Outcome]
Act = Callable[[Shop, Sequence[News], PlatformClient | None], Outcomes]


@dataclass(frozen=True, slots=True)
class Handler:
    """`act` is given up to `most` events of a shop at once, of all the topics it is the
    handler of, so that what they name is read once. It fetches what they name and
    stores it through the normal ingest, so that repeating it changes nothing; it raises
    what the platform says. Events wait for `wait` first where many come at once.
    `scope` is the permission without which it can do nothing."""

    act: Act
    most: int = 50
    scope: str = ORDERS
    wait: timedelta = timedelta(0)


def words_of(names: Sequence[str], words: dict[str, str], nothing: str) -> str:
    """What came of several things an event names, in one line."""
    told = [words[name] for name in names if name in words]
    return "; ".join(dict.fromkeys(told)) or nothing
