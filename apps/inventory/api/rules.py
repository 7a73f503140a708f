"""Rules of what shops are told, and what one would change."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.fields import StrictSerializer
from apps.core.api.filters import InstantFilter, RowFilter
from apps.core.api.relations import RowField
from apps.inventory.api.filters import (
    SkuFilter,
    client_filter,
    variant_filter,
    warehouse_filter,
)
from apps.inventory.models import StockRule, Warehouse
from apps.inventory.services import rules
from apps.inventory.services.rules import Change
from apps.platforms.models import Shop
from apps.products.models import Variant
from apps.users.api.resource import ListsAndShows
from apps.users.models import Client
from apps.users.roles import CHANGE_STOCK, VIEW_STOCK

MOST_CHANGES = 500
MOST_PIECES = 1_000_000


class StockRuleSerializer(serializers.ModelSerializer[StockRule]):
    """Each figure comes from the narrowest rule that names it: one for the SKU beats
    one for the shop, that one for the warehouse. Null says nothing."""

    class Meta:
        model = StockRule
        fields = (
            "id",
            "client",
            "shop",
            "variant",
            "warehouse",
            "buffer",
            "share_percent",
            "cap",
            "last_pieces",
            "last_pieces_shop",
            "note",
            "created_at",
            "modified_at",
        )


def _shop_field(words: str) -> RowField:
    return RowField(
        lambda user: Shop.objects.visible_to(user, VIEW_STOCK),
        allow_null=True,
        required=False,
        help_text=words,
    )


def _pieces(words: str) -> serializers.IntegerField:
    return serializers.IntegerField(
        min_value=0,
        max_value=MOST_PIECES,
        allow_null=True,
        required=False,
        help_text=words,
    )


class ChangeStockRuleSerializer(StrictSerializer):
    shop = _shop_field("Null: all the client's shops.")
    variant = RowField(
        lambda user: Variant.objects.visible_to(user),
        allow_null=True,
        required=False,
        help_text="Null: all SKUs.",
    )
    warehouse = RowField(
        lambda user: Warehouse.objects.visible_to(user),
        allow_null=True,
        required=False,
        help_text="Null: all its warehouses together.",
    )
    buffer = _pieces("Kept back from what is available.")
    share_percent = serializers.IntegerField(
        min_value=0,
        max_value=100,
        allow_null=True,
        required=False,
        help_text="Of the rest, rounded down.",
    )
    cap = _pieces("Told at most.")
    last_pieces = _pieces("The last so many are for one shop alone.")
    last_pieces_shop = _shop_field("That shop.")
    note = serializers.CharField(max_length=200, allow_blank=True, required=False)


class AddStockRuleSerializer(ChangeStockRuleSerializer):
    client = RowField(lambda user: Client.objects.visible_to(user, VIEW_STOCK))


class TryStockRuleSerializer(AddStockRuleSerializer):
    rule = RowField(
        lambda user: StockRule.objects.visible_to(user),
        required=False,
        help_text="To be changed so; else it is a new one.",
    )
    client = RowField(
        lambda user: Client.objects.visible_to(user, VIEW_STOCK), required=False
    )

    def validate(self, attrs: Any) -> Any:
        if ("rule" in attrs) == ("client" in attrs):
            raise serializers.ValidationError("Name either the rule or the client.")
        return attrs


class RuleChangeSerializer(serializers.Serializer[Change]):
    """What a shop would be told of a SKU; null: nothing, for now."""

    shop = serializers.IntegerField(source="listing_sku.shop_id")
    listing_sku = serializers.IntegerField(source="listing_sku.pk")
    seller_sku = serializers.CharField(source="listing_sku.seller_sku")
    before = serializers.IntegerField(source="before.total", allow_null=True)
    after = serializers.IntegerField(source="after.total", allow_null=True)


class RuleChangesSerializer(serializers.Serializer[Any]):
    changes = RuleChangeSerializer(
        many=True, help_text=f"Of the first {MOST_CHANGES} SKUs it concerns."
    )


class RuleFilters(filters.FilterSet):  # type: ignore[misc]
    client = client_filter("client")
    shop = RowFilter(
        lambda user: Shop.objects.visible_to(user, VIEW_STOCK), field_name="shop"
    )
    variant = variant_filter("variant")
    sku = SkuFilter("variant")
    warehouse = warehouse_filter("warehouse")
    updated_since = InstantFilter("modified_at", "gte")


class StockRules(ListsAndShows[StockRule]):
    """A rule that names a shop is shown to who sees that shop's stock; all are changed
    by who may change the stock of the whole client."""

    scope = "stock"
    tag = "stock rules"
    queryset = StockRule.objects.all()
    serializer_class = StockRuleSerializer
    filterset_class = RuleFilters
    orderings = ("created_at", "modified_at")
    ordering = "created_at"

    def rows(self) -> Any:
        return super().rows().select_related("client")

    @extend_schema(request=AddStockRuleSerializer, responses={201: StockRuleSerializer})
    def create(self, request: Request) -> Response:
        """Add a rule; the shops it concerns are told by themselves."""
        asked = self.read(AddStockRuleSerializer)
        self.need(CHANGE_STOCK, asked["client"])
        rule = rules.save_rule(StockRule(**asked), **self.by)
        return self.shown(self.get_queryset().get(pk=rule.pk), status=201)

    @extend_schema(request=ChangeStockRuleSerializer, responses=StockRuleSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change a rule; what is left out stays."""
        asked = self.read(ChangeStockRuleSerializer, partial=True)
        self.lock(self._rule())  # what is left out is what it is by then
        rules.save_rule(_with(self.get_object(), asked), **self.by)
        return self.shown(self.get_object())

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Delete a rule; the shops it concerned are told by themselves."""
        rules.delete_rule(self._rule(), **self.by)
        return Response(status=204)

    @extend_schema(request=TryStockRuleSerializer, responses=RuleChangesSerializer)
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        """Tell what shops would be told otherwise; nothing is stored.

        Shops that are not told yet are reckoned as if they were.
        """
        asked = self.read(TryStockRuleSerializer)
        stored = asked.pop("rule", None)
        self.need(CHANGE_STOCK, stored.client if stored else asked["client"])
        rule = _with(stored or StockRule(), asked)
        _check_last_pieces(rule)
        shops = Shop.objects.visible_to(self.user, VIEW_STOCK)
        seen = set(shops.filter(client=rule.client_id).values_list("pk", flat=True))
        changes = [
            change
            for change in rules.preview(rule, most=MOST_CHANGES)
            if change.listing_sku.shop_id in seen
        ]
        return Response(RuleChangesSerializer({"changes": changes}).data)

    def _rule(self) -> StockRule:
        rule = self.subject()
        self.need(CHANGE_STOCK, rule.client)
        return rule


def _with(rule: StockRule, values: dict[str, Any]) -> StockRule:
    for name, value in values.items():
        setattr(rule, name, value)
    return rule


def _check_last_pieces(rule: StockRule) -> None:
    if (rule.last_pieces is None) != (rule.last_pieces_shop is None):
        words = "Say how many pieces are the last, and for which shop."
        raise serializers.ValidationError({"last_pieces": words})
