"""Who calls, what they may do where, and the words for it."""

from typing import Any

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.etags import answer
from apps.core.api.views import ApiView
from apps.platforms.models import Shop
from apps.users.access import Place
from apps.users.api.scoping import HasScope, user_of
from apps.users.models import ApiToken, Client, Membership, User
from apps.users.roles import PERMISSIONS, Role, permissions_of
from apps.users.scopes import SCOPES


class HoldingSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    permissions = serializers.ListField(child=serializers.CharField())


class ClientHoldingSerializer(HoldingSerializer):
    role = serializers.CharField(allow_blank=True)


class ShopHoldingSerializer(HoldingSerializer):
    client = serializers.IntegerField()


class MeSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    first_name = serializers.CharField(allow_blank=True)
    last_name = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)
    is_superuser = serializers.BooleanField()
    token = serializers.CharField(
        allow_null=True, help_text="The token's name; null in a browser's session."
    )
    scopes = serializers.ListField(child=serializers.CharField())
    clients = ClientHoldingSerializer(many=True)
    shops = ShopHoldingSerializer(many=True)


class RoleSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    words = serializers.CharField()
    permissions = serializers.ListField(child=serializers.CharField())


class PermissionSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    words = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())


class ScopeSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    words = serializers.CharField()


def _all_of(row: type[serializers.Serializer[Any]]) -> Any:
    """{"results": […]} with everything in it: such tables have no pages."""
    name = row.__name__.replace("Serializer", "List")
    return inline_serializer(name, {"results": row(many=True)})


class Me(ApiView):
    """Who the token or the session belongs to, and what they may do where.

    Lines of the role matrix by client (for all its shops, also those to come) and by
    shop. A superuser may do everything everywhere; there the lists are empty.
    """

    scope = "me"
    permission_classes = [IsAuthenticated, HasScope]

    @extend_schema(operation_id="me", responses=MeSerializer)
    def get(self, request: Request) -> Response:
        user = user_of(request)
        token = request.auth if isinstance(request.auth, ApiToken) else None
        data = {
            "id": user.pk,
            "username": user.username,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "email": user.email,
            "is_superuser": user.access.everything,
            "token": token.name if token else None,
            "scopes": list(token.scopes if token else SCOPES),
            "clients": _clients(user),
            "shops": _shops(user),
        }
        return answer(request, data)


class Words(ApiView):
    """A table of ours as data, in one piece."""

    scope = "me"
    permission_classes = [IsAuthenticated, HasScope]
    rows: list[dict[str, Any]] = []

    def shown(self) -> Response:
        return answer(self.request, {"results": self.rows})


class Roles(Words):
    rows = [
        {
            "name": role.value,
            "words": str(role.label),
            "permissions": sorted(permissions_of(role)),
        }
        for role in Role
    ]

    @extend_schema(operation_id="roles", responses=_all_of(RoleSerializer))
    def get(self, request: Request) -> Response:
        """The roles, and the lines of the matrix each has."""
        return self.shown()


class Permissions(Words):
    rows = [
        {
            "name": line.name,
            "words": line.words,
            "roles": sorted(role.value for role in line.roles),
        }
        for line in PERMISSIONS.values()
    ]

    @extend_schema(operation_id="permissions", responses=_all_of(PermissionSerializer))
    def get(self, request: Request) -> Response:
        """The lines of the matrix: what can be given to a member."""
        return self.shown()


class Scopes(Words):
    rows = [{"name": name, "words": words} for name, words in SCOPES.items()]

    @extend_schema(operation_id="scopes", responses=_all_of(ScopeSerializer))
    def get(self, request: Request) -> Response:
        """What a token can be made for."""
        return self.shown()


def _clients(user: User) -> list[dict[str, Any]]:
    keys = user.access.clients
    roles = dict(Membership.objects.filter(user=user).values_list("client", "role"))
    return [
        {
            "id": client.pk,
            "name": client.name,
            "role": roles.get(client.pk, ""),
            "permissions": sorted(user.access.at(Place(client.pk))),
        }
        for client in (Client.objects.filter(pk__in=keys) if keys else ())
    ]


def _shops(user: User) -> list[dict[str, Any]]:
    if user.access.everything:
        return []
    return [
        {
            "id": shop.pk,
            "name": shop.name,
            "client": shop.client_id,
            "permissions": sorted(user.access.at(Place(shop.client_id, shop.pk))),
        }
        for shop in Shop.objects.visible_to(user)
    ]
