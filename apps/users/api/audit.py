"""The audit trail, as far as one may read it."""

from typing import Any

from django.db.models import Q, QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers

from apps.core.api.filters import InstantFilter, RowFilter
from apps.platforms.models import Shop
from apps.users.api.resource import ListsAndShows
from apps.users.models import AuditEntry, Client
from apps.users.roles import VIEW_AUDIT


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    shop = serializers.IntegerField(source="shop_key", allow_null=True)

    class Meta:
        model = AuditEntry
        fields = (
            "id",
            "at",
            "actor",
            "actor_text",
            "verb",
            "client",
            "shop",
            "target_type",
            "target_id",
            "target_text",
            "address",
            "details",
        )


class AuditFilters(filters.FilterSet):  # type: ignore[misc]
    actor = filters.CharFilter("actor_text", "icontains", max_length=150)
    verb = filters.CharFilter("verb", max_length=60)
    client = RowFilter(
        lambda user: Client.objects.visible_to(user, VIEW_AUDIT), field_name="client"
    )
    shop = RowFilter(
        lambda user: Shop.objects.visible_to(user, VIEW_AUDIT), method="of_shop"
    )
    target = filters.CharFilter(method="about", max_length=200)
    since = InstantFilter("at", "gte")
    until = InstantFilter("at", "lt")

    def of_shop(self, rows: QuerySet[Any], name: str, shop: Shop) -> QuerySet[Any]:
        return rows.filter(shop_key=shop.pk)

    def about(self, rows: QuerySet[Any], name: str, text: str) -> QuerySet[Any]:
        return rows.filter(Q(target_text__icontains=text) | Q(target_id=text))


class AuditEntries(ListsAndShows[AuditEntry]):
    """Who did what to which object, when and from where; newest first."""

    scope = "audit"
    queryset = AuditEntry.objects.all()
    serializer_class = AuditEntrySerializer
    filterset_class = AuditFilters
    orderings = ("at",)
    ordering = "-at"
