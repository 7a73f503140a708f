"""SKUs of listings, and the decisions which variant of ours each is."""

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.fields import StrictSerializer
from apps.core.api.filters import (
    InstantFilter,
    NumbersFilter,
    RowFilter,
    WholeNumberFilter,
    YesNoFilter,
)
from apps.core.api.relations import RowField
from apps.core.queueing import after_commit
from apps.orders.services import mapping
from apps.orders.services.mapping import By, Outcome
from apps.orders.tasks import accept_suggestions
from apps.platforms.models import Shop
from apps.products.api.listing_sku_serializers import (
    ListingSkuDetailSerializer,
    ListingSkuSerializer,
)
from apps.products.api.outcomes import (
    OutcomeSerializer,
    refuse_left,
    told,
    told_running,
)
from apps.products.errors import MappingRefused
from apps.products.models import (
    Listing,
    ListingSku,
    MappingChange,
    MappingSuggestion,
    Variant,
)
from apps.users.api.resource import ListsAndShows
from apps.users.roles import CHANGE_LISTING, VIEW_LISTING


class AcceptSerializer(StrictSerializer):
    variant = RowField(
        lambda user: Variant.objects.visible_to(user),
        required=False,
        help_text="Which of the suggested ones; needed where there are several.",
    )


class ChooseSerializer(StrictSerializer):
    variant = RowField(lambda user: Variant.objects.visible_to(user))


class AcceptManySerializer(StrictSerializer):
    shop = RowField(lambda user: Shop.objects.visible_to(user, VIEW_LISTING))
    min_confidence = serializers.IntegerField(min_value=1, max_value=100)


class ListingSkuFilters(filters.FilterSet):  # type: ignore[misc]
    shop = RowFilter(
        lambda user: Shop.objects.visible_to(user, VIEW_LISTING), field_name="shop"
    )
    listing = RowFilter(
        lambda user: Listing.objects.visible_to(user), field_name="listing"
    )
    variant = RowFilter(
        lambda user: Variant.objects.visible_to(user), field_name="variant"
    )
    mapping = filters.ChoiceFilter(choices=ListingSku.Mapping.choices)
    seller_sku = filters.CharFilter("seller_sku", max_length=120)
    sku_id = NumbersFilter("remote_id", "in")
    min_confidence = WholeNumberFilter("suggestions__confidence", method="surely")
    is_listed = YesNoFilter(method="present")
    updated_since = InstantFilter("modified_at", "gte")

    def surely(self, rows: QuerySet[Any], name: str, least: int) -> QuerySet[Any]:
        """With a suggestion at least so sure."""
        found = MappingSuggestion.objects.filter(listing_sku=OuterRef("pk"))
        return rows.filter(Exists(found.filter(confidence__gte=least)))

    def present(self, rows: Any, name: str, is_listed: bool) -> QuerySet[Any]:  # noqa: FBT001 (the library's way)
        """Whether the platform has it, in a listing that is not deleted."""
        listed = ListingSku.objects.listed().filter(pk=OuterRef("pk"))
        found: QuerySet[Any] = rows.filter(
            Exists(listed) if is_listed else ~Exists(listed)
        )
        return found


