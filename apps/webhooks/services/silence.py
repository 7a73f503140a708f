"""Whether a shop has gone silent: no deliveries, though by its habits there should be.

Polling goes on whatever is found here; silence means that news come late.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q
from django.db.models.functions import TruncHour

from apps.orders.models import Order
from apps.platforms.models import Shop
from apps.webhooks.models import WebhookEvent, WebhookSubscription
from apps.webhooks.services.public_address import webhook_address
from apps.webhooks.services.rehearsal import TEST_TYPE

HABIT = timedelta(days=14)
# Fewer gaps tell no habit.
FEWEST_GAPS = 10
SHORTEST = timedelta(hours=1)
# A delivery may be repeated after half an hour: before, a single order proves nothing.
PATIENCE = timedelta(minutes=40)
FEW_ORDERS = 3
QUICK = timedelta(minutes=10)
_ORDERS = "order_status_change"
_NO_DELIVERY = (WebhookEvent.State.BAD_SIGNATURE, WebhookEvent.State.MALFORMED)


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of a shop: spans of deliveries without a longer pause inside, the
    oldest first; since when it is subscribed; and how many of its orders have changed
    since the last delivery, the first of them when."""

    spans: Sequence[tuple[datetime, datetime]] = ()
    subscribed_at: datetime | None = None
    untold: int = 0
    untold_since: datetime | None = None

    @property
    def last_at(self) -> datetime | None:
        return self.spans[-1][1] if self.spans else None

    @property
    def gaps(self) -> list[timedelta]:
        pairs = zip(self.spans, self.spans[1:], strict=False)
        return [later[0] - earlier[1] for earlier, later in pairs]


@dataclass(frozen=True, slots=True)
class Verdict:
    is_silent: bool
    words: str


def judge(heard: Heard, now: datetime) -> Verdict:
    """Silent where orders changed and nothing told of it, or where the pause is twice
    the longest of the last 14 days, and an hour at least."""
    since = heard.last_at or heard.subscribed_at
    if since is None:
        return Verdict(is_silent=False, words="Not subscribed.")
    quiet = now - since
    if heard.last_at is None:
        told = f"No event has come since it was subscribed {_span(quiet)} ago"
    else:
        told = f"The last event came {_span(quiet)} ago"
    waited = now - heard.untold_since if heard.untold_since else timedelta(0)
    patience = QUICK if heard.untold >= FEW_ORDERS else PATIENCE
    if heard.untold and waited >= patience:
        orders = "order has" if heard.untold == 1 else "orders have"
        words = f"{told}, and {heard.untold:,} {orders} changed without one."
        return Verdict(is_silent=True, words=words)
    gaps = heard.gaps
    if len(gaps) >= FEWEST_GAPS and quiet > max(SHORTEST, 2 * max(gaps)):
        words = f"{told}; for two weeks the longest pause was {_span(max(gaps))}."
        return Verdict(is_silent=True, words=words)
    return Verdict(is_silent=False, words=f"{told}.")


@dataclass(frozen=True, slots=True)
class Silent:
    """A shop that has gone silent."""

    shop: Shop
    last_at: datetime | None
    words: str


def silent_shops(now: datetime, shops: Sequence[Shop] | None = None) -> list[Silent]:
    """Of all connected shops, or of those given, the ones that are subscribed and
    silent. Three queries and one for the shops, however many they are."""
    if shops is None:
        shops = list(Shop.objects.connected())
    heard = heard_of(shops, now)
    found = [(shop, heard[shop.pk], judge(heard[shop.pk], now)) for shop in shops]
    return [
        Silent(shop, each.last_at, verdict.words)
        for shop, each, verdict in found
        if verdict.is_silent
    ]


def heard_of(shops: Sequence[Shop], now: datetime) -> Mapping[int, Heard]:
    """{shop's key: what is known of it}. Deliveries are looked at hour by hour: a pause
    within one is no habit to learn from.

    Nothing is expected where orders are subscribed for elsewhere or not at all; where
    nobody has looked, what came tells that an address for the whole app is set.
    """
    keys = [shop.pk for shop in shops]
    ours = webhook_address()
    subscribed: dict[int, datetime] = {}
    known = set()
    rows = WebhookSubscription.objects.filter(shop__in=keys, topic=_ORDERS).order_by()
    for shop, address, at in rows.values_list("shop", "address", "modified_at"):
        known.add(shop)
        if address == ours:
            subscribed[shop] = min(at, subscribed.get(shop, at))
    spans = _spans(keys, now)
    since: dict[int, datetime] = {}
    for key in keys:
        if spans[key] and (key in subscribed or key not in known):
            since[key] = spans[key][-1][1]
        elif key in subscribed:
            since[key] = subscribed[key]
    untold = _untold(since, now)
    return {
        key: Heard(spans[key], subscribed.get(key), *untold.get(key, (0, None)))
        if key in since
        else Heard()
        for key in keys
    }


def _spans(
    keys: Sequence[int], now: datetime
) -> dict[int, list[tuple[datetime, datetime]]]:
    events = WebhookEvent.objects.filter(shop__in=keys, received_at__gt=now - HABIT)
    rows = (
        events.exclude(state__in=_NO_DELIVERY)
        .exclude(type_number=TEST_TYPE)
        .order_by()
        .annotate(hour=TruncHour("received_at"))
        .values("shop", "hour")
        .annotate(first=Min("received_at"), last=Max("received_at"))
        .order_by("hour")
    )
    found: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    for row in rows:
        found[row["shop"]].append((row["first"], row["last"]))
    return found


def _untold(
    since: Mapping[int, datetime], now: datetime
) -> dict[int, tuple[int, datetime]]:
    """{shop's key: (orders changed after that moment, when the first of them was)}."""
    if not since:
        return {}
    changed = Q(pk__in=[])
    for key, told_at in since.items():
        at = max(told_at, now - HABIT)
        # A row is stored after its order changed, and that column has an index.
        changed |= Q(shop=key, remote_updated_at__gt=at, modified_at__gt=at)
    rows = (
        Order.objects.filter(changed, remote_updated_at__lte=now)
        .order_by()
        .values("shop")
        .annotate(count=Count("pk"), first=Min("remote_updated_at"))
    )
    return {row["shop"]: (row["count"], row["first"]) for row in rows}


def _span(delta: timedelta) -> str:
    minutes = int(delta.total_seconds()) // 60
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} d"
