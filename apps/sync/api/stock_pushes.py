"""What shops are to be told of our stock, were told, and show."""

from typing import Any

from django.db.models import F, Q
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.fields import StrictSerializer
from apps.core.api.filters import InstantFilter, RowFilter, YesNoFilter
from apps.core.api.relations import RowField
from apps.inventory.api.filters import SkuFilter, variant_filter
from apps.inventory.errors import StockRefuses
from apps.inventory.services.telling import Share, figures_for
from apps.platforms.models import Shop
from apps.products.models import ListingSku
from apps.sync.models import StockPush
from apps.sync.services.stock_push.noting import force
from apps.users.api.resource import ListsAndShows
from apps.users.roles import CHANGE_STOCK, VIEW_STOCK
from apps.users.services import audit

_MAPS = ("wanted", "sent", "accepted", "found")


def _pieces() -> serializers.DictField:
    return serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Pieces by the platform's warehouse ID.",
    )


class PushSerializer(serializers.ModelSerializer[StockPush]):
    """`wanted` is the newest figure, `sent` what is under way, `accepted` what the
    platform took last, `found` what it showed when last looked at."""

    listing_sku = serializers.IntegerField(source="listing_sku_id")
    seller_sku = serializers.CharField(source="listing_sku.seller_sku")
    variant = serializers.IntegerField(source="listing_sku.variant_id", allow_null=True)
    wanted = _pieces()
    sent = _pieces()
    accepted = _pieces()
    found = _pieces()

    class Meta:
        model = StockPush
        fields: tuple[str, ...] = (
            "id",
            "shop",
            "listing_sku",
            "seller_sku",
            "variant",
            "state",
            "message",
            "wanted",
            "wanted_total",
            "sent",
            "sending_since",
            "accepted",
            "accepted_total",
            "accepted_at",
            "found",
            "found_total",
            "found_at",
            "due_since",
            "attempts",
            "next_try_at",
            "fault",
            "fault_code",
            "is_taken_off_sale",
            "created_at",
            "modified_at",
        )


class CalculationStepSerializer(serializers.Serializer[Any]):
    words = serializers.CharField()
    pieces = serializers.IntegerField(help_text="What is left after it.")


class ShareSerializer(serializers.Serializer[Any]):
    """How the figure of one of the platform's warehouses comes about, now."""

    warehouse_id = serializers.CharField(help_text="The platform's.")
    warehouse = serializers.IntegerField(help_text="Ours.")
    available = serializers.IntegerField()
    steps = CalculationStepSerializer(many=True)
    pieces = serializers.IntegerField()


class PushDetailSerializer(PushSerializer):
    calculation = serializers.SerializerMethodField()

    class Meta(PushSerializer.Meta):
        fields = (*PushSerializer.Meta.fields, "calculation")

    @extend_schema_field(ShareSerializer(many=True))
    def get_calculation(self, push: StockPush) -> Any:
        told = figures_for([push.listing_sku])[push.listing_sku_id]
        seen = Shop.objects.visible_to(self.context["request"].user, VIEW_STOCK)
        shops = set(seen.filter(client=push.shop.client).values_list("pk", flat=True))
        shares = [_told(share, shops) for share in told.by_warehouse.values()]
        return ShareSerializer(shares, many=True).data


class PushAllSerializer(StrictSerializer):
    shop = RowField(lambda user: Shop.objects.visible_to(user, VIEW_STOCK))


class DueSerializer(serializers.Serializer[Any]):
    due = serializers.IntegerField(help_text="How many SKUs are to be sent now.")


class PushFilters(filters.FilterSet):  # type: ignore[misc]
    shop = RowFilter(
        lambda user: Shop.objects.visible_to(user, VIEW_STOCK), field_name="shop"
    )
    listing_sku = RowFilter(
        lambda user: ListingSku.objects.visible_to(user), field_name="listing_sku"
    )
    variant = variant_filter("listing_sku__variant")
    sku = SkuFilter("listing_sku__variant")
    state = filters.ChoiceFilter(choices=StockPush.State.choices)
    is_in_step = YesNoFilter(method="agreeing")
    updated_since = InstantFilter("modified_at", "gte")

    def agreeing(self, rows: Any, name: str, is_in_step: bool) -> Any:  # noqa: FBT001 (the library's way)
        """Whether the shop took what it is to show."""
        same = Q(wanted_total=F("accepted_total"))
        other = ~same | Q(accepted_total=None)
        return rows.filter(
            same if is_in_step else Q(wanted_total__isnull=False) & other
        )


class StockPushes(ListsAndShows[StockPush]):
    """What a SKU of a shop is to show, was told and shows. Where these differ, `state`
    and `message` say what comes next; the detail has the calculation."""

    scope = "stock"
    tag = "stock pushes"
    queryset = StockPush.objects.all()
    serializer_class = PushSerializer
    detail_class = PushDetailSerializer
    filterset_class = PushFilters
    orderings = ("modified_at", "created_at")
    ordering = "-modified_at"

    def rows(self) -> Any:
        return super().rows().select_related("listing_sku", "shop__client")

    @extend_schema(request=None, responses=PushDetailSerializer)
    @action(detail=True, methods=["post"], url_path="push-now")
    def push_now(self, request: Request, pk: int) -> Response:
        """Tell the shop this figure again, whatever it was told.

        It is sent after the answer; follow `state`.
        """
        push = self.subject()
        self.need(CHANGE_STOCK, push)
        self._force(push.shop, [push.listing_sku_id])
        return self.shown(self.get_object())

    @extend_schema(request=PushAllSerializer, responses={202: DueSerializer})
    @action(detail=False, methods=["post"], url_path="push-all-now")
    def push_all_now(self, request: Request) -> Response:
        """Tell a shop all its figures again, whatever it was told."""
        shop = self.read(PushAllSerializer)["shop"]
        self.need(CHANGE_STOCK, shop)
        pushes = StockPush.objects.filter(shop=shop).order_by()
        due = self._force(shop, list(pushes.values_list("listing_sku", flat=True)))
        return Response({"due": due}, status=202)

    def _force(self, shop: Shop, skus: list[int]) -> int:
        if shop.state != Shop.State.CONNECTED:
            raise StockRefuses(f"{shop} is {shop.get_state_display().lower()}.")
        due = force(skus)
        audit.record(
            "told a shop its stock again",
            shop,
            client=shop.client,
            asked=len(skus),
            due=due,
            **self.by,
        )
        return due


def _told(share: Share, seen: set[int]) -> dict[str, Any]:
    """In words that name no shop which one does not see."""
    return {
        "warehouse_id": share.shop_warehouse.remote_id,
        "warehouse": share.warehouse.pk,
        "available": share.available,
        "steps": [
            {"words": step.words_for(seen), "pieces": step.pieces}
            for step in share.steps
        ],
        "pieces": share.pieces,
    }
