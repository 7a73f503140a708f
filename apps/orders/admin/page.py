"""What the page of one order shows."""

from datetime import datetime
from typing import Any

from apps.core.money import Money
from apps.orders.admin.words import ship_by, status_badges
from apps.orders.models import Order, OrderLine
from apps.products.models import ListingSku
from apps.users.models import AnyUser
from apps.users.roles import (
    CHANGE_LISTING,
    CHANGE_SHOP,
    PROCESS_ORDERS,
    VIEW_LISTING,
    VIEW_PRODUCT,
)


def page_context(order: Order, user: AnyUser) -> dict[str, Any]:
    """For templates/orders/order.html; `shows_buyer` says that a person is shown."""
    lines = list(order.lines.select_related("listing_sku", "variant__product"))
    sees_listings = user.has_perm(VIEW_LISTING, order.shop)
    return {
        "order": order,
        "status": status_badges(order),
        "ship_by": ship_by(order),
        "lines": [
            {
                "line": line,
                "unit_price": Money(line.unit_price, order.currency),
                "amount": Money(line.amount, order.currency),
                "is_ignored": _is_ignored(line),
            }
            for line in lines
        ],
        "sees_listings": sees_listings,
        "sees_products": user.has_perm(VIEW_PRODUCT, order.shop),
        "may_match": sees_listings and user.has_perm(CHANGE_LISTING, order.shop),
        "units": sum(line.quantity for line in lines),
        "money": _money(order),
        "timeline": _timeline(order),
        "parcels": list(order.parcels.all()),
        "payloads": list(order.payloads.defer("body")),
        "shows_buyer": user.has_perm(PROCESS_ORDERS, order),
        "may_answer_buyer": user.has_perms([PROCESS_ORDERS, CHANGE_SHOP], order),
    }


def _is_ignored(line: OrderLine) -> bool:
    sku = line.listing_sku
    return sku is not None and sku.mapping == ListingSku.Mapping.IGNORED


def _money(order: Order) -> list[tuple[str, Money]]:
    rows = (
        ("Products at list price", order.original_amount, 1),
        ("Platform discount", order.platform_discount_amount, -1),
        ("Seller discount", order.seller_discount_amount, -1),
        ("Products after discounts", order.subtotal_amount, 1),
        ("Shipping paid by the buyer", order.shipping_amount, 1),
        ("Tax", order.tax_amount, 1),
        ("Total", order.total_amount, 1),
        ("Refunded", order.refund_amount, -1),
    )
    return [
        (name, Money(sign * amount if amount else amount, order.currency))
        for name, amount, sign in rows
        if amount is not None
    ]


def _timeline(order: Order) -> list[dict[str, Any]]:
    """Newest first, in UTC and in the shop's own time."""
    steps: list[tuple[str, datetime | None, str]] = [
        ("Placed", order.placed_at, ""),
        ("Paid", order.paid_at, order.payment_method),
        ("Ready to ship", order.ready_to_ship_at, ""),
        ("Shipped", order.shipped_at, order.carrier),
        ("Delivered", order.delivered_at, ""),
        ("Cancellation requested", order.cancel_requested_at, ""),
        ("Cancelled", order.cancelled_at, order.cancel_reason),
    ]
    steps += [
        (f"Last news from {payload.get_source_display()}", payload.received_at, "")
        for payload in order.payloads.defer("body")
    ]
    known = [(name, at, note) for name, at, note in steps if at is not None]
    return [
        {
            "name": name,
            "note": note,
            "utc": f"{at:%d %b %Y %H:%M}",
            # Formatted here: the template would turn it back to UTC.
            "local": f"{at.astimezone(order.shop.zone):%d %b %H:%M %Z}",
        }
        for name, at, note in sorted(known, key=lambda step: step[1], reverse=True)
    ]
