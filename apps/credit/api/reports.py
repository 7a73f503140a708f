"""Issued reports, for who may see the applicant and whom they were shared with."""

from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import Http404
from django.urls import reverse
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.fields import ObjectField, StrictSerializer
from apps.core.api.filters import InstantFilter, RowFilter, YesNoFilter
from apps.core.api.relations import RowField
from apps.credit.models import (
    Applicant,
    CreditReport,
    Dispute,
    ReportShare,
    ReportView,
    Score,
)
from apps.credit.rules.table import CODES
from apps.credit.services.reports.disputing import LONGEST, answer, raise_dispute
from apps.credit.services.reports.issuing import issue, withdraw
from apps.credit.services.reports.sharing import (
    DAYS,
    revoke,
    share_by_address,
    share_with,
)
from apps.credit.services.reports.viewing import log_view
from apps.users.api.resource import ListsAndShows
from apps.users.models import User
from apps.users.roles import SCORE_APPLICANT, VIEW_CREDIT
from apps.users.services.audit import By


class ReportSerializer(serializers.ModelSerializer[CreditReport]):
    """`score` is its key for who may see the applicant; its figures stand in the
    report's content."""

    class Meta:
        model = CreditReport
        fields: tuple[str, ...] = (
            "id",
            "number",
            "score",
            "issued_at",
            "withdrawn_at",
            "created_at",
            "modified_at",
        )


class DisputeSerializer(serializers.ModelSerializer[Dispute]):
    class Meta:
        model = Dispute
        fields = (
            "id",
            "component",
            "text",
            "state",
            "answer",
            "created_at",
            "answered_at",
        )


class ReportDetailSerializer(ReportSerializer):
    """`content` is what the page and the PDF show, frozen when it was issued."""

    content = ObjectField(read_only=True)
    disputes = DisputeSerializer(many=True, read_only=True)

    class Meta(ReportSerializer.Meta):
        fields = (*ReportSerializer.Meta.fields, "content", "disputes")


class IssueSerializer(StrictSerializer):
    score = RowField(lambda user: Score.objects.visible_to(user))


class ReportShareSerializer(serializers.ModelSerializer[ReportShare]):
    """`person` is null for an address; the address is told once, when it is made."""

    person = serializers.CharField(
        source="user.username", allow_null=True, default=None, read_only=True
    )

    class Meta:
        model = ReportShare
        fields: tuple[str, ...] = (
            "id",
            "person",
            "expires_at",
            "revoked_at",
            "created_at",
        )


class NewReportShareSerializer(ReportShareSerializer):
    address = serializers.URLField(read_only=True, allow_null=True)

    class Meta(ReportShareSerializer.Meta):
        fields = (*ReportShareSerializer.Meta.fields, "address")


class SharesSerializer(serializers.Serializer[Any]):
    shares = ReportShareSerializer(many=True)


class MakeReportShareSerializer(StrictSerializer):
    """Either a person, by user name or e-mail address, or days for an address."""

    person = serializers.CharField(max_length=254, required=False)
    days = serializers.IntegerField(min_value=1, max_value=max(DAYS), required=False)

    def validate(self, attrs: Any) -> Any:
        if ("person" in attrs) == ("days" in attrs):
            raise serializers.ValidationError("Name either a person or days.")
        return attrs


class ObjectSerializer(StrictSerializer):
    text = serializers.CharField(max_length=LONGEST)
    component = serializers.ChoiceField(choices=CODES, required=False, default="")


class AnswerSerializer(StrictSerializer):
    state = serializers.ChoiceField(
        choices=[Dispute.State.UPHELD.value, Dispute.State.DISMISSED.value]
    )
    answer = serializers.CharField(max_length=LONGEST)


class ReportFilters(filters.FilterSet):  # type: ignore[misc]
    applicant = RowFilter(
        lambda user: Applicant.objects.visible_to(user), field_name="score__applicant"
    )
    number = filters.CharFilter(max_length=20)
    is_withdrawn = YesNoFilter("withdrawn_at", "isnull", exclude=True)
    since = InstantFilter("issued_at", "gte")
    until = InstantFilter("issued_at", "lt")


