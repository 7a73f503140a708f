"""Publishing runs as they are shown, and the body that starts one."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.core.api.fields import StrictSerializer
from apps.core.api.filters import LARGEST
from apps.core.api.relations import RowField
from apps.platforms.models import Shop
from apps.products.api.amounts import MoneySerializer
from apps.products.api.publish_items import PublishItemSerializer
from apps.products.api.row_lists import rows_of
from apps.products.models import PublishRun
from apps.products.services.publishing import progress
from apps.users.roles import VIEW_LISTING

MOST_ITEMS = 200
MOST_AT_ONCE = 1_000
_OF_DRAFTS = (PublishRun.Kind.CREATE, PublishRun.Kind.EDIT)


class PublishRunSerializer(serializers.ModelSerializer[PublishRun]):
    class Meta:
        model = PublishRun
        fields: tuple[str, ...] = (
            "id",
            "shop",
            "kind",
            "state",
            "user",
            "created_at",
            "started_at",
            "ended_at",
            "is_stop_asked",
            "error",
            "retry_of",
        )


class PublishRunDetailSerializer(PublishRunSerializer):
    counts = serializers.SerializerMethodField(help_text="{state: items in it}.")
    items = serializers.SerializerMethodField(
        help_text=f"The first {MOST_ITEMS}; all of them are at publish-items/?run=."
    )

    class Meta(PublishRunSerializer.Meta):
        fields = (*PublishRunSerializer.Meta.fields, "counts", "items")

    def get_counts(self, run: PublishRun) -> dict[str, int]:
        return {state.value: count for state, count in progress(run).items()}

    @extend_schema_field(PublishItemSerializer(many=True))
    def get_items(self, run: PublishRun) -> Any:
        rows = run.items.order_by("position").defer("request", "differences", "details")
        return PublishItemSerializer(rows[:MOST_ITEMS], many=True).data


def _keys(words: str) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST),
        max_length=MOST_AT_ONCE,
        default=list,
        help_text=words,
    )


class SkuPriceSerializer(StrictSerializer):
    sku_id = serializers.CharField(max_length=32, help_text="The platform's.")
    price = MoneySerializer(help_text="In the shop's currency.")


class ListingPricesSerializer(StrictSerializer):
    listing = serializers.IntegerField(min_value=1, max_value=LARGEST)
    skus = rows_of(SkuPriceSerializer, most=300, allow_empty=False)


class StartRunSerializer(StrictSerializer):
    """`drafts` to create or edit; `listings` for all else, to price them as planned;
    `prices` to price them as given."""

    shop = RowField(lambda user: Shop.objects.visible_to(user, VIEW_LISTING))
    kind = serializers.ChoiceField(choices=PublishRun.Kind.choices)
    listings = _keys("Ids of listings of the shop.")
    drafts = _keys("Ids of open drafts of the shop.")
    prices = rows_of(
        ListingPricesSerializer,
        most=MOST_AT_ONCE,
        default=list,
        help_text="Of kind price.",
    )

    def validate(self, attrs: Any) -> Any:
        kind = attrs["kind"]
        fits = {
            "drafts": kind in _OF_DRAFTS,
            "listings": kind not in _OF_DRAFTS,
            "prices": kind == PublishRun.Kind.PRICE,
        }
        wrong = [
            name for name, does_fit in fits.items() if attrs[name] and not does_fit
        ]
        if wrong:
            told = f"Not for a run to {PublishRun.Kind(kind).label.lower()}."
            raise serializers.ValidationError(dict.fromkeys(wrong, told))
        return attrs
