"""Where an applicant begins: no login, an address at TikTok in return."""

from datetime import datetime
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.fields import StrictSerializer
from apps.core.api.views import ApiView
from apps.credit.models import ApplicantConsent
from apps.credit.services.consenting import beginning
from apps.platforms.regions import open_regions


class AskedSerializer(StrictSerializer):
    """At least one of `wallet` and `reference`."""

    wallet = serializers.CharField(max_length=128, required=False, default="")
    reference = serializers.CharField(max_length=80, required=False, default="")
    lender = serializers.SlugField(max_length=40, required=False, default="")
    account = serializers.ChoiceField(
        ApplicantConsent.Account.choices, required=False, default="seller"
    )
    region = serializers.ChoiceField(
        [each.code for each in open_regions()], required=False, default=""
    )
    return_url = serializers.URLField(max_length=500, required=False, default="")


class BegunSerializer(serializers.Serializer[Any]):
    authorization_url = serializers.URLField(
        help_text="Send the applicant's browser there; it works once."
    )
    expires_at = serializers.DateTimeField()


class Connect(ApiView):
    """Begin an applicant's consent."""

    permission_classes = [AllowAny]
    own_problems = {"get": [409]}

    def known_parameters(self) -> set[str]:
        return set(AskedSerializer().fields)

    @extend_schema(
        auth=[],
        tags=["credit"],
        parameters=[
            OpenApiParameter("wallet", str, description="The applicant's wallet."),
            OpenApiParameter(
                "reference", str, description="How the lender calls them."
            ),
            OpenApiParameter("lender", str, description="Needed where several lend."),
            OpenApiParameter(
                "account", str, enum=ApplicantConsent.Account.values, default="seller"
            ),
            OpenApiParameter(
                "region", str, description="ISO 3166; US has a page of its own."
            ),
            OpenApiParameter(
                "return_url",
                str,
                description="One of the lender's pages to come back to.",
            ),
        ],
        responses=BegunSerializer,
        operation_id="credit_connect",
    )
    def get(self, request: Request) -> Response:
        """The address at which an applicant consents, bound to them and to be used once
        within ten minutes. Afterwards the last 90 days are read and scored, and the
        browser comes back to the lender's page with `?tiktokshop_connected=true`."""
        form = AskedSerializer(data=request.query_params.dict())
        form.is_valid(raise_exception=True)
        asked = dict(form.validated_data)
        lender = beginning.lender_of(asked.pop("lender"))
        begun = beginning.begin(lender, beginning.Asked(**asked))
        attempt = begun.consent.attempt
        assert attempt is not None
        told: dict[str, str | datetime] = {
            "authorization_url": begun.address,
            "expires_at": attempt.expires_at,
        }
        return Response(BegunSerializer(told).data)
