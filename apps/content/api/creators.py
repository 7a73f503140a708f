"""Creators, their accounts, and what they sold for shops."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers

from apps.content.models import AffiliateOrder, Creator
from apps.content.models.affiliate import ContentType, Settlement
from apps.content.models.creator import handle_of
from apps.core.api.fields import MoneyField
from apps.core.api.filters import InstantFilter, RowFilter, YesNoFilter
from apps.platforms.models import CreatorAccount, Shop
from apps.users.api.resource import ListsAndShows
from apps.users.models import Client
from apps.users.roles import VIEW_CREATOR

_SCOPE = "creators"


class CreatorSerializer(serializers.ModelSerializer[Creator]):
    class Meta:
        model = Creator
        fields = ("id", "client", "username", "nickname", "open_id", "created_at")


class CreatorFilters(filters.FilterSet):  # type: ignore[misc]
    client = RowFilter(
        lambda user: Client.objects.visible_to(user, VIEW_CREATOR), field_name="client"
    )
    username = filters.CharFilter(method="named", max_length=120)

    def named(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(username=handle_of(value))


class Creators(ListsAndShows[Creator]):
    """Who sells for the shops one sees. A creator sees themselves alone."""

    scope = _SCOPE
    tag = "creators"
    queryset = Creator.objects.all()
    serializer_class = CreatorSerializer
    filterset_class = CreatorFilters


class AffiliateOrderSerializer(serializers.ModelSerializer[AffiliateOrder]):
    """A SKU of an order. `rate` is a fraction. `estimated` and `actual` are all parts
    of the commission together; only the actual amount of what is settled is money, and
    of what is ineligible nothing is paid. It was told by `shop` or `creator_account`.
    """

    price = MoneyField(source="price_amount")
    estimated_base = MoneyField(source="estimated_base_amount")
    actual_base = MoneyField(source="actual_base_amount")
    estimated = MoneyField(source="estimated_amount")
    actual = MoneyField(source="actual_amount")

    class Meta:
        model = AffiliateOrder
        fields: tuple[str, ...] = (
            "id",
            "shop",
            "creator_account",
            "creator",
            "order",
            "remote_order_id",
            "remote_sku_id",
            "remote_product_id",
            "product_name",
            "content_type",
            "content_id",
            "settlement",
            "quantity",
            "returned_quantity",
            "is_fully_returned",
            "price",
            "rate",
            "estimated_base",
            "actual_base",
            "estimated",
            "actual",
            "has_unread_amount",
            "placed_at",
            "delivered_at",
            "settled_at",
            "modified_at",
        )


class AffiliateOrderDetailSerializer(AffiliateOrderSerializer):
    """With the parts, and the amounts word for word as they came."""

    estimated_commission = MoneyField(source="estimated_commission_amount")
    actual_commission = MoneyField(source="actual_commission_amount")
    estimated_shop_ads = MoneyField(source="estimated_shop_ads_amount")
    actual_shop_ads = MoneyField(source="actual_shop_ads_amount")
    estimated_bonus = MoneyField(source="estimated_bonus_amount")
    actual_bonus = MoneyField(source="actual_bonus_amount")
    estimated_cofunded = MoneyField(source="estimated_cofunded_amount")
    actual_cofunded = MoneyField(source="actual_cofunded_amount")
    estimated_partner = MoneyField(source="estimated_partner_amount")
    actual_partner = MoneyField(source="actual_partner_amount")
    tax = MoneyField(source="tax_amount")
    amount_texts = serializers.DictField(child=serializers.CharField(), read_only=True)

    class Meta(AffiliateOrderSerializer.Meta):
        fields = (
            *AffiliateOrderSerializer.Meta.fields,
            "shop_name",
            "shop_code",
            "campaign_id",
            "shop_ads_rate",
            "estimated_commission",
            "actual_commission",
            "estimated_shop_ads",
            "actual_shop_ads",
            "estimated_bonus",
            "actual_bonus",
            "estimated_cofunded",
            "actual_cofunded",
            "estimated_partner",
            "actual_partner",
            "tax",
            "amount_texts",
            "source",
        )


class AffiliateOrderFilters(filters.FilterSet):  # type: ignore[misc]
    shop = RowFilter(
        lambda user: Shop.objects.visible_to(user, VIEW_CREATOR), field_name="shop"
    )
    creator = RowFilter(
        lambda user: Creator.objects.visible_to(user), field_name="creator"
    )
    creator_account = RowFilter(
        lambda user: CreatorAccount.objects.visible_to(user),
        field_name="creator_account",
    )
    settlement = filters.ChoiceFilter(choices=Settlement.choices)
    content_type = filters.ChoiceFilter(choices=ContentType.choices)
    content_id = filters.CharFilter(max_length=40)
    remote_order_id = filters.CharFilter(max_length=40)
    has_unread_amount = YesNoFilter("has_unread_amount")
    since = InstantFilter("placed_at", "gte")
    until = InstantFilter("placed_at", "lt")
    updated_since = InstantFilter("modified_at", "gte")


class AffiliateOrders(ListsAndShows[AffiliateOrder]):
    """What creators sold, SKU by SKU. One alone is told with the parts of its
    commission."""

    scope = _SCOPE
    tag = "creators"
    queryset = AffiliateOrder.objects.all()
    serializer_class = AffiliateOrderSerializer
    detail_class = AffiliateOrderDetailSerializer
    filterset_class = AffiliateOrderFilters
    orderings = ("placed_at", "modified_at")
    ordering = "-placed_at"


class CreatorAccountSerializer(serializers.ModelSerializer[CreatorAccount]):
    class Meta:
        model = CreatorAccount
        fields = (
            "id",
            "client",
            "api_app",
            "username",
            "nickname",
            "open_id",
            "region",
            "time_zone",
            "state",
            "state_reason",
            "connected_at",
            "disconnected_at",
        )


class CreatorAccountFilters(filters.FilterSet):  # type: ignore[misc]
    client = RowFilter(
        lambda user: Client.objects.visible_to(user, VIEW_CREATOR), field_name="client"
    )
    state = filters.ChoiceFilter(choices=CreatorAccount.State.choices)


class CreatorAccounts(ListsAndShows[CreatorAccount]):
    """Creators who consented that their own figures are read. For who sees figures of
    all the client's shops."""

    scope = _SCOPE
    tag = "creators"
    queryset = CreatorAccount.objects.all()
    serializer_class = CreatorAccountSerializer
    filterset_class = CreatorAccountFilters
