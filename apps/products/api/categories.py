"""The client's own categories, and which of the platform's each is."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.fields import StrictSerializer
from apps.core.api.filters import RowFilter
from apps.core.api.relations import RowField
from apps.products.api.faults import told_by_field
from apps.products.models import Category, CategoryLink
from apps.products.services import categories
from apps.users.api.resource import ListsAndShows
from apps.users.models import Client
from apps.users.roles import CHANGE_PRODUCT, VIEW_PRODUCT


class CategoryLinkSerializer(serializers.ModelSerializer[CategoryLink]):
    """What the category is on the platform in a region."""

    category_id = serializers.CharField(source="category_remote_id")

    class Meta:
        model = CategoryLink
        fields = ("region", "category_id", "path")


class CategorySerializer(serializers.ModelSerializer[Category]):
    links = CategoryLinkSerializer(many=True)

    class Meta:
        model = Category
        fields = (
            "id",
            "client",
            "parent",
            "name",
            "links",
            "created_at",
            "modified_at",
        )


class ChangeCategorySerializer(StrictSerializer):
    name = serializers.CharField(max_length=120)
    parent = RowField(  # type: ignore[assignment]  # a field of that name
        lambda user: Category.objects.visible_to(user), allow_null=True, required=False
    )


class AddCategorySerializer(ChangeCategorySerializer):
    client = RowField(lambda user: Client.objects.visible_to(user, VIEW_PRODUCT))


class CategoryFilters(filters.FilterSet):  # type: ignore[misc]
    client = RowFilter(
        lambda user: Client.objects.visible_to(user, VIEW_PRODUCT), field_name="client"
    )
    parent = RowFilter(
        lambda user: Category.objects.visible_to(user), field_name="parent"
    )
    search = filters.CharFilter("name", "icontains", max_length=120)


class Categories(ListsAndShows[Category]):
    """The shelves a client's products stand on, one within another."""

    scope = "products"
    tag = "categories"
    queryset = Category.objects.all()
    serializer_class = CategorySerializer
    filterset_class = CategoryFilters
    orderings = ("name", "created_at", "modified_at")
    ordering = "name"

    def rows(self) -> Any:
        rows = super().rows().prefetch_related("links")
        return rows.select_related("client", "parent")

    def lock(self, row: Category) -> None:
        Client.objects.select_for_update(no_key=True).get(pk=row.client_id)

    @extend_schema(request=AddCategorySerializer, responses={201: CategorySerializer})
    def create(self, request: Request) -> Response:
        """Add a category, within another or not."""
        asked = self.read(AddCategorySerializer)
        client = asked.pop("client")
        self.need(CHANGE_PRODUCT, client)
        with told_by_field():
            row = categories.save_category(client, **asked, **self.by)
        return self.shown(row, status=201)

    @extend_schema(request=ChangeCategorySerializer, responses=CategorySerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Rename or move a category."""
        row = self._category()
        asked = self.read(ChangeCategorySerializer, partial=True)
        with told_by_field():
            categories.save_category(
                row.client,
                asked.get("name", row.name),
                parent=asked.get("parent", row.parent),
                category=row,
                **self.by,
            )
        return self.shown(self.get_object())

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Delete a category with none within it; its products stay, without one."""
        categories.delete_category(self._category(), **self.by)
        return Response(status=204)

    def _category(self) -> Category:
        row = self.subject()
        self.need(CHANGE_PRODUCT, row)
        return row
