"""Whom clients buy from. Only for those who see what things cost."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.core.admin import badge
from apps.core.filtering import FilteredList
from apps.core.money import Money
from apps.products.admin.base import cost_text, other_pages
from apps.products.admin.categories import OfClient
from apps.products.admin.rows import SimpleRows
from apps.products.models import Supplier
from apps.products.services.suppliers import delete_supplier, save_supplier
from apps.users.models import Client
from apps.users.roles import CHANGE_PRODUCT, VIEW_COST

SOURCES_A_PAGE = 100


class SupplierFilters(OfClient):
    permission = VIEW_COST


class SupplierList(FilteredList):
    form_class = SupplierFilters


class SupplierForm(forms.ModelForm):  # type: ignore[type-arg]
    currency = forms.CharField(max_length=3, required=False)

    class Meta:
        model = Supplier
        fields = (
            "name",
            "email",
            "currency",
            "lead_time_days",
            "minimum_order_amount",
            "note",
            "is_active",
        )
        widgets = {"note": forms.Textarea({"rows": 3})}

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


class SupplierAdmin(SimpleRows):
    list_display = ["name", "client", "lead_time", "minimum", "variant_count", "state"]
    list_display_links = ["name"]
    ordering = ["name", "pk"]
    list_before_template = "products/rows.html"
    list_class = SupplierList
    list_title = "Suppliers"
    noun = "supplier"
    lead = "Whom clients buy from, how long it takes and what the least order is."
    row_template = "products/supplier.html"

    def _allows(self, request: HttpRequest, deed: str, obj: Model | None) -> bool:
        if obj is None:
            asked = VIEW_COST if deed == "view" else CHANGE_PRODUCT
            return bool(request.user.has_perm(asked))
        return super()._allows(request, deed, obj)

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        seen = Client.objects.permitting(request.user, VIEW_COST)
        keys = set(seen.values_list("pk", flat=True))
        for row in cl.result_list:
            row.sees_costs = row.client_id in keys
        return super().list_context(request, cl)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        counted: QuerySet[Any] = rows.annotate(variant_count=Count("sources"))
        return counted

    def form_for(
        self, request: HttpRequest, client: Client, row: Any, data: Any
    ) -> Any:
        # A copy: the form writes into what it is given, the service compares.
        copy = Supplier.objects.get(pk=row.pk) if row else Supplier(client=client)
        form = SupplierForm(data, instance=copy)
        if not request.user.has_perm(VIEW_COST, client):
            del form.fields["minimum_order_amount"]
        return form

    def save_row(
        self, client: Client, row: Any, form: forms.Form, by: dict[str, Any]
    ) -> Any:
        stored = Supplier.objects.get(pk=row.pk) if row else None
        return save_supplier(client, form.cleaned_data, supplier=stored, **by)

    def delete_row(self, row: Any, by: dict[str, Any]) -> None:
        delete_supplier(row, **by)

    def row_context(
        self, request: HttpRequest, client: Client, row: Any, form: forms.Form
    ) -> dict[str, Any]:
        if row is None:
            return {}
        sources = row.sources.select_related("variant__product")
        page = Paginator(
            sources.order_by("variant__sku", "pk"), SOURCES_A_PAGE
        ).get_page(request.GET.get("p"))
        return {
            "sees_costs": request.user.has_perm(VIEW_COST, row),
            "pages": other_pages(request, page, "p"),
            "sources": [
                (each, cost_text(money(each.cost_amount, each.currency)))
                for each in page
            ],
        }

    @admin.display(description="Lead time", ordering="lead_time_days")
    def lead_time(self, row: Supplier) -> str:
        days = row.lead_time_days
        return "—" if days is None else f"{days} day{'' if days == 1 else 's'}"

    @admin.display(description="Least order")
    def minimum(self, row: Any) -> str:
        least = row.minimum_order_amount if row.sees_costs else None
        return cost_text(money(least, row.currency)) or "—"

    @admin.display(description="Variants", ordering="variant_count")
    def variant_count(self, row: Any) -> int:
        count: int = row.variant_count
        return count

    @admin.display(description="State", ordering="is_active")
    def state(self, row: Supplier) -> SafeString:
        return (
            badge("Active", "good") if row.is_active else badge("Inactive", "neutral")
        )


def money(amount: Any, currency: str) -> Money | None:
    return None if amount is None else Money(amount, currency)
