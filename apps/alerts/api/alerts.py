"""What is wrong with shops, and what is done about it."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.alerts.models import Alert, AlertEvent, Code, Severity
from apps.alerts.services import deeds
from apps.core.api.fields import StrictSerializer
from apps.core.api.filters import InstantFilter, RowFilter, YesNoFilter
from apps.platforms.models import Shop
from apps.users.api.resource import ListsAndShows
from apps.users.roles import CHANGE_ALERT, VIEW_ALERT
from apps.users.services.audit import By


class AlertSerializer(serializers.ModelSerializer[Alert]):
    """One a problem. `shop` is null for what is wrong with the server. `value` and
    `threshold` count minutes, a share of 1, or things, as the kind has it."""

    kind = serializers.ChoiceField(source="code", choices=Code.choices)

    class Meta:
        model = Alert
        fields: tuple[str, ...] = (
            "id",
            "shop",
            "kind",
            "subject",
            "severity",
            "state",
            "title",
            "message",
            "value",
            "threshold",
            "opened_at",
            "last_seen_at",
            "times",
            "reopenings",
            "taken_by",
            "taken_at",
            "is_acknowledged",
            "snoozed_until",
            "is_snoozed_until_worse",
            "resolved_at",
            "resolved_by",
            "created_at",
            "modified_at",
        )


class AlertEventSerializer(serializers.ModelSerializer[AlertEvent]):
    class Meta:
        model = AlertEvent
        fields = ("at", "name", "severity", "user", "words")


class AlertDetailSerializer(AlertSerializer):
    events = AlertEventSerializer(many=True, source="newest_events", read_only=True)

    class Meta(AlertSerializer.Meta):
        fields = (*AlertSerializer.Meta.fields, "events")


class SnoozeSerializer(StrictSerializer):
    how = serializers.ChoiceField(
        choices=[(name, words) for name, (words, _) in deeds.SNOOZES.items()]
    )


class AlertFilters(filters.FilterSet):  # type: ignore[misc]
    shop = RowFilter(
        lambda user: Shop.objects.visible_to(user, VIEW_ALERT), field_name="shop"
    )
    kind = filters.ChoiceFilter(field_name="code", choices=Code.choices)
    severity = filters.ChoiceFilter(choices=Severity.choices)
    state = filters.ChoiceFilter(choices=Alert.State.choices)
    is_taken = YesNoFilter("taken_by", "isnull", exclude=True)
    since = InstantFilter("opened_at", "gte")
    until = InstantFilter("opened_at", "lt")
    updated_since = InstantFilter("modified_at", "gte")


class Alerts(ListsAndShows[Alert]):
    """One a problem, not one a look: it closes by itself once its cause is gone, and
    comes back as the same where that is within half an hour."""

    scope = "alerts"
    tag = "alerts"
    queryset = Alert.objects.all()
    serializer_class = AlertSerializer
    detail_class = AlertDetailSerializer
    filterset_class = AlertFilters
    orderings = ("opened_at", "last_seen_at", "modified_at")
    ordering = "-opened_at"

    def rows(self) -> Any:
        return super().rows().select_related("shop")

    @extend_schema(request=None, responses=AlertDetailSerializer)
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: int) -> Response:
        """See to it oneself: no reminders while it gets no worse. Repeating changes
        nothing."""
        deeds.take(self._alert(), self._by)
        return self.shown(self.get_object())

    @extend_schema(request=None, responses=AlertDetailSerializer)
    @action(detail=True, methods=["post"], url_path="let-go")
    def let_go(self, request: Request, pk: int) -> Response:
        """Leave it to others again. Repeating changes nothing."""
        deeds.let_go(self._alert(), self._by)
        return self.shown(self.get_object())

    @extend_schema(request=SnoozeSerializer, responses=AlertDetailSerializer)
    @action(detail=True, methods=["post"])
    def snooze(self, request: Request, pk: int) -> Response:
        """Tell nobody for an hour, a day, or until it gets worse, which is told in any
        case."""
        alert = self._alert()
        deeds.snooze(alert, self.read(SnoozeSerializer)["how"], self._by)
        return self.shown(self.get_object())

    @extend_schema(request=None, responses=AlertDetailSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: int) -> Response:
        """Close it by hand; while its cause is there, the next look brings it back.
        Repeating changes nothing."""
        deeds.resolve(self._alert(), self._by)
        return self.shown(self.get_object())

    def _alert(self) -> Alert:
        alert = self.subject()
        self.need(CHANGE_ALERT, alert)
        return alert

    @property
    def _by(self) -> By:
        return By(self.user, self.address)
