"""An order as its own address shows it, for all that stands below that address."""

from typing import Any

from django.db.models import prefetch_related_objects
from django.http import Http404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.response import Response

from apps.core.api.errors import ScopeMissing
from apps.core.api.etags import answer
from apps.orders.api.asking import Asks, M
from apps.orders.api.line_serializers import LineSerializer
from apps.orders.api.package_serializers import PackageInOrderSerializer
from apps.orders.api.request_serializers import (
    CancellationDetailSerializer,
    ReturnDetailSerializer,
)
from apps.orders.api.serializers import OrderSerializer
from apps.orders.api.why_serializers import StorySerializer, stories_told
from apps.orders.models import Order
from apps.orders.services.buyer_views import note_buyer_seen
from apps.orders.services.line_money import money_by_line
from apps.platforms.models import Shop
from apps.users.api.resource import Resource
from apps.users.api.scoping import has_scope
from apps.users.roles import PROCESS_ORDERS

BUYERS = "buyers:read"
_HANGING = (
    "lines",
    "packages",
    "cancellations__lines__order_line",
    "returns__lines__order_line",
)


class OrderDetailSerializer(OrderSerializer):
    """With all that hangs on it, and the buyer where `shows_buyer` is in the context.
    `why` says of each field where its value comes from."""

    lines = serializers.SerializerMethodField()
    packages = PackageInOrderSerializer(many=True)
    cancellations = CancellationDetailSerializer(many=True)
    returns = ReturnDetailSerializer(many=True)
    why = serializers.SerializerMethodField()

    class Meta(OrderSerializer.Meta):
        fields = (
            *OrderSerializer.Meta.fields,
            "lines",
            "packages",
            "cancellations",
            "returns",
            "why",
        )

    def shows_buyer(self, order: Order) -> bool:
        return bool(self.context.get("shows_buyer", False))

    @extend_schema_field(LineSerializer(many=True))
    def get_lines(self, order: Order) -> Any:
        money = money_by_line(order)
        context = {**self.context, "money": {each.line.pk: each for each in money}}
        lines = [each.line for each in money]
        return LineSerializer(lines, many=True, context=context).data

    @extend_schema_field(StorySerializer(many=True))
    def get_why(self, order: Order) -> Any:
        user = self.context["request"].user
        return stories_told(order, user, shows_buyer=self.shows_buyer(order))


class OfOrders(Asks[Order]):
    """What is read and done at an order's address."""

    tag = "orders"
    queryset = Order.objects.all()
    serializer_class = OrderSerializer
    detail_class = OrderDetailSerializer

    def rows(self) -> Any:
        rows = super().rows()
        if self.action == "list":
            return rows.select_related("shop")
        return rows.select_related("shop__client", "shop__order_settings", "buyer")

    def lock(self, row: Order) -> None:
        Shop.objects.select_for_update(no_key=True).get(pk=row.shop_id)
        Order.objects.select_for_update(of=["self"], no_key=True).get(pk=row.pk)

    def shows_buyer(self, order: Order) -> bool:
        return has_scope(self.request, BUYERS) and self.user.has_perm(
            PROCESS_ORDERS, order
        )

    def represent(self, row: Order) -> Any:
        return self._told(row, shows_buyer=self.shows_buyer(row))

    def shown(self, row: Order, *, status: int = 200) -> Response:
        """After a deed: without the buyer. Answers are kept, to be repeated to whoever
        asks again, and a buyer's data is not. What is told less than the address tells
        has no ETag of it."""
        data = self._told(row, shows_buyer=False)
        if self.shows_buyer(row):
            return Response(data, status=status)
        return answer(self.request, data, status=status)

    def read_out(self, order: Order) -> Response:
        """Of its own address; that the buyer was seen is written down."""
        if self.shows_buyer(order):
            note_buyer_seen(order, self.user, address=self.address)
        return answer(self.request, self.represent(order))

    def processed(self) -> Order:
        """The order, of who may work on it."""
        order = self.subject()
        self.need(PROCESS_ORDERS, order)
        return order

    def _told(self, order: Order, *, shows_buyer: bool) -> Any:
        prefetch_related_objects([order], *_HANGING)
        context = {**self.get_serializer_context(), "shows_buyer": shows_buyer}
        return OrderDetailSerializer(order, context=context).data


class BelowOrder(ListModelMixin, Resource[M]):
    """Rows of one order, at addresses below its own."""

    scope = "orders"
    tag = "orders"

    def order(self) -> Order:
        """As visible, else as good as none."""
        orders = Order.objects.visible_to(self.user).select_related("shop__client")
        found = orders.filter(pk=self.kwargs["order_id"]).first()
        if found is None:
            raise Http404
        return found

    def processed(self) -> Order:
        order = self.order()
        self.need(PROCESS_ORDERS, order)
        return order

    def need_buyers(self) -> None:
        if not has_scope(self.request, BUYERS):
            raise ScopeMissing(f"The token lacks the scope {BUYERS}.")
