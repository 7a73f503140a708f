"""Runs that pulled from the platforms, and what each could not take."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.core.api.filters import InstantFilter, RowFilter
from apps.platforms.models import Shop
from apps.sync.models import Resource, SyncIssue, SyncRun
from apps.users.api.resource import ListsAndShows
from apps.users.roles import VIEW_RUN

MOST_ISSUES = 200


class IssueSerializer(serializers.ModelSerializer[SyncIssue]):
    class Meta:
        model = SyncIssue
        fields = ("remote_id", "message")


class RunSerializer(serializers.ModelSerializer[SyncRun]):
    class Meta:
        model = SyncRun
        fields: tuple[str, ...] = (
            "id",
            "shop",
            "resource",
            "trigger",
            "state",
            "since",
            "until",
            "started_at",
            "ended_at",
            "expected",
            "pages",
            "read",
            "new",
            "updated",
            "same",
            "failed",
            "first_error",
            "needs_person",
        )


class RunDetailSerializer(RunSerializer):
    issues = serializers.SerializerMethodField(
        help_text=f"The first {MOST_ISSUES}; `failed` is their number."
    )

    class Meta(RunSerializer.Meta):
        fields = (*RunSerializer.Meta.fields, "issues")

    @extend_schema_field(IssueSerializer(many=True))
    def get_issues(self, run: SyncRun) -> Any:
        return IssueSerializer(run.issues.all()[:MOST_ISSUES], many=True).data


class RunFilters(filters.FilterSet):  # type: ignore[misc]
    shop = RowFilter(
        lambda user: Shop.objects.visible_to(user, VIEW_RUN), field_name="shop"
    )
    resource = filters.ChoiceFilter(choices=Resource.choices)
    state = filters.ChoiceFilter(choices=SyncRun.State.choices)
    trigger = filters.ChoiceFilter(choices=SyncRun.Trigger.choices)
    since = InstantFilter("started_at", "gte")
    until = InstantFilter("started_at", "lt")


class Runs(ListsAndShows[SyncRun]):
    """Each pull of a shop's orders, products or stock: when, why, how many, and why it
    stopped."""

    scope = "runs"
    queryset = SyncRun.objects.all()
    serializer_class = RunSerializer
    detail_class = RunDetailSerializer
    filterset_class = RunFilters
    orderings = ("started_at",)
    ordering = "-started_at"
