"""Pick lists and packing slips: pages of their own, black on white, for paper."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from apps.core.addresses import address_of
from apps.inventory.models import ShopWarehouse
from apps.orders.admin.selection import chosen, list_address
from apps.orders.models import Order
from apps.orders.services.buyer_views import note_buyers_seen
from apps.orders.services.picking import Pick, pick_list, slips
from apps.platforms.models import Shop
from apps.users.models import User
from apps.users.roles import PROCESS_ORDERS, VIEW_LISTING, VIEW_STOCK

MOST_PICKED = 2_000
MOST_SLIPS = 500
_NEVER_PACKED = (Order.Status.CANCELLED, Order.Status.UNPAID)


def picks(admin: Any, request: HttpRequest) -> HttpResponse:
    """What to fetch from the shelves for the orders chosen."""
    orders = _orders(request, chosen(request), MOST_PICKED)
    if orders is None:
        return redirect(list_address(request))
    found = pick_list(orders, _places(request, orders), _shops(request, VIEW_LISTING))
    return TemplateResponse(
        request,
        "orders/pick_list.html",
        {
            "title": "Pick list",
            "found": found,
            "shelves": [
                (shelf, [(pick, _picture(pick)) for pick in shelf.picks])
                for shelf in found.shelves
            ],
            "back": list_address(request),
            "printed_at": timezone.now(),
        },
    )


def packing_slips(admin: Any, request: HttpRequest) -> HttpResponse:
    """What goes into each parcel, and to whom: a page each. That the buyers were shown
    is noted."""
    at = _shops(request, PROCESS_ORDERS)
    packed = chosen(request).filter(shop__in=at).exclude(status__in=_NEVER_PACKED)
    orders = _orders(request, packed, MOST_SLIPS)
    if orders is None:
        return redirect(list_address(request))
    assert isinstance(request.user, User)
    note_buyers_seen(orders, request.user, address=address_of(request))
    return TemplateResponse(
        request,
        "orders/packing_slips.html",
        {
            "title": "Packing slips",
            "slips": slips(orders),
            "left_out": chosen(request).count() - len(orders),
            "back": list_address(request),
            "printed_at": timezone.now(),
        },
    )


def _orders(
    request: HttpRequest, orders: QuerySet[Order], most: int
) -> list[Order] | None:
    """As they are sorted for work; None, with a notice, where they are too many."""
    rows = orders.select_related("shop__client").order_by("shop", "placed_at", "pk")
    found = list(rows[: most + 1])
    if len(found) <= most:
        return found
    messages.error(
        request,
        f"At most {most:,} orders fit on one print. Narrow the list by its filters.",
    )
    return None


def _places(request: HttpRequest, orders: Sequence[Order]) -> Callable[[Order], str]:
    """What the warehouse an order leaves from is called: by us, for who sees stock;
    else as TikTok calls it."""
    keys = {order.shop_id for order in orders}
    sees_stock = _shops(request, VIEW_STOCK)
    named: dict[tuple[int, str], str] = {}
    rows = ShopWarehouse.objects.filter(shop__in=keys).select_related("warehouse")
    for row in rows.order_by("-is_active", "pk"):
        ours = row.warehouse if row.shop_id in sees_stock else None
        name = str(ours) if ours else row.name or row.remote_id
        for text in (row.remote_id, row.name):
            named.setdefault((row.shop_id, text.strip().lower()), name)

    def place_of(order: Order) -> str:
        text = order.warehouse.strip()
        return named.get((order.shop_id, text.lower()), text)

    return place_of


def _shops(request: HttpRequest, permission: str) -> frozenset[int]:
    shops = Shop.objects.visible_to(request.user, permission)
    return frozenset(shops.values_list("pk", flat=True))


def _picture(pick: Pick) -> str:
    line = pick.line
    if pick.is_part or not line.image_url:
        return ""
    return reverse("admin:orders_order_picture", args=[line.order_id, line.pk])
