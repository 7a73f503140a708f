"""What an order holds in the stock ledger, line by line, for the order's page."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from apps.core.admin import ago
from apps.inventory.admin.movements_rows import change_words
from apps.inventory.models import Booking, OversellIncident, StockMovement
from apps.inventory.models.ledger import PositionFields
from apps.orders.models import Order, OrderLine
from apps.products.models import ListingSku
from apps.users.models import AnyUser
from apps.users.roles import VIEW_STOCK

MOST_MOVEMENTS = 50


def stock_context(
    order: Order, lines: Sequence[OrderLine], user: AnyUser
) -> dict[str, Any]:
    """For templates/orders/stock.html; three queries, none for who sees no stock."""
    if not user.has_perm(VIEW_STOCK, order.shop):
        return {"sees_stock": False}
    bookings = list(
        Booking.objects.filter(cause_kind=Booking.Kind.ORDER, cause_id=order.pk)
        .select_related("level__variant__product", "level__warehouse")
        .order_by("pk")
    )
    of_part: dict[str, list[Booking]] = defaultdict(list)
    for booking in bookings:
        of_part[booking.cause_part].append(booking)
    short = _short(bookings)
    return {
        "sees_stock": True,
        "is_stock_due": order.is_stock_due,
        "stock_lines": [
            _line(line, of_part.pop(line.key, []), short) for line in lines
        ],
        "stock_movements": _movements(bookings),
    }


def is_ignored(line: OrderLine) -> bool:
    """Expects the listing SKU to be loaded."""
    sku = line.listing_sku
    return sku is not None and sku.mapping == ListingSku.Mapping.IGNORED


def _short(bookings: Sequence[Booking]) -> dict[int, OversellIncident]:
    """{booking: its open incident}"""
    if not bookings:
        return {}
    rows = OversellIncident.objects.open().filter(booking__in=bookings)
    return {row.booking_id: row for row in rows}


def _line(
    line: OrderLine, bookings: Iterable[Booking], short: dict[int, OversellIncident]
) -> dict[str, Any]:
    return {
        "line": line,
        "waits": line.variant_id is None and not is_ignored(line),
        "is_ignored": is_ignored(line),
        "held": [
            {
                "booking": booking,
                "words": _words(booking),
                "incident": short.get(booking.pk),
            }
            for booking in bookings
            if booking.position
        ],
    }


def _words(row: PositionFields) -> str:
    """As “2 reserved” or “2 left, 1 expected back”."""
    parts = []
    if row.reserved:
        parts.append(f"{row.reserved:,} reserved")
    if row.on_hand < 0:
        parts.append(f"{-row.on_hand:,} left")
    elif row.on_hand:
        parts.append(f"{row.on_hand:,} came in")
    if row.expected_back:
        parts.append(f"{row.expected_back:,} expected back")
    return ", ".join(parts)


def _movements(bookings: Sequence[Booking]) -> list[dict[str, Any]]:
    """Newest first."""
    if not bookings:
        return []
    known = {booking.pk: booking for booking in bookings}
    rows = StockMovement.objects.filter(booking__in=bookings)
    return [
        {
            "movement": row,
            "level": known[row.booking_id].level,
            "change": change_words(row),
            "booked": ago(row.booked_at),
        }
        for row in rows.order_by("-booked_at", "-pk")[:MOST_MOVEMENTS]
    ]
