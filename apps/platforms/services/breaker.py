"""The circuit breaker: a shop that only errors is left alone for a while.

Shop.failures_in_a_row counts; from THRESHOLD on each failure rests the shop, twice as
long each time up to a cap. When the rest is over one caller is let through to see; its
success closes the matter. Lost consent is no failure in this sense: that is for a
person, and the shop's state says so.
"""

from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone

from apps.integrations.errors import ConsentNeeded, HeldBack, PlatformError
from apps.platforms.models import Shop

THRESHOLD = 5
FIRST_REST = timedelta(minutes=5)
LONGEST_REST = timedelta(minutes=40)
# Long enough for a probe to end; one that died leaves the shop to the next after it.
PROBE = timedelta(minutes=10)


def is_failure(error: BaseException) -> bool:
    """Whether an error tells of the shop's own trouble at the platform."""
    return isinstance(error, PlatformError) and not isinstance(
        error, ConsentNeeded | HeldBack
    )


def not_resting(now: datetime) -> Q:
    """The condition on shops that may be called, be it as a probe."""
    return Q(rested_until__isnull=True) | Q(rested_until__lte=now)


def admit(shop: Shop, now: datetime | None = None) -> bool:
    """Whether the schedule may call the shop now.

    Where the rest is over only the first to ask is admitted, as the probe. People and
    commands need not ask: whoever insists may try.
    """
    now = now or timezone.now()
    row = Shop.objects.filter(pk=shop.pk).values("rested_until").first()
    if row is None or row["rested_until"] is None:
        return row is not None
    if row["rested_until"] > now:
        return False
    mine = Shop.objects.filter(pk=shop.pk, rested_until=row["rested_until"])
    return bool(mine.update(rested_until=now + PROBE))


def note_failure(
    shop: Shop, error: BaseException, now: datetime | None = None
) -> datetime | None:
    """Count a failure of this shop; until when it rests, if it does.

    Errors that are none in this sense change nothing.
    """
    if not is_failure(error):
        return None
    now = now or timezone.now()
    row = Shop.objects.filter(pk=shop.pk)
    row.update(failures_in_a_row=F("failures_in_a_row") + 1)
    count = row.values_list("failures_in_a_row", flat=True).first() or 0
    if count < THRESHOLD:
        return None
    until = now + rest_after(count)
    reason = f"{count} failures in a row; next try {until:%H:%M} UTC. Last: {error}"
    row.update(rested_until=until, rest_reason=reason[:300])
    return until


def note_success(shop: Shop) -> None:
    """The shop answers: forget its failures. Free where there are none to forget."""
    Shop.objects.filter(pk=shop.pk).exclude(
        failures_in_a_row=0, rested_until__isnull=True
    ).update(failures_in_a_row=0, rested_until=None, rest_reason="")


def rest_after(failures: int) -> timedelta:
    """5 minutes at the threshold, doubled with each further failure, capped."""
    doublings: int = 2 ** min(max(failures - THRESHOLD, 0), 10)
    return min(FIRST_REST * doublings, LONGEST_REST)


def wake(shop: Shop) -> None:
    """End the rest now, for a person who knows that the trouble is over."""
    note_success(shop)


def is_resting(shop: Shop, now: datetime | None = None) -> bool:
    """As the loaded row says, for badges; a probe under way counts as rest."""
    return shop.rested_until is not None and shop.rested_until > (now or timezone.now())
