"""Who was promised a SKU's pieces, in whose order, and what is expected back."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet, Sum, Window
from django.db.models.functions import RowNumber
from django.utils.safestring import SafeString

from apps.core.admin import ago, badge
from apps.inventory.admin.causes import Cause, causes_of
from apps.inventory.models import Booking, StockLevel
from apps.users.models import AnyUser

PROMISES_A_PAGE = 25
MOST_BACK = 25
# Who came first is served first; what incidents.losers counts from the other end.
_IN_TURN = ("claimed_at", "cause_kind", "cause_id", "cause_part")


@dataclass(frozen=True, slots=True)
class Promise:
    """`place` is the one in the warehouse's queue, `covered` how many of the pieces
    are there."""

    booking: Booking
    cause: Cause
    place: int
    covered: int
    since: SafeString | str
    state: SafeString


def promises(
    levels: Collection[StockLevel], user: AnyUser, number: str | None
) -> "tuple[Page[Any], list[Promise]]":
    """A page of what is promised of these levels, the oldest first."""
    rows = _in_turn(levels)
    page = Paginator(rows, PROMISES_A_PAGE).get_page(number)
    shown = list(page.object_list)
    causes = causes_of(user, shown)
    return page, [_promise(row, causes[row.pk]) for row in shown]


def coming_back(
    levels: Collection[StockLevel], user: AnyUser
) -> list[tuple[Booking, Cause, SafeString | str]]:
    """(booking, cause, since) of pieces that are expected back, the oldest first, and
    one more than are shown."""
    rows = Booking.objects.filter(level__in=levels, expected_back__gt=0)
    rows = rows.select_related("level__warehouse").order_by("claimed_at", "pk")
    shown = list(rows[: MOST_BACK + 1])
    causes = causes_of(user, shown)
    return [(row, causes[row.pk], ago(row.modified_at)) for row in shown]


def _in_turn(levels: Collection[StockLevel]) -> QuerySet[Any]:
    """Annotate `place`, and `up_to`: the pieces promised up to and with each."""
    queue: dict[str, Any] = {
        "partition_by": F("level"),
        "order_by": [F(name).asc() for name in _IN_TURN],
    }
    rows: QuerySet[Any] = Booking.objects.holding().filter(level__in=levels)
    placed: QuerySet[Any] = rows.annotate(
        place=Window(RowNumber(), **queue), up_to=Window(Sum("reserved"), **queue)
    )
    return placed.select_related("level__warehouse").order_by(*_IN_TURN, "level")


def _promise(row: Any, cause: Cause) -> Promise:
    left = max(0, row.level.on_hand - (row.up_to - row.reserved))
    covered = min(row.reserved, left)
    return Promise(
        row, cause, row.place, covered, ago(row.claimed_at), _state(row, covered)
    )


def _state(row: Booking, covered: int) -> SafeString:
    if not row.level.is_counted:
        return badge("Not counted", "neutral")
    if covered == row.reserved:
        return badge("Covered", "good")
    if covered:
        return badge(f"{covered:,} of {row.reserved:,} covered", "attention")
    return badge("Not covered", "bad")
