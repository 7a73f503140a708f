"""Single listings of publishing runs: what was sent, and what became of it."""

from typing import Any

from django_filters import rest_framework as filters
from rest_framework import serializers

from apps.core.api.filters import RowFilter
from apps.products.models import Listing, ListingDraft, PublishItem, PublishRun
from apps.users.api.resource import ListsAndShows


class PublishItemSerializer(serializers.ModelSerializer[PublishItem]):
    """`code` and `failure` are the platform's own, or say which rule of ours held it
    back."""

    class Meta:
        model = PublishItem
        fields: tuple[str, ...] = (
            "id",
            "run",
            "position",
            "listing",
            "draft",
            "state",
            "code",
            "failure",
            "attempts",
            "sent_at",
            "ended_at",
        )


class PublishItemDetailSerializer(PublishItemSerializer):
    class Meta(PublishItemSerializer.Meta):
        fields = (
            *PublishItemSerializer.Meta.fields,
            "request",
            "differences",
            "details",
        )


class PublishItemFilters(filters.FilterSet):  # type: ignore[misc]
    run = RowFilter(lambda user: PublishRun.objects.visible_to(user), field_name="run")
    listing = RowFilter(
        lambda user: Listing.objects.visible_to(user), field_name="listing"
    )
    draft = RowFilter(
        lambda user: ListingDraft.objects.visible_to(user), field_name="draft"
    )
    state = filters.ChoiceFilter(choices=PublishItem.State.choices)


class PublishItems(ListsAndShows[PublishItem]):
    """What a run does to one listing, with the call and what it changes there."""

    scope = "listings"
    tag = "publishing"
    queryset = PublishItem.objects.all()
    serializer_class = PublishItemSerializer
    detail_class = PublishItemDetailSerializer
    filterset_class = PublishItemFilters

    def rows(self) -> Any:
        runs = PublishRun.objects.visible_to(self.user)
        rows = PublishItem.objects.filter(run__in=runs)
        if self.action == "list":
            return rows.defer("request", "differences", "details")
        return rows
