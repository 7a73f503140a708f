"""Days of shops whose orders here and on the platform do not agree."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.core.api.filters import RowFilter
from apps.platforms.models import Shop
from apps.sync.models import SyncGap, SyncGapOrder
from apps.users.api.resource import ListsAndShows
from apps.users.roles import VIEW_RUN

MOST_ORDERS = 200


class GapOrderSerializer(serializers.ModelSerializer[SyncGapOrder]):
    """One thing that differs; both sides in words, empty where one has nothing."""

    class Meta:
        model = SyncGapOrder
        fields = ("remote_id", "kind", "theirs", "ours")


class GapSerializer(serializers.ModelSerializer[SyncGap]):
    """`left` orders still differ. Both sides are as the last recount left them; money
    is {currency: amount}."""

    their_money = serializers.DictField(child=serializers.CharField())
    our_money = serializers.DictField(child=serializers.CharField())

    class Meta:
        model = SyncGap
        fields: tuple[str, ...] = (
            "id",
            "shop",
            "day",
            "since",
            "until",
            "state",
            "their_orders",
            "our_orders",
            "their_units",
            "our_units",
            "their_money",
            "our_money",
            "without_amount",
            "found",
            "pulled",
            "left",
            "found_at",
            "checked_at",
            "closed_at",
        )


class GapDetailSerializer(GapSerializer):
    orders = serializers.SerializerMethodField(
        help_text=f"What differs, by order; the first {MOST_ORDERS}. Of a closed gap, "
        "what differed when it was found."
    )

    class Meta(GapSerializer.Meta):
        fields = (*GapSerializer.Meta.fields, "orders")

    @extend_schema_field(GapOrderSerializer(many=True))
    def get_orders(self, gap: SyncGap) -> Any:
        return GapOrderSerializer(gap.orders.all()[:MOST_ORDERS], many=True).data


class GapFilters(filters.FilterSet):  # type: ignore[misc]
    shop = RowFilter(
        lambda user: Shop.objects.visible_to(user, VIEW_RUN), field_name="shop"
    )
    state = filters.ChoiceFilter(choices=SyncGap.State.choices)


class Gaps(ListsAndShows[SyncGap]):
    """Found by counting each shop's orders on both sides, every night. What differs is
    pulled again, and the gap closes by itself once both sides agree. To have a day
    counted again, sync the shop's `gaps` with `since` and `until` of the gap."""

    scope = "runs"
    tag = "runs"
    queryset = SyncGap.objects.all()
    serializer_class = GapSerializer
    detail_class = GapDetailSerializer
    filterset_class = GapFilters
    orderings = ("found_at",)
    ordering = "-found_at"

    def rows(self) -> Any:
        return super().rows().select_related("shop__client")
