"""Everything that happened to an order, newest first, each told once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString

from apps.core.admin import badge
from apps.orders.models import (
    Cancellation,
    Order,
    OrderEvent,
    OrderNote,
    OrderPayload,
    Package,
    Return,
)
from apps.users.models import User

SHOWN = 40
MOST = 1_000
TIKTOK = "TikTok"
Kind = OrderEvent.Kind
# What went wrong stands out.
_BAD = (Kind.REFUSED, Kind.NOT_UNDERSTOOD)


@dataclass(frozen=True, slots=True)
class Step:
    """`by` is the source or the person; `url` leads to more of it."""

    at: datetime
    name: str
    note: str = ""
    by: str = ""
    url: str = ""
    badge: SafeString | str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the page has read already."""

    packages: Sequence[Package]
    cancellations: Sequence[Cancellation]
    returns: Sequence[Return]
    notes: Sequence[OrderNote]
    payloads: Sequence[OrderPayload]
    movements: Sequence[dict[str, Any]]
    sources: dict[str, str]


def timeline_context(order: Order, known: Known, *, shows_all: bool) -> dict[str, Any]:
    """For templates/orders/order_timeline.html; one query, of the order's events."""
    most = MOST if shows_all else SHOWN
    events = order.events.select_related("user")
    steps = sorted(
        chain(
            _instants(order, known),
            map(_event, events[: most + 1]),
            _packages(known.packages),
            _requests(order, known.cancellations, known.returns),
            map(_note, known.notes),
            map(_payload, known.payloads),
            map(_movement, known.movements),
        ),
        key=lambda step: step.at,
        reverse=True,
    )
    return {
        "timeline": [_shown(order, step) for step in steps[:most]],
        "timeline_more": len(steps) > most,
        "shows_all": shows_all,
    }


def who(user: User | None, process: str = "", source: str = "") -> str:
    """A person, a process or a source, as the timeline names them."""
    if user is not None:
        return str(user)
    return process or (Order.Source(source).label if source in Order.Source else "")


def _shown(order: Order, step: Step) -> dict[str, Any]:
    return {
        "step": step,
        "utc": f"{step.at:%d %b %Y %H:%M}",
        # Formatted here: the template would turn it back to UTC.
        "local": f"{step.at.astimezone(order.shop.zone):%d %b %H:%M %Z}",
    }


def _instants(order: Order, known: Known) -> Iterable[Step]:
    told: list[tuple[str, str, str]] = [
        ("Placed", "placed_at", ""),
        ("Paid", "paid_at", order.payment_method),
        ("Ready to ship", "ready_to_ship_at", ""),
        ("Shipped", "shipped_at", order.carrier),
        ("Delivered", "delivered_at", ""),
        ("Cancelled", "cancelled_at", order.cancel_reason),
    ]
    if not known.cancellations:  # else the request tells it
        told.append(("Cancellation requested", "cancel_requested_at", ""))
    # Newest first, as the list is: what has one instant keeps this order in it.
    for name, field, note in reversed(told):
        if (at := getattr(order, field)) is not None:
            yield Step(at, name, note, known.sources.get(field, ""))


def _event(event: OrderEvent) -> Step:
    name, is_bad = event.get_kind_display(), event.kind in _BAD
    return Step(
        event.happened_at,
        "" if is_bad else name,
        event.text,
        who(event.user, event.process, event.source),
        badge=badge(name, "bad") if is_bad else "",
    )


def _packages(packages: Iterable[Package]) -> Iterable[Step]:
    for package in packages:
        if package.remote_created_at is not None:
            yield Step(
                package.remote_created_at,
                "Package made",
                str(package),
                TIKTOK,
                f"#package-{package.pk}",
            )


def _requests(
    order: Order, cancellations: Iterable[Cancellation], returns: Iterable[Return]
) -> Iterable[Step]:
    for wish in cancellations:
        yield from _request(wish, "Cancellation", f"#cancellation-{wish.pk}")
    for each in returns:
        anchor = f"#return-{each.pk}"
        yield from _request(each, each.get_kind_display(), anchor)
        if each.refunded_at is not None:
            yield Step(each.refunded_at, "Refunded", each.remote_id, TIKTOK, anchor)


def _request(row: Any, name: str, anchor: str) -> Iterable[Step]:
    by = row.role.capitalize() or row.get_source_display()
    begun, ended = row.remote_created_at, row.remote_updated_at
    if begun is not None:
        reason = row.reason_text or row.reason
        yield Step(begun, f"{name} requested", reason, by, anchor)
    if ended is not None and ended != begun:
        state = f"{name}: {row.get_status_display().lower()}"
        yield Step(ended, state, row.remote_id, row.get_source_display(), anchor)


def _note(note: OrderNote) -> Step:
    by = who(note.user, "somebody who has left")
    return Step(note.created_at, "Note written", "", by, f"#note-{note.pk}")


def _payload(payload: OrderPayload) -> Step:
    name = f"Last news from {payload.get_source_display()}"
    return Step(payload.received_at, name)


def _movement(row: dict[str, Any]) -> Step:
    movement, level = row["movement"], row["level"]
    return Step(
        movement.booked_at,
        f"Stock: {movement.get_reason_display().lower()}",
        f"{row['change']} of {level.variant} in {level.warehouse}",
        "",
        reverse("admin:inventory_stocklevel_sku", args=[level.variant_id]),
    )