class Reports(ListsAndShows[CreditReport]):
    """Those of applicants one may see, and those shared with oneself; each time one is
    read is noted with it."""

    scope = "credit"
    tag = "credit"
    queryset = CreditReport.objects.all()
    serializer_class = ReportSerializer
    detail_class = ReportDetailSerializer
    filterset_class = ReportFilters
    orderings = ("issued_at",)
    ordering = "-issued_at"

    def rows(self) -> Any:
        rows = super().rows().select_related("score__applicant__client")
        return rows if self.action == "list" else rows.prefetch_related("disputes")

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The report, as the page shows it."""
        report = self.get_object()
        way = ReportView.Way.API
        log_view(report, way, user=self.user, address=self.address)
        return self.shown(report)

    @extend_schema(request=IssueSerializer, responses={201: ReportDetailSerializer})
    def create(self, request: Request) -> Response:
        """Issue a score's report; repeating gives the same one. It stays as it is."""
        score = self.read(IssueSerializer)["score"]
        self.need(SCORE_APPLICANT, score.applicant)
        report = issue(score, self._by)
        return self.shown(self.get_queryset().get(pk=report.pk), status=201)

    @extend_schema(request=None, responses=ReportDetailSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: int) -> Response:
        """Close it to everybody it was shared with, for good. Repeating changes
        nothing."""
        withdraw(self._report(), self._by)
        return self.shown(self.get_object())

    @extend_schema(responses=SharesSerializer)
    @action(detail=True, methods=["get"])
    def shares(self, request: Request, pk: int) -> Response:
        """Who else may read it, or could."""
        report = self._report(VIEW_CREDIT)
        rows = report.shares.select_related("user")
        return Response(SharesSerializer({"shares": rows}).data)

    @extend_schema(
        request=MakeReportShareSerializer, responses={201: NewReportShareSerializer}
    )
    @action(detail=True, methods=["post"])
    def share(self, request: Request, pk: int) -> Response:
        """Share it with a person until it is taken back, or by an address for some
        days, which is told this once."""
        asked = self.read(MakeReportShareSerializer)
        report = self._report()
        address = None
        if "days" in asked:
            share, token = share_by_address(report, asked["days"], self._by)
            base = str(settings.PUBLIC_URL or "").rstrip("/")
            address = base + reverse("credit:shared", args=[token])
        else:
            share = share_with(report, _person(asked["person"]), self._by)
        share.address = address  # type: ignore[attr-defined]
        return Response(NewReportShareSerializer(share).data, status=201)

    @extend_schema(request=None, responses=ReportShareSerializer)
    @action(detail=True, methods=["post"], url_path="shares/<int:share_id>/end")
    def end_share(self, request: Request, pk: int, share_id: int) -> Response:
        """Take a share back. Repeating changes nothing."""
        share = self._report().shares.filter(pk=share_id).first()
        if share is None:
            raise Http404
        revoke(share, self._by)
        share.refresh_from_db()
        return Response(ReportShareSerializer(share).data)

    @extend_schema(request=ObjectSerializer, responses={201: DisputeSerializer})
    @action(detail=True, methods=["post"], url_path="object")
    def object_to(self, request: Request, pk: int) -> Response:
        """Object to a figure; whoever reads the report sees it."""
        asked = self.read(ObjectSerializer)
        made = raise_dispute(
            self.get_object(), asked["text"], self._by, component=asked["component"]
        )
        return Response(DisputeSerializer(made).data, status=201)

    @extend_schema(request=AnswerSerializer, responses=DisputeSerializer)
    @action(detail=True, methods=["post"], url_path="disputes/<int:dispute_id>/answer")
    def answer(self, request: Request, pk: int, dispute_id: int) -> Response:
        """Say what came of an objection, once."""
        asked = self.read(AnswerSerializer)
        dispute = self._report().disputes.filter(pk=dispute_id).first()
        if dispute is None:
            raise Http404
        state = Dispute.State(asked["state"])
        made = answer(dispute, state, asked["answer"], self._by)
        return Response(DisputeSerializer(made).data)

    def _report(self, permission: str = SCORE_APPLICANT) -> CreditReport:
        report = self.get_object()
        self.need(permission, report.score.applicant)
        return report

    @property
    def _by(self) -> By:
        return By(self.user, self.address)


def _person(name: str) -> User:
    """Raises ValidationError for nobody."""
    named = Q(username__iexact=name) | Q(email__iexact=name) & ~Q(email="")
    found = User.objects.filter(named, is_active=True).first()
    if found is None:
        raise serializers.ValidationError(
            {"person": "Nobody signs in here by that name."}, code="does_not_exist"
        )
    return found
