"""Cut a period into windows, and remember how far a shop's pull has come."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from apps.platforms.models import Shop
from apps.sync.models import Resource, SyncCursor

FIRST_PULL = timedelta(days=90)
# Orders may appear a little late behind their update time; look back each time.
OVERLAP = timedelta(minutes=10)
WINDOW = timedelta(days=7)


def windows(
    since: datetime, until: datetime, length: timedelta = WINDOW
) -> Iterator[tuple[datetime, datetime]]:
    """Half-open pieces of [since, until), in order, none longer than `length`."""
    while since < until:
        end = min(since + length, until)
        yield since, end
        since = end


def start_of_pull(shop: Shop, resource: Resource, until: datetime) -> datetime:
    """Where the next pull begins: behind the cursor, or 90 days back at first."""
    position = position_of(shop, resource)
    return until - FIRST_PULL if position is None else position - OVERLAP


def position_of(shop: Shop, resource: Resource) -> datetime | None:
    return (
        SyncCursor.objects.filter(shop=shop, resource=resource)
        .values_list("position", flat=True)
        .first()
    )


def compared_at(shop: Shop, resource: Resource) -> datetime | None:
    """When all that is stored was last compared with all the platform has."""
    return (
        SyncCursor.objects.filter(shop=shop, resource=resource)
        .values_list("compared_at", flat=True)
        .first()
    )


def note_compared(shop: Shop, resource: Resource, at: datetime) -> None:
    """Call it after the cursor was moved to `at` or beyond."""
    SyncCursor.objects.filter(shop=shop, resource=resource).update(
        compared_at=at, modified_at=timezone.now()
    )


def move_cursor(shop: Shop, resource: Resource, position: datetime) -> None:
    """Forward only. Call it in the transaction that stores the rows it speaks of."""
    cursor, created = SyncCursor.objects.get_or_create(
        shop=shop, resource=resource, defaults={"position": position}
    )
    if not created and cursor.position < position:
        cursor.position = position
        cursor.save(update_fields=["position", "modified_at"])
