"""Returns, refunds, replacements and exchanges, and the answers to them."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from apps.integrations.contracts import Decision
from apps.orders.api.asking import (
    ASKED,
    Asks,
    ReasonsSerializer,
    amount_of,
    reasons_told,
)
from apps.orders.api.cancellations import order_of
from apps.orders.api.deed_bodies import (
    LATE_OFFER,
    OFFER,
    AcceptReturnSerializer,
    DeclineReturnSerializer,
    OfferSerializer,
)
from apps.orders.api.filters import ReturnFilters
from apps.orders.api.request_serializers import ReturnDetailSerializer, ReturnSerializer
from apps.orders.errors import ActionRefused
from apps.orders.models import Order, OrderAction, Return
from apps.orders.services.actions import Wish, decisions_for, reject_reasons
from apps.platforms.models import Shop
from apps.users.roles import PROCESS_ORDERS

Kind = OrderAction.Kind
_NOT_WAITING = "TikTok waits for no answer of yours."


class Returns(ListModelMixin, Asks[Return]):
    """What buyers want back, until when it must be answered, and what it came to. To
    refund as the seller, see orders/."""

    tag = "returns"
    queryset = Return.objects.all()
    serializer_class = ReturnSerializer  # type: ignore[assignment]
    detail_class = ReturnDetailSerializer
    filterset_class = ReturnFilters
    orderings = ("modified_at",)
    ordering = "-modified_at"

    def rows(self) -> Any:
        rows = super().rows()
        if self.action == "list":
            return rows
        rows = rows.select_related("shop__client", "order__shop__client")
        return rows.prefetch_related("lines__order_line")

    def lock(self, row: Return) -> None:
        Shop.objects.select_for_update(no_key=True).get(pk=row.shop_id)
        Return.objects.select_for_update(of=["self"], no_key=True).get(pk=row.pk)

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

    @extend_schema(request=AcceptReturnSerializer, responses=ASKED)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: int) -> Response:
        """Agree to it, in one of the ways in `accepts_with`."""
        row, order = self._processed()
        asked = self.read(AcceptReturnSerializer)
        asked.setdefault("decision", _first(decisions_for(row)[0]))
        return self.asked(Wish(order, Kind.APPROVE_RETURN, asked, order_return=row))

    @extend_schema(request=DeclineReturnSerializer, responses=ASKED)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: int) -> Response:
        """Refuse it, or the goods that came back, in one of the ways in
        `declines_with`."""
        row, order = self._processed()
        asked = self.read(DeclineReturnSerializer)
        asked.setdefault("decision", _first(decisions_for(row)[1]))
        return self.asked(Wish(order, Kind.REJECT_RETURN, asked, order_return=row))

    @extend_schema(request=OfferSerializer, responses=ASKED)
    @action(detail=True, methods=["post"], url_path="partial-offer")
    def partial_offer(self, request: Request, pk: int) -> Response:
        """Offer the buyer a part of what was asked for."""
        row, order = self._processed()
        asked = self.read(OfferSerializer)
        details = {"amount": amount_of(asked["amount"], order)}
        if LATE_OFFER in decisions_for(row)[1]:
            words = {name: asked[name] for name in ("reason", "comment")}
            details |= {"decision": LATE_OFFER.value, **words}
            return self.asked(
                Wish(order, Kind.REJECT_RETURN, details, order_return=row)
            )
        details["decision"] = OFFER.value
        return self.asked(Wish(order, Kind.APPROVE_RETURN, details, order_return=row))

    @extend_schema(request=None, responses=ASKED)
    @action(detail=True, methods=["post"])
    def received(self, request: Request, pk: int) -> Response:
        """The goods have come back as they should: the buyer is paid. What became of
        them is said at inspections/."""
        row, order = self._processed()
        details = {"decision": Decision.APPROVE_RECEIVED_PACKAGE.value}
        return self.asked(Wish(order, Kind.APPROVE_RETURN, details, order_return=row))

    def _processed(self) -> tuple[Return, Order]:
        row = self.subject()
        self.need(PROCESS_ORDERS, row)
        return row, order_of(row.order)


def _first(decisions: list[Decision]) -> str:
    if not decisions:
        raise ActionRefused(_NOT_WAITING)
    return decisions[0].value
