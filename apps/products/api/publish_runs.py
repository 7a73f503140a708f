"""One deed on many listings of a shop: started here, done in the background."""

from collections.abc import Iterable
from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.filters import InstantFilter, RowFilter
from apps.core.money import Money
from apps.core.queueing import after_commit
from apps.platforms.models import Shop
from apps.products.api.faults import no_such
from apps.products.api.publish_run_serializers import (
    PublishRunDetailSerializer,
    PublishRunSerializer,
    StartRunSerializer,
)
from apps.products.models import Listing, ListingDraft, PublishRun
from apps.products.services import publishing
from apps.products.services.publishing import GivenPrices
from apps.products.tasks import work_publish_run
from apps.users.api.resource import ListsAndShows
from apps.users.models import User
from apps.users.roles import CHANGE_LISTING, VIEW_LISTING


class PublishRunFilters(filters.FilterSet):  # type: ignore[misc]
    shop = RowFilter(
        lambda user: Shop.objects.visible_to(user, VIEW_LISTING), field_name="shop"
    )
    kind = filters.ChoiceFilter(choices=PublishRun.Kind.choices)
    state = filters.ChoiceFilter(choices=PublishRun.State.choices)
    since = InstantFilter("created_at", "gte")
    until = InstantFilter("created_at", "lt")


class PublishRuns(ListsAndShows[PublishRun]):
    """Listings created, edited, priced, put on or off sale, deleted or recovered.

    A run is of one shop and one kind; each of its items has its own outcome.
    """

    scope = "listings"
    tag = "publishing"
    queryset = PublishRun.objects.all()
    serializer_class = PublishRunSerializer
    detail_class = PublishRunDetailSerializer
    filterset_class = PublishRunFilters
    orderings = ("created_at",)
    ordering = "-created_at"

    def rows(self) -> Any:
        return super().rows().select_related("shop__client")

    def lock(self, row: PublishRun) -> None:
        PublishRun.objects.select_for_update(no_key=True).get(pk=row.pk)

    @extend_schema(
        request=StartRunSerializer, responses={201: PublishRunDetailSerializer}
    )
    def create(self, request: Request) -> Response:
        """Start a run. Nothing is sent before the answer."""
        asked = self.read(StartRunSerializer)
        shop = asked["shop"]
        self.need(CHANGE_LISTING, shop)
        subjects: list[Listing | ListingDraft | GivenPrices] = [
            *_drafts(self.user, shop, asked["drafts"]),
            *_given(self.user, shop, asked["prices"]),
            *_listings(self.user, shop, asked["listings"], "listings"),
        ]
        run = publishing.start_run(
            shop, asked["kind"], subjects, self.user, address=self.address
        )
        return self._begun(run)

    @extend_schema(request=None, responses=PublishRunDetailSerializer)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: int) -> Response:
        """End it after the item it is at; what waits is not sent."""
        run = self._run()
        publishing.stop(run, self.user, address=self.address)
        return self.shown(self.get_object())

    @extend_schema(request=None, responses={201: PublishRunDetailSerializer})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: int) -> Response:
        """Start a new run of what an ended one did not get done."""
        run = publishing.retry_failed(self._run(), self.user, address=self.address)
        return self._begun(run)

    def _run(self) -> PublishRun:
        run = self.subject()
        self.need(CHANGE_LISTING, run)
        return run

    def _begun(self, run: PublishRun) -> Response:
        after_commit(work_publish_run.delay, run.pk)
        return self.shown(self.get_queryset().get(pk=run.pk), status=201)


def _listings(user: User, shop: Shop, keys: Iterable[int], field: str) -> list[Listing]:
    """In the order asked for. Raises ValidationError for one that is not there."""
    rows = Listing.objects.visible_to(user).filter(shop=shop)
    return _all_of(rows.select_related("shop"), keys, field)


def _drafts(user: User, shop: Shop, keys: Iterable[int]) -> list[ListingDraft]:
    rows = ListingDraft.objects.visible_to(user).filter(shop=shop)
    return _all_of(rows.select_related("shop", "listing"), keys, "drafts")


def _given(user: User, shop: Shop, rows: list[Any]) -> list[GivenPrices]:
    keys = [row["listing"] for row in rows]
    if len(set(keys)) < len(keys):
        raise ValidationError({"prices": "A listing is named twice."})
    listings = _listings(user, shop, keys, "prices")
    return [
        GivenPrices(listing, _prices_in(row["skus"]))
        for listing, row in zip(listings, rows, strict=True)
    ]


def _prices_in(skus: list[Any]) -> dict[str, Money]:
    prices: dict[str, Money] = {}
    for row in skus:
        if row["sku_id"] in prices:
            raise ValidationError({"prices": f"{row['sku_id']} stands here twice."})
        price = row["price"]
        prices[row["sku_id"]] = Money(price["amount"], price["currency"].upper())
    return prices


def _all_of(rows: Any, keys: Iterable[int], field: str) -> list[Any]:
    wanted = list(dict.fromkeys(keys))
    found = rows.in_bulk(wanted) if wanted else {}
    if len(found) < len(wanted):
        raise no_such(field)
    return [found[key] for key in wanted]
