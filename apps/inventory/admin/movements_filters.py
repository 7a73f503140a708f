"""What the list of movements is asked for."""

import re
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse

from apps.core.filtering import FilterForm, FormList, date_input
from apps.inventory.admin.base import within
from apps.inventory.admin.levels_filters import MOST_WORDS, says
from apps.inventory.models import Booking, StockMovement, Warehouse
from apps.orders.models import Order
from apps.products.models import Variant
from apps.users.models import Client
from apps.users.models.people import places_of
from apps.users.roles import VIEW_STOCK

MOST_ORDERS = 200
_END_OF_A_NUMBER = re.compile(r"\d{4,}")


class MovementFilters(FilterForm):
    q = forms.CharField(
        label="SKU, product or barcode",
        required=False,
        max_length=200,
        widget=forms.TextInput({"type": "search"}),
    )
    order = forms.CharField(label="Order ID", required=False, max_length=64)
    client = forms.ModelChoiceField(
        Client.objects.none(), required=False, empty_label="All clients"
    )
    warehouse = forms.ModelChoiceField(
        Warehouse.objects.none(), required=False, empty_label="All warehouses"
    )
    reason = forms.ChoiceField(
        required=False, choices=[("", "Any reason"), *StockMovement.Reason.choices]
    )
    person = forms.CharField(label="Who", required=False, max_length=150)
    when = forms.ChoiceField(
        label="Days of",
        required=False,
        choices=[("", "Booking"), ("moved", "Moving")],
    )
    since = date_input("From")
    until = date_input("To")
    variant = forms.ModelChoiceField(
        Variant.objects.none(), required=False, widget=forms.HiddenInput
    )

    def prepare(self) -> None:
        self.choose("client", Client.objects.visible_to(self.user, VIEW_STOCK))
        self.choose("warehouse", Warehouse.objects.visible_to(self.user))
        seen = places_of(self.user, VIEW_STOCK).at_clients("client")
        self.choose("variant", Variant.objects.filter(seen))

    @property
    def is_narrowing(self) -> bool:
        return any(self.value(name) for name in self.fields if name != "when")

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        conditions = {
            "level__variant": self.value("variant"),
            "level__warehouse__client": self.value("client"),
            "level__warehouse": self.value("warehouse"),
            "reason": self.value("reason"),
            "user__username__icontains": self.value("person"),
        }
        rows = rows.filter(**{name: each for name, each in conditions.items() if each})
        for word in (self.value("q") or "").split()[:MOST_WORDS]:
            rows = rows.filter(says(word, "level__variant"))
        if order := self.value("order"):
            rows = rows.filter(self._of_order(order))
        return rows.filter(self._in_time())

    def _of_order(self, number: str) -> Q:
        """Of orders one sees: by the whole number, or by how it ends."""
        seen = Order.objects.visible_to(self.user).order_by()
        found = seen.filter(remote_id=number.strip())
        keys = list(found.values_list("pk", flat=True))
        if not keys and _END_OF_A_NUMBER.fullmatch(number.strip()):
            found = seen.filter(remote_id__endswith=number.strip())
            keys = list(found.values_list("pk", flat=True)[:MOST_ORDERS])
        return Q(booking__cause_kind=Booking.Kind.ORDER, booking__cause_id__in=keys)

    def _in_time(self) -> Q:
        column = "occurred_at" if self.value("when") == "moved" else "booked_at"
        return within(column, self.value("since"), self.value("until"))


class MovementList(FormList):
    form_class = MovementFilters

    def url_for_result(self, result: Any) -> str:
        return reverse("admin:inventory_stocklevel_sku", args=[result.level.variant_id])
