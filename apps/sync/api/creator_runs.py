"""Runs that read creators' own accounts."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.core.api.filters import InstantFilter, RowFilter
from apps.platforms.models import CreatorAccount
from apps.sync.api.runs import IssueSerializer
from apps.sync.models import CreatorRun, SyncRun
from apps.users.api.resource import ListsAndShows
from apps.users.roles import VIEW_RUN


class CreatorRunSerializer(serializers.ModelSerializer[CreatorRun]):
    creator_account = serializers.IntegerField(source="account_id")

    class Meta:
        model = CreatorRun
        fields: tuple[str, ...] = (
            "id",
            "creator_account",
            "trigger",
            "state",
            "since",
            "until",
            "started_at",
            "ended_at",
            "pages",
            "read",
            "new",
            "updated",
            "same",
            "failed",
            "first_error",
            "needs_person",
        )


class CreatorRunDetailSerializer(CreatorRunSerializer):
    issues = serializers.SerializerMethodField(
        help_text="The first ones; `failed` is their number."
    )

    class Meta(CreatorRunSerializer.Meta):
        fields = (*CreatorRunSerializer.Meta.fields, "issues")

    @extend_schema_field(IssueSerializer(many=True))
    def get_issues(self, run: CreatorRun) -> Any:
        return [{"remote_id": key, "message": why} for key, why in run.issues]


class CreatorRunFilters(filters.FilterSet):  # type: ignore[misc]
    creator_account = RowFilter(
        lambda user: CreatorAccount.objects.visible_to(user, VIEW_RUN),
        field_name="account",
    )
    state = filters.ChoiceFilter(choices=SyncRun.State.choices)
    since = InstantFilter("started_at", "gte")
    until = InstantFilter("started_at", "lt")


class CreatorRuns(ListsAndShows[CreatorRun]):
    """Each time a creator's own account was read: when, how many, and why it stopped.
    For who sees runs of all the client's shops."""

    scope = "runs"
    tag = "runs"
    queryset = CreatorRun.objects.all()
    serializer_class = CreatorRunSerializer
    detail_class = CreatorRunDetailSerializer
    filterset_class = CreatorRunFilters
    orderings = ("started_at",)
    ordering = "-started_at"
