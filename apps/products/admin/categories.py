"""The client's own categories: a tree as a list, and one form."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.filtering import FilteredList, FilterForm
from apps.products.admin.rows import SimpleRows
from apps.products.models import Category
from apps.products.services.categories import (
    SEPARATOR,
    delete_category,
    in_tree_order,
    paths_of,
    save_category,
)
from apps.users.models import Client
from apps.users.roles import VIEW_PRODUCT


class OfClient(FilterForm):
    """By name, and by client where there are several."""

    q = forms.CharField(
        label="Name",
        required=False,
        max_length=120,
        widget=forms.TextInput({"type": "search"}),
    )
    client = forms.ModelChoiceField(
        Client.objects.none(), required=False, empty_label="All clients"
    )
    permission = VIEW_PRODUCT

    def prepare(self) -> None:
        self.choose("client", Client.objects.visible_to(self.user, self.permission))

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        if words := self.value("q"):
            rows = rows.filter(name__icontains=words)
        if client := self.value("client"):
            rows = rows.filter(client=client)
        return rows


class CategoryList(FilteredList):
    form_class = OfClient


class CategoryForm(forms.Form):
    name = forms.CharField(max_length=120)
    parent = forms.ModelChoiceField(
        Category.objects.none(),
        label="Within",
        required=False,
        empty_label="— on the top level —",
    )

    def __init__(self, data: Any, client: Client, row: Category | None) -> None:
        super().__init__(
            data,
            initial={"name": row.name, "parent": row.parent_id} if row else {},
        )
        field = self.fields["parent"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Category.objects.filter(client=client)
        offer_paths(field, client)


def offer_paths(field: forms.ModelChoiceField, client: Client) -> None:  # type: ignore[type-arg]
    """Name categories by where they stand, in the order of the tree."""
    rows = list(Category.objects.filter(client=client))
    paths = paths_of(rows)
    ordered = [(row.pk, paths[row.pk]) for row, _ in in_tree_order(rows)]
    field.widget.choices = [("", field.empty_label or ""), *ordered]


class CategoryAdmin(SimpleRows):
    list_display = ["category", "client", "product_count"]
    list_display_links = ["category"]
    ordering = ["client__name", "name", "pk"]
    list_before_template = "products/rows.html"
    list_class = CategoryList
    list_title = "Categories"
    # A tree cut in pages is none.
    list_per_page = 2_000
    noun = "category"
    lead = (
        "The client's own shelves. Listings are told in TikTok's categories by region."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        counted: QuerySet[Any] = rows.annotate(product_count=Count("products"))
        return counted

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        paths = paths_of(Category.objects.visible_to(request.user))
        found: list[Any] = []
        for row, depth in in_tree_order(cl.result_list):
            found.append(row)
            found[-1].depth, found[-1].path = depth, paths[row.pk]
        # Stable: each client's tree stays as it is.
        cl.result_list = sorted(found, key=lambda row: row.client.name.lower())
        return super().list_context(request, cl)

    def form_for(
        self, request: HttpRequest, client: Client, row: Any, data: Any
    ) -> forms.Form:
        return CategoryForm(data, client, row)

    def save_row(
        self, client: Client, row: Any, form: forms.Form, by: dict[str, Any]
    ) -> Any:
        given = form.cleaned_data
        return save_category(
            client, given["name"], parent=given["parent"], category=row, **by
        )

    def delete_row(self, row: Any, by: dict[str, Any]) -> None:
        delete_category(row, **by)

    @admin.display(description="Category")
    def category(self, row: Any) -> SafeString:
        within = row.path.rpartition(SEPARATOR)[0]
        return format_html(
            '<span class="line depth-{}">{}{}</span>',
            min(row.depth, 8),
            row.name,
            format_html('<br><span class="soft">{}</span>', within) if within else "",
        )

    @admin.display(description="Products")
    def product_count(self, row: Any) -> SafeString | str:
        if not row.product_count:
            return "0"
        return format_html(
            '<a class="linked" href="{}?category={}">{}</a>',
            reverse("admin:products_product_changelist"),
            row.pk,
            row.product_count,
        )
