"""Tell shops again, or look what they show: chosen in the list, looked at, agreed to.

Telling only marks what is due; the sweep of the pushes finds it in seconds.
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from apps.core.addresses import address_of
from apps.core.errors import DomainError
from apps.integrations.errors import PlatformError
from apps.platforms.models import Shop
from apps.sync.admin import push_csv
from apps.sync.admin.push_filters import PushFilters
from apps.sync.admin.stock_base import way_back
from apps.sync.admin.stock_selection import (
    Selection,
    StockDeed,
    chosen,
    confirm,
    sort_out,
)
from apps.sync.models import Resource, StockPush, SyncRun
from apps.sync.services.stock_compare import compare_stock
from apps.sync.services.stock_push.noting import force
from apps.sync.start import start_pull
from apps.users.models import User
from apps.users.roles import CHANGE_STOCK
from apps.users.services import audit

# One call of the platform.
MOST_LOOKED_AT = 600
LIST = "admin:sync_stockpush_changelist"


def _refusal(request: HttpRequest, push: StockPush) -> str:
    if not request.user.has_perm(CHANGE_STOCK, push):
        return "Your role only looks at this shop's stock."
    if push.shop.state != Shop.State.CONNECTED:
        return f"The shop is {push.shop.get_state_display().lower()}."
    return ""


def _no_figure(request: HttpRequest, push: StockPush) -> str:
    if reason := _refusal(request, push):
        return reason
    if push.wanted_total is None:
        return push.message or "There is no number to tell yet."
    return ""


DEEDS: dict[str, StockDeed] = {
    deed.name: deed
    for deed in (
        StockDeed(
            "tell",
            "Tell now",
            "Each shop is told our newest numbers again, whatever it was told before. "
            "TikTok shows them to buyers at once.",
            _no_figure,
        ),
        StockDeed(
            "look",
            "Look now",
            "Each shop is asked what it shows, and that is compared with ours. Nothing "
            "is told.",
            _refusal,
        ),
    )
}


def bulk(admin: Any, request: HttpRequest) -> HttpResponseBase:
    if not admin.has_view_permission(request):
        raise PermissionDenied
    name = request.GET.get("deed", "")
    if name == "export":
        return push_csv.export(request)
    if not request.user.has_perm(CHANGE_STOCK):
        raise PermissionDenied
    if (deed := DEEDS.get(name)) is None:
        messages.error(request, "Choose what is to be done with the SKUs.")
        return redirect(LIST)
    rows = chosen(request, admin.get_queryset(request), PushFilters)
    selection = sort_out(request, rows, deed)
    if request.method == "POST" and selection.count:
        if request.POST.get("mark") == selection.mark:
            return _do(request, deed, selection)
        messages.warning(request, "Other SKUs match by now. Look again, then confirm.")
    return confirm(admin, request, "sync/stock_bulk.html", selection, LIST)


def _do(request: HttpRequest, deed: StockDeed, selection: Selection) -> HttpResponse:
    for shop, _ in selection.by_shop:
        pushes = [push for push in selection.fit if push.shop_id == shop.pk]
        act = _tell if deed.name == "tell" else _look
        try:
            messages.success(request, f"{shop}: {act(request, shop, pushes)}")
        except (DomainError, PlatformError) as error:
            messages.error(request, f"{shop}: {error}")
    return redirect(way_back(request, LIST))


def _tell(request: HttpRequest, shop: Shop, pushes: list[StockPush]) -> str:
    assert isinstance(request.user, User)
    with transaction.atomic():
        due = force([push.listing_sku_id for push in pushes])
        audit.record(
            "told a shop its stock again",
            shop,
            client=shop.client,
            actor=request.user,
            address=address_of(request),
            asked=len(pushes),
            due=due,
        )
    return f"{due:,} SKU{'' if due == 1 else 's'} will be told within seconds."


def _look(request: HttpRequest, shop: Shop, pushes: list[StockPush]) -> str:
    """A few at once, while the person waits; many by a comparison of all."""
    assert isinstance(request.user, User)
    if len(pushes) <= MOST_LOOKED_AT:
        run = compare_stock(
            shop,
            trigger=SyncRun.Trigger.USER,
            only=[push.listing_sku_id for push in pushes],
        )
        words = f"{run.read:,} looked at; {run.updated:,} show another number"
        return f"{words}, {run.failed:,} were not shown."
    running = start_pull(
        shop, Resource.STOCK, actor=request.user, address=address_of(request)
    )
    if running is not None:
        return f"a comparison is running since {running.started_at:%H:%M} UTC."
    return "the comparison is started; what it finds stands here in a minute."
