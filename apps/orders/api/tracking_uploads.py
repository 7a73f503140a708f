"""Carriers' numbers of many orders in one go."""

from typing import Any

from django.core.exceptions import PermissionDenied
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.fields import StrictSerializer
from apps.core.queueing import after_commit
from apps.core.storing import clean
from apps.orders.api.action_serializers import ActionRunSerializer
from apps.orders.api.asking import LONGEST_ID, Asks
from apps.orders.api.deed_bodies import NumberSerializer
from apps.orders.models import Order, OrderAction
from apps.orders.services import tracking_upload
from apps.orders.services.tracking_upload import Judged, Result, Row
from apps.products.api.row_lists import rows_of
from apps.sync.tasks import work_order_actions
from apps.users.roles import PROCESS_ORDERS

MOST_ROWS = 1_000


class WriteRowSerializer(NumberSerializer):
    """`package_id` says which, of an order in several packages."""

    order_id = serializers.CharField(
        max_length=LONGEST_ID, help_text="The platform's number."
    )
    package_id = serializers.CharField(
        max_length=LONGEST_ID, default="", help_text="The platform's ID."
    )


class UploadSerializer(StrictSerializer):
    rows = rows_of(WriteRowSerializer, most=MOST_ROWS, allow_empty=False)
    dry_run = serializers.BooleanField(
        default=False, help_text="Only tell what would become of each row."
    )


class JudgedSerializer(serializers.Serializer[Judged]):
    """`result` is new, correction, same (nothing to do) or refused; `why` says why not.
    `action` is what was asked for, with its state."""

    row = serializers.IntegerField(source="row.line", help_text="From 1.")
    order_id = serializers.CharField(source="row.order_id")
    package_id = serializers.CharField(source="row.package_id", allow_blank=True)
    order = serializers.IntegerField(source="order.pk", allow_null=True, default=None)
    result = serializers.ChoiceField([each.value for each in Result])
    why = serializers.CharField(allow_blank=True)
    action = serializers.IntegerField(source="action.pk", allow_null=True, default=None)
    state = serializers.ChoiceField(
        OrderAction.State.choices, source="action.state", allow_null=True, default=None
    )


class UploadedSerializer(serializers.Serializer[Any]):
    """`runs` are one a shop of which several rows were asked for; they share a group.
    Where the key was used before, `rows` say how things stand now."""

    rows = JudgedSerializer(many=True)
    runs = ActionRunSerializer(many=True)


class TrackingUploads(Asks[Order]):
    """Like orders/{id}/tracking/, of up to 1,000 orders of any shops one works at."""

    tag = "orders"
    queryset = Order.objects.all()
    serializer_class = UploadedSerializer
    # Each shop's rows are one; and the platform may be asked for carriers.
    own_transactions = ("create",)

    @extend_schema(
        request=UploadSerializer,
        responses={200: UploadedSerializer, 202: UploadedSerializer},
    )
    def create(self, request: Request) -> Response:
        """Give carriers and numbers: 202 with what becomes of each row, or 200 of a
        dry run. A row that does not hold stops no other."""
        asked = self.read(UploadSerializer)
        if not self.user.has_perm(PROCESS_ORDERS):
            raise PermissionDenied
        rows = [_row(number, told) for number, told in enumerate(asked["rows"], 1)]
        if asked["dry_run"]:
            judged = tracking_upload.preview(self.user, rows)
            return self._answer(judged, [], status=200)
        done = tracking_upload.upload(
            self.user, rows, self.deed_by, source="api", key=self.once_key
        )
        for shop_id in sorted({action.shop_id for action in done.actions}):
            after_commit(work_order_actions.delay, shop_id)
        return self._answer(done.rows, done.runs, status=202)

    def _answer(self, rows: Any, runs: Any, *, status: int) -> Response:
        context = self.get_serializer_context()
        told = UploadedSerializer({"rows": rows, "runs": runs}, context=context)
        return Response(told.data, status=status)


def _row(number: int, told: dict[str, str]) -> Row:
    return Row(
        number,
        clean(told["order_id"]),
        clean(told["carrier"]),
        clean(told["tracking_number"]),
        clean(told["package_id"]),
    )
