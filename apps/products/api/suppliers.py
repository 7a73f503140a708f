"""Whom clients buy from: for those who may see what products cost."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.fields import StrictSerializer
from apps.core.api.filters import InstantFilter, RowFilter, YesNoFilter
from apps.core.api.relations import RowField
from apps.products.api.amounts import CostField, MoneySerializer
from apps.products.api.faults import told_by_field
from apps.products.models import Supplier
from apps.products.services import suppliers
from apps.users.api.resource import ListsAndShows
from apps.users.models import Client
from apps.users.roles import CHANGE_PRODUCT, VIEW_COST


class SupplierSerializer(serializers.ModelSerializer[Supplier]):
    email = serializers.CharField()  # some have none
    minimum_order_amount = CostField()

    class Meta:
        model = Supplier
        fields = (
            "id",
            "client",
            "name",
            "email",
            "currency",
            "lead_time_days",
            "minimum_order_amount",
            "note",
            "is_active",
            "created_at",
            "modified_at",
        )


class ChangeSupplierSerializer(StrictSerializer):
    name = serializers.CharField(max_length=160)
    email = serializers.EmailField(max_length=254, allow_blank=True, required=False)
    currency = serializers.CharField(max_length=3, allow_blank=True, required=False)
    lead_time_days = serializers.IntegerField(
        min_value=0, max_value=32_767, allow_null=True, required=False
    )
    minimum_order_amount = MoneySerializer(
        allow_null=True,
        required=False,
        help_text="In the supplier's currency, which it sets where none is named.",
    )
    note = serializers.CharField(max_length=10_000, allow_blank=True, required=False)
    is_active = serializers.BooleanField(required=False)

    def validate_currency(self, code: str) -> str:
        return code.upper()

    def validate(self, attrs: Any) -> Any:
        if least := attrs.get("minimum_order_amount"):
            code = least["currency"].upper()
            if attrs.setdefault("currency", code) != code:
                raise ValidationError(
                    {"minimum_order_amount": "It is in another currency."}
                )
            attrs["minimum_order_amount"] = least["amount"]
        return attrs


class AddSupplierSerializer(ChangeSupplierSerializer):
    client = RowField(lambda user: Client.objects.visible_to(user, VIEW_COST))


class SupplierFilters(filters.FilterSet):  # type: ignore[misc]
    client = RowFilter(
        lambda user: Client.objects.visible_to(user, VIEW_COST), field_name="client"
    )
    is_active = YesNoFilter("is_active")
    updated_since = InstantFilter("modified_at", "gte")
    search = filters.CharFilter("name", "icontains", max_length=160)


class Suppliers(ListsAndShows[Supplier]):
    """Suppliers of clients at whose shops one may see costs."""

    scope = "products"
    tag = "suppliers"
    queryset = Supplier.objects.all()
    serializer_class = SupplierSerializer
    filterset_class = SupplierFilters
    orderings = ("name", "created_at", "modified_at")
    ordering = "name"

    def rows(self) -> Any:
        return super().rows().select_related("client")

    @extend_schema(request=AddSupplierSerializer, responses={201: SupplierSerializer})
    def create(self, request: Request) -> Response:
        """Add a supplier."""
        asked = self.read(AddSupplierSerializer)
        client = asked.pop("client")
        self.need(CHANGE_PRODUCT, client)
        with told_by_field():
            row = suppliers.save_supplier(client, asked, **self.by)
        return self.shown(self.get_queryset().get(pk=row.pk), status=201)

    @extend_schema(request=ChangeSupplierSerializer, responses=SupplierSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change a supplier; what is left out stays."""
        row = self._supplier()
        asked = self.read(ChangeSupplierSerializer, partial=True)
        with told_by_field():
            suppliers.save_supplier(row.client, asked, supplier=row, **self.by)
        return self.shown(self.get_object())

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Delete a supplier nothing is bought from; others are made inactive."""
        suppliers.delete_supplier(self._supplier(), **self.by)
        return Response(status=204)

    def _supplier(self) -> Supplier:
        row = self.subject()
        self.need(CHANGE_PRODUCT, row)
        return row