class ListingSkus(ListsAndShows[ListingSku]):
    """What shops sell, SKU by SKU, and which variant of ours each is. A decision also
    links the order lines of past orders; it can be undone, see mapping-batches."""

    scope = "listings"
    tag = "listing SKUs"
    queryset = ListingSku.objects.all()
    serializer_class = ListingSkuSerializer
    detail_class = ListingSkuDetailSerializer
    filterset_class = ListingSkuFilters
    orderings = ("modified_at", "created_at")
    ordering = "-modified_at"

    def rows(self) -> Any:
        rows = super().rows().select_related("variant")
        if self.action == "list":
            return rows
        decisions = MappingChange.objects.filter(
            listing_sku=OuterRef("pk"), batch__undone_at__isnull=True
        ).order_by("-pk")
        return (
            rows.select_related("listing", "shop__client")
            .annotate(last_batch=Subquery(decisions.values("batch")[:1]))
            .prefetch_related("suggestions__variant")
        )

    def lock(self, row: ListingSku) -> None:
        Shop.objects.select_for_update(no_key=True).get(pk=row.shop_id)
        ListingSku.objects.select_for_update(no_key=True).get(pk=row.pk)

    @extend_schema(request=AcceptSerializer, responses=ListingSkuDetailSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: int) -> Response:
        """Match it to the variant that is suggested."""
        sku = self._sku()
        variant = self.read(AcceptSerializer).get("variant")
        key = variant.pk if variant else _only_suggestion(sku)
        return self._decided(
            sku, lambda by: mapping.accept(sku.shop, {sku.pk: key}, by)
        )

    @extend_schema(request=ChooseSerializer, responses=ListingSkuDetailSerializer)
    @action(detail=True, methods=["post"])
    def choose(self, request: Request, pk: int) -> Response:
        """Match it to a variant or a bundle, whatever is suggested."""
        sku = self._sku()
        key = self.read(ChooseSerializer)["variant"].pk
        return self._decided(
            sku, lambda by: mapping.choose(sku.shop, {sku.pk: key}, by)
        )

    @extend_schema(request=None, responses=ListingSkuDetailSerializer)
    @action(detail=True, methods=["post"])
    def ignore(self, request: Request, pk: int) -> Response:
        """Let it be without a variant; one that is matched has to be unlinked first."""
        sku = self._sku()
        return self._decided(sku, lambda by: mapping.ignore(sku.shop, [sku.pk], by))

    @extend_schema(request=None, responses=ListingSkuDetailSerializer)
    @action(detail=True, methods=["post"])
    def unlink(self, request: Request, pk: int) -> Response:
        """Make it undecided again, be it matched or ignored."""
        sku = self._sku()
        return self._decided(sku, lambda by: mapping.unlink(sku.shop, [sku.pk], by))

    @extend_schema(request=AcceptManySerializer, responses=OutcomeSerializer)
    @action(detail=False, methods=["post"], url_path="accept-suggestions")
    def accept_many(self, request: Request) -> Response:
        """Accept all of a shop's suggestions that are sure enough.

        Of conflicts none. To look at them before, list with the same shop and
        min_confidence, mapping=suggested and is_listed=true. More than 500 are done in
        the background.
        """
        asked = self.read(AcceptManySerializer)
        shop = asked["shop"]
        self.need(CHANGE_LISTING, shop)
        pairs = _sure_enough(shop, asked["min_confidence"])
        if len(pairs) > mapping.AT_ONCE:
            batch = mapping.start_accepting(shop, pairs, self._by)
            after_commit(accept_suggestions.delay, batch.pk)
            return Response(told_running(batch))
        outcome = mapping.accept(shop, pairs, self._by)
        return Response(told(outcome, shop, self.user))

    def _sku(self) -> ListingSku:
        sku = self.subject()
        self.need(CHANGE_LISTING, sku)
        return sku

    def _decided(self, sku: ListingSku, decide: Callable[[By], Outcome]) -> Response:
        refuse_left(decide(self._by))
        return self.shown(self.get_queryset().get(pk=sku.pk))

    @property
    def _by(self) -> By:
        return By(self.user, self.address)


def _only_suggestion(sku: ListingSku) -> int:
    """The variant where it is clear which. Raises MappingRefused."""
    found = [row.variant_id for row in sku.suggestions.all()]
    if sku.variant_id is not None:
        return sku.variant_id  # said again, it stays
    if len(found) != 1:
        words = "several variants are" if found else "nothing is"
        raise MappingRefused(f"{sku}: {words} suggested. Name the variant.")
    return found[0]


def _sure_enough(shop: Shop, least: int) -> dict[int, int]:
    """{listing SKU: the variant suggested for it}."""
    rows = ListingSku.objects.listed().filter(
        shop=shop,
        mapping=ListingSku.Mapping.SUGGESTED,
        suggestions__confidence__gte=least,
    )
    return dict(rows.order_by("pk").values_list("pk", F("suggestions__variant")))
