"""What became of the goods of one order that came back, and where they are put."""

import secrets
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from apps.core.admin import ModelAdmin
from apps.core.errors import DomainError
from apps.inventory.admin.base import stock_clients
from apps.inventory.admin.causes import causes_of
from apps.inventory.admin.documents_words import by_whom
from apps.inventory.models import Booking, StockDocumentLine, Warehouse
from apps.orders.models import Order
from apps.orders.services import inspecting
from apps.orders.services.inspecting import Returnable, returnable
from apps.products.models import Variant
from apps.users.models import Client
from apps.users.roles import CHANGE_STOCK

Outcome = StockDocumentLine.Outcome
MOST_UNITS = 1_000_000


class InspectForm(forms.Form):
    """A field a line and outcome, named by the line's place: `sellable-0`."""

    warehouse = forms.ModelChoiceField(
        Warehouse.objects.none(), label="Put into", empty_label=None
    )
    note = forms.CharField(required=False, max_length=2_000)
    key = forms.CharField(widget=forms.HiddenInput, max_length=32)

    def __init__(
        self, data: Any, client: Client, lines: Sequence[Returnable], **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.lines = lines
        places = self.fields["warehouse"]
        assert isinstance(places, forms.ModelChoiceField)
        places.queryset = Warehouse.objects.filter(client=client, is_active=True)
        for number in range(len(lines)):
            for outcome, label in Outcome.choices:
                self.fields[f"{outcome}-{number}"] = forms.IntegerField(
                    label=label,
                    required=False,
                    min_value=0,
                    max_value=MOST_UNITS,
                    widget=forms.NumberInput({"min": 0, "placeholder": "0"}),
                )

    @property
    def head(self) -> list[forms.BoundField]:
        return [self["warehouse"], self["note"]]

    def fields_of(self, number: int) -> list[forms.BoundField]:
        return [self[f"{outcome}-{number}"] for outcome in Outcome.values]

    @property
    def units(self) -> dict[str, dict[str, int]]:
        """{line's key: {outcome: units}}, without what is 0."""
        found = {}
        for number, line in enumerate(self.lines):
            told = {
                outcome: self.cleaned_data.get(f"{outcome}-{number}") or 0
                for outcome in Outcome.values
            }
            if any(told.values()):
                found[line.key] = {name: count for name, count in told.items() if count}
        return found


def inspect(pages: ModelAdmin, request: HttpRequest, booking_id: int) -> HttpResponse:
    """The page of the order that a booking is of; it is not named to those who do not
    see it."""
    booking = (
        Booking.objects.visible_to(request.user)
        .filter(pk=booking_id, cause_kind=Booking.Kind.ORDER)
        .select_related("level__warehouse__client", "level__variant")
        .first()
    )
    if booking is None:
        return pages.missing(request, str(booking_id), Booking._meta)
    client = booking.level.warehouse.client
    if not (
        request.user.has_perm(CHANGE_STOCK, client)
        and stock_clients(request).filter(pk=client.pk).exists()
    ):
        raise PermissionDenied
    order = Order.objects.select_related("shop__client").get(pk=booking.cause_id)
    if order.shop.client_id != client.pk:  # the shop changed hands since
        return pages.missing(request, str(booking_id), Booking._meta)
    lines = returnable(order)
    if not lines:
        messages.info(request, "Nothing of this order is out any more.")
        return redirect("admin:inventory_coming_back")
    return _form(pages, request, booking, order, lines)


def _form(
    pages: ModelAdmin,
    request: HttpRequest,
    booking: Booking,
    order: Order,
    lines: Sequence[Returnable],
) -> HttpResponse:
    client = order.shop.client
    is_sent = request.method == "POST"
    form = InspectForm(
        request.POST if is_sent else None,
        client,
        lines,
        initial={
            "warehouse": booking.level.warehouse_id,
            "key": secrets.token_urlsafe(12),
        },
    )
    if is_sent and form.is_valid():
        try:
            document = inspecting.inspect(
                order,
                form.units,
                form.cleaned_data["warehouse"],
                by_whom(request),
                key=f"back:{form.cleaned_data['key']}:{order.pk}",
                note=form.cleaned_data["note"],
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{document} is booked.")
            return redirect("admin:inventory_stockdocument_change", document.pk)
    variants = Variant.objects.select_related("product").in_bulk(
        sorted({line.sold_id for line in lines})
    )
    context = {
        "title": "Inspect what came back",
        "cause": causes_of(request.user, [booking])[booking.pk],
        "client": client,
        "form": form,
        "lines": [
            {
                "line": line,
                "variant": variants[line.sold_id],
                "fields": form.fields_of(number),
            }
            for number, line in enumerate(lines)
        ],
    }
    return pages.own_page(request, "inventory/inspect.html", context)
