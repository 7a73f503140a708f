"""Act on events again, or give them up, because a person says so.

Acting again fetches what an event names as it is now, so a replay of what was done
already changes nothing and says so. Here it only becomes due; the sweep does it.
"""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from apps.integrations.contracts import PlatformClient
from apps.platforms.models import Shop
from apps.users.services import audit
from apps.users.services.audit import By
from apps.webhooks.errors import ReplayRefused
from apps.webhooks.handlers import HANDLERS
from apps.webhooks.models import WebhookEvent
from apps.webhooks.services import days
from apps.webhooks.services.processing import work_events

State = WebhookEvent.State

_TOPICS = [topic.value for topic in HANDLERS]
# Forged and unreadable ones are nobody's word, and of a repeat there is the first.
REPLAYED_FROM = (
    State.PROCESSED,
    State.FAILED,
    State.DEAD,
    State.RETRY,
    State.STALE,
    State.UNKNOWN_SHOP,
)
GIVEN_UP_FROM = (State.WAITING, State.RETRY, State.FAILED, State.UNKNOWN_SHOP)
_WHY_NOT = {
    State.BAD_SIGNATURE: "Its signature is not that of any of our apps: it never runs.",
    State.MALFORMED: "It cannot be read.",
    State.DUPLICATE: "It came again; replay the first instead.",
    State.WAITING: "It is about to be acted on.",
    State.UNKNOWN_TYPE: "Nothing is done about events of this type.",
    State.KEPT: "Nothing is done about events of this type.",
}


def can_be_replayed() -> Q:
    """The condition on events. What nothing is done about stays as it is."""
    return Q(state__in=REPLAYED_FROM, topic__in=_TOPICS)


def why_not_replay(event: WebhookEvent) -> str:
    """Empty where it can be."""
    if words := _WHY_NOT.get(State(event.state), ""):
        return words
    return "" if event.topic in _TOPICS else _WHY_NOT[State.KEPT]


def why_not_give_up(event: WebhookEvent) -> str:
    if event.state in GIVEN_UP_FROM:
        return ""
    return "Nothing of it is left to be done."


def replay(events: "QuerySet[WebhookEvent]", by: By) -> int:
    """Make those of these events that can be replayed due now, as if never tried; how
    many. One UPDATE, however many there are; the trail has a line for each shop."""
    rows = events.filter(can_be_replayed()).order_by()
    with transaction.atomic():
        counts, received = _by_shop(rows), days.received_on(rows)
        changed = rows.update(
            state=State.WAITING,
            attempts=0,
            next_try_at=timezone.now(),
            claimed_by="",
            claimed_until=None,
        )
        days.forget(received, timezone.now())
        _record("replayed webhooks", counts, by)
    return changed


def replay_now(
    event: WebhookEvent, by: By, *, client: PlatformClient | None = None
) -> WebhookEvent:
    """Act on one at once, while a page waits; the row as it is then. Where its shop is
    not connected it waits for that.

    Raises ReplayRefused where it cannot be replayed.
    """
    if words := why_not_replay(event):
        raise ReplayRefused(words)
    replay(WebhookEvent.objects.filter(pk=event.pk), by)
    shop = event.shop
    if shop is not None and shop.state == Shop.State.CONNECTED:
        work_events(shop, only=[event.pk], client=client)
    event.refresh_from_db()
    return event


def give_up(events: "QuerySet[WebhookEvent]", by: By) -> int:
    """Make dead letters of those that wait or failed; how many."""
    rows = events.filter(state__in=GIVEN_UP_FROM).order_by()
    with transaction.atomic():
        counts, received = _by_shop(rows), days.received_on(rows)
        changed = rows.update(
            state=State.DEAD, next_try_at=None, claimed_by="", claimed_until=None
        )
        days.forget(received, timezone.now())
        _record("gave webhooks up", counts, by)
    return changed


def _by_shop(rows: "QuerySet[WebhookEvent]") -> dict[int | None, int]:
    counts = rows.values_list("shop").annotate(count=Count("pk"))
    return dict(counts)


def _record(verb: str, counts: dict[int | None, int], by: By) -> None:
    shops = Shop.objects.select_related("client").in_bulk(_keys(counts))
    for shop in shops.values():
        audit.record(
            verb,
            shop,
            client=shop.client,
            actor=by.user,
            process=by.process,
            address=by.address,
            events=counts[shop.pk],
        )


def _keys(counts: dict[int | None, int]) -> Collection[int]:
    return [key for key in counts if key is not None]
