"""What stands above the order list: what is late or unclear, tabs, views, deeds."""

from datetime import timedelta
from typing import Any

from django.db.models import Max, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from apps.orders.admin.bulk_deeds import offered
from apps.orders.admin.desk import TABS
from apps.orders.admin.saved_views import views_context
from apps.orders.admin.selection import kept_of
from apps.orders.admin.unknown_words import words_noticed
from apps.orders.models import Order
from apps.platforms.admin.switcher import switcher_for
from apps.platforms.models import Shop
from apps.sync.models import Resource, SyncRun
from apps.users.roles import VIEW_ORDER

LATE = timedelta(minutes=30)


def desk_context(request: HttpRequest, cl: Any) -> dict[str, Any]:
    """For templates/orders/desk.html."""
    desk, user = cl.desk, request.user
    orders = desk.filtered(Order.objects.visible_to(user))
    counts = desk.counts(orders)
    shops = Shop.objects.visible_to(user, VIEW_ORDER)
    return (
        {
            "desk": desk,
            "tabs": [
                {
                    "title": title,
                    "count": counts[name],
                    "is_current": name == desk.tab,
                    "query": cl.get_query_string({"tab": name, "o": None}),
                }
                for name, (title, _) in TABS.items()
            ],
            "has_shops": shops.exists(),
            "late_shops": _late_shops(shops),
            "unknown": words_noticed(user),
            "deeds": offered(user),
            "kept": kept_of(request, desk),
        }
        | views_context(request, desk)
        | switcher_for(user, cl, desk.form.value_of("shop"), VIEW_ORDER)
    )


def _late_shops(shops: QuerySet[Shop]) -> list[dict[str, Any]]:
    """Connected shops whose orders were last pulled more than 30 minutes ago."""
    latest = dict(
        SyncRun.objects.filter(
            shop__in=shops.filter(state=Shop.State.CONNECTED),
            resource=Resource.ORDERS,
            basis=SyncRun.Basis.CHANGED,
            state__in=[SyncRun.State.DONE, SyncRun.State.PARTLY],
        )
        .values_list("shop")
        .annotate(last=Max("started_at"))
    )
    now = timezone.now()
    late = {pk: last for pk, last in latest.items() if now - last > LATE}
    return [
        {
            "name": str(shop),
            "since": late[shop.pk],
            "minutes": int((now - late[shop.pk]).total_seconds() // 60),
        }
        for shop in (shops.filter(pk__in=late) if late else ())
    ]
