"""What becomes of an event: from what came of it, or what went wrong. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.integrations.errors import (
    ConsentNeeded,
    NotFound,
    PlatformError,
    PlatformUnavailable,
    RateLimited,
    TokenExpired,
)
from apps.platforms.errors import ReconnectNeeded, RefreshInProgress, ShopRefuses
from apps.sync.errors import AlreadyRunning
from apps.webhooks.models import WebhookEvent

State = WebhookEvent.State

# After each failed try; one more, and it is a dead letter.
BACK_OFF = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)
SHORTEST_PAUSE = timedelta(seconds=5)
LONG_PAUSE = timedelta(seconds=20)
_FOR_A_WHILE = (RateLimited, TokenExpired, RefreshInProgress)
_CONSENT = (ConsentNeeded, ReconnectNeeded)
NO_CONSENT = "Connect the shop again; then it is tried again by itself."


@dataclass(frozen=True, slots=True)
class Verdict:
    """`state` None is: another try, or dead after the last. Without `counts` it was no
    try at all, and comes again after `pause`."""

    words: str
    state: WebhookEvent.State | None = None
    counts: bool = True
    pause: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Fate:
    """What an error means: the `verdict` of an event, whether it is the same for all
    that were tried together (`is_of_all`), and whether nothing else of the shop would
    do better now (`stops`) or that is likely (`is_outage`). `is_ours`: nobody foresaw
    it."""

    verdict: Verdict
    is_of_all: bool = False
    stops: bool = False
    is_outage: bool = False
    is_ours: bool = False


def done(words: str) -> Verdict:
    return Verdict(words, State.PROCESSED)


def failed(words: str) -> Verdict:
    """A person has to do what the words say."""
    return Verdict(words, State.FAILED)


def later(words: str, pause: timedelta) -> Verdict:
    return Verdict(words, counts=False, pause=max(pause, SHORTEST_PAUSE))


def fate_of(error: Exception) -> Fate:
    """Of an error that handlers raised; those of ours that nobody foresaw are tried
    again as well, for the next release may know better."""
    if isinstance(error, _FOR_A_WHILE):
        pause = timedelta(seconds=getattr(error, "retry_after_seconds", 0.0))
        return Fate(later(str(error), pause), is_of_all=True, stops=True)
    if isinstance(error, ShopRefuses):
        return Fate(later(str(error), LONG_PAUSE), is_of_all=True, stops=True)
    if isinstance(error, AlreadyRunning):
        return Fate(later(str(error), LONG_PAUSE), is_of_all=True)
    if isinstance(error, _CONSENT):
        return Fate(failed(f"{error} {NO_CONSENT}"), is_of_all=True)
    if isinstance(error, NotFound):
        return Fate(done("TikTok has no such object"))
    if isinstance(error, PlatformUnavailable):
        return Fate(Verdict(str(error)), is_outage=True)
    if isinstance(error, PlatformError):
        return Fate(Verdict(str(error)))
    # What it quotes may be anybody's data: its kind has to do, the log has the rest.
    words = f"Our own error: {type(error).__name__}. The log says more."
    return Fate(Verdict(words), is_ours=True)


def apply(event: WebhookEvent, verdict: Verdict, now: datetime) -> None:
    """Let the row say what became of it; the claim on it ends."""
    event.claimed_by, event.claimed_until = "", None
    if not verdict.counts:
        event.error, event.next_try_at = verdict.words[:500], now + verdict.pause
        return
    event.attempts += 1
    event.processed_at, event.next_try_at = now, None
    if verdict.state == State.PROCESSED:
        event.state, event.outcome, event.error = verdict.state, verdict.words[:300], ""
        return
    event.outcome, event.error = "", verdict.words[:500]
    if verdict.state is not None:
        event.state = verdict.state
    elif event.attempts > len(BACK_OFF):
        event.state = State.DEAD
    else:
        event.state = State.RETRY
        event.next_try_at = now + BACK_OFF[event.attempts - 1]
