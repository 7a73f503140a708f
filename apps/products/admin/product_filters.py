"""What the product list is asked for."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.core.filtering import FilteredList, FilterForm
from apps.products.models import Category, ListingSku, Variant
from apps.products.services.barcodes import normal_barcode
from apps.products.services.categories import in_tree_order, keys_within, paths_of
from apps.users.models import AnyUser, Client
from apps.users.roles import VIEW_PRODUCT


class ProductFilters(FilterForm):
    q = forms.CharField(
        label="SKU, barcode, name or brand",
        required=False,
        max_length=200,
        widget=forms.TextInput({"type": "search"}),
    )
    client = forms.ModelChoiceField(
        Client.objects.none(), required=False, empty_label="All clients"
    )
    category = forms.ChoiceField(required=False)
    state = forms.ChoiceField(
        required=False,
        choices=[("", "Active"), ("archived", "Archived"), ("all", "All")],
    )
    kind = forms.ChoiceField(
        required=False,
        choices=[("", "Any"), ("bundle", "Bundles"), ("single", "No bundles")],
    )
    listed = forms.ChoiceField(
        label="Listings",
        required=False,
        choices=[("", "Either"), ("yes", "Listed"), ("no", "Without a listing")],
    )

    def prepare(self) -> None:
        self.choose("client", Client.objects.visible_to(self.user, VIEW_PRODUCT))
        rows = list(Category.objects.visible_to(self.user))
        self.paths = paths_of(rows)
        self.tree = in_tree_order(rows)
        choices = [(str(row.pk), self.paths[row.pk]) for row, _ in self.tree]
        self.offer("category", [("", "All categories"), *choices])

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        if client := self.value("client"):
            rows = rows.filter(client=client)
        if category := self.value("category"):
            rows = rows.filter(category__in=keys_within(self.tree, int(category)))
        if self.value("state") != "all":
            rows = rows.filter(is_active=self.value("state") is None)
        variants = Variant.objects.filter(product=OuterRef("pk"))
        if kind := self.value("kind"):
            bundles = Exists(variants.filter(is_bundle=True))
            rows = rows.filter(bundles if kind == "bundle" else ~bundles)
        if listed := self.value("listed"):
            is_listed = Exists(
                listed_skus(self.user).filter(variant__product=OuterRef("pk"))
            )
            rows = rows.filter(is_listed if listed == "yes" else ~is_listed)
        for word in (self.value("q") or "").split()[:8]:
            rows = rows.filter(_says(word))
        return rows


class ProductList(FilteredList):
    form_class = ProductFilters


def listed_skus(user: AnyUser) -> QuerySet[ListingSku]:
    """Of listings the platform still has, in shops whose listings one may see."""
    return ListingSku.objects.visible_to(user).listed()


def _says(word: str) -> Q:
    coded = Q(sku__icontains=word) | Q(name__icontains=word)
    if barcode := normal_barcode(word):
        coded |= Q(barcode__startswith=barcode)
    variants = Variant.objects.filter(coded, product=OuterRef("pk"))
    return Q(name__icontains=word) | Q(brand__icontains=word) | Q(Exists(variants))
