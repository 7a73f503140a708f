"""Events that platforms told us, what came of each, and acting on one again."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.filters import InstantFilter, RowFilter
from apps.platforms.models import Shop
from apps.users.api.resource import ListsAndShows
from apps.users.roles import REPLAY_WEBHOOK, VIEW_WEBHOOK
from apps.users.services.audit import By
from apps.webhooks.errors import ReplayRefused
from apps.webhooks.models import WebhookAttempt, WebhookEvent
from apps.webhooks.services import replay


class WebhookEventSerializer(serializers.ModelSerializer[WebhookEvent]):
    """`topic` is the name of the type in lower case, empty for one not documented;
    `object_id` what it is about, the first of several. What was sent itself is not
    shown here."""

    first = serializers.IntegerField(
        source="first_id",
        allow_null=True,
        help_text="Of a duplicate, the event that it repeats.",
    )

    class Meta:
        model = WebhookEvent
        fields: tuple[str, ...] = (
            "id",
            "shop",
            "type_number",
            "topic",
            "notification_id",
            "object_id",
            "state",
            "first",
            "sent_at",
            "received_at",
            "attempts",
            "next_try_at",
            "processed_at",
            "milliseconds",
            "outcome",
            "error",
        )


class WebhookAttemptSerializer(serializers.ModelSerializer[WebhookAttempt]):
    class Meta:
        model = WebhookAttempt
        fields = ("at", "milliseconds", "is_ok", "message")


class WebhookEventDetailSerializer(WebhookEventSerializer):
    tries = WebhookAttemptSerializer(many=True, help_text="The oldest first.")

    class Meta(WebhookEventSerializer.Meta):
        fields = (*WebhookEventSerializer.Meta.fields, "tries")


class EventFilters(filters.FilterSet):  # type: ignore[misc]
    shop = RowFilter(
        lambda user: Shop.objects.visible_to(user, VIEW_WEBHOOK), field_name="shop"
    )
    state = filters.ChoiceFilter(choices=WebhookEvent.State.choices)
    topic = filters.CharFilter(field_name="topic", max_length=60)
    object_id = filters.CharFilter(field_name="object_id", max_length=64)
    notification_id = filters.CharFilter(method="named", max_length=80)
    since = InstantFilter("received_at", "gte")
    until = InstantFilter("received_at", "lt")

    def named(self, rows: Any, name: str, notification_id: str) -> Any:
        """The first that came with it; repeats name that one as their `first`."""
        return rows.named([notification_id])


class WebhookEvents(ListsAndShows[WebhookEvent]):
    """Deliveries of platforms as they came, each once; what was acted on says what
    came of it, what was not says why."""

    scope = "webhooks"
    queryset = WebhookEvent.objects.all()
    serializer_class = WebhookEventSerializer
    detail_class = WebhookEventDetailSerializer
    filterset_class = EventFilters
    orderings = ("received_at",)
    ordering = "-received_at"

    def rows(self) -> Any:
        rows = super().rows().select_related("shop").defer("body", "headers")
        return rows if self.action == "list" else rows.prefetch_related("tries")

    @extend_schema(request=None, responses=WebhookEventDetailSerializer)
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: int) -> Response:
        """Act on it again: what it names is read anew, which changes nothing where
        that was done already.

        It is done after the answer; follow `state` and `outcome`.
        """
        event = self.subject()
        self.need(REPLAY_WEBHOOK, event)
        if words := replay.why_not_replay(event):
            raise ReplayRefused(words)
        rows = WebhookEvent.objects.filter(pk=event.pk)
        replay.replay(rows, By(self.user, self.address))
        return self.shown(self.get_object())
