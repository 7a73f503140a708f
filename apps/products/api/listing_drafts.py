"""Listings being written: begun, changed, tried, sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.errors import PlatformFailed
from apps.core.api.filters import InstantFilter, RowFilter
from apps.core.queueing import after_commit
from apps.integrations.errors import PlatformError
from apps.platforms.models import Shop
from apps.products.api.draft_serializers import (
    BeginDraftSerializer,
    ChangeDraftSerializer,
    DraftDetailSerializer,
    DraftSerializer,
    PreviewOptionsSerializer,
    PreviewSerializer,
)
from apps.products.api.publish_run_serializers import PublishRunDetailSerializer
from apps.products.models import Listing, ListingDraft, Product, PublishRun
from apps.products.services import publishing
from apps.products.services.copying import copy_listing
from apps.products.tasks import work_publish_run
from apps.users.api.resource import ListsAndShows
from apps.users.roles import CHANGE_LISTING, VIEW_LISTING
from apps.users.services import audit


class DraftFilters(filters.FilterSet):  # type: ignore[misc]
    shop = RowFilter(
        lambda user: Shop.objects.visible_to(user, VIEW_LISTING), field_name="shop"
    )
    listing = RowFilter(
        lambda user: Listing.objects.visible_to(user), field_name="listing"
    )
    product = RowFilter(
        lambda user: Product.objects.visible_to(user), field_name="product"
    )
    state = filters.ChoiceFilter(choices=ListingDraft.State.choices)
    updated_since = InstantFilter("modified_at", "gte")


class ListingDrafts(ListsAndShows[ListingDraft]):
    """New listings and changes to listings, before they are sent.

    A draft is begun from a product, a listing of another shop, or a listing to be
    changed; what could not be filled in stands in its notes. Sending it is a
    publishing run of one item.
    """

    scope = "listings"
    tag = "listing drafts"
    queryset = ListingDraft.objects.all()
    serializer_class = DraftSerializer
    detail_class = DraftDetailSerializer
    filterset_class = DraftFilters
    orderings = ("modified_at", "created_at")
    ordering = "-modified_at"
    # These ask the platform.
    own_transactions = ("create", "preview", "take_present")
    own_problems = {"create": [502], "preview": [502], "take_present": [502]}

    def rows(self) -> Any:
        rows = super().rows()
        return rows.select_related(
            "shop__client", "listing", "product", "copied_from__shop"
        ).defer("base")

    def lock(self, row: ListingDraft) -> None:
        ListingDraft.objects.select_for_update(no_key=True).get(pk=row.pk)

    @extend_schema(request=BeginDraftSerializer, responses={201: DraftDetailSerializer})
    def create(self, request: Request) -> Response:
        """Begin a draft. What the platform does not answer stays open, with a note."""
        asked = self.read(BeginDraftSerializer)
        if listing := asked.get("edit_of"):
            self.need(CHANGE_LISTING, listing)
        else:
            self.need(CHANGE_LISTING, asked["shop"])
        with _platform_asked():
            draft = self._begin(asked)
        return self.shown(self.get_queryset().get(pk=draft.pk), status=201)

    @extend_schema(request=ChangeDraftSerializer, responses=DraftDetailSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change fields of the content; SKUs are given as a whole list.

        Right or wrong, it is stored: the preview says what does not hold.
        """
        draft = self._draft()
        asked = self.read(ChangeDraftSerializer, partial=True)
        if "removed_sku_ids" in asked and draft.listing_id is None:
            raise ValidationError({"removed_sku_ids": "Not of a new listing."})
        publishing.save(
            draft,
            asked.get("content", {}),
            drop=asked.get("drop", ()),
            removed_sku_ids=asked.get("removed_sku_ids"),
        )
        return self.shown(self.get_object())

    @extend_schema(request=PreviewOptionsSerializer, responses=PreviewSerializer)
    @action(detail=True, methods=["post"])
    def preview(self, request: Request, pk: int) -> Response:
        """The dry run: what would be sent, exactly, and what stands in its way."""
        draft = self._draft()
        asked = self.read(PreviewOptionsSerializer)
        with _platform_asked():
            found = publishing.preview(draft, ask_platform=asked["ask_platform"])
        return Response(PreviewSerializer(found).data)

    @extend_schema(request=None, responses={201: PublishRunDetailSerializer})
    @action(detail=True, methods=["post"])
    def send(self, request: Request, pk: int) -> Response:
        """Start a run that lists it, or changes its listing; watch the run."""
        draft = self._draft()
        is_new = draft.listing_id is None
        kind = PublishRun.Kind.CREATE if is_new else PublishRun.Kind.EDIT
        run = publishing.start_run(
            draft.shop, kind, [draft], self.user, address=self.address
        )
        after_commit(work_publish_run.delay, run.pk)
        context = self.get_serializer_context()
        shown = PublishRunDetailSerializer(run, context=context)
        return Response(shown.data, status=201)

    @extend_schema(request=None, responses=DraftDetailSerializer)
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: int) -> Response:
        """Give an open draft up; it is kept to be read."""
        draft = self._draft()
        publishing.discard(draft)
        audit.record("gave up a draft", draft, client=draft.shop.client, **self.by)
        return self.shown(self.get_object())

    @extend_schema(request=None, responses=DraftDetailSerializer)
    @action(detail=True, methods=["post"], url_path="take-present")
    def take_present(self, request: Request, pk: int) -> Response:
        """Put an edit on top of what the platform has now: the answer to "changed
        meanwhile"."""
        draft = self._draft()
        with _platform_asked():
            publishing.take_present(draft)
        return self.shown(self.get_object())

    def _draft(self) -> ListingDraft:
        draft = self.subject()
        self.need(CHANGE_LISTING, draft)
        return draft

    def _begin(self, asked: Any) -> ListingDraft:
        """With a line in the audit trail, as the site writes it."""
        if listing := asked.get("edit_of"):
            draft = publishing.start_edit(listing, self.user)
            verb, facts = "opened a draft", {"product_id": listing.remote_id}
        elif listing := asked.get("copy_of"):
            draft = copy_listing(listing, asked["shop"], self.user)
            verb = "copied a listing"
            facts = {"listing": listing.pk, "from_shop": str(listing.shop)}
        else:
            product = asked["product"]
            draft = publishing.start_new(asked["shop"], product, self.user)
            verb, facts = "began a draft", {"product": product.pk}
        client = draft.shop.client
        with transaction.atomic():
            audit.record(verb, draft, client=client, **facts, **self.by)
        return draft


@contextmanager
def _platform_asked() -> Iterator[None]:
    try:
        yield
    except PlatformError as error:
        raise PlatformFailed(str(error)) from error
