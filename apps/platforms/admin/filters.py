"""What the shop list is asked for."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from apps.core.filtering import FilteredList, FilterForm
from apps.platforms.admin.states import Shown
from apps.platforms.models import Shop
from apps.platforms.regions import region_of
from apps.platforms.services.features import Feature, uses
from apps.users.models import Client

_YES_NO = [("", "Either"), ("yes", "Yes"), ("no", "No")]


class ShopFilters(FilterForm):
    view = forms.ChoiceField(
        choices=[("cards", "Cards"), ("list", "List")],
        required=False,
        widget=forms.HiddenInput,
    )
    include = forms.ChoiceField(
        choices=[("test", "Test shops")], required=False, widget=forms.HiddenInput
    )
    q = forms.CharField(
        label="Name or shop ID",
        required=False,
        max_length=120,
        widget=forms.TextInput({"type": "search"}),
    )
    client = forms.ModelChoiceField(
        Client.objects.none(), required=False, empty_label="All clients"
    )
    region = forms.ChoiceField(required=False)
    state = forms.ChoiceField(
        required=False, choices=[("", "Any state"), *Shown.choices]
    )
    live = forms.ChoiceField(label="Live", required=False, choices=_YES_NO)
    affiliate = forms.ChoiceField(label="Affiliate", required=False, choices=_YES_NO)

    def prepare(self) -> None:
        shops = Shop.objects.visible_to(self.user).order_by()
        clients = Client.objects.companies().filter(shops__in=shops)
        self.choose("client", clients.distinct())
        codes = sorted(set(shops.values_list("region", flat=True)))
        self.offer(
            "region",
            [("", "All regions"), *((code, region_of(code).name) for code in codes)],
        )

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """`rows` come with `shown_state`."""
        for name, column in (
            ("client", "client"),
            ("region", "region"),
            ("state", "shown_state"),
        ):
            if value := self.value(name):
                rows = rows.filter(**{column: value})
        if words := self.value("q"):
            rows = rows.filter(
                Q(name__icontains=words) | Q(remote_id=words) | Q(code__iexact=words)
            )
        for name, feature in (("live", Feature.LIVE), ("affiliate", Feature.AFFILIATE)):
            if value := self.value(name):
                rows = rows.filter(uses(feature) if value == "yes" else ~uses(feature))
        return rows

    @property
    def shows_cards(self) -> bool:
        return bool(self.value("view") != "list")

    @property
    def includes_test_shops(self) -> bool:
        return bool(self.value("include") == "test")


class ShopList(FilteredList):
    form_class = ShopFilters
