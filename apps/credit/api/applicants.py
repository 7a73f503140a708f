"""Applicants and their scores."""

from typing import Any

from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.fields import ObjectField, StrictSerializer
from apps.core.api.filters import InstantFilter, RowFilter, YesNoFilter
from apps.core.api.relations import RowField
from apps.credit.models import Applicant, Score
from apps.credit.rules import Features, lifts
from apps.credit.services.applicants import add_applicant
from apps.credit.services.scoring import score_applicant
from apps.platforms.models import Shop
from apps.users.api.resource import ListsAndShows
from apps.users.models import Client
from apps.users.roles import SCORE_APPLICANT, VIEW_CREDIT
from apps.users.services.audit import By


class ApplicantSerializer(serializers.ModelSerializer[Applicant]):
    """Who asks for credit with a client; `shops` are keys of those they show now."""

    shops = serializers.SerializerMethodField()

    class Meta:
        model = Applicant
        fields = (
            "id",
            "client",
            "reference",
            "wallet_address",
            "shops",
            "erased_at",
            "created_at",
            "modified_at",
        )

    def get_shops(self, applicant: Applicant) -> list[int]:
        return sorted(
            shown.shop_id for shown in applicant.shown.all() if shown.ended_at is None
        )


class AddApplicantSerializer(StrictSerializer):
    client = RowField(
        lambda user: Client.objects.permitting(user, SCORE_APPLICANT).filter(
            is_active=True
        )
    )
    reference = serializers.CharField(max_length=80)
    shops = serializers.ListField(
        child=RowField(lambda user: Shop.objects.visible_to(user, SCORE_APPLICANT)),
        max_length=200,
        help_text="Of that client; their income is added up.",
    )
    buyer_ids = serializers.ListField(
        child=serializers.CharField(max_length=64),
        max_length=50,
        required=False,
        default=list,
        help_text="Their own accounts as buyers: what they buy is no income.",
    )


class ScoreReasonSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    sentence = serializers.CharField()


class ScoreSerializer(serializers.ModelSerializer[Score]):
    """One is never changed: a new look makes a new one, under a new number."""

    class Meta:
        model = Score
        fields: tuple[str, ...] = (
            "id",
            "applicant",
            "number",
            "as_of",
            "model_version",
            "status",
            "score",
            "score_100",
            "confidence",
            "confidence_level",
            "impact",
            "monthly_usd",
            "needs_review",
            "made_by",
            "created_at",
        )


class LiftSerializer(serializers.Serializer[Any]):
    """What a component holds back: in points of 100, and where the score would be."""

    code = serializers.CharField()
    lost = serializers.FloatField()
    score_full = serializers.IntegerField()
    step = serializers.CharField(allow_null=True)
    score_step = serializers.IntegerField(allow_null=True)


class LiftsSerializer(serializers.Serializer[Any]):
    lifts = LiftSerializer(many=True)


class ScoreDetailSerializer(ScoreSerializer):
    """`result` is what the model gave, `facts` what was measured beside; numbers that
    are not whole are strings of decimals, so that every reader sees the same digits."""

    reasons = ScoreReasonSerializer(many=True, source="result.reasons", read_only=True)
    result = ObjectField(read_only=True)
    facts = ObjectField(read_only=True)
    features = ObjectField(read_only=True)

    class Meta(ScoreSerializer.Meta):
        fields = (
            *ScoreSerializer.Meta.fields,
            "reasons",
            "result",
            "features",
            "facts",
        )


class MakeScoreSerializer(StrictSerializer):
    applicant = RowField(lambda user: Applicant.objects.visible_to(user))
    as_of = serializers.DateField(
        required=False, help_text="The 90 days before it count; today if left out."
    )

    def validate_as_of(self, value: Any) -> Any:
        if value.year < 2016 or value > timezone.now().date():
            raise serializers.ValidationError("A day until today.", code="invalid")
        return value


class ApplicantFilters(filters.FilterSet):  # type: ignore[misc]
    client = RowFilter(
        lambda user: Client.objects.visible_to(user, VIEW_CREDIT), field_name="client"
    )
    reference = filters.CharFilter(max_length=80)
    wallet = filters.CharFilter("wallet_address", "iexact", max_length=128)
    updated_since = InstantFilter("modified_at", "gte")


class Applicants(ListsAndShows[Applicant]):
    """Of clients whose whole credit one may see."""

    scope = "credit"
    tag = "credit"
    queryset = Applicant.objects.all()
    serializer_class = ApplicantSerializer
    filterset_class = ApplicantFilters
    orderings = ("created_at", "modified_at")
    ordering = "-created_at"

    def rows(self) -> Any:
        return super().rows().select_related("client").prefetch_related("shown")

    @extend_schema(request=AddApplicantSerializer, responses={201: ApplicantSerializer})
    def create(self, request: Request) -> Response:
        """Add an applicant with shops of one's own client. Others come by their own
        consent, see `/credit/connect`."""
        asked = self.read(AddApplicantSerializer)
        made = add_applicant(by=By(self.user, self.address), **asked)
        return self.shown(self.get_queryset().get(pk=made.pk), status=201)


class ScoreFilters(filters.FilterSet):  # type: ignore[misc]
    applicant = RowFilter(
        lambda user: Applicant.objects.visible_to(user), field_name="applicant"
    )
    status = filters.ChoiceFilter(choices=Score.Status.choices)
    confidence_level = filters.ChoiceFilter(choices=Score.Confidence.choices)
    needs_review = YesNoFilter("needs_review")
    since = InstantFilter("created_at", "gte")
    until = InstantFilter("created_at", "lt")


class Scores(ListsAndShows[Score]):
    """All that were ever made, as they were made."""

    scope = "credit"
    tag = "credit"
    queryset = Score.objects.all()
    serializer_class = ScoreSerializer
    detail_class = ScoreDetailSerializer
    filterset_class = ScoreFilters
    orderings = ("created_at",)
    ordering = "-created_at"

    def rows(self) -> Any:
        return super().rows().select_related("applicant__client")

    @extend_schema(request=MakeScoreSerializer, responses={201: ScoreDetailSerializer})
    def create(self, request: Request) -> Response:
        """Make a score now, of all that the applicant shows."""
        asked = self.read(MakeScoreSerializer)
        applicant = asked["applicant"]
        self.need(SCORE_APPLICANT, applicant)
        as_of = asked.get("as_of") or timezone.now().date()
        by = By(self.user, self.address)
        made = score_applicant(applicant, as_of=as_of, by=by)
        return self.shown(self.get_queryset().get(pk=made.pk), status=201)

    @extend_schema(responses=LiftsSerializer)
    @action(detail=True, methods=["get"])
    def lifts(self, request: Request, pk: int) -> Response:
        """What would lift this score, what costs most first."""
        found = lifts(Features.from_dict(self.get_object().features))
        return Response(LiftsSerializer({"lifts": found}).data)
