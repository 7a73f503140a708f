"""What stands at the top of an order's page: its badges and its deadline."""

from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.core.admin import ago, badge
from apps.orders.admin.words import (
    STATUS_BADGES,
    priority_badge,
    ship_by,
    shop_time,
)
from apps.orders.models import Order
from apps.platforms.admin.words import environment_badge

RETURN_BADGES = {
    Order.ReturnState.REPORTED: "attention",
    Order.ReturnState.REQUESTED: "attention",
    Order.ReturnState.RETURNING: "progress",
    Order.ReturnState.ACCEPTED: "progress",
    Order.ReturnState.REFUNDED: "neutral",
    Order.ReturnState.REPLACED: "neutral",
    Order.ReturnState.REJECTED: "neutral",
    Order.ReturnState.CLOSED: "neutral",
}
_ENDED = (Order.Status.CANCELLED, Order.Status.COMPLETED)


def badges(order: Order) -> SafeString:
    """All that tells this order from a plain one."""
    found = [
        badge(order.get_status_display(), STATUS_BADGES[Order.Status(order.status)])
    ]
    if not order.is_status_understood:
        found.append(badge(f"Not understood: {order.status_text}", "bad"))
    if order.is_cancel_requested and order.status not in _ENDED:
        found.append(badge("Cancel requested", "bad"))
    if order.return_state:
        kind = RETURN_BADGES[Order.ReturnState(order.return_state)]
        found.append(badge(order.get_return_state_display(), kind))
    if order.has_conflict:
        found.append(badge("Sources differ", "bad"))
    if order.priority != Order.Priority.AUTO:
        found.append(priority_badge(order))
    for words, applies in (
        ("Sample", order.is_sample),
        ("Pre-order", order.is_pre_order),
        ("Replacement", order.is_replacement and not order.replaced_order_id),
        ("Cash on delivery", order.is_cod),
    ):
        if applies:
            found.append(badge(words, "neutral"))
    return format_html(
        "{} {}",
        format_html_join(" ", "{}", ((each,) for each in found)),
        environment_badge(order.shop),
    )


def deadlines(order: Order) -> list[tuple[str, SafeString | str]]:
    """What else the platform counts on, and when, of what is not over."""
    if order.status in _ENDED:
        return []
    told = (
        ("Released", order.release_at),
        ("Collected by", order.collect_by_at),
        ("Delivered by", order.deliver_by_at),
    )
    return [
        (name, ago(at, zone_note=shop_time(order, at), past="late"))
        for name, at in told
        if at is not None
    ]


def deadline(order: Order) -> dict[str, Any]:
    """`left` is the countdown, `local` the instant on the shop's own clock."""
    at = order.ship_by_at
    if at is None:
        return {"left": "", "local": ""}
    local = at.astimezone(order.shop.zone)
    left = ship_by(order)
    return {
        "left": "" if left == "—" else left,
        "local": f"{local:%d %b %Y %H:%M} {local.tzname()}",
        "auto_cancel": ago(order.auto_cancel_at) if order.auto_cancel_at else "",
    }
