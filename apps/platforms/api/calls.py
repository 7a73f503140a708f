"""The log of calls to the platforms; secrets and buyers are masked in it."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers

from apps.core.api.filters import InstantFilter, RowFilter, WholeNumberFilter
from apps.platforms.models import ApiCall, Shop
from apps.users.api.resource import ListsAndShows
from apps.users.roles import VIEW_CALL


class CallSerializer(serializers.ModelSerializer[ApiCall]):
    class Meta:
        model = ApiCall
        fields: tuple[str, ...] = (
            "id",
            "at",
            "shop",
            "api_app",
            "method",
            "path",
            "http_status",
            "code",
            "message",
            "milliseconds",
            "request_id",
        )


class CallDetailSerializer(CallSerializer):
    class Meta(CallSerializer.Meta):
        fields = (*CallSerializer.Meta.fields, "request", "response")


class CallFilters(filters.FilterSet):  # type: ignore[misc]
    shop = RowFilter(
        lambda user: Shop.objects.visible_to(user, VIEW_CALL), field_name="shop"
    )
    status = filters.ChoiceFilter(
        choices=[
            ("error", "Errors"),
            ("2", "2xx"),
            ("3", "3xx"),
            ("4", "4xx"),
            ("5", "5xx"),
            ("0", "No answer"),
        ],
        method="answered",
    )
    code = WholeNumberFilter("code")
    path = filters.CharFilter("path", "icontains", max_length=160)
    since = InstantFilter("at", "gte")
    until = InstantFilter("at", "lt")

    def answered(self, rows: Any, name: str, status: str) -> QuerySet[Any]:
        if status == "error":
            found: QuerySet[Any] = rows.errors()
            return found
        first = int(status) * 100
        return rows.filter(http_status__gte=first, http_status__lt=first + 100)  # type: ignore[no-any-return]


class Calls(ListsAndShows[ApiCall]):
    """Finished calls, newest first. Bodies are in the detail."""

    scope = "calls"
    queryset = ApiCall.objects.all()
    serializer_class = CallSerializer
    detail_class = CallDetailSerializer
    filterset_class = CallFilters
    orderings = ("at",)
    ordering = "-at"

    def rows(self) -> Any:
        rows = super().rows()
        return rows.defer("request", "response") if self.action == "list" else rows
