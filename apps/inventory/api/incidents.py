"""More was promised than is there: which order lost, and who sees to it."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.fields import StrictSerializer
from apps.core.api.filters import InstantFilter, RowFilter, YesNoFilter
from apps.inventory.api.causes import CauseSerializer, of_order, with_causes
from apps.inventory.api.filters import (
    SkuFilter,
    client_filter,
    variant_filter,
    warehouse_filter,
)
from apps.inventory.models import OversellIncident
from apps.inventory.services import incident_deeds
from apps.inventory.services.documents import By
from apps.orders.models import Order
from apps.users.api.resource import ListsAndShows
from apps.users.roles import CHANGE_STOCK


class IncidentSerializer(serializers.ModelSerializer[OversellIncident]):
    """`quantity` pieces promised to `cause` are not there; `worst` is the most it came
    to. `outcome` is empty while it is open."""

    client = serializers.IntegerField(source="client_id")
    warehouse = serializers.IntegerField(source="level.warehouse_id")
    variant = serializers.IntegerField(source="level.variant_id")
    sku = serializers.CharField(source="level.variant.sku")
    outcome = serializers.ChoiceField(
        OversellIncident.Outcome.choices, allow_blank=True, read_only=True
    )
    cause = CauseSerializer(source="*")

    class Meta:
        model = OversellIncident
        fields = (
            "id",
            "client",
            "level",
            "warehouse",
            "variant",
            "sku",
            "cause",
            "quantity",
            "worst",
            "opened_at",
            "closed_at",
            "outcome",
            "taken_by",
            "taken_at",
            "note",
            "created_at",
            "modified_at",
        )


class NoteSerializer(StrictSerializer):
    note = serializers.CharField(
        max_length=incident_deeds.LONGEST_NOTE, allow_blank=True
    )


class IncidentFilters(filters.FilterSet):  # type: ignore[misc]
    client = client_filter("level__warehouse__client")
    warehouse = warehouse_filter("level__warehouse")
    variant = variant_filter("level__variant")
    sku = SkuFilter("level__variant")
    order = RowFilter(lambda user: Order.objects.visible_to(user), method=of_order)
    is_open = YesNoFilter("closed_at", "isnull")
    is_taken = YesNoFilter("taken_by", "isnull", exclude=True)
    since = InstantFilter("opened_at", "gte")
    until = InstantFilter("opened_at", "lt")
    updated_since = InstantFilter("modified_at", "gte")


class OversellIncidents(ListsAndShows[OversellIncident]):
    """Of all that were promised a piece, who came last loses. An incident closes by
    itself once the pieces are there, or no longer promised."""

    scope = "stock"
    tag = "oversells"
    queryset = OversellIncident.objects.all()
    serializer_class = IncidentSerializer
    filterset_class = IncidentFilters
    orderings = ("opened_at", "modified_at")
    ordering = "-opened_at"

    def rows(self) -> Any:
        rows = super().rows().select_related("level__variant", "level__warehouse")
        return with_causes(rows, self.user)

    @extend_schema(request=NoteSerializer, responses=IncidentSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Note what was found out or done."""
        incident = self._incident()
        incident_deeds.set_note(incident, self.read(NoteSerializer)["note"], self._by)
        return self.shown(self.get_object())

    @extend_schema(request=None, responses=IncidentSerializer)
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: int) -> Response:
        """See to it oneself. Repeating changes nothing."""
        incident_deeds.take(self._incident(), self._by)
        return self.shown(self.get_object())

    @extend_schema(request=None, responses=IncidentSerializer)
    @action(detail=True, methods=["post"], url_path="let-go")
    def let_go(self, request: Request, pk: int) -> Response:
        """Leave it to others again. Repeating changes nothing."""
        incident_deeds.let_go(self._incident(), self._by)
        return self.shown(self.get_object())

    def _incident(self) -> OversellIncident:
        incident = self.subject()
        self.need(CHANGE_STOCK, incident)
        return incident

    @property
    def _by(self) -> By:
        return By(self.user, self.address)
