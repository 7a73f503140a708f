"""What lists of things that lie in a warehouse are asked for."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from apps.core.filtering import FilterForm
from apps.inventory.admin.levels_filters import MOST_WORDS, says
from apps.inventory.models import Warehouse
from apps.users.models import Client
from apps.users.roles import VIEW_STOCK


class PlaceFilters(FilterForm):
    """Of rows with a `level`; words are looked for in the SKUs `variants` leads to."""

    variants: tuple[str, ...] = ("level__variant",)

    q = forms.CharField(
        label="SKU, product or barcode",
        required=False,
        max_length=200,
        widget=forms.TextInput({"type": "search"}),
    )
    client = forms.ModelChoiceField(
        Client.objects.none(), required=False, empty_label="All clients"
    )
    warehouse = forms.ModelChoiceField(
        Warehouse.objects.none(), required=False, empty_label="All warehouses"
    )

    def prepare(self) -> None:
        self.choose("client", Client.objects.visible_to(self.user, VIEW_STOCK))
        self.choose("warehouse", Warehouse.objects.visible_to(self.user))

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        if client := self.value("client"):
            rows = rows.filter(level__warehouse__client=client)
        if warehouse := self.value("warehouse"):
            rows = rows.filter(level__warehouse=warehouse)
        for word in (self.value("q") or "").split()[:MOST_WORDS]:
            found = Q()
            for variant in self.variants:
                found |= says(word, variant)
            rows = rows.filter(found)
        return rows
