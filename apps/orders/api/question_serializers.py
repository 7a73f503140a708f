"""The platform's answers while somebody waits: `problem` says why there is none."""

from typing import Any

from rest_framework import serializers

from apps.core.api.fields import MoneyField
from apps.integrations.contracts import Eligibility
from apps.orders.api.asking import ReasonSerializer
from apps.orders.services.actions.words import reason_words


class _Told(serializers.Serializer[Any]):
    """Of a Told: its `value`, and the words for why there is none."""

    problem = serializers.CharField(allow_blank=True)


class EligibilitySerializer(serializers.Serializer[Eligibility]):
    """Of items of a SKU; `unit_ids` may be empty: of the SKU as a whole."""

    request = serializers.SerializerMethodField(
        help_text="cancel, refund or return_and_refund."
    )
    remote_sku_id = serializers.CharField()
    unit_ids = serializers.ListField(child=serializers.CharField())
    is_eligible = serializers.BooleanField()
    why_not = serializers.CharField(allow_blank=True)
    reasons = serializers.SerializerMethodField()

    def get_request(self, row: Eligibility) -> str:
        return row.request.lower()

    def get_reasons(self, row: Eligibility) -> list[dict[str, str]]:
        rows = [{"name": name, "text": reason_words(name)} for name in row.reasons]
        return [dict(each) for each in ReasonSerializer(rows, many=True).data]


class EligibilitiesSerializer(_Told):
    results = EligibilitySerializer(many=True, source="value")


class RefundAmountsSerializer(_Told):
    """Null where the platform does not say; `value` is never None here."""

    total = MoneyField(source="value.total", currency="value.currency")
    subtotal = MoneyField(source="value.subtotal", currency="value.currency")
    shipping = MoneyField(source="value.shipping", currency="value.currency")
    tax = MoneyField(source="value.tax", currency="value.currency")
    fees = MoneyField(source="value.fees", currency="value.currency")


class CarrierInAnswerSerializer(serializers.Serializer[Any]):
    """`remote_id` is the platform's ID of the carrier."""

    remote_id = serializers.CharField()
    name = serializers.CharField()
    delivery_option_id = serializers.CharField()


class CarriersSerializer(_Told):
    results = CarrierInAnswerSerializer(many=True, source="value")


class SplitAdviceSerializer(_Told):
    can_split = serializers.BooleanField(
        source="value.can_split", allow_null=True, default=None
    )
    must_split = serializers.BooleanField(
        source="value.must_split", allow_null=True, default=None
    )
    reasons = serializers.ListField(
        child=serializers.CharField(), source="value.reasons", default=list
    )


class OfferInAnswerSerializer(serializers.Serializer[Any]):
    offer_id = serializers.CharField(source="remote_id")
    order_ids = serializers.ListField(
        child=serializers.CharField(), help_text="The platform's numbers."
    )


class OffersSerializer(_Told):
    results = OfferInAnswerSerializer(many=True, source="value")


class ServiceSerializer(serializers.Serializer[Any]):
    service_id = serializers.CharField(source="remote_id")
    name = serializers.CharField()
    carrier = serializers.CharField(allow_blank=True)
    price = MoneyField()
    earliest_days = serializers.IntegerField(allow_null=True)
    latest_days = serializers.IntegerField(allow_null=True)
    is_default = serializers.BooleanField()


class ServicesSerializer(_Told):
    results = ServiceSerializer(many=True, source="value")


class SlotInAnswerSerializer(serializers.Serializer[Any]):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    is_free = serializers.BooleanField()


class HandoverSerializer(_Told):
    """How and when the platform's carrier takes a package."""

    can_pick_up = serializers.BooleanField(
        source="value.can_pick_up", allow_null=True, default=None
    )
    can_drop_off = serializers.BooleanField(
        source="value.can_drop_off", allow_null=True, default=None
    )
    drop_off_url = serializers.CharField(
        source="value.drop_off_url", allow_blank=True, default=""
    )
    slots = SlotInAnswerSerializer(many=True, source="value.slots", default=list)
