"""Runs: many actions asked for at once."""

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.filters import InstantFilter
from apps.core.queueing import after_commit
from apps.orders.api.action_serializers import (
    ActionRunDetailSerializer,
    ActionRunSerializer,
)
from apps.orders.api.asking import Asks
from apps.orders.api.filters import client_filter, shop_filter
from apps.orders.errors import ActionRefused
from apps.orders.models import ActionRun, OrderAction
from apps.orders.services import actions, priority
from apps.platforms.models import Shop
from apps.sync.tasks import work_order_actions
from apps.users.roles import PROCESS_ORDERS

MIXED = "mixed"
BEGUN = {202: ActionRunDetailSerializer}


class ActionRunFilters(filters.FilterSet):  # type: ignore[misc]
    shop = shop_filter()
    client = client_filter()
    kind = filters.ChoiceFilter(
        choices=[
            *OrderAction.Kind.choices,
            (MIXED, "Several kinds"),
            (priority.KIND, "Set priority"),
        ]
    )
    state = filters.ChoiceFilter(choices=ActionRun.State.choices)
    group = filters.CharFilter("group", max_length=36)
    since = InstantFilter("created_at", "gte")
    until = InstantFilter("created_at", "lt")


class ActionRuns(ListModelMixin, Asks[ActionRun]):
    """What was asked for many orders of a shop at once; its actions are at
    order-actions/?run=."""

    tag = "order actions"
    queryset = ActionRun.objects.all()
    serializer_class = ActionRunSerializer
    detail_class = ActionRunDetailSerializer
    filterset_class = ActionRunFilters
    orderings = ("pk",)
    ordering = "-pk"

    def rows(self) -> QuerySet[ActionRun]:
        rows: QuerySet[ActionRun] = super().rows().select_related("shop__client")
        is_list = self.action == "list"
        return rows.defer("refused_rows", "details") if is_list else rows

    def lock(self, row: ActionRun) -> None:
        Shop.objects.select_for_update(no_key=True).get(pk=row.shop_id)
        rows = ActionRun.objects.select_for_update(of=["self"], no_key=True)
        rows.get(pk=row.pk)

    def retrieve(self, request: Request, pk: int) -> Response:
        """One run: how far it is."""
        return self.shown(self.get_object())

    @extend_schema(request=None, responses=ActionRunDetailSerializer)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: int) -> Response:
        """Withdraw what of it was not sent yet; what is being sent ends."""
        run = self._processed()
        if run.kind != priority.KIND:
            actions.stop_run(run, self.deed_by)
        elif not priority.stop(run, self.deed_by):
            raise ActionRefused("This run has ended already.")
        return self.shown(self.get_object())

    @extend_schema(request=None, responses=BEGUN)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: int) -> Response:
        """Send what of it was refused again, and only that."""
        run = self._processed()
        actions.retry_failed(run, self.deed_by)
        return self._sent(run)

    @extend_schema(request=None, responses=BEGUN)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: int) -> Response:
        """Let all of it that was held back go to the platform. What cannot be done any
        more stays held, and says why."""
        run = self._processed()
        actions.release_run(run, self.deed_by)
        return self._sent(run)

    def _processed(self) -> ActionRun:
        run = self.subject()
        self.need(PROCESS_ORDERS, run)
        return run

    def _sent(self, run: ActionRun) -> Response:
        after_commit(work_order_actions.delay, run.shop_id)
        return self.shown(self.get_object(), status=202)
