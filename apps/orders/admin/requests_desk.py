"""What the desks of packages, cancellations and returns have in common on the page."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import badge
from apps.orders.admin.order_page_requests import refund_told
from apps.orders.admin.requests_bulk import Desk, kept_of
from apps.orders.admin.requests_filters import TabbedFilters
from apps.orders.models import Cancellation, Return
from apps.platforms.admin.switcher import switcher_for
from apps.platforms.admin.words import environment_badge
from apps.platforms.models import Shop
from apps.users.roles import PROCESS_ORDERS, VIEW_ORDER


def desk_context(
    request: HttpRequest, cl: Any, visible: QuerySet[Any], desk: Desk
) -> dict[str, Any]:
    """For the template above a list: its tabs, filters, and what can be done."""
    filters: TabbedFilters = cl.filters
    cl.result_list = marked(request, list(cl.result_list))
    counts = filters.counts(visible)
    may_act = request.user.has_perm(PROCESS_ORDERS)
    return {
        "filters": filters,
        "tabs": [
            {
                "title": title,
                "count": counts[name],
                "is_current": name == filters.current_tab,
                "query": cl.get_query_string({"tab": name, "o": None}, ["p"]),
            }
            for name, (title, _) in filters.tabs.items()
        ],
        "has_rows": any(counts.values()),
        "has_shops": Shop.objects.visible_to(request.user, VIEW_ORDER).exists(),
        "reset_query": f"?tab={filters.current_tab}",
        "bulk_address": reverse(desk.bulk_name),
        "deeds": desk.deeds.values() if may_act else [],
        "kept": kept_of(request, filters),
    } | switcher_for(request.user, cl, filters.value("shop"), VIEW_ORDER)


def marked(request: HttpRequest, rows: Iterable[Any]) -> list[Any]:
    """Each with whether the user may act on it: asked once a shop."""
    may_act: dict[int, bool] = {}
    rows = list(rows)
    for row in rows:
        if row.shop_id not in may_act:
            may_act[row.shop_id] = request.user.has_perm(PROCESS_ORDERS, row)
        row.may_act = may_act[row.shop_id]
    return rows


def shop_words(row: Any) -> SafeString:
    return format_html(
        "<div>{} {} {}</div>",
        row.shop.name,
        badge(row.shop.region, "neutral"),
        environment_badge(row.shop),
    )


def order_words(row: Cancellation | Return, anchor: str) -> SafeString:
    if row.order_id is None:
        number = format_html(
            '<span class="mono">{}</span> {}',
            row.order_remote_id,
            badge("not pulled yet", "neutral"),
        )
    else:
        number = format_html(
            '<a class="mono linked" href="{}{}">{}</a>',
            reverse("admin:orders_order_change", args=[row.order_id]),
            anchor,
            row.order_remote_id,
        )
    return format_html("<div>{}{}</div>", number, shop_words(row))


def refund_words(row: Cancellation | Return) -> SafeString:
    return format_html('<span class="money">{}</span>', refund_told(row) or "—")
