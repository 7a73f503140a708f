"""What the list of warehouses is asked for, and what is written about one."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from apps.core.filtering import FilterForm, FormList
from apps.users.models import Client
from apps.users.roles import VIEW_STOCK


class WarehouseFilters(FilterForm):
    client = forms.ModelChoiceField(
        Client.objects.none(), required=False, empty_label="All clients"
    )
    state = forms.ChoiceField(
        required=False,
        choices=[("", "Open and closed"), ("open", "Open"), ("closed", "Closed")],
    )

    def prepare(self) -> None:
        self.choose("client", Client.objects.visible_to(self.user, VIEW_STOCK))

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        if client := self.value("client"):
            rows = rows.filter(client=client)
        if state := self.value("state"):
            rows = rows.filter(is_active=state == "open")
        return rows


class WarehouseList(FormList):
    form_class = WarehouseFilters


class WarehouseForm(forms.Form):
    name = forms.CharField(max_length=120)
    note = forms.CharField(
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="As its address, who has the key, when it takes goods in.",
    )
