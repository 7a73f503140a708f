"""Bodies of what the platform is asked to do."""

from typing import Any

from rest_framework import serializers

from apps.core.api.fields import StrictSerializer
from apps.core.api.filters import LARGEST
from apps.integrations.contracts import Decision, ReturnKind
from apps.orders.api.asking import LONGEST_ID, MOST_UNITS, ids_field, units_field
from apps.orders.models import ShippingDocument
from apps.orders.services.actions import DELIVERY_FAILURES
from apps.products.api.amounts import MoneySerializer

LONGEST_NUMBER = 80
LONGEST_CARRIER = 120
LONGEST_COMMENT = 500
MOST_GROUPS = 20
STARTED_BY_SELLER = [ReturnKind.REFUND.value, ReturnKind.RETURN_AND_REFUND.value]
MEASURES = ("length", "width", "height", "weight")


def _reason() -> serializers.CharField:
    return serializers.CharField(
        max_length=120, help_text="The `name` of one that the platform takes."
    )


def _size() -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=9, decimal_places=2, min_value=0)


class NumberSerializer(StrictSerializer):
    carrier = serializers.CharField(
        max_length=LONGEST_CARRIER, help_text="Its name or the platform's ID of it."
    )
    tracking_number = serializers.CharField(max_length=LONGEST_NUMBER)


class TrackingSerializer(NumberSerializer):
    """Of an order in several packages, `package` says which; `unit_ids` are the items
    that were sent, where an order is split by shipping some of it."""

    package = serializers.IntegerField(min_value=1, max_value=LARGEST, required=False)
    unit_ids = units_field()


class SlotSerializer(StrictSerializer):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()


class ShipSerializer(StrictSerializer):
    """With the platform's carrier (a `handover_method`, or none: as the platform thinks
    best) or with your own (`carrier` and `tracking_number`)."""

    handover_method = serializers.ChoiceField(["PICKUP", "DROP_OFF"], required=False)
    slot = SlotSerializer(required=False, help_text="Of PICKUP, as handover/ told.")
    carrier = serializers.CharField(max_length=LONGEST_CARRIER, required=False)
    tracking_number = serializers.CharField(max_length=LONGEST_NUMBER, required=False)

    def validate(self, attrs: Any) -> Any:
        own = {"carrier", "tracking_number"} & attrs.keys()
        if len(own) == 1:
            raise serializers.ValidationError("Give the carrier and the number.")
        if own and {"handover_method", "slot"} & attrs.keys():
            raise serializers.ValidationError(
                "Either the platform's carrier or your own brings it."
            )
        if "slot" in attrs and attrs.get("handover_method") != "PICKUP":
            raise serializers.ValidationError({"slot": "Only of PICKUP."})
        return attrs


class SplitSerializer(StrictSerializer):
    groups = serializers.ListField(
        child=serializers.ListField(
            child=serializers.CharField(max_length=LONGEST_ID),
            min_length=1,
            max_length=MOST_UNITS,
        ),
        min_length=2,
        max_length=MOST_GROUPS,
        help_text="Items by their `id` in the lines' `units`: a list for each package.",
    )


class CombineSerializer(StrictSerializer):
    offer_id = serializers.CharField(max_length=64, help_text="From combine-offers/.")


class UncombineSerializer(StrictSerializer):
    order_ids = ids_field(
        "Orders to be taken out, by the platform's numbers; none: all.", default=list
    )


class DeliverSerializer(StrictSerializer):
    failed_because = serializers.ChoiceField(
        list(DELIVERY_FAILURES.items()),
        required=False,
        help_text="Left out: it was delivered.",
    )


class WantedPaperSerializer(StrictSerializer):
    """What is left out is as the shop's settings say."""

    kind = serializers.ChoiceField(ShippingDocument.Kind.choices, required=False)
    size = serializers.ChoiceField(ShippingDocument.Size.choices, required=False)
    format = serializers.ChoiceField(ShippingDocument.Format.choices, required=False)


class MeasuresSerializer(StrictSerializer):
    length = _size()
    width = _size()
    height = _size()
    unit = serializers.ChoiceField(["CM", "INCH"])
    weight = _size()
    weight_unit = serializers.ChoiceField(["GRAM", "POUND"])


class BoxSerializer(StrictSerializer):
    unit_ids = units_field()
    measures = MeasuresSerializer(required=False)


class BuyLabelSerializer(BoxSerializer):
    service_id = serializers.CharField(
        max_length=64, help_text="From shipping-services/."
    )


class CancelSerializer(StrictSerializer):
    reason = _reason()
    unit_ids = units_field()


class RefundSerializer(CancelSerializer):
    """`amount` is a part of it, in all; left out: what the platform works out."""

    kind = serializers.ChoiceField(STARTED_BY_SELLER, default=STARTED_BY_SELLER[0])
    amount = MoneySerializer(required=False)


class RefundPreviewSerializer(CancelSerializer):
    request = serializers.ChoiceField(["cancel", *STARTED_BY_SELLER])


class DeclineSerializer(StrictSerializer):
    """`comment` is shown to the buyer and the platform."""

    reason = _reason()
    comment = serializers.CharField(
        max_length=LONGEST_COMMENT, allow_blank=True, default=""
    )


# Offers of a part have an amount, and an address of their own.
OFFER, LATE_OFFER = (
    Decision.OFFER_PARTIAL_REFUND,
    Decision.OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG,
)
_DECLINES = [each.value for each in Decision if each.value.startswith("REJECT")]
_ACCEPTS = [
    each.value
    for each in Decision
    if each.value not in _DECLINES and each not in (OFFER, LATE_OFFER)
]


class DeclineReturnSerializer(DeclineSerializer):
    decision = serializers.ChoiceField(
        _DECLINES, required=False, help_text="Left out: the first of `declines_with`."
    )


class AcceptReturnSerializer(StrictSerializer):
    decision = serializers.ChoiceField(
        _ACCEPTS, required=False, help_text="Left out: the first of `accepts_with`."
    )
    keeps_goods = serializers.BooleanField(
        default=False, help_text="Pay back without the goods; of APPROVE_RETURN."
    )


class OfferSerializer(StrictSerializer):
    """Once the goods have come, an offer refuses them and needs a reason."""

    amount = MoneySerializer(help_text="In the order's currency.")
    reason = serializers.CharField(max_length=120, default="")
    comment = serializers.CharField(
        max_length=LONGEST_COMMENT, allow_blank=True, default=""
    )
