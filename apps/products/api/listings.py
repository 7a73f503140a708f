"""Listings as the platform last told them. What changes them are publishing runs."""

from typing import Any

from django.db.models import Prefetch
from django_filters import rest_framework as filters
from rest_framework import serializers

from apps.core.api.filters import InstantFilter, NumbersFilter, RowFilter
from apps.platforms.models import Shop
from apps.products.api.listing_sku_serializers import ListingSkuSerializer
from apps.products.models import Listing, ListingSku
from apps.users.api.resource import ListsAndShows
from apps.users.models import Client
from apps.users.roles import VIEW_LISTING


class ListingSerializer(serializers.ModelSerializer[Listing]):
    """`product_id` is the platform's; `status_text` and `audit_text` are its words."""

    client = serializers.IntegerField(source="shop.client_id")
    product_id = serializers.CharField(source="remote_id")
    category_id = serializers.CharField(source="category_remote_id")

    class Meta:
        model = Listing
        fields: tuple[str, ...] = (
            "id",
            "shop",
            "client",
            "product_id",
            "title",
            "status",
            "status_text",
            "audit",
            "audit_text",
            "category_id",
            "category_name",
            "brand_name",
            "image_url",
            "quality",
            "has_draft",
            "external_id",
            "source",
            "remote_created_at",
            "remote_updated_at",
            "deleted_at",
            "created_at",
            "modified_at",
        )


class ListingDetailSerializer(ListingSerializer):
    skus = ListingSkuSerializer(many=True)

    class Meta(ListingSerializer.Meta):
        fields = (*ListingSerializer.Meta.fields, "rejections", "skus")


class ListingFilters(filters.FilterSet):  # type: ignore[misc]
    shop = RowFilter(
        lambda user: Shop.objects.visible_to(user, VIEW_LISTING), field_name="shop"
    )
    client = RowFilter(
        lambda user: Client.objects.visible_to(user, VIEW_LISTING),
        field_name="shop__client",
    )
    status = filters.ChoiceFilter(choices=Listing.Status.choices)
    audit = filters.ChoiceFilter(choices=Listing.Audit.choices)
    updated_since = InstantFilter("modified_at", "gte")
    product_id = NumbersFilter("remote_id", "in")


class Listings(ListsAndShows[Listing]):
    """Products in the shops where one may see them, deleted ones among them.

    To put them on or off sale, delete, recover or price them, POST to publish-runs; to
    change what they say, to listing-drafts.
    """

    scope = "listings"
    tag = "listings"
    queryset = Listing.objects.all()
    serializer_class = ListingSerializer
    detail_class = ListingDetailSerializer
    filterset_class = ListingFilters
    orderings = ("modified_at", "created_at")
    ordering = "-modified_at"

    def rows(self) -> Any:
        rows = super().rows().select_related("shop")
        if self.action == "list":
            return rows
        skus = ListingSku.objects.select_related("variant")
        return rows.prefetch_related(Prefetch("skus", skus))
