"""Settle differences, one or many: looked at, agreed to, done."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from apps.core.errors import DomainError
from apps.inventory.admin.documents_words import by_whom
from apps.sync.admin.drift_deeds import DEEDS
from apps.sync.admin.drift_filters import DriftFilters
from apps.sync.admin.stock_base import way_back
from apps.sync.admin.stock_selection import (
    LEFT_OUT_SHOWN,
    Selection,
    StockDeed,
    chosen,
    confirm,
    sort_out,
)
from apps.sync.models import StockDrift
from apps.sync.services import stock_drift
from apps.users.roles import CHANGE_STOCK

LIST = "admin:sync_stockdrift_changelist"

_ACTS: dict[str, Callable[..., stock_drift.Settled]] = {
    "tell": stock_drift.tell_ours,
    "take": stock_drift.take_over,
    "leave": stock_drift.leave,
}


def bulk(admin: Any, request: HttpRequest) -> HttpResponseBase:
    if not admin.has_view_permission(request):
        raise PermissionDenied
    if not request.user.has_perm(CHANGE_STOCK):
        raise PermissionDenied
    if (deed := DEEDS.get(request.GET.get("deed", ""))) is None:
        messages.error(request, "Choose what is to be done with the differences.")
        return redirect(LIST)
    rows = chosen(request, admin.get_queryset(request), DriftFilters)
    selection = sort_out(request, rows, deed)
    if request.method == "POST" and selection.count:
        if request.POST.get("mark") == selection.mark:
            return _do(request, deed, selection)
        messages.warning(request, "They have changed by now. Look again, then confirm.")
    return confirm(admin, request, "sync/stock_drift_bulk.html", selection, LIST)


def _do(request: HttpRequest, deed: StockDeed, selection: Selection) -> HttpResponse:
    drifts: list[StockDrift] = selection.fit
    try:
        settled = _ACTS[deed.name](
            drifts, by_whom(request), seen={drift.pk: drift.found for drift in drifts}
        )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(way_back(request, LIST))
    if count := len(settled.done):
        messages.success(request, f"{deed.title}: {count:,} done.")
    for drift, reason in settled.left[:LEFT_OUT_SHOWN]:
        messages.warning(request, f"{drift.listing_sku}: {reason}")
    return redirect(way_back(request, LIST))
