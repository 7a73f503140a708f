"""Clients: the companies whose shops we run."""

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.fields import StrictSerializer
from apps.core.api.filters import YesNoFilter
from apps.platforms.services.team.clients import (
    add_client,
    rename_client,
    set_client_active,
)
from apps.users.api.resource import ListsAndShows
from apps.users.models import Client


class ClientSerializer(serializers.ModelSerializer[Client]):
    class Meta:
        model = Client
        fields = ("id", "name", "is_active", "created_at", "modified_at")


class AddClientSerializer(StrictSerializer):
    name = serializers.CharField(max_length=120)


class ChangeClientSerializer(AddClientSerializer):
    is_active = serializers.BooleanField()


class ClientFilters(filters.FilterSet):  # type: ignore[misc]
    search = filters.CharFilter("name", "icontains", max_length=120)
    is_active = YesNoFilter("is_active")


class Clients(ListsAndShows[Client]):
    """Clients at whose shops one may see the team."""

    scope = "clients"
    queryset = Client.objects.all()
    serializer_class = ClientSerializer
    filterset_class = ClientFilters
    orderings = ("name", "created_at")
    ordering = "name"

    @extend_schema(request=AddClientSerializer, responses={201: ClientSerializer})
    def create(self, request: Request) -> Response:
        """Add a client. Superusers only."""
        asked = self.read(AddClientSerializer)
        client = add_client(self.user, asked["name"], address=self.address)
        return self.shown(client, status=201)

    @extend_schema(request=ChangeClientSerializer, responses=ClientSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Rename a client or make it inactive: its people then see nothing of it.
        Superusers only."""
        client = self.subject()
        asked = self.read(ChangeClientSerializer, partial=True)
        if "name" in asked:
            rename_client(self.user, client, asked["name"], address=self.address)
        if "is_active" in asked:
            set_client_active(
                self.user, client, is_active=asked["is_active"], address=self.address
            )
        client.refresh_from_db()
        return self.shown(client)
