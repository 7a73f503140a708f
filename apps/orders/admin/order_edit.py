"""What people decide about an order: fields set by hand, sources that differ."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse

from apps.core.addresses import address_of
from apps.core.errors import DomainError
from apps.core.storing import clean
from apps.orders.admin import order_seen
from apps.orders.admin.base import by_whom
from apps.orders.admin.order_deeds import processed, way_back
from apps.orders.admin.order_page_neighbours import kept_query
from apps.orders.admin.order_page_why import stories_of, title_of
from apps.orders.errors import EditConflict
from apps.orders.models import Order
from apps.orders.services import editing
from apps.orders.services.buyer_views import note_buyer_seen
from apps.users.models import User
from apps.users.roles import PROCESS_ORDERS

_LONG = ("seller_note", "recipient_address")
_OF_BUYER = "recipient_"
_YES_NO = [("", "Not told"), ("yes", "Yes"), ("no", "No")]
_FLAGS = {"yes": True, "no": False}


class EditForm(forms.Form):
    """A field for each that may be set by hand; yes, no and “not told” of the flags."""

    def __init__(self, data: Any, order: Order) -> None:
        super().__init__(data)
        for name in editing.EDITABLE:
            if not (order.buyer_erased_at and name.startswith(_OF_BUYER)):
                self.fields[name] = _field(name, getattr(order, name))

    def value(self, name: str) -> Any:
        told = self.cleaned_data[name]
        if name.startswith("is_"):
            return _FLAGS.get(told)
        return clean(told).replace("\r\n", "\n")


def edit(admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    """The form; what changed since it was opened is shown with both values."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "POST"])
    order = processed(admin, request, object_id)
    is_sent = request.method == "POST"
    form = EditForm(request.POST if is_sent else None, order)
    changes: list[order_seen.Change] = []
    if is_sent and form.is_valid():
        seen = order_seen.read(request.POST.get(order_seen.FIELD, ""))
        values = {name: form.value(name) for name in form.fields}
        try:
            edited = editing.edit(order, values, by_whom(request), expected=seen)
        except EditConflict as error:
            changes = [
                order_seen.Change(title_of(name), _text(was), _text(now))
                for name, (was, now) in error.differences.items()
            ]
            order.refresh_from_db()
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            is_new = edited.modified_at != order.modified_at
            words = "What you set stands." if is_new else "Nothing was changed."
            messages.success(request, words)
            return redirect(way_back(request, order))
    assert isinstance(request.user, User)
    note_buyer_seen(order, request.user, address=address_of(request))
    shown = {name: getattr(order, name) for name in form.fields}
    page: HttpResponse = admin.own_page(
        request,
        "orders/order_edit.html",
        {
            "title": f"Edit order {order.remote_id}",
            "order": order,
            "form": form,
            "changes": changes,
            "seen": order_seen.token_of(shown),
            "back": way_back(request, order),
        },
    )
    return page


def why(admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    """Where each value comes from, and what else was said."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if not admin.has_view_permission(request):
        raise PermissionDenied
    order = admin.get_object(request, str(object_id))
    if order is None:
        raise Http404
    assert isinstance(request.user, User)
    may_act = request.user.has_perm(PROCESS_ORDERS, order)
    if may_act:
        note_buyer_seen(order, request.user, address=address_of(request))
    page: HttpResponse = admin.own_page(
        request,
        "orders/order_why.html",
        {
            "title": f"Why order {order.remote_id} says what it does",
            "order": order,
            "stories": stories_of(order, request.user),
            "may_act": may_act,
            "kept": kept_query(request),
            "back": way_back(request, order),
        },
    )
    return page


def decide(admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    """Settle a field on which sources differ, or let the sources speak again."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    order = processed(admin, request, object_id)
    field, source = request.POST.get("field", ""), request.POST.get("source", "")
    try:
        if source:
            editing.settle(order, field, source, by_whom(request))
            messages.success(request, f"{title_of(field)}: it is settled.")
        else:
            editing.release(order, field, by_whom(request))
            messages.success(request, f"{title_of(field)}: the sources speak again.")
    except DomainError as error:
        messages.error(request, str(error))
    if request.POST.get("from") == "page":
        return redirect(way_back(request, order))
    address = reverse("admin:orders_order_why", args=[order.pk])
    return redirect(f"{address}{kept_query(request)}")


def _field(name: str, value: Any) -> forms.Field:
    title = title_of(name)
    if name.startswith("is_"):
        initial = "" if value is None else "yes" if value else "no"
        return forms.ChoiceField(
            label=title, required=False, choices=_YES_NO, initial=initial
        )
    rows = forms.Textarea({"rows": 3}) if name in _LONG else forms.TextInput()
    longest = getattr(Order._meta.get_field(name), "max_length", None) or 4_000
    return forms.CharField(
        label=title, required=False, max_length=longest, widget=rows, initial=value
    )


def _text(value: Any) -> str:
    return "—" if value in (None, "") else str(value)
