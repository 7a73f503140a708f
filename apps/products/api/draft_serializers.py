"""Drafts of listings as they are shown, the bodies that write them, the dry run."""

from typing import Any

from rest_framework import serializers

from apps.core.api.fields import StrictSerializer
from apps.core.api.relations import RowField
from apps.platforms.models import Shop
from apps.products.api.draft_content import ContentSerializer
from apps.products.models import Listing, ListingDraft, Product
from apps.users.roles import VIEW_LISTING

_SOURCES = ("product", "copy_of", "edit_of")


class DraftSerializer(serializers.ModelSerializer[ListingDraft]):
    """`listing` is the one to be changed, null for a new one; `copied_from` is null
    where you may not see that listing, too."""

    client = serializers.IntegerField(source="shop.client_id")
    title = serializers.SerializerMethodField()
    copied_from = serializers.SerializerMethodField()

    class Meta:
        model = ListingDraft
        fields: tuple[str, ...] = (
            "id",
            "shop",
            "client",
            "listing",
            "product",
            "copied_from",
            "title",
            "state",
            "user",
            "created_at",
            "modified_at",
        )

    def get_title(self, draft: ListingDraft) -> str:
        return str(draft)

    def get_copied_from(self, draft: ListingDraft) -> int | None:
        source = draft.copied_from
        user = self.context["request"].user
        if source is None or not user.has_perm(VIEW_LISTING, source):
            return None
        return source.pk


class DraftDetailSerializer(DraftSerializer):
    content = serializers.DictField(help_text="As the platform's create call has it.")
    removed_sku_ids = serializers.ListField(child=serializers.CharField())
    notes = serializers.ListField(
        child=serializers.DictField(),
        help_text="[{field, text, needs_person}]: what was adapted, what is left.",
    )

    class Meta(DraftSerializer.Meta):
        fields = (*DraftSerializer.Meta.fields, "content", "removed_sku_ids", "notes")


class BeginDraftSerializer(StrictSerializer):
    """One of `product`, `copy_of` and `edit_of`; `shop` with the first two."""

    shop = RowField(
        lambda user: Shop.objects.visible_to(user, VIEW_LISTING),
        required=False,
        help_text="Where it is to be listed.",
    )
    product = RowField(
        lambda user: Product.objects.visible_to(user).select_related("client"),
        required=False,
        help_text="Ours, to be listed anew.",
    )
    copy_of = RowField(
        lambda user: Listing.objects.visible_to(user).select_related("shop__client"),
        required=False,
        help_text="A listing of another shop of the client.",
    )
    edit_of = RowField(
        lambda user: Listing.objects.visible_to(user).select_related("shop__client"),
        required=False,
        help_text="The listing to be changed; an open draft of it is continued.",
    )

    def validate(self, attrs: Any) -> Any:
        if sum(name in attrs for name in _SOURCES) != 1:
            raise serializers.ValidationError("One of product, copy_of and edit_of.")
        if ("shop" in attrs) == ("edit_of" in attrs):
            told = "Not with edit_of." if "shop" in attrs else "Say where."
            raise serializers.ValidationError({"shop": told})
        return attrs


class ChangeDraftSerializer(StrictSerializer):
    content = ContentSerializer(
        required=False, help_text="What is left out stays as it is."
    )
    drop = serializers.ListField(
        child=serializers.ChoiceField(choices=list(ContentSerializer().fields)),
        max_length=100,
        default=list,
        help_text="Fields of an edit whose changes are taken back.",
    )
    removed_sku_ids = serializers.ListField(
        child=serializers.CharField(max_length=40),
        max_length=300,
        required=False,
        help_text="Of an edit: all SKUs that are to go.",
    )


class PreviewOptionsSerializer(StrictSerializer):
    ask_platform = serializers.BooleanField(
        default=False,
        help_text="A new listing is judged by the platform, too, for which its "
        "pictures are uploaded.",
    )


class DifferenceSerializer(serializers.Serializer[Any]):
    path = serializers.CharField()
    before = serializers.JSONField()
    after = serializers.JSONField()


class JudgementSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    message = serializers.CharField()
    is_error = serializers.BooleanField(help_text="Else it is advice.")


class CheckSerializer(serializers.Serializer[Any]):
    is_passed = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField())
    warnings = serializers.ListField(child=serializers.CharField())


class PreviewSerializer(serializers.Serializer[Any]):
    """What would be sent, what that changes, and what stands in its way."""

    can_be_sent = serializers.BooleanField()
    method = serializers.CharField()
    path = serializers.CharField()
    body = serializers.DictField()
    differences = DifferenceSerializer(many=True)
    problems = JudgementSerializer(many=True)
    uploads = serializers.ListField(child=serializers.CharField())
    changed_meanwhile = DifferenceSerializer(
        many=True,
        allow_null=True,
        source="stale.differences",
        default=None,
        help_text="What differs from the version the draft began on; null if nothing.",
    )
    check = CheckSerializer(
        allow_null=True, help_text="The platform's own judgement, where it was asked."
    )
