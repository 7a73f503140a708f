"""Order APIs: search and detail.

Source: Partner Center, "Get Order List 202309" and "Get Order Detail 202507".
"""

from bisect import bisect_left
from collections.abc import Callable
from typing import Any

from apps.simulator.tiktok.call import Call, invalid
from apps.simulator.tiktok.envelope import Json
from apps.simulator.tiktok.order_filters import Filters, read_filters
from apps.simulator.tiktok.paging import page_of, read_paging
from apps.simulator.world.index import BY_CREATE, BY_UPDATE, ShopIndex
from apps.simulator.world.orders import Order
from apps.simulator.world.rendering import render_order

MOST_IDS = 50
Key = Callable[[Order], Any]


def search_orders(call: Call) -> Json:
    """POST /order/202309/orders/search: a page of whole orders."""
    paging = read_paging(call, ("create_time", "update_time"))
    filters = read_filters(call.body)
    index = call.simulator.world.indexes[call.shop.id]
    key: Key = BY_UPDATE if paging.sort_field == "update_time" else BY_CREATE
    found = _matching(index, filters, paging.sort_field)
    page, has_more = page_of(found, paging, key)
    return {
        "next_page_token": paging.token(key(page[-1])) if has_more else "",
        "total_count": len(found),
        "orders": [render_order(order) for order in page],
    }


def _matching(index: ShopIndex, filters: Filters, sort_field: str) -> list[Order]:
    """All matching orders, oldest first; remembered until the shop changes."""
    memory_key = (sort_field, filters)
    if (found := index.remembered(memory_key)) is not None:
        return found
    rows = index.by_update if sort_field == "update_time" else index.by_create
    key: Key = BY_UPDATE if sort_field == "update_time" else BY_CREATE
    start, end = filters.window(sort_field)
    low = 0 if start is None else bisect_left(rows, (start, 0), key=key)
    high = len(rows) if end is None else bisect_left(rows, (end, 0), key=key)
    rows = rows[low:high]
    found = rows if filters.is_window_only(sort_field) else filters.sift(rows)
    index.remember(memory_key, found)
    return found


def order_detail(call: Call) -> Json:
    """GET /order/{202309,202507}/orders: orders of other shops are left out."""
    ids = [text for text in call.query.get("ids", "").split(",") if text]
    if not ids:
        raise invalid("ids", "is required.")
    if len(ids) > MOST_IDS:
        raise invalid("ids", f"must not name more than {MOST_IDS} orders.")
    world = call.simulator.world
    orders = [world.order(call.shop.id, order_id) for order_id in dict.fromkeys(ids)]
    with_payment_details = call.version >= "202507"
    return {
        "orders": [
            render_order(order, with_payment_details=with_payment_details)
            for order in orders
            if order
        ]
    }
