"""Whether what TikTok tells us is acted on."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db.models import Count, Q

from apps.alerts.models import Code
from apps.alerts.rules.conditions import Result
from apps.alerts.rules.words import Severity, State
from apps.alerts.services.looks.finding import Finding, counted, so_many
from apps.platforms.models import Shop
from apps.webhooks.models import WebhookEvent
from apps.webhooks.services.fates import BACK_OFF
from apps.webhooks.services.silence import silent_shops

WINDOW = timedelta(hours=1)
# One that was given up is for a person; after so long it is history.
DEAD_WITHIN = timedelta(days=2)
MOST_FAILED = 0.05
FEWEST_EVENTS = 20
_STATE = WebhookEvent.State
_ACTED_ON = (_STATE.PROCESSED, _STATE.RETRY, _STATE.FAILED, _STATE.DEAD)
# After all its tries; what a person gave up is known to somebody.
_GIVEN_UP = Q(state=_STATE.DEAD, attempts__gt=len(BACK_OFF))
_NOT_DONE = (_STATE.RETRY, _STATE.FAILED, _STATE.DEAD)


def webhook_failures(shops: Sequence[Shop], now: datetime) -> Iterator[Finding]:
    """Some were given up, or of the last hour's more than a few did not succeed."""
    recent = Q(received_at__gt=now - WINDOW)
    events = WebhookEvent.objects.filter(
        shop__in=[shop.pk for shop in shops],
        received_at__gt=now - DEAD_WITHIN,
        state__in=_ACTED_ON,
    ).order_by()
    counts = {
        row["shop"]: row
        for row in events.values("shop").annotate(
            dead=Count("pk", filter=_GIVEN_UP),
            recent=Count("pk", filter=recent),
            failed=Count("pk", filter=recent & Q(state__in=_NOT_DONE)),
        )
    }
    for shop in shops:
        row = counts.get(shop.pk, {"dead": 0, "recent": 0, "failed": 0})
        yield Finding(
            shop.pk,
            Code.WEBHOOK_FAILURES,
            _judged(row["dead"], row["recent"], row["failed"]),
            f"{so_many(row['dead'], 'webhook')} given up"
            if row["dead"]
            else "Webhooks fail",
            f"In the last hour {row['failed']:,} of {row['recent']:,} did not succeed. "
            "What they told of comes with the next sync.",
        )


def silence(shops: Sequence[Shop], now: datetime) -> Iterator[Finding]:
    """Nothing comes, though by the shop's habit something should have."""
    connected = [shop for shop in shops if shop.state == Shop.State.CONNECTED]
    silent = {each.shop.pk: each for each in silent_shops(now, connected)}
    for shop in shops:
        found = silent.get(shop.pk)
        yield Finding(
            shop.pk,
            Code.WEBHOOKS_SILENT,
            Result(State.FIRING, severity=Severity.WARNING, is_clear=False)
            if found
            else Result(State.OK),
            "No webhooks come any more",
            f"{found.words} News still come with each sync." if found else "",
        )


def _judged(dead: int, recent: int, failed: int) -> Result:
    if dead:
        return counted(dead, 0, Severity.WARNING)
    if recent < FEWEST_EVENTS:
        # Too few to say anything bad; that none is given up is good enough.
        return Result(State.OK, 0, MOST_FAILED)
    rate = failed / recent
    if rate > MOST_FAILED:
        return Result(State.FIRING, rate, MOST_FAILED, Severity.WARNING, is_clear=False)
    return Result(State.OK, rate, MOST_FAILED)
