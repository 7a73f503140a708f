"""What the platform was asked to do with orders, and what people do about it."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.filters import InstantFilter, NumbersFilter, RowFilter, YesNoFilter
from apps.core.queueing import after_commit
from apps.orders.api.action_serializers import ActionSerializer
from apps.orders.api.asking import ASKED, Asks
from apps.orders.api.filters import (
    chosen,
    client_filter,
    order_filter,
    shop_filter,
)
from apps.orders.models import ActionRun, OrderAction
from apps.orders.services import actions
from apps.platforms.models import Shop
from apps.sync.tasks import work_order_actions
from apps.users.roles import PROCESS_ORDERS
from apps.users.services.audit import By

Deed = Callable[[OrderAction, By], OrderAction]
_FAILED = Q(state=OrderAction.State.REFUSED, dismissed_at__isnull=True)


class ActionFilters(filters.FilterSet):  # type: ignore[misc]
    shop = shop_filter()
    client = client_filter()
    order = order_filter(field_name="order")
    order_id = NumbersFilter("order__remote_id", "in")
    run = RowFilter(lambda user: ActionRun.objects.visible_to(user), field_name="run")
    kind = filters.ChoiceFilter(choices=OrderAction.Kind.choices)
    state = filters.ChoiceFilter(choices=OrderAction.State.choices)
    is_failed = YesNoFilter(method="failed")
    updated_since = InstantFilter("modified_at", "gte")

    def failed(self, rows: Any, name: str, is_failed: bool) -> Any:  # noqa: FBT001 (the library's way)
        return chosen(rows, _FAILED, holds=is_failed)


class OrderActions(ListModelMixin, Asks[OrderAction]):
    """Each is written down first and then sent; what was sent and not answered is
    looked at before it is sent again.

    `state` is held (until somebody releases it), waiting, sending, done, refused or
    withdrawn; a refused one that nobody has dismissed is failed.
    """

    tag = "order actions"
    queryset = OrderAction.objects.all()
    serializer_class = ActionSerializer
    filterset_class = ActionFilters
    orderings = ("pk",)
    ordering = "-pk"

    def rows(self) -> Any:
        return super().rows().select_related("order", "shop__client")

    def lock(self, row: OrderAction) -> None:
        Shop.objects.select_for_update(no_key=True).get(pk=row.shop_id)
        rows = OrderAction.objects.select_for_update(of=["self"], no_key=True)
        rows.get(pk=row.pk)

    def retrieve(self, request: Request, pk: int) -> Response:
        """One action, and what the platform said."""
        return self.shown(self.get_object())

    @extend_schema(request=None, responses=ActionSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: int) -> Response:
        """Ask for it no longer, while it is not sent. Repeating changes nothing."""
        self._do(actions.withdraw)
        return self.shown(self.get_object())

    @extend_schema(request=None, responses=ActionSerializer)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: int) -> Response:
        """Say that a refused one is seen to. Repeating changes nothing."""
        self._do(actions.dismiss)
        return self.shown(self.get_object())

    @extend_schema(request=None, responses=ASKED)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: int) -> Response:
        """Let what was held back go to the platform."""
        return self._sent(actions.release)

    @extend_schema(request=None, responses=ASKED)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: int) -> Response:
        """Send a refused one again."""
        return self._sent(actions.retry)

    def _do(self, deed: Deed) -> OrderAction:
        row = self.subject()
        self.need(PROCESS_ORDERS, row)
        return deed(row, self.deed_by)

    def _sent(self, deed: Deed) -> Response:
        row = self._do(deed)
        after_commit(work_order_actions.delay, row.shop_id)
        return self.answered(self.get_object())
