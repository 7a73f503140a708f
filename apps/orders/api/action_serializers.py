"""What the platform was asked to do, and the runs of many such, as they are shown."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.orders.api.package_serializers import document_url
from apps.orders.models import ActionRun, OrderAction
from apps.orders.services import priority
from apps.orders.services.actions import progress

MOST_REFUSED = 200
_FREE_TEXT = ("comment",)  # it may speak of the buyer


class ActionSerializer(serializers.ModelSerializer[OrderAction]):
    """`details` are its parameters, without what was written to the buyer. `code` and
    `message` are the platform's own words, `outcome` what it gave. Of a label that is
    there, `document_url` says where it is read."""

    url = serializers.SerializerMethodField()
    shop = serializers.IntegerField(source="shop_id")
    order = serializers.IntegerField(source="order.pk")
    order_id = serializers.CharField(source="order.remote_id")
    details = serializers.SerializerMethodField()
    outcome = serializers.DictField()
    document_url = serializers.SerializerMethodField()

    class Meta:
        model = OrderAction
        fields = (
            "id",
            "url",
            "shop",
            "order",
            "order_id",
            "package",
            "cancellation",
            "order_return",
            "run",
            "row",
            "kind",
            "details",
            "state",
            "user",
            "process",
            "attempts",
            "due_at",
            "sent_at",
            "ended_at",
            "code",
            "message",
            "outcome",
            "document_url",
            "dismissed_at",
            "created_at",
            "modified_at",
        )

    def get_url(self, action: OrderAction) -> str:
        address = reverse("api:order-action-detail", args=[action.pk])
        return str(self.context["request"].build_absolute_uri(address))

    def get_details(self, action: OrderAction) -> dict[str, Any]:
        told = action.details.items()
        return {name: value for name, value in told if name not in _FREE_TEXT}

    def get_document_url(self, action: OrderAction) -> str | None:
        document = action.outcome.get("document")
        if action.package_id is None or not isinstance(document, int):
            return None
        return document_url(self.context["request"], action.package_id, document)


class ActionRunSerializer(serializers.ModelSerializer[ActionRun]):
    """Of `total` rows. What was asked for over several shops at once is a run each,
    with the same `group`."""

    url = serializers.SerializerMethodField()

    class Meta:
        model = ActionRun
        fields: tuple[str, ...] = (
            "id",
            "url",
            "shop",
            "group",
            "kind",
            "title",
            "state",
            "user",
            "source",
            "total",
            "is_stop_asked",
            "started_at",
            "ended_at",
            "created_at",
            "modified_at",
        )

    def get_url(self, run: ActionRun) -> str:
        address = reverse("api:action-run-detail", args=[run.pk])
        return str(self.context["request"].build_absolute_uri(address))


class CountsSerializer(serializers.Serializer[Any]):
    """`not_taken` never became actions."""

    not_taken = serializers.IntegerField()
    held = serializers.IntegerField()
    waiting = serializers.IntegerField()
    sending = serializers.IntegerField()
    done = serializers.IntegerField()
    refused = serializers.IntegerField()
    withdrawn = serializers.IntegerField()


class RefusedRowSerializer(serializers.Serializer[Any]):
    row = serializers.IntegerField(allow_null=True)
    order_id = serializers.CharField()
    why = serializers.CharField()


class ActionRunDetailSerializer(ActionRunSerializer):
    counts = serializers.SerializerMethodField()
    not_taken = serializers.SerializerMethodField(
        help_text=f"The first {MOST_REFUSED} rows that never became actions."
    )

    class Meta(ActionRunSerializer.Meta):
        fields = (*ActionRunSerializer.Meta.fields, "counts", "not_taken")

    @extend_schema_field(CountsSerializer)
    def get_counts(self, run: ActionRun) -> Any:
        far = priority.progress(run) if run.kind == priority.KIND else progress(run)
        return CountsSerializer(far).data

    @extend_schema_field(RefusedRowSerializer(many=True))
    def get_not_taken(self, run: ActionRun) -> Any:
        names = ("row", "order_id", "why")
        rows = run.refused_rows[:MOST_REFUSED]
        return [dict(zip(names, row, strict=True)) for row in rows]
