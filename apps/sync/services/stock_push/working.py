"""A shop's pushes: one pusher at a time, until nothing is due."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from datetime import timedelta

from django.utils import timezone

from apps.integrations.errors import HeldBack, PlatformError
from apps.integrations.http import Timeouts
from apps.integrations.tiktok.retries import RetryPolicy
from apps.platforms.models import Shop
from apps.platforms.services import breaker, scopes
from apps.platforms.services.clients import client_for, note_consent_gone
from apps.products.services.publishing.channel import Channel
from apps.sync.errors import AlreadyRunning
from apps.sync.services.stock_push.answers import block_shop, hold_shop
from apps.sync.services.stock_push.claiming import (
    is_somebody_sending,
    listings_due,
    put_back_dead,
)
from apps.sync.services.stock_push.crew import Crew, Pushed
from apps.sync.services.stock_push.looking import look_first
from apps.sync.services.stock_push.sending import CONSENT_GONE
from apps.sync.services.stock_push.standing import pause_after

# Rather sent anew with a newer figure than repeated for a minute; and a call ends well
# before its process is taken to be gone.
_PATIENCE = RetryPolicy(tries=2, base_seconds=0.5, jitter_seconds=0.5, cap_seconds=5.0)
_TIMEOUTS = Timeouts(connect=5.0, read=15.0)
# What is due again at once, as after a 0 that was refused, is sent again; then it waits
# for the next sweep.
MOST_ROUNDS = 5
A_ROUND = 500


def push_due(
    shop: Shop,
    *,
    limit: int | None = None,
    only: Collection[int] | None = None,
    on_listing: Callable[[Pushed], None] = lambda _: None,
    make_channel: Callable[[], Channel] | None = None,
) -> Pushed:
    """Tell a shop all that is due, `limit` listings at most, or `only` of these.

    Raises AlreadyRunning where another process is at it. Where the shop as a whole
    takes nothing, raises PlatformError or what client_for raises: what is due then
    waits, longer each time, or for a person.
    """
    put_back_dead()
    if is_somebody_sending(shop):
        raise AlreadyRunning(f"{shop}: stock is already being sent.")
    crew = Crew(shop, make_channel or (lambda: _channel(shop)))
    look_first(shop, crew.make_channel)
    pushed = Pushed()
    for listings in _rounds(shop, limit, only):
        for pushes in crew.send_all(listings):
            pushed.count(pushes)
            on_listing(pushed)
        if crew.is_stopped:
            break
    _tell_breaker(shop, crew.trouble, pushed)
    if crew.trouble is not None and crew.is_stopped:
        _hold(shop, crew.trouble)
        raise crew.trouble
    return pushed


def _rounds(
    shop: Shop, limit: int | None, only: Collection[int] | None
) -> Iterator[list[int]]:
    """What is due, until nothing is; no listing for ever."""
    rounds: Counter[int] = Counter()
    while True:
        due = [
            key
            for key in listings_due(shop)
            if rounds[key] < MOST_ROUNDS and (only is None or key in only)
        ]
        if limit is not None:
            due = due[: max(0, limit - rounds.total())]
        if not due:
            return
        rounds.update(due[:A_ROUND])
        yield due[:A_ROUND]


def _channel(shop: Shop) -> Channel:
    writes = client_for(
        shop, scopes.PRODUCT_WRITE, retries=_PATIENCE, timeouts=_TIMEOUTS
    )
    return Channel(shop, clients={scopes.PRODUCT_WRITE: writes})


def _tell_breaker(shop: Shop, trouble: Exception | None, pushed: Pushed) -> None:
    """A shop that took something does not "only err"."""
    if pushed.accepted or (pushed.listings and trouble is None):
        breaker.note_success(shop)
    if trouble is not None:
        breaker.note_failure(shop, trouble)


def _hold(shop: Shop, trouble: Exception) -> None:
    """All of the shop waits: for a person, or for a while that grows."""
    if isinstance(trouble, CONSENT_GONE):
        note_consent_gone(shop, trouble, scopes.PRODUCT_WRITE)
        block_shop(shop, str(trouble))
        return
    shop.refresh_from_db(fields=["failures_in_a_row"])
    pause = pause_after(shop.failures_in_a_row)
    if isinstance(trouble, PlatformError):
        asked = timedelta(seconds=trouble.retry_after_seconds)
        pause = asked if isinstance(trouble, HeldBack) else max(pause, asked)
    hold_shop(shop, timezone.now() + pause)
