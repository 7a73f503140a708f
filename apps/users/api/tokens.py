"""One's own API tokens."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.fields import StrictSerializer
from apps.users.api.resource import ListsAndShows
from apps.users.models import ApiToken
from apps.users.scopes import SCOPES
from apps.users.services.tokens import LONGEST_DAYS, make_token, revoke_token


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    created_at = serializers.DateTimeField(source="created")
    expires_at = serializers.DateTimeField(source="expiry")
    scopes = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = ApiToken
        fields = (
            "id",
            "name",
            "scopes",
            "ends_with",
            "is_expired",
            "created_at",
            "expires_at",
            "last_used_at",
        )


class NewTokenSerializer(TokenSerializer):
    token = serializers.CharField(help_text="Told this once; keep it safe.")

    class Meta(TokenSerializer.Meta):
        fields = (*TokenSerializer.Meta.fields, "token")  # type: ignore[assignment]


class MakeTokenSerializer(StrictSerializer):
    name = serializers.CharField(max_length=80)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(list(SCOPES)), min_length=1, max_length=50
    )
    expires_in_days = serializers.IntegerField(min_value=1, max_value=LONGEST_DAYS)


class Tokens(ListsAndShows[ApiToken]):
    """API tokens of the caller, and of nobody else."""

    scope = "tokens"
    queryset = ApiToken.objects.all()
    serializer_class = TokenSerializer
    orderings = ("created",)
    ordering = "-created"

    def rows(self) -> Any:
        return super().rows().select_related("user")

    @extend_schema(request=MakeTokenSerializer, responses={201: NewTokenSerializer})
    def create(self, request: Request) -> Response:
        """Make a token. The answer is the only place where it is ever told.

        A token makes none with more scopes than it has itself.
        """
        asked = self.read(MakeTokenSerializer)
        with_token = request.auth if isinstance(request.auth, ApiToken) else None
        row, token = make_token(
            self.user,
            asked["name"],
            asked["scopes"],
            days=asked["expires_in_days"],
            made_with=with_token,
            address=self.address,
        )
        return Response({**TokenSerializer(row).data, "token": token}, status=201)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Revoke a token, at once and for good; also the one that asks."""
        revoke_token(self.subject(), self.user, address=self.address)
        return Response(status=204)
