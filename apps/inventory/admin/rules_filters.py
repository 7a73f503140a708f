"""Which stock rules are shown, and how many SKUs of shops each concerns."""

from typing import Any

from django import forms
from django.db.models import (
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull

from apps.core.filtering import FilterForm, FormList
from apps.inventory.models import ShopWarehouse
from apps.platforms.models import Shop
from apps.platforms.models.shop import at_shops_of
from apps.products.models import ListingSku
from apps.users.models import AnyUser, Client
from apps.users.roles import VIEW_STOCK


class RuleFilters(FilterForm):
    q = forms.CharField(
        label="SKU",
        required=False,
        max_length=120,
        widget=forms.TextInput({"type": "search"}),
    )
    client = forms.ModelChoiceField(
        Client.objects.none(), required=False, empty_label="All clients"
    )
    shop = forms.ModelChoiceField(
        Shop.objects.none(), required=False, empty_label="All shops"
    )

    def prepare(self) -> None:
        self.choose("client", Client.objects.visible_to(self.user, VIEW_STOCK))
        self.choose("shop", Shop.objects.visible_to(self.user, VIEW_STOCK))

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        if words := self.value("q"):
            rows = rows.filter(variant__sku__istartswith=words)
        if client := self.value("client"):
            rows = rows.filter(client=client)
        if shop := self.value("shop"):
            rows = rows.filter(Q(shop=shop) | Q(last_pieces_shop=shop))
        return rows


class RuleList(FormList):
    form_class = RuleFilters


def with_concerned(rows: QuerySet[Any], user: AnyUser) -> QuerySet[Any]:
    """Annotate `concerned`, the SKUs that a rule may rule in shops the user sees."""
    place = ShopWarehouse.objects.filter(
        shop=OuterRef("shop"), warehouse=OuterRef(OuterRef("warehouse"))
    )
    skus = (
        ListingSku.objects.listed()
        .filter(at_shops_of(user, VIEW_STOCK))
        .filter(
            Q(IsNull(OuterRef("warehouse"), True)) | Q(Exists(place)),  # noqa: FBT003
            shop__client=OuterRef("client"),
            shop=Coalesce(OuterRef("shop"), F("shop")),
            variant=Coalesce(OuterRef("variant"), F("variant")),
        )
        .order_by()
        .annotate(one=Value(1))
        .values("one")
    )
    counted = Subquery(
        skus.annotate(count=Count("pk")).values("count"), output_field=IntegerField()
    )
    found: QuerySet[Any] = rows.annotate(concerned=Coalesce(counted, 0))
    return found
