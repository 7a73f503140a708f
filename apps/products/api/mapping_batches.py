"""Decisions about listing SKUs, and the way back."""

from typing import Any

from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.filters import InstantFilter, RowFilter, YesNoFilter
from apps.orders.services import mapping
from apps.orders.services.mapping import By
from apps.platforms.models import Shop
from apps.products.api.outcomes import OutcomeSerializer, told
from apps.products.models import ListingSku, MappingBatch, MappingChange
from apps.users.api.resource import ListsAndShows
from apps.users.roles import CHANGE_LISTING, VIEW_LISTING, VIEW_ORDER

MOST_CHANGES = 200


class ChangeSerializer(serializers.ModelSerializer[MappingChange]):
    class Meta:
        model = MappingChange
        fields = (
            "listing_sku",
            "mapping_before",
            "mapping_after",
            "variant_before",
            "variant_after",
        )


class BatchSerializer(serializers.ModelSerializer[MappingBatch]):
    """`total` SKUs it is about, of which `changed` have changed so far."""

    changed = serializers.IntegerField()
    lines_relinked = serializers.SerializerMethodField(
        help_text="Null for who may not see the shop's orders."
    )

    class Meta:
        model = MappingBatch
        fields: tuple[str, ...] = (
            "id",
            "shop",
            "deed",
            "user",
            "created_at",
            "total",
            "changed",
            "lines_relinked",
            "is_running",
            "undone_at",
        )

    def get_lines_relinked(self, batch: MappingBatch) -> int | None:
        sees_orders = self.context["request"].user.has_perm(VIEW_ORDER, batch)
        return batch.lines_relinked if sees_orders else None


class BatchDetailSerializer(BatchSerializer):
    changes = serializers.SerializerMethodField(
        help_text=f"The first {MOST_CHANGES}; `changed` is their number."
    )

    class Meta(BatchSerializer.Meta):
        fields = (*BatchSerializer.Meta.fields, "changes")

    @extend_schema_field(ChangeSerializer(many=True))
    def get_changes(self, batch: MappingBatch) -> Any:
        return ChangeSerializer(batch.changes.all()[:MOST_CHANGES], many=True).data


class BatchFilters(filters.FilterSet):  # type: ignore[misc]
    shop = RowFilter(
        lambda user: Shop.objects.visible_to(user, VIEW_LISTING), field_name="shop"
    )
    listing_sku = RowFilter(
        lambda user: ListingSku.objects.visible_to(user), method="about"
    )
    deed = filters.ChoiceFilter(choices=MappingBatch.Deed.choices)
    is_running = YesNoFilter("is_running")
    is_undone = YesNoFilter("undone_at", "isnull", exclude=True)
    since = InstantFilter("created_at", "gte")
    until = InstantFilter("created_at", "lt")

    def about(self, rows: Any, name: str, sku: ListingSku) -> Any:
        changes = MappingChange.objects.filter(batch=OuterRef("pk"), listing_sku=sku)
        return rows.filter(Exists(changes))


class MappingBatches(ListsAndShows[MappingBatch]):
    """What one decision changed in a shop: it is undone as a whole."""

    scope = "listings"
    tag = "mapping batches"
    queryset = MappingBatch.objects.all()
    serializer_class = BatchSerializer
    detail_class = BatchDetailSerializer
    filterset_class = BatchFilters
    orderings = ("created_at",)
    ordering = "-created_at"

    def rows(self) -> Any:
        changes = MappingChange.objects.filter(batch=OuterRef("pk")).order_by()
        counted = changes.values("batch").annotate(count=Count("pk")).values("count")
        rows = super().rows().select_related("shop__client").defer("pending")
        return rows.annotate(changed=Coalesce(Subquery(counted), 0))

    def lock(self, row: MappingBatch) -> None:
        Shop.objects.select_for_update(no_key=True).get(pk=row.shop_id)
        MappingBatch.objects.select_for_update(no_key=True).get(pk=row.pk)

    @extend_schema(request=None, responses=OutcomeSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: int) -> Response:
        """Take it back where nothing newer was decided; the rest is left and named.

        Repeating changes nothing.
        """
        batch = self.subject()
        self.need(CHANGE_LISTING, batch)
        outcome = mapping.undo(batch, By(self.user, self.address))
        return Response(told(outcome, batch.shop, self.user))
