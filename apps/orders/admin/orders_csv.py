"""Orders as a file: of those ticked; of all that match, if none is."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from apps.core.addresses import address_of
from apps.core.exports import csv_response
from apps.orders.admin.selection import chosen, list_address
from apps.orders.services import exporting
from apps.orders.services.buyer_views import note_buyers_taken
from apps.orders.services.exporting import RowPer
from apps.platforms.models import Shop
from apps.users.models import User
from apps.users.roles import PROCESS_ORDERS, VIEW_LISTING


class ExportForm(forms.Form):
    rows = forms.ChoiceField(
        label="A row for each",
        choices=[(RowPer.ITEM, "Item of an order"), (RowPer.ORDER, "Order")],
    )
    buyers = forms.BooleanField(
        label="With the buyers",
        required=False,
        help_text="Handle, recipient, address and notes, as far as TikTok shows them. "
        "That you took them is in the audit trail.",
    )

    def __init__(self, data: Any, *, may_see_buyers: bool) -> None:
        super().__init__(data)
        if not may_see_buyers:
            del self.fields["buyers"]


def export(admin: Any, request: HttpRequest) -> HttpResponseBase:
    """What is to be in it is asked first, then it comes as it is read."""
    may_see_buyers = request.user.has_perm(PROCESS_ORDERS)
    is_asked = "rows" in request.GET
    form = ExportForm(request.GET if is_asked else None, may_see_buyers=may_see_buyers)
    orders = chosen(request, all_if_none=True)
    if not (is_asked and form.is_valid()):
        return _page(admin, request, form, orders.count())
    per = RowPer(form.cleaned_data["rows"])
    keys = list(orders.order_by("-placed_at", "-pk").values_list("pk", flat=True))
    buyers_at = None
    if form.cleaned_data.get("buyers"):
        buyers_at = _shops(request, PROCESS_ORDERS)
        _note(request, orders.filter(shop__in=buyers_at))
    return csv_response(
        f"orders-{timezone.now():%Y%m%d-%H%M}.csv",
        exporting.header(per, has_buyers=buyers_at is not None),
        exporting.rows_of(
            keys, per, buyers_at=buyers_at, ours_at=_shops(request, VIEW_LISTING)
        ),
    )


def _shops(request: HttpRequest, permission: str) -> frozenset[int]:
    shops = Shop.objects.visible_to(request.user, permission)
    return frozenset(shops.values_list("pk", flat=True))


def _note(request: HttpRequest, orders: Any) -> None:
    assert isinstance(request.user, User)
    told = orders.filter(buyer_erased_at=None).order_by().values_list("shop")
    counts: Sequence[tuple[int, int]] = list(told.annotate(number=Count("pk")))
    shops = Shop.objects.select_related("client").in_bulk([key for key, _ in counts])
    note_buyers_taken(
        [(shops[key], number) for key, number in counts],
        request.user,
        address=address_of(request),
    )


def _page(
    admin: Any, request: HttpRequest, form: ExportForm, count: int
) -> HttpResponse:
    asked = [(name, value) for name, values in request.GET.lists() for value in values]
    page: HttpResponse = admin.own_page(
        request,
        "orders/export.html",
        {
            "title": "Export orders",
            "form": form,
            "count": count,
            "kept": [pair for pair in asked if pair[0] not in form.fields],
            "back": list_address(request),
        },
    )
    return page
