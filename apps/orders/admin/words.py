"""How an order's state and deadlines are put, the same in the list and on the page."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.core.admin import ago, badge
from apps.orders.models import Order, questions

PRIORITY_BADGES = {
    Order.Priority.VIRAL: "viral",
    Order.Priority.HIGH: "attention",
    Order.Priority.MEDIUM: "progress",
    Order.Priority.AUTO: "neutral",
}
STATUS_BADGES = {
    Order.Status.UNPAID: "neutral",
    Order.Status.ON_HOLD: "neutral",
    Order.Status.TO_SHIP: "attention",
    Order.Status.AWAITING_COLLECTION: "progress",
    Order.Status.PARTLY_SHIPPED: "attention",
    Order.Status.IN_TRANSIT: "progress",
    Order.Status.DELIVERED: "good",
    Order.Status.COMPLETED: "good",
    Order.Status.CANCELLED: "neutral",
    Order.Status.NOT_UNDERSTOOD: "bad",
}


def status_badges(order: Order) -> SafeString:
    """The status, and what staff must know beside it."""
    kind = STATUS_BADGES[Order.Status(order.status)]
    notes = []
    if not order.is_status_understood:
        notes.append((badge(f"Not understood: {order.status_text}", "bad"),))
    if order.is_cancel_requested and order.status not in (
        Order.Status.CANCELLED,
        Order.Status.COMPLETED,
    ):
        notes.append((badge("Cancel requested", "bad"),))
    if order.is_sample:
        notes.append((badge("Sample", "neutral"),))
    return format_html(
        "<div>{} {}</div>",
        badge(order.get_status_display(), kind),
        format_html_join(" ", "{}", notes),
    )


def priority_badge(order: Order) -> SafeString:
    fire = "🔥 " if order.priority == Order.Priority.VIRAL else ""
    kind = PRIORITY_BADGES[Order.Priority(order.priority)]
    return badge(f"{fire}{order.get_priority_display()}", kind)


def waits_for_us(order: Order) -> bool:
    """Whether something of it is still to be packed. Asks for the items of one that is
    partly shipped, unless a list has asked for all its rows."""
    known: bool | None = getattr(order, "waits", None)
    if known is None and order.status == Order.Status.PARTLY_SHIPPED:
        return Order.objects.filter(questions.waiting_to_ship(), pk=order.pk).exists()
    return order.status == Order.Status.TO_SHIP if known is None else known


def ship_by(order: Order) -> SafeString | str:
    """The time left, or how late it is, while the order is with us."""
    if order.ship_by_at is None or not waits_for_us(order):
        return "—"
    left = order.ship_by_at - timezone.now()
    note = shop_time(order, order.ship_by_at)
    words = ago(order.ship_by_at, zone_note=note, past="late")
    if left >= timedelta(days=1):
        return words
    kind = "attention" if left > timedelta(0) else "bad"
    return format_html('<span class="badge badge-{}">{}</span>', kind, words)


def shop_time(order: Order, moment: datetime | None = None) -> str:
    """For a tooltip: the instant (else that of placing) on the shop's own clock."""
    local = (moment or order.placed_at).astimezone(order.shop.zone)
    return f" · {local:%d %b %H:%M} {local.tzname()} in the shop"
