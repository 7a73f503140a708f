"""A sheet of paper to count on: what should lie in a warehouse, and empty boxes."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from apps.core.admin import ModelAdmin
from apps.core.filtering import FilterForm
from apps.inventory.models import StockLevel, Warehouse
from apps.products.models import Category, Variant
from apps.products.services.categories import in_tree_order, keys_within, paths_of

MOST_ROWS = 2_000


class SheetForm(FilterForm):
    """What is to be counted. Without a warehouse, nothing."""

    warehouse = forms.ModelChoiceField(
        Warehouse.objects.none(), required=False, empty_label="Choose one"
    )
    category = forms.ChoiceField(required=False)
    skus = forms.ChoiceField(
        label="SKUs",
        required=False,
        choices=[("", "Those booked there"), ("all", "All that are active")],
    )

    def prepare(self) -> None:
        self.choose("warehouse", Warehouse.objects.visible_to(self.user))
        rows = list(Category.objects.visible_to(self.user))
        self.tree = in_tree_order(rows)
        paths = paths_of(rows)
        choices = [(str(row.pk), paths[row.pk]) for row, _ in self.tree]
        self.offer("category", [("", "All categories"), *choices])

    def variants(self) -> QuerySet[Variant]:
        warehouse = self.value("warehouse")
        if warehouse is None:
            return Variant.objects.none()
        rows = Variant.objects.filter(client=warehouse.client_id, is_bundle=False)
        if self.value("skus") == "all":
            rows = rows.filter(is_active=True)
        else:
            here = StockLevel.objects.filter(
                warehouse=warehouse, variant=OuterRef("pk")
            )
            rows = rows.filter(Exists(here))
        if category := self.value("category"):
            within = keys_within(self.tree, int(category))
            rows = rows.filter(product__category__in=within)
        return rows.select_related("product").order_by("sku", "pk")


def sheet(pages: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """A page of its own, black on white: it is for paper."""
    form = SheetForm(request.GET, request.user)
    rows = list(form.variants()[: MOST_ROWS + 1])
    context: dict[str, Any] = {
        "title": "Count sheet",
        "filters": form,
        "warehouse": form.value("warehouse"),
        "rows": rows[:MOST_ROWS],
        "is_cut": len(rows) > MOST_ROWS,
        "most": MOST_ROWS,
        "printed_at": timezone.now(),
    }
    return TemplateResponse(request, "inventory/document_sheet.html", context)
