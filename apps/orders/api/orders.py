"""Orders as the platforms told us. Read only: the platforms own them."""

from typing import Any

from django.db.models import Q, QuerySet
from django_filters import rest_framework as filters
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.etags import answer
from apps.core.api.filters import InstantFilter, NumbersFilter, RowFilter
from apps.orders.api.serializers import OrderDetailSerializer, OrderSerializer
from apps.orders.models import Order, Parcel
from apps.orders.services.buyer_views import note_buyer_seen
from apps.platforms.models import Shop
from apps.users.api.resource import ListsAndShows
from apps.users.api.scoping import has_scope
from apps.users.models import Client
from apps.users.roles import PROCESS_ORDERS, VIEW_ORDER


class OrderFilters(filters.FilterSet):  # type: ignore[misc]
    shop = RowFilter(
        lambda user: Shop.objects.visible_to(user, VIEW_ORDER), field_name="shop"
    )
    client = RowFilter(
        lambda user: Client.objects.visible_to(user, VIEW_ORDER),
        field_name="shop__client",
    )
    status = filters.ChoiceFilter(choices=Order.Status.choices)
    placed_from = InstantFilter("placed_at", "gte")
    placed_to = InstantFilter("placed_at", "lt")
    # When it changed here: what came late from the platform is news all the same.
    updated_since = InstantFilter("modified_at", "gte")
    order_id = NumbersFilter("remote_id", "in")
    tracking_number = filters.CharFilter(method="tracked", max_length=80)

    def tracked(self, rows: QuerySet[Any], name: str, number: str) -> QuerySet[Any]:
        parcels = Parcel.objects.filter(tracking_number=number)
        return rows.filter(
            Q(tracking_number=number) | Q(pk__in=parcels.values("order"))
        )


class Orders(ListsAndShows[Order]):
    """Orders of the shops where one may see them.

    Who bought is null in lists. The detail tells it to whoever works on the shop's
    orders, with a token that has the scope buyers:read, and each such look is written
    into the audit trail.
    """

    scope = "orders"
    queryset = Order.objects.all()
    serializer_class = OrderSerializer
    detail_class = OrderDetailSerializer
    filterset_class = OrderFilters
    orderings = ("placed_at", "modified_at")
    ordering = "-placed_at"

    def rows(self) -> Any:
        rows = super().rows().select_related("shop")
        if self.action == "list":
            return rows
        rows = rows.select_related("shop__client", "buyer")
        return rows.prefetch_related("lines", "parcels")

    def retrieve(self, request: Request, pk: int) -> Response:
        order = self.get_object()
        shows_buyer = has_scope(request, "buyers:read") and self.user.has_perm(
            PROCESS_ORDERS, order
        )
        if shows_buyer:
            note_buyer_seen(order, self.user, address=self.address)
        context = {**self.get_serializer_context(), "shows_buyer": shows_buyer}
        return answer(request, OrderDetailSerializer(order, context=context).data)
