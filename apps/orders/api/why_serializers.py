"""Where the values of an order come from."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.core.api.fields import MoneyField
from apps.core.money import Money
from apps.orders.models import Order
from apps.orders.services.editing import FieldStory
from apps.orders.services.order_fields import AMOUNTS, BUYER_FIELDS
from apps.orders.services.stories import why
from apps.users.models import User

WITNESSES = ("platform", "file")
PERSON = "person"


@extend_schema_field({"type": ["string", "boolean", "object", "null"]})
class ValueField(serializers.Field[Any, Any, Any, Any]):
    """As the order itself has it: text, an instant, yes or no, or money."""

    def to_representation(self, value: Any) -> Any:
        return value


class OtherWordSerializer(serializers.Serializer[Any]):
    """What else was said of the field."""

    source = serializers.ChoiceField(WITNESSES)  # type: ignore[assignment]
    value = ValueField(allow_null=True)
    at = serializers.DateTimeField(allow_null=True)


class StorySerializer(serializers.Serializer[Any]):
    """`source` is whose word is shown, empty where nobody's is known; `at` when that
    was so, `who` the person or process where one decided. Unsettled differences are
    conflicts."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    value = ValueField(allow_null=True)
    source = serializers.ChoiceField(  # type: ignore[assignment]
        [*WITNESSES, PERSON], allow_blank=True
    )
    at = serializers.DateTimeField(allow_null=True)
    who = serializers.CharField(allow_blank=True)
    others = OtherWordSerializer(many=True)
    is_conflict = serializers.BooleanField()
    is_decided = serializers.BooleanField()


def stories_told(order: Order, user: User, *, shows_buyer: bool) -> Any:
    """As JSON; fields that tell of the buyer only where the buyer is shown."""
    return [
        StorySerializer(_story(order, story)).data
        for story in why(order, user)
        if shows_buyer or story.name not in BUYER_FIELDS
    ]


def _story(order: Order, story: FieldStory) -> dict[str, Any]:
    return {
        "name": story.name,
        "label": story.label,
        "value": _value(order, story.name, story.value),
        "source": story.source,
        "at": story.at,
        "who": story.who,
        "others": [
            {
                "source": other.source,
                "value": _value(order, story.name, other.value),
                "at": other.at,
            }
            for other in story.others
        ],
        "is_conflict": story.is_conflict,
        "is_decided": story.is_decided,
    }


def _value(order: Order, name: str, value: Any) -> Any:
    if name in AMOUNTS and value is not None:
        money = Money(Decimal(value), order.currency)
        return MoneyField().to_representation(money)
    if isinstance(value, datetime):
        return serializers.DateTimeField().to_representation(value)
    return value
