"""One-time links with which shop owners grant access."""

from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.fields import StrictSerializer
from apps.core.api.filters import RowFilter
from apps.core.api.relations import RowField
from apps.platforms.models import ApiApp, ConnectLink
from apps.platforms.services.connecting.links import make_link, revoke_link
from apps.users.api.resource import ListsAndShows
from apps.users.models import Client
from apps.users.roles import MANAGE_CREDENTIALS

STATES = ("open", "expired", "used", "revoked")
LONGEST_DAYS = 30


class ConnectLinkSerializer(serializers.ModelSerializer[ConnectLink]):
    state = serializers.SerializerMethodField()

    class Meta:
        model = ConnectLink
        fields = (
            "id",
            "client",
            "api_app",
            "is_us",
            "state",
            "created_by",
            "created_at",
            "expires_at",
            "used_at",
            "revoked_at",
        )

    def get_state(self, row: Any) -> str:
        if row.used_at:
            return "used"
        if row.revoked_at:
            return "revoked"
        return "open" if row.expires_at > timezone.now() else "expired"


class NewConnectLinkSerializer(ConnectLinkSerializer):
    address = serializers.CharField(help_text="Told this once.")

    class Meta(ConnectLinkSerializer.Meta):
        fields = (*ConnectLinkSerializer.Meta.fields, "address")  # type: ignore[assignment]


class MakeConnectLinkSerializer(StrictSerializer):
    client = RowField(lambda user: Client.objects.permitting(user, MANAGE_CREDENTIALS))
    api_app = RowField(lambda user: ApiApp.objects.visible_to(user))
    is_us = serializers.BooleanField(
        default=False, help_text="TikTok asks US sellers on a page of its own."
    )
    days = serializers.IntegerField(min_value=1, max_value=LONGEST_DAYS, default=7)


class ConnectLinkFilters(filters.FilterSet):  # type: ignore[misc]
    client = RowFilter(
        lambda user: Client.objects.permitting(user, MANAGE_CREDENTIALS),
        field_name="client",
    )
    state = filters.ChoiceFilter(
        choices=[(name, name) for name in STATES], method="in_state"
    )

    def in_state(self, rows: QuerySet[Any], name: str, state: str) -> QuerySet[Any]:
        waits = Q(used_at=None, revoked_at=None)
        now = timezone.now()
        return rows.filter(
            {
                "open": waits & Q(expires_at__gt=now),
                "expired": waits & Q(expires_at__lte=now),
                "used": Q(used_at__isnull=False),
                "revoked": Q(used_at=None, revoked_at__isnull=False),
            }[state]
        )


class ConnectLinks(ListsAndShows[ConnectLink]):
    """Links for shop owners who have no account here."""

    scope = "connect-links"
    queryset = ConnectLink.objects.all()
    serializer_class = ConnectLinkSerializer
    filterset_class = ConnectLinkFilters
    orderings = ("created_at", "expires_at")
    ordering = "-created_at"

    def rows(self) -> Any:
        return super().rows().select_related("client")

    @extend_schema(
        request=MakeConnectLinkSerializer, responses={201: NewConnectLinkSerializer}
    )
    def create(self, request: Request) -> Response:
        """Make a link. The answer is the only place where its address is told."""
        asked = self.read(MakeConnectLinkSerializer)
        link, token = make_link(
            self.user,
            asked["client"],
            asked["api_app"],
            is_us=asked["is_us"],
            days=asked["days"],
            address=self.address,
        )
        address = settings.PUBLIC_URL + reverse("platforms:grant", args=[token])
        return Response({**self.represent(link), "address": address}, status=201)

    @extend_schema(request=None, responses=ConnectLinkSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: int) -> Response:
        """Take an unused link back; one that is closed stays as it is."""
        link = self.subject()
        revoke_link(link, self.user, address=self.address)
        link.refresh_from_db()
        return self.shown(link)
