"""Wishes to cancel, and the answers to them."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from apps.orders.api.asking import ASKED, Asks, ReasonsSerializer, reasons_told
from apps.orders.api.deed_bodies import DeclineSerializer
from apps.orders.api.filters import CancellationFilters
from apps.orders.api.request_serializers import (
    CancellationDetailSerializer,
    CancellationSerializer,
)
from apps.orders.errors import ActionRefused
from apps.orders.models import Cancellation, Order, OrderAction
from apps.orders.services.actions import Wish, reject_reasons
from apps.platforms.models import Shop
from apps.users.roles import PROCESS_ORDERS

Kind = OrderAction.Kind


class Cancellations(ListModelMixin, Asks[Cancellation]):
    """Who asked for it, until when it must be answered, and what it came to. To cancel
    as the seller, see orders/."""

    tag = "cancellations"
    queryset = Cancellation.objects.all()
    serializer_class = CancellationSerializer
    detail_class = CancellationDetailSerializer
    filterset_class = CancellationFilters
    orderings = ("modified_at",)
    ordering = "-modified_at"

    def rows(self) -> Any:
        rows = super().rows()
        if self.action == "list":
            return rows
        rows = rows.select_related("shop__client", "order__shop__client")
        return rows.prefetch_related("lines__order_line")

    def lock(self, row: Cancellation) -> None:
        Shop.objects.select_for_update(no_key=True).get(pk=row.shop_id)
        rows = Cancellation.objects.select_for_update(of=["self"], no_key=True)
        rows.get(pk=row.pk)

    def retrieve(self, request: Request, pk: int) -> Response:
        """One, with the items it is about."""
        return self.shown(self.get_object())

    @extend_schema(responses=ReasonsSerializer)
    @action(detail=True, methods=["get"])
    def reasons(self, request: Request, pk: int) -> Response:
        """What it can be declined for."""
        row = self.get_object()
        self.need(PROCESS_ORDERS, row)
        return reasons_told(reject_reasons(row))

    @extend_schema(request=None, responses=ASKED)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: int) -> Response:
        """Let the buyer cancel."""
        row, order = self._processed()
        return self.asked(Wish(order, Kind.APPROVE_CANCELLATION, cancellation=row))

    @extend_schema(request=DeclineSerializer, responses=ASKED)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: int) -> Response:
        """Refuse it: the order goes on."""
        row, order = self._processed()
        details = self.read(DeclineSerializer)
        return self.asked(
            Wish(order, Kind.REJECT_CANCELLATION, details, cancellation=row)
        )

    def _processed(self) -> tuple[Cancellation, Order]:
        row = self.subject()
        self.need(PROCESS_ORDERS, row)
        return row, order_of(row.order)


def order_of(order: Order | None) -> Order:
    """Raises ActionRefused for a request whose order is not known yet."""
    if order is None:
        raise ActionRefused("Its order is not known here yet.")
    return order
