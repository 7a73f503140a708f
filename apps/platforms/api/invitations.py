"""Invitations: sent, sent again, taken back. The link is in the mail and nowhere
else."""

from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
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
from apps.core.queueing import after_commit
from apps.platforms.api.members import permission_list, role_field, seat_from
from apps.platforms.models import Invitation, Shop
from apps.platforms.services.team import invitations as service
from apps.platforms.tasks import mail_invitation
from apps.users.api.resource import ListsAndShows
from apps.users.models import Client
from apps.users.roles import MANAGE_TEAM, VIEW_TEAM

STATES = ("open", "expired", "accepted", "revoked")
MOST_SHOPS = 500


def state_of(row: Any) -> str:
    """Of an invitation, in a word."""
    if row.accepted_at:
        return "accepted"
    if row.revoked_at:
        return "revoked"
    return "open" if row.expires_at > timezone.now() else "expired"


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    state = serializers.SerializerMethodField()
    at_all_shops = serializers.SerializerMethodField(
        help_text="The role is to hold at all shops, also those to come."
    )
    shops = serializers.SerializerMethodField(
        help_text="Those it names, as far as you may see their teams."
    )

    class Meta:
        model = Invitation
        fields = (
            "id",
            "client",
            "email",
            "role",
            "extra_permissions",
            "at_all_shops",
            "shops",
            "state",
            "mail_state",
            "mail_error",
            "mailed_at",
            "expires_at",
            "accepted_at",
            "revoked_at",
            "invited_by",
            "created_at",
        )

    def get_state(self, row: Any) -> str:
        return state_of(row)

    def get_at_all_shops(self, row: Any) -> bool:
        return not row.names_shops

    def get_shops(self, row: Any) -> list[int]:
        return [shop.pk for shop in row.visible_shops]


class InviteSerializer(StrictSerializer):
    client = RowField(lambda user: Client.objects.visible_to(user, MANAGE_TEAM))
    email = serializers.EmailField(max_length=254)
    role = role_field(default="")
    extra_permissions = permission_list(default=list)
    shops = serializers.ListField(
        child=RowField(lambda user: Shop.objects.visible_to(user, MANAGE_TEAM)),
        default=list,
        max_length=MOST_SHOPS,
        help_text="Where the role is to hold. None: at all shops of the client.",
    )


class InvitationFilters(filters.FilterSet):  # type: ignore[misc]
    client = RowFilter(
        lambda user: Client.objects.visible_to(user, VIEW_TEAM), field_name="client"
    )
    email = filters.CharFilter("email", "iexact", max_length=254)
    state = filters.ChoiceFilter(
        choices=[(name, name) for name in STATES], method="in_state"
    )

    def in_state(self, rows: QuerySet[Any], name: str, state: str) -> QuerySet[Any]:
        waits = Q(accepted_at=None, revoked_at=None)
        now = timezone.now()
        return rows.filter(
            {
                "open": waits & Q(expires_at__gt=now),
                "expired": waits & Q(expires_at__lte=now),
                "accepted": Q(accepted_at__isnull=False),
                "revoked": Q(accepted_at=None, revoked_at__isnull=False),
            }[state]
        )


class Invitations(ListsAndShows[Invitation]):
    """Who was asked to work for a client."""

    scope = "team"
    queryset = Invitation.objects.all()
    tag = "invitations"
    serializer_class = InvitationSerializer
    filterset_class = InvitationFilters
    orderings = ("created_at", "expires_at")
    ordering = "-created_at"

    def rows(self) -> Any:
        named = Invitation.shops.through.objects.filter(invitation=OuterRef("pk"))
        shops = Shop.objects.visible_to(self.user, VIEW_TEAM).order_by("pk")
        return (
            super()
            .rows()
            .select_related("client")
            .annotate(names_shops=Exists(named))
            .prefetch_related(Prefetch("shops", shops, to_attr="visible_shops"))
        )

    @extend_schema(request=InviteSerializer, responses={201: InvitationSerializer})
    def create(self, request: Request) -> Response:
        """Ask somebody by mail. An open invitation to the same address gives way."""
        asked = self.read(InviteSerializer)
        row = service.invite(
            self.user,
            asked["client"],
            asked["email"],
            seat_from(asked),
            shops=list(dict.fromkeys(asked["shops"])),
            address=self.address,
        )
        _mail(row)
        return self._now(row, status=201)

    @extend_schema(request=None, responses=InvitationSerializer)
    @action(detail=True, methods=["post"])
    def resend(self, request: Request, pk: int) -> Response:
        """Send the mail once more, and let the invitation live another seven days."""
        row = service.send_again(self.user, self.subject(), address=self.address)
        _mail(row)
        return self._now(row)

    @extend_schema(request=None, responses=InvitationSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: int) -> Response:
        """Take it back; one that is closed stays as it is."""
        row = self.subject()
        service.revoke(self.user, row, address=self.address)
        return self._now(row)

    def _now(self, row: Invitation, *, status: int = 200) -> Response:
        return self.shown(self.get_queryset().get(pk=row.pk), status=status)


def _mail(row: Invitation) -> None:
    """After the commit; should no broker answer, the sweep sends it."""
    after_commit(mail_invitation.delay, row.pk)
