"""What the page of one shop shows, tab by tab."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from apps.alerts.admin.shop_panel import shop_health
from apps.core.addresses import address_of
from apps.platforms.admin import forms
from apps.platforms.admin.cards import cards_for
from apps.platforms.admin.connection import connection_context
from apps.platforms.admin.orders_tab import orders_context
from apps.platforms.admin.products_tab import products_context
from apps.platforms.admin.runs_shown import last_error, last_run, run_row
from apps.platforms.admin.stock_tab import stock_context
from apps.platforms.models import ApiCall, Authorization, Shop
from apps.platforms.services.call_log import error_groups
from apps.platforms.services.features import features_of
from apps.platforms.services.trail import Actor
from apps.platforms.services.usage import usage
from apps.sync.models import Resource, SyncRun
from apps.sync.services.intervals import schedules_of
from apps.sync.start import may_start
from apps.users.admin.audit_words import details_in_words
from apps.users.models import AnyUser, AuditEntry, Membership, User
from apps.users.roles import (
    CHANGE_SHOP,
    MANAGE_CREDENTIALS,
    MANAGE_TEAM,
    PERMISSIONS,
    START_SYNC,
    VIEW_ALERT,
    VIEW_AUDIT,
    VIEW_CALL,
    VIEW_LISTING,
    VIEW_ORDER,
    VIEW_RUN,
    VIEW_SHOP,
    VIEW_STOCK,
    VIEW_TEAM,
)

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
MOST_ENTRIES = 50


def page_context(
    request: HttpRequest, shop: Any, tab: str, given: dict[str, Any]
) -> dict[str, Any]:
    """For templates/platforms/shop.html; `shop` comes with `shown_state`.

    `given` holds forms that did not hold, to be shown again.
    """
    now = timezone.now()
    user = request.user
    page = reverse("admin:platforms_shop_change", args=[shop.pk])
    tabs = tabs_for(user, shop)
    tab = tab if tab in tabs else "overview"
    is_open = shop.state != Shop.State.DISCONNECTED
    may_change = user.has_perm(CHANGE_SHOP, shop)
    may_connect = user.has_perm(MANAGE_CREDENTIALS, shop)
    return {
        "shop": shop,
        "card": cards_for([shop], now, user)[0],
        "tab": tab,
        "tabs": [
            {"title": title, "query": f"?tab={name}", "is_current": name == tab}
            for name, (title, _, _, _) in tabs.items()
        ],
        "tab_template": tabs[tab][1],
        "here": f"{page}?tab={tab}",
        "is_open": is_open,
        "can_change": is_open and may_change,
        "can_sync": is_open and user.has_perm(START_SYNC, shop),
        "can_sync_products": is_open and may_start(user, shop, Resource.PRODUCTS),
        "can_sync_stock": is_open and may_start(user, shop, Resource.STOCK),
        "can_connect": is_open and may_connect,
        "may_connect": may_connect,
        "period_form": forms.PeriodForm(None, shop),
        "last_run": last_run(shop),
        "is_paused": shop.state == Shop.State.PAUSED,
        "is_connected": shop.state == Shop.State.CONNECTED,
    } | (tabs[tab][2](request, shop, now) | given)


def _overview(request: HttpRequest, shop: Any, now: datetime) -> dict[str, Any]:
    runs = SyncRun.objects.filter(shop=shop, started_at__gte=now - WEEK)
    done = Q(state=SyncRun.State.DONE)
    ended = runs.aggregate(
        good=Count("pk", filter=done),
        all=Count("pk", filter=~Q(state=SyncRun.State.RUNNING)),
    )
    calls = ApiCall.objects.filter(shop=shop, at__gte=now - DAY)
    called = calls.aggregate(
        good=Count("pk", filter=Q(code=0, http_status=200)), all=Count("pk")
    )
    may_see_alerts = request.user.has_perm(VIEW_ALERT, shop)
    return {
        "health": shop_health(shop) if may_see_alerts else None,
        "sync_share": _share(ended["good"], ended["all"]),
        "sync_counts": ended,
        "call_share": _share(called["all"] - called["good"], called["all"]),
        "call_counts": called,
        "usage": usage(shop, now),
        "may_see_calls": request.user.has_perm(VIEW_CALL, shop),
        "error_groups": error_groups(calls, limit=5),
        "may_see_runs": request.user.has_perm(VIEW_RUN, shop),
        "last_error": last_error(shop),
    }


def _connection(request: HttpRequest, shop: Shop, now: datetime) -> dict[str, Any]:
    assert isinstance(request.user, User)
    viewer = Actor(request.user, address=address_of(request))
    return connection_context(shop, now, viewer)


def _settings(request: HttpRequest, shop: Shop, now: datetime) -> dict[str, Any]:
    return {
        "settings_form": forms.SettingsForm(instance=shop, user=request.user),
        "feature_form": forms.FeatureForm(None, features_of([shop])[shop.pk]),
        "interval_forms": [
            forms.IntervalForm(instance=row, prefix=row.resource)
            for row in schedules_of(shop)
        ],
    }


def _team(request: HttpRequest, shop: Shop, now: datetime) -> dict[str, Any]:
    members = (
        Membership.objects.filter(client=shop.client_id)
        .select_related("user")
        .prefetch_related("shop_roles")
    )
    return {
        "members": [
            (row, *_role_at(row, shop)) for row in members.order_by("user__username")
        ],
        "may_manage_team": request.user.has_perm(MANAGE_TEAM, shop),
    }


def _role_at(row: Membership, shop: Shop) -> tuple[str, bool]:
    """In words, and whether it is said of this shop alone."""
    own = next((r for r in row.shop_roles.all() if r.shop_id == shop.pk), None)
    said = own or row
    words = [said.get_role_display()] if said.role else []
    words += [PERMISSIONS[name].words for name in said.extra_permissions]
    return " + ".join(words) or "No access", own is not None


def _history(request: HttpRequest, shop: Shop, now: datetime) -> dict[str, Any]:
    consents = shop.credentials.values_list("authorization", flat=True)
    about = Q(target_type=Shop._meta.label_lower, target_id=str(shop.pk)) | Q(
        target_type=Authorization._meta.label_lower,
        target_id__in=[str(key) for key in consents],
    )
    entries = AuditEntry.objects.visible_to(request.user).filter(about)
    runs = SyncRun.objects.filter(shop=shop)
    return {
        "entries": [(e, details_in_words(e)) for e in entries[:MOST_ENTRIES]],
        "runs": [run_row(run) for run in runs[:MOST_ENTRIES]],
        "may_see_runs": request.user.has_perm(VIEW_RUN, shop),
    }


# Name in the address: (title, template, what it shows, who may open it).
Filler = Callable[[HttpRequest, Any, datetime], dict[str, Any]]
Tab = tuple[str, str, Filler, str]
_TABS: dict[str, Tab] = {
    "overview": ("Overview", "platforms/shop_overview.html", _overview, VIEW_SHOP),
    "orders": ("Orders", "platforms/shop_orders.html", orders_context, VIEW_ORDER),
    "products": (
        "Products",
        "platforms/shop_products.html",
        products_context,
        VIEW_LISTING,
    ),
    "stock": ("Stock", "platforms/shop_stock.html", stock_context, VIEW_STOCK),
    "connection": (
        "Connection",
        "platforms/shop_connection.html",
        _connection,
        MANAGE_CREDENTIALS,
    ),
    "settings": ("Settings", "platforms/shop_settings.html", _settings, VIEW_SHOP),
    "team": ("Team", "platforms/shop_team.html", _team, VIEW_TEAM),
    "history": ("History", "platforms/shop_history.html", _history, VIEW_AUDIT),
}


def tabs_for(user: AnyUser, shop: Shop) -> dict[str, Tab]:
    return {name: tab for name, tab in _TABS.items() if user.has_perm(tab[3], shop)}


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "—"
