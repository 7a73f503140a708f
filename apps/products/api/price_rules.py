"""Rules that make a region's prices, and what one would make of an amount."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.fields import StrictSerializer
from apps.core.api.filters import RowFilter, YesNoFilter
from apps.core.api.relations import RowField
from apps.core.money import Money
from apps.platforms.models import Shop
from apps.platforms.regions import REGIONS
from apps.products.api.faults import renamed, told_by_field
from apps.products.models import PriceRule
from apps.products.services.price_rules import unsaved_rule
from apps.products.services.prices import in_words, is_old, price_for
from apps.users.api.resource import ListsAndShows
from apps.users.models import Client
from apps.users.roles import VIEW_LISTING, VIEW_PRODUCT

MOST_AMOUNTS = 50
_REGIONS = [(row.code, row.name) for row in REGIONS.values()]


class PriceRuleSerializer(serializers.ModelSerializer[PriceRule]):
    """Base price times rate times factor, rounded; `shop` is null for a rule of the
    whole region."""

    shop = serializers.IntegerField(source="only_shop_id", allow_null=True)
    is_rate_old = serializers.SerializerMethodField()

    class Meta:
        model = PriceRule
        fields = (
            "id",
            "client",
            "region",
            "shop",
            "base_currency",
            "currency",
            "rate",
            "rate_on",
            "is_rate_old",
            "factor",
            "round_to",
            "ending",
            "is_active",
            "created_at",
            "modified_at",
        )

    def get_is_rate_old(self, rule: PriceRule) -> bool:
        return is_old(rule)


class TryRuleSerializer(StrictSerializer):
    client = RowField(lambda user: Client.objects.visible_to(user, VIEW_PRODUCT))
    region = serializers.ChoiceField(choices=_REGIONS)
    shop = RowField(
        lambda user: Shop.objects.visible_to(user, VIEW_LISTING),
        allow_null=True,
        required=False,
    )
    base_currency = serializers.CharField(max_length=3)
    rate = serializers.DecimalField(max_digits=20, decimal_places=10)
    rate_on = serializers.DateField()
    factor = serializers.DecimalField(max_digits=8, decimal_places=4, required=False)
    round_to = serializers.DecimalField(max_digits=12, decimal_places=4, required=False)
    ending = serializers.DecimalField(
        max_digits=12, decimal_places=4, allow_null=True, required=False
    )
    amounts = serializers.ListField(
        child=serializers.DecimalField(max_digits=12, decimal_places=4, min_value=0),
        max_length=MOST_AMOUNTS,
        help_text="In the base currency.",
    )

    def validate_base_currency(self, code: str) -> str:
        return code.upper()


class TriedPriceSerializer(serializers.Serializer[Any]):
    base_amount = serializers.CharField()
    amount = serializers.CharField()
    words = serializers.CharField(help_text="How it comes about.")


class TriedRuleSerializer(serializers.Serializer[Any]):
    base_currency = serializers.CharField()
    currency = serializers.CharField()
    is_rate_old = serializers.BooleanField()
    results = TriedPriceSerializer(many=True)


class PriceRuleFilters(filters.FilterSet):  # type: ignore[misc]
    client = RowFilter(
        lambda user: Client.objects.visible_to(user, VIEW_PRODUCT), field_name="client"
    )
    shop = RowFilter(
        lambda user: Shop.objects.visible_to(user, VIEW_LISTING), field_name="only_shop"
    )
    region = filters.ChoiceFilter(choices=_REGIONS)
    is_active = YesNoFilter("is_active")


class PriceRules(ListsAndShows[PriceRule]):
    """How prices are made where none was typed. Rules are changed on the site."""

    scope = "products"
    tag = "price rules"
    queryset = PriceRule.objects.all()
    serializer_class = PriceRuleSerializer
    filterset_class = PriceRuleFilters
    orderings = ("region", "created_at", "modified_at")
    ordering = "region"

    @extend_schema(request=TryRuleSerializer, responses=TriedRuleSerializer)
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        """Try a rule out on some amounts; nothing is stored."""
        asked = self.read(TryRuleSerializer)
        client, amounts = asked.pop("client"), asked.pop("amounts")
        with told_by_field():
            rule = unsaved_rule(client, renamed(asked, shop="only_shop"))
        tried = [Money(amount, rule.base_currency) for amount in amounts]
        told = {
            "base_currency": rule.base_currency,
            "currency": rule.currency,
            "is_rate_old": is_old(rule),
            "results": [
                {
                    "base_amount": f"{base.amount:f}",
                    "amount": f"{price_for(base, rule).amount:f}",
                    "words": in_words(base, rule),
                }
                for base in tried
            ],
        }
        return Response(TriedRuleSerializer(told).data)
