"""The tab of a shop's orders: how they stand, what is pulled of them, how they are
kept."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Count, Q, Sum
from django.http import HttpRequest
from django.urls import reverse

from apps.core.money import Money
from apps.orders.models import Order, ShopOrderSettings, questions
from apps.orders.services.order_settings import FIELDS, settings_of
from apps.platforms.admin.cards import MONTH
from apps.platforms.admin.forms import PeriodForm
from apps.platforms.admin.runs_shown import run_row
from apps.platforms.models import Shop
from apps.sync.models import Resource, SyncRun
from apps.sync.services.due import next_pull
from apps.users.roles import CHANGE_SHOP, START_SYNC, VIEW_RUN

# Beside the orders themselves.
BESIDE = (Resource.PACKAGES, Resource.CANCELLATIONS, Resource.RETURNS)


class OrderSettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    handover_method = forms.ChoiceField(
        label="The carrier gets packages",
        required=False,
        choices=[
            ("", "As TikTok thinks best"),
            *ShopOrderSettings.Handover.choices,
        ],
    )

    class Meta:
        model = ShopOrderSettings
        fields = FIELDS
        labels = {
            "preferred_source": "Where sources differ, believe",
            "pushes_shipped": "Tell TikTok what a file or program says was shipped",
            "pushes_delivered": "Tell TikTok what they say was delivered",
            "pushes_cancelled": "Tell TikTok what they say was cancelled",
            "document_kind": "Papers to print",
            "document_size": "Their size",
            "document_format": "Their format",
            "document_days": "Days to keep them",
        }
        help_texts = {
            "preferred_source": "What somebody typed always counts. A change shows the "
            "shop's orders anew, in the background.",
            "pushes_cancelled": "What is not told waits for somebody to send it. What "
            "people ask by a button always goes.",
            "document_days": "They show who bought; TikTok gives them again while the "
            "package is under way.",
        }


def tab_address(shop: Shop) -> str:
    return f"{reverse('admin:platforms_shop_change', args=[shop.pk])}?tab=orders"


def orders_context(request: HttpRequest, shop: Shop, now: datetime) -> dict[str, Any]:
    """For templates/platforms/shop_orders.html."""
    user = request.user
    is_open = shop.state != Shop.State.DISCONNECTED
    return _figures(shop, now) | {
        "order_form": OrderSettingsForm(instance=settings_of(shop)),
        "may_set_orders": is_open and user.has_perm(CHANGE_SHOP, shop),
        "may_read_anew": shop.state == Shop.State.CONNECTED
        and user.has_perm(START_SYNC, shop),
        "placed_form": PeriodForm(None, shop),
        "placed_run": _placed_run(shop),
        "beside": _beside(shop, now),
        "may_see_runs": user.has_perm(VIEW_RUN, shop),
    }


def _figures(shop: Shop, now: datetime) -> dict[str, Any]:
    orders = Order.objects.filter(shop=shop)
    month = Q(placed_at__gte=now - MONTH, placed_at__lte=now)
    sold = month & ~Q(status__in=[Order.Status.CANCELLED, Order.Status.UNPAID])
    counts = orders.aggregate(
        all=Count("pk"),
        month=Count("pk", filter=month),
        cancelled=Count("pk", filter=month & Q(status=Order.Status.CANCELLED)),
        waiting=Count("pk", filter=questions.waiting_to_ship()),
        overdue=Count("pk", filter=questions.overdue(now)),
    )
    amounts = (
        orders.filter(sold, total_amount__isnull=False)
        .order_by()
        .values_list("currency")
        .annotate(amount=Sum("total_amount"))
    )
    share = (
        f"{100 * counts['cancelled'] / counts['month']:.1f} %"
        if counts["month"]
        else "—"
    )
    return {
        "counts": counts,
        "amounts": [Money(amount, currency) for currency, amount in amounts],
        "cancelled_share": share,
        "latest_orders": list(orders.order_by("-placed_at", "-pk")[:10]),
    }


def _placed_run(shop: Shop) -> dict[str, Any] | None:
    """The last time orders were read anew by when they were placed."""
    run = SyncRun.objects.filter(
        shop=shop, resource=Resource.ORDERS, basis=SyncRun.Basis.PLACED
    ).first()
    if run is None:
        return None
    return run_row(run) | {"is_running": run.state == SyncRun.State.RUNNING}


def _beside(shop: Shop, now: datetime) -> list[dict[str, Any]]:
    """Packages and requests: each with its last pull, and when the next comes."""
    latest: dict[str, SyncRun] = {}
    rows = SyncRun.objects.filter(shop=shop, resource__in=BESIDE)
    for resource in BESIDE:
        run = rows.filter(resource=resource).first()
        if run is not None:
            latest[resource] = run
    found = []
    for resource in BESIDE:
        run = latest.get(resource)
        next_at = next_pull(shop, resource, now)
        found.append(
            {
                "resource": resource,
                "last": run_row(run) if run else None,
                "next_at": next_at,
                "is_due": next_at is not None and next_at <= now,
                "deed": f"sync-{resource.value}",
            }
        )
    return found
