"""Which order, and which of its lines, a request is about.

A request may come before its order, and an order's lines may be replaced by others;
whoever writes orders calls `link_requests` for them.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from django.utils import timezone

from apps.core import bulk
from apps.orders.models import Order, OrderLine
from apps.orders.services.aftersales import Requests, refresh_orders
from apps.orders.services.request_sorts import CANCELLATIONS, RETURNS, Line, Row
from apps.platforms.models import Shop


def link_requests(shop: Shop, orders: Collection[Order]) -> None:
    """Requests that waited for these orders, and their lines, know them now, and the
    orders what follows.

    Call it once the orders are written and before their stock is booked; the caller
    holds the shop's lock. Repeating it changes nothing. Two queries where no request
    names any of them.
    """
    by_id = {order.remote_id: order for order in orders}
    rows: list[Row] = []
    for sort in (CANCELLATIONS, RETURNS):
        found = sort.model.objects.filter(shop=shop, order_remote_id__among=by_id)
        rows += found.prefetch_related("lines")
    if rows:
        link(rows, by_id)
    refresh_orders(shop, by_id.values(), Requests.of(rows))


def link(rows: Sequence[Row], orders: Mapping[str, Order]) -> None:
    """Point stored requests, with their lines at hand, at orders, {their ID: order}."""
    order_lines = lines_of({order.pk for order in orders.values()})
    for sort in (CANCELLATIONS, RETURNS):
        some = [row for row in rows if isinstance(row, sort.model)]
        found: list[Row] = []
        moved: list[Line] = []
        for row in some:
            order = orders[row.order_remote_id]
            if row.order_id != order.pk:
                row.order_id = order.pk
                row.modified_at = timezone.now()
                found.append(row)
            for line in row.lines.all():
                key = line_about(line, order_lines[order.pk])
                if line.order_line_id != key:
                    line.order_line_id = key
                    moved.append(line)
        bulk.update(found, ["order", "modified_at"])
        bulk.update(moved, ["order_line"])


def lines_of(orders: Collection[int]) -> dict[int, list[OrderLine]]:
    """{order: its lines}, as far as a request can name them."""
    lines: dict[int, list[OrderLine]] = defaultdict(list)
    rows = OrderLine.objects.filter(order__in=orders).order_by("position", "pk")
    for line in rows.only("order_id", "units", "remote_sku_id", "seller_sku", "amount"):
        lines[line.order_id].append(line)
    return lines


def line_about(named: Line, lines: Sequence[OrderLine]) -> int | None:
    """The order line that a request's line means: by the item, else by the SKU, and
    there rather what was paid for than a gift. None if it is none of them."""
    for line in lines:
        if named.unit_id and any(unit[0] == named.unit_id for unit in line.units):
            return line.pk
    of_sku = [line for line in lines if _is_of_sku(line, named)]
    paid = [line for line in of_sku if line.amount]
    best = (paid or of_sku)[:1]
    return best[0].pk if best else None


def _is_of_sku(line: OrderLine, named: Line) -> bool:
    if named.remote_sku_id and line.remote_sku_id:
        return line.remote_sku_id == named.remote_sku_id
    return bool(named.seller_sku) and line.seller_sku == named.seller_sku
