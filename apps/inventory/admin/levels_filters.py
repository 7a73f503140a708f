"""What the stock list is asked for."""

from typing import Any

from django import forms
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse

from apps.core.filtering import FilterForm, FormList
from apps.inventory.models import Warehouse
from apps.platforms.models import Shop
from apps.products.models import BundleComponent, Category, ListingSku
from apps.products.services.barcodes import normal_barcode
from apps.products.services.categories import in_tree_order, keys_within, paths_of
from apps.sync.models import StockDrift, StockPush
from apps.users.models import AnyUser, Client
from apps.users.roles import VIEW_STOCK

MOST_WORDS = 8

STATES = {
    "oversold": ("Oversold", Q(short__gt=0)),
    "uncounted": ("Not counted", Q(is_counted=False)),
    "none": ("None left", Q(is_counted=True, on_hand__lte=F("reserved"))),
    "some": ("In stock", Q(on_hand__gt=F("reserved"))),
    "back": ("Expected back", Q(expected_back__gt=0)),
    "quarantine": ("Quarantined", Q(quarantined__gt=0)),
}
OUT_OF_STEP = "out_of_step"


class LevelFilters(FilterForm):
    q = forms.CharField(
        label="SKU, product or barcode",
        required=False,
        max_length=200,
        widget=forms.TextInput({"type": "search"}),
    )
    client = forms.ModelChoiceField(
        Client.objects.none(), required=False, empty_label="All clients"
    )
    shop = forms.ModelChoiceField(
        Shop.objects.none(), required=False, empty_label="All shops"
    )
    warehouse = forms.ModelChoiceField(
        Warehouse.objects.none(), required=False, empty_label="All warehouses"
    )
    category = forms.ChoiceField(required=False)
    state = forms.ChoiceField(
        required=False,
        choices=[
            ("", "Any state"),
            *((name, title) for name, (title, _) in STATES.items()),
            (OUT_OF_STEP, "Not in step with a shop"),
        ],
    )

    def prepare(self) -> None:
        self.choose("client", Client.objects.visible_to(self.user, VIEW_STOCK))
        self.choose("shop", Shop.objects.visible_to(self.user, VIEW_STOCK))
        self.choose("warehouse", Warehouse.objects.visible_to(self.user))
        rows = list(Category.objects.visible_to(self.user))
        self.tree = in_tree_order(rows)
        paths = paths_of(rows)
        choices = [(str(row.pk), paths[row.pk]) for row, _ in self.tree]
        self.offer("category", [("", "All categories"), *choices])

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        if client := self.value("client"):
            rows = rows.filter(warehouse__client=client)
        if warehouse := self.value("warehouse"):
            rows = rows.filter(warehouse=warehouse)
        if shop := self.value("shop"):
            rows = rows.filter(_sold_in(shop))
        if category := self.value("category"):
            within = keys_within(self.tree, int(category))
            rows = rows.filter(variant__product__category__in=within)
        if (state := self.value("state")) == OUT_OF_STEP:
            rows = rows.filter(_out_of_step(self.user))
        elif state:
            rows = rows.filter(STATES[state][1])
        for word in (self.value("q") or "").split()[:MOST_WORDS]:
            rows = rows.filter(says(word))
        return rows


class LevelList(FormList):
    form_class = LevelFilters

    def url_for_result(self, result: Any) -> str:
        return reverse("admin:inventory_stocklevel_sku", args=[result.variant_id])


def says(word: str, variant: str = "variant") -> Q:
    """Rows whose variant (by that path) has the word in one of its names."""
    found = Q()
    for name in ("sku", "name", "product__name"):
        found |= Q(**{f"{variant}__{name}__icontains": word})
    if barcode := normal_barcode(word):
        found |= Q(**{f"{variant}__barcode__startswith": barcode})
    return found


def _sold_in(shop: Shop) -> Q:
    """SKUs that the shop lists, be it as a part of a bundle."""
    listed = ListingSku.objects.listed().filter(shop=shop)
    parts = BundleComponent.objects.filter(
        component=OuterRef("variant"), bundle__in=listed.values("variant")
    )
    return Q(Exists(listed.filter(variant=OuterRef("variant")))) | Q(Exists(parts))


def _out_of_step(user: AnyUser) -> Q:
    """SKUs of which a shop one sees is still to be told, refused, or shows another
    number."""
    states = StockPush.State
    pushes = StockPush.objects.visible_to(user).filter(
        listing_sku__variant=OuterRef("variant"),
        state__in=[states.DUE, states.SENDING, states.FAILED, states.BLOCKED],
    )
    drifts = StockDrift.objects.visible_to(user).open()
    drifts = drifts.filter(listing_sku__variant=OuterRef("variant"))
    return Q(Exists(pushes)) | Q(Exists(drifts))
