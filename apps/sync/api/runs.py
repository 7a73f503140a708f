"""Runs that pulled from the platforms, and what each could not take."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.filters import InstantFilter, RowFilter
from apps.platforms.models import Shop
from apps.sync.models import Resource, SyncIssue, SyncRun
from apps.sync.services.stopping import ask_to_stop
from apps.sync.start import may_start, pull_again, retry_items
from apps.users.api.resource import ListsAndShows
from apps.users.roles import VIEW_RUN
from apps.users.services.audit import By

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
            "stop_asked_at",
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


class AgainSerializer(serializers.Serializer[Any]):
    started = serializers.BooleanField(help_text="False where a run is under way.")
    run = serializers.IntegerField(
        allow_null=True, help_text="The run that is under way already."
    )


class AskedAgainSerializer(serializers.Serializer[Any]):
    items = serializers.IntegerField(
        min_value=1, help_text="How many are asked for again."
    )


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

    def rows(self) -> Any:
        rows = super().rows()
        return rows if self.action == "list" else rows.select_related("shop__client")

    @extend_schema(request=None, responses=RunDetailSerializer)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: int) -> Response:
        """End it after the page at hand: what is stored stays, and the next goes on
        there. Repeating changes nothing, nor does it where the run has ended."""
        ask_to_stop(self._run(), By(self.user, self.address))
        return self.shown(self.get_object())

    @extend_schema(request=None, responses={202: AgainSerializer})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: int) -> Response:
        """Pull the same period of the same data again, in a run of its own."""
        under_way = pull_again(self._run(), **self.by)
        body = {"started": under_way is None, "run": under_way and under_way.pk}
        return Response(body, status=202)

    @extend_schema(request=None, responses={202: AskedAgainSerializer})
    @action(detail=True, methods=["post"], url_path="retry-items")
    def retry_items(self, request: Request, pk: int) -> Response:
        """Ask once more for the items that failed, and for nothing else.

        It is done after the answer, 500 at a time; what can be taken now leaves
        `issues`, what cannot says why it fails today.
        """
        return Response({"items": retry_items(self._run(), **self.by)}, status=202)

    def _run(self) -> SyncRun:
        """One that the caller may also start."""
        run = self.subject()
        if not may_start(self.user, run.shop, Resource(run.resource)):
            raise PermissionDenied
        return run
