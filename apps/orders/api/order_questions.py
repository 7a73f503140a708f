"""What the platform is asked about one order while somebody waits: what can be done
with it, and how. Nothing changes."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.integrations.contracts import Measures, RefundAmounts
from apps.orders.api.deed_bodies import BoxSerializer, RefundPreviewSerializer
from apps.orders.api.order_rows import OfOrders
from apps.orders.api.question_serializers import (
    CarriersSerializer,
    EligibilitiesSerializer,
    OffersSerializer,
    RefundAmountsSerializer,
    ServicesSerializer,
    SplitAdviceSerializer,
)
from apps.orders.services.actions import (
    Told,
    can_be_asked,
    refund_preview,
    shipping_services,
    split_advice,
)
from apps.orders.services.logistics import carriers_for
from apps.orders.services.looking_up import combine_offers


class OrderQuestions(OfOrders):
    """For who works on the order. Where the platform does not answer, or takes nothing,
    `problem` says why."""

    own_transactions = ("refund_amounts", "shipping_services")

    @extend_schema(responses=EligibilitiesSerializer)
    @action(detail=True, methods=["get"])
    def eligibility(self, request: Request, pk: int) -> Response:
        """What can be asked for its items (cancel, refund, return_and_refund), and the
        reasons that are taken."""
        told = can_be_asked(self.processed())
        return Response(EligibilitiesSerializer(told).data)

    @extend_schema(request=RefundPreviewSerializer, responses=RefundAmountsSerializer)
    @action(detail=True, methods=["post"], url_path="refund-preview")
    def refund_amounts(self, request: Request, pk: int) -> Response:
        """Tell what would go back to the buyer; nothing is asked for."""
        order = self.processed()
        asked = self.read(RefundPreviewSerializer)
        told = refund_preview(
            order, asked["request"].upper(), asked["reason"], asked["unit_ids"]
        )
        known = Told(told.value or RefundAmounts(), told.problem)
        return Response(RefundAmountsSerializer(known).data)

    @extend_schema(responses=CarriersSerializer)
    @action(detail=True, methods=["get"])
    def carriers(self, request: Request, pk: int) -> Response:
        """The carriers it may be sent with, where you bring it yourself."""
        return Response(CarriersSerializer(carriers_for(self.processed())).data)

    @extend_schema(responses=SplitAdviceSerializer)
    @action(detail=True, methods=["get"], url_path="split-advice")
    def splitting(self, request: Request, pk: int) -> Response:
        """Whether it can, or must, be sent in several packages."""
        return Response(SplitAdviceSerializer(split_advice(self.processed())).data)

    @extend_schema(responses=OffersSerializer)
    @action(detail=True, methods=["get"], url_path="combine-offers")
    def combining(self, request: Request, pk: int) -> Response:
        """What could travel with it in one package."""
        return Response(OffersSerializer(combine_offers(self.processed())).data)

    @extend_schema(request=BoxSerializer, responses=ServicesSerializer)
    @action(detail=True, methods=["post"], url_path="shipping-services")
    def shipping_services(self, request: Request, pk: int) -> Response:
        """The labels on sale for it, or single items of it (US)."""
        order = self.processed()
        asked = self.read(BoxSerializer)
        measures: dict[str, Any] | None = asked.get("measures")
        box = Measures(**measures) if measures else None
        told = shipping_services(order, asked["unit_ids"], box)
        return Response(ServicesSerializer(told).data)
