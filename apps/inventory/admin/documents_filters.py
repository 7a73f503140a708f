"""What the list of documents is asked for."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.core.filtering import FilterForm, FormList, date_input
from apps.inventory.admin.base import within
from apps.inventory.admin.levels_filters import MOST_WORDS, says
from apps.inventory.models import StockDocument, StockDocumentLine, Warehouse
from apps.orders.models import Order
from apps.users.models import Client
from apps.users.roles import VIEW_STOCK


class DocumentFilters(FilterForm):
    q = forms.CharField(
        label="SKU, reference, number or order ID",
        required=False,
        max_length=200,
        widget=forms.TextInput({"type": "search"}),
    )
    client = forms.ModelChoiceField(
        Client.objects.none(), required=False, empty_label="All clients"
    )
    kind = forms.ChoiceField(
        required=False, choices=[("", "Any kind"), *StockDocument.Kind.choices]
    )
    state = forms.ChoiceField(
        required=False, choices=[("", "Any state"), *StockDocument.State.choices]
    )
    warehouse = forms.ModelChoiceField(
        Warehouse.objects.none(), required=False, empty_label="All warehouses"
    )
    since = date_input("From")
    until = date_input("To")

    def prepare(self) -> None:
        self.choose("client", Client.objects.visible_to(self.user, VIEW_STOCK))
        self.choose("warehouse", Warehouse.objects.visible_to(self.user))

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        for name in ("client", "kind", "state"):
            if value := self.value(name):
                rows = rows.filter(**{name: value})
        if place := self.value("warehouse"):
            rows = rows.filter(Q(warehouse=place) | Q(to_warehouse=place))
        days = within("effective_at", self.value("since"), self.value("until"))
        rows = rows.filter(days)
        for word in (self.value("q") or "").split()[:MOST_WORDS]:
            rows = rows.filter(self._says(word))
        return rows

    def _says(self, word: str) -> Q:
        lines = StockDocumentLine.objects.filter(document=OuterRef("pk"))
        found = Q(reference__icontains=word) | Q(Exists(lines.filter(says(word))))
        if word.isascii() and word.isdecimal():
            # Orders of shops one does not see are found by nobody's guess.
            orders = Order.objects.visible_to(self.user).filter(remote_id=word)
            keys = orders.order_by().values("pk")
            found |= Q(Exists(lines.filter(order_id__in=keys)))
            if len(word) < 19:
                found |= Q(pk=int(word))
        return found


class DocumentList(FormList):
    form_class = DocumentFilters
