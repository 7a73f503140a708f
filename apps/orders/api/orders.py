"""Orders as the platforms told us, and what people decide about them here."""

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.errors import ScopeMissing
from apps.orders.api.order_bodies import (
    ChangeOrderSerializer,
    PrioritySerializer,
    ReleaseFieldSerializer,
    SettleFieldSerializer,
)
from apps.orders.api.order_filters import OrderFilters
from apps.orders.api.order_rows import BUYERS, OfOrders, OrderDetailSerializer
from apps.orders.services import editing
from apps.orders.services.order_fields import BUYER_FIELDS
from apps.orders.services.priority import set_priority
from apps.users.api.scoping import has_scope


class Orders(ListModelMixin, OfOrders):
    """Orders of the shops where one may see them.

    Who bought is null in lists and after changes. The detail tells it to whoever works
    on the shop's orders, with a token that has the scope buyers:read, and each such
    look is written into the audit trail.
    """

    filterset_class = OrderFilters
    orderings = ("placed_at", "modified_at")
    ordering = "-placed_at"

    def retrieve(self, request: Request, pk: int) -> Response:
        """One order with its lines, packages, cancellations and returns, and where
        each value comes from."""
        return self.read_out(self.get_object())

    @extend_schema(request=ChangeOrderSerializer, responses=OrderDetailSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Set fields by hand: what is set stands, whatever the sources say, until it is
        released.

        `expected` are the values you saw: where one of them is no longer so, nothing is
        set (409 changed_since_opened). Fields that tell of the buyer need the scope
        buyers:read.
        """
        order = self.processed()
        values = self.read(ChangeOrderSerializer, partial=True)
        expected = values.pop("expected", None)
        self._guard_buyer([*values, *(expected or ())])
        editing.edit(order, values, self.deed_by, expected=expected)
        return self.shown(self.get_object())

    @extend_schema(request=SettleFieldSerializer, responses=OrderDetailSerializer)
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: int) -> Response:
        """Decide whose word counts for a field on which sources differ; `person` keeps
        what is shown now. Repeating changes nothing."""
        order = self.processed()
        asked = self.read(SettleFieldSerializer)
        self._guard_buyer([asked["field"]])
        editing.settle(order, asked["field"], asked["source"], self.deed_by)
        return self.shown(self.get_object())

    @extend_schema(request=ReleaseFieldSerializer, responses=OrderDetailSerializer)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: int) -> Response:
        """Take back what somebody decided of a field: the sources speak again.
        Repeating changes nothing."""
        order = self.processed()
        field = self.read(ReleaseFieldSerializer)["field"]
        self._guard_buyer([field])
        editing.release(order, field, self.deed_by)
        return self.shown(self.get_object())

    @extend_schema(request=PrioritySerializer, responses=OrderDetailSerializer)
    @action(detail=True, methods=["post"])
    def priority(self, request: Request, pk: int) -> Response:
        """Say how urgent it is; the platform knows nothing of it. Repeating changes
        nothing."""
        order = self.processed()
        asked = self.read(PrioritySerializer)
        set_priority(
            order.shop, [order.pk], asked["priority"], asked["reason"], self.deed_by
        )
        return self.shown(self.get_object())

    def _guard_buyer(self, fields: list[str]) -> None:
        """Whether a guess was right would be told by what is refused."""
        tells = not set(fields).isdisjoint(BUYER_FIELDS)
        if tells and not has_scope(self.request, BUYERS):
            raise ScopeMissing(f"The token lacks the scope {BUYERS}.")
