"""Members of clients' teams, and their roles at single shops."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.fields import StrictSerializer
from apps.core.api.filters import RowFilter
from apps.platforms.models import Shop, ShopRole
from apps.platforms.services.team.members import follow_client, remove, set_seat
from apps.platforms.services.team.seats import Seat, seat_of
from apps.users.api.resource import ListsAndShows
from apps.users.models import Client, Membership, User
from apps.users.roles import PERMISSIONS, VIEW_TEAM, Role


def permission_list(**options: Any) -> serializers.ListField:
    """Names of the matrix's lines."""
    return serializers.ListField(
        child=serializers.ChoiceField(list(PERMISSIONS)), max_length=50, **options
    )


def role_field(**options: Any) -> serializers.ChoiceField:
    return serializers.ChoiceField(Role.choices, allow_blank=True, **options)


def seat_from(values: Any, before: Seat | None = None) -> Seat:
    """What is left out stays as it was."""
    before = before or Seat()
    extra = values.get("extra_permissions", before.extra_permissions)
    return Seat(values.get("role", before.role), tuple(dict.fromkeys(extra)))


class PersonSerializer(serializers.ModelSerializer[User]):
    email = serializers.CharField()  # some have none

    class Meta:
        model = User
        fields = (
            "id",
            "username",
            "first_name",
            "last_name",
            "email",
            "is_active",
            "last_login",
        )
        read_only_fields = fields


class SeatSerializer(serializers.Serializer[Any]):
    role = serializers.ChoiceField(["", *Role.values], read_only=True)
    extra_permissions = serializers.ListField(
        child=serializers.CharField(), read_only=True
    )
    permissions = serializers.SerializerMethodField(
        help_text="All that the role and what stands beside it come to."
    )

    def get_permissions(self, row: Any) -> list[str]:
        return sorted(row.permissions)


class ShopRoleSerializer(SeatSerializer):
    shop = serializers.IntegerField(source="shop_id", read_only=True)


class MemberSerializer(SeatSerializer):
    id = serializers.IntegerField(read_only=True)
    client = serializers.IntegerField(source="client_id", read_only=True)
    user = PersonSerializer(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    modified_at = serializers.DateTimeField(read_only=True)


class MemberDetailSerializer(MemberSerializer):
    shop_roles = ShopRoleSerializer(many=True, read_only=True)


class ChangeMemberSerializer(StrictSerializer):
    role = role_field()
    extra_permissions = permission_list()


class ShopSeatSerializer(StrictSerializer):
    """Without a role and a permission the shop is closed to the member."""

    role = role_field()
    extra_permissions = permission_list(default=list)


def colleagues_of(user: Any) -> QuerySet[User]:
    teams = Membership.objects.visible_to(user)
    return User.objects.filter(pk__in=teams.values("user"))


class MemberFilters(filters.FilterSet):  # type: ignore[misc]
    client = RowFilter(
        lambda user: Client.objects.visible_to(user, VIEW_TEAM), field_name="client"
    )
    role = filters.ChoiceFilter(choices=Role.choices)
    user = RowFilter(colleagues_of, field_name="user")


class Members(ListsAndShows[Membership]):
    """Who works for which client, in which role; nobody gives or takes what they do
    not hold there themselves."""

    scope = "team"
    queryset = Membership.objects.all()
    tag = "members"
    serializer_class = MemberSerializer
    detail_class = MemberDetailSerializer
    filterset_class = MemberFilters
    orderings = ("created_at", "modified_at")
    ordering = "created_at"

    def rows(self) -> Any:
        rows = super().rows().select_related("user", "client")
        if self.action == "list":
            return rows
        shops = Shop.objects.visible_to(self.user, VIEW_TEAM)
        own = ShopRole.objects.filter(shop__in=shops).order_by("shop")
        return rows.prefetch_related(Prefetch("shop_roles", own))

    def lock(self, row: Membership) -> None:
        Client.objects.select_for_update().get(pk=row.client_id)
        super().lock(row)

    @extend_schema(request=ChangeMemberSerializer, responses=MemberDetailSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change the role at all shops of the client; roles said of single shops
        stay."""
        member = self.subject()
        values = self.read(ChangeMemberSerializer, partial=True)
        set_seat(
            self.user, member, seat_from(values, seat_of(member)), address=self.address
        )
        return self.shown(self.get_object())

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """End somebody's work for the client. Their account stays."""
        remove(self.user, self.subject(), address=self.address)
        return Response(status=204)

    @extend_schema(request=ShopSeatSerializer, responses=MemberDetailSerializer)
    @action(detail=True, methods=["put"], url_path="shops/<int:shop_id>")
    def shop_role(self, request: Request, pk: int, shop_id: int) -> Response:
        """Give a role at one shop, in the place of the client-wide one."""
        member = self.subject()
        shop = self._shop(member, shop_id)
        seat = seat_from(self.read(ShopSeatSerializer))
        set_seat(self.user, member, seat, shop=shop, address=self.address)
        return self.shown(self.get_object())

    @extend_schema(request=None, responses={204: None})
    @shop_role.mapping.delete
    def drop_shop_role(self, request: Request, pk: int, shop_id: int) -> Response:
        """Let the client-wide role hold at the shop again."""
        member = self.subject()
        follow_client(
            self.user, member, self._shop(member, shop_id), address=self.address
        )
        return Response(status=204)

    def _shop(self, member: Membership, key: int) -> Shop:
        shops = Shop.objects.visible_to(self.user, VIEW_TEAM)
        shop = shops.filter(client=member.client_id, pk=key).first()
        if shop is None:
            raise Http404
        return shop
