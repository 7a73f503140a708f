"""Own products: made, changed and put away with all their variants at once."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.filters import InstantFilter, RowFilter, YesNoFilter
from apps.products.api.faults import told_by_field
from apps.products.api.product_serializers import (
    AddProductSerializer,
    ChangeProductSerializer,
    ProductDetailSerializer,
    ProductSerializer,
)
from apps.products.api.variant_serializers import variant_input
from apps.products.models import Category, Product, Variant
from apps.products.services import catalogue
from apps.users.api.resource import ListsAndShows
from apps.users.models import Client
from apps.users.roles import CHANGE_PRODUCT, VIEW_PRODUCT


class ProductFilters(filters.FilterSet):  # type: ignore[misc]
    client = RowFilter(
        lambda user: Client.objects.visible_to(user, VIEW_PRODUCT), field_name="client"
    )
    category = RowFilter(
        lambda user: Category.objects.visible_to(user), field_name="category"
    )
    is_active = YesNoFilter("is_active")
    updated_since = InstantFilter("modified_at", "gte")
    search = filters.CharFilter(method="named", max_length=120)

    def named(self, rows: QuerySet[Any], name: str, text: str) -> QuerySet[Any]:
        """By name, or by the SKU of a variant."""
        variants = Variant.objects.filter(product=OuterRef("pk"), sku__iexact=text)
        return rows.filter(Q(name__icontains=text) | Q(Exists(variants)))


class Products(ListsAndShows[Product]):
    """Products of clients at whose shops one may see them. They are changed by who may
    do that at all shops of the client."""

    scope = "products"
    tag = "products"
    queryset = Product.objects.all()
    serializer_class = ProductSerializer
    detail_class = ProductDetailSerializer
    filterset_class = ProductFilters
    orderings = ("name", "created_at", "modified_at")
    ordering = "name"

    def rows(self) -> Any:
        rows = super().rows()
        if self.action == "list":
            return rows
        return rows.select_related("client").prefetch_related(
            "images", "variants__prices", "variants__components__component"
        )

    def lock(self, row: Product) -> None:
        Product.objects.select_for_update(no_key=True).get(pk=row.pk)

    @extend_schema(
        request=AddProductSerializer, responses={201: ProductDetailSerializer}
    )
    def create(self, request: Request) -> Response:
        """Add a product with all its variants."""
        asked = self.read(AddProductSerializer)
        client = asked.pop("client")
        self.need(CHANGE_PRODUCT, client)
        variants = [variant_input(each) for each in asked.pop("variants")]
        with told_by_field("variants"):
            product = catalogue.create_product(client, asked, variants, **self.by)
        return self._now(product, status=201)

    @extend_schema(request=ChangeProductSerializer, responses=ProductDetailSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change a product and its variants; what is left out stays.

        All of it is done or nothing. Of `prices` only the currencies named change.
        """
        product = self._product()
        asked = self.read(ChangeProductSerializer, partial=True)
        variants = [variant_input(each) for each in asked.pop("variants", ())]
        removed = asked.pop("removed_variants", ())
        _check_once(variants, removed)
        with told_by_field("variants"):
            catalogue.update_product(
                product, asked, variants, removed=removed, **self.by
            )
        return self._now(product)

    @extend_schema(request=None, responses=ProductDetailSerializer)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: int) -> Response:
        """Put it away: it keeps its history and is suggested no more."""
        product = self._product()
        catalogue.set_active(product, is_active=False, **self.by)
        return self._now(product)

    @extend_schema(request=None, responses=ProductDetailSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: int) -> Response:
        """Take it back from the archive."""
        product = self._product()
        catalogue.set_active(product, is_active=True, **self.by)
        return self._now(product)

    def _product(self) -> Product:
        product = self.subject()
        self.need(CHANGE_PRODUCT, product)
        return product

    def _now(self, product: Product, *, status: int = 200) -> Response:
        return self.shown(self.get_queryset().get(pk=product.pk), status=status)


def _check_once(variants: list[Any], removed: Any) -> None:
    """A variant is spoken of once, be it to change or to delete it."""
    keys = [each.variant_id for each in variants if each.variant_id is not None]
    if len(set(keys)) < len(keys) or set(keys) & set(removed):
        raise ValidationError({"variants": "A variant is named twice."})
