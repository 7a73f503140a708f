"""What was bought: a row for each line, with what became of its units."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString

from apps.core.admin import badge
from apps.core.errors import DomainError
from apps.core.money import Money
from apps.integrations.errors import PlatformError
from apps.orders.admin.order_stock import is_ignored
from apps.orders.admin.words import STATUS_BADGES
from apps.orders.models import Order, OrderLine
from apps.orders.services.line_money import LineMoney, money_by_line
from apps.products.admin.pictures_shown import jpeg
from apps.products.services.channel_pictures import channel_thumbnail
from apps.users.models import AnyUser
from apps.users.roles import CHANGE_LISTING, VIEW_LISTING, VIEW_PRODUCT


def lines_query() -> QuerySet[OrderLine]:
    """With all that the panels ask of them."""
    return OrderLine.objects.select_related("listing_sku", "variant__product")


def lines_context(
    order: Order, lines: Sequence[OrderLine], user: AnyUser
) -> dict[str, Any]:
    """For templates/orders/order_lines.html. Expects the order's lines and requests to
    be prefetched, and asks the database nothing."""
    sees_listings = user.has_perm(VIEW_LISTING, order.shop)
    money = {each.line.pk: each for each in money_by_line(order)}
    return {
        "lines": [_row(order, line, money[line.pk]) for line in lines],
        "units": sum(line.quantity for line in lines),
        "sees_listings": sees_listings,
        "sees_products": user.has_perm(VIEW_PRODUCT, order.shop),
        "may_match": sees_listings and user.has_perm(CHANGE_LISTING, order.shop),
    }


def picture(
    admin: Any, request: HttpRequest, object_id: int, line_id: int
) -> HttpResponse:
    """What the platform shows of a line, small and through us."""
    order = admin.get_object(request, str(object_id))
    line = order and order.lines.filter(pk=line_id).first()
    if not line or not line.image_url:
        raise Http404
    try:
        return jpeg(channel_thumbnail(line.image_url))
    except (PlatformError, DomainError):
        raise Http404 from None


def _row(order: Order, line: OrderLine, money: LineMoney) -> dict[str, Any]:
    has_picture = bool(line.image_url)
    return {
        "line": line,
        "picture": has_picture
        and reverse("admin:orders_order_picture", args=[order.pk, line.pk]),
        "unit_price": Money(line.unit_price, order.currency),
        "original": Money(line.original_amount, order.currency),
        "amount": Money(line.amount, order.currency),
        "refunded": Money(money.refunded, order.currency) if money.refunded else "",
        "still_paid": Money(money.still_paid, order.currency),
        "is_ignored": is_ignored(line),
        "facts": list(_facts(line)),
        "states": _states(order, line),
    }


def _facts(line: OrderLine) -> list[str]:
    """What became of its units; where the platform tells them apart, `_states` does."""
    told = [("returned", line.returned_quantity)]
    if not line.units:
        told += [
            ("shipped", line.shipped_quantity),
            ("cancelled", line.cancelled_quantity),
        ]
    return [f"{units:,} {words}" for words, units in told if units]


def _states(order: Order, line: OrderLine) -> list[SafeString]:
    """Of units that are not where the order is, as “1 In transit”."""
    counts = Counter(unit[1] for unit in line.units if len(unit) > 1)
    if set(counts) <= {order.status}:
        return []
    return [
        badge(
            f"{count:,} {Order.Status(status).label}",
            STATUS_BADGES[Order.Status(status)],
        )
        for status, count in sorted(counts.items())
        if status in Order.Status.values
    ]
