"""Bodies of what is decided about an order here."""

from typing import Any

from rest_framework import serializers

from apps.core.api.fields import StrictSerializer
from apps.orders.models import Order
from apps.orders.services.editing import EDITABLE
from apps.orders.services.order_fields import FIELDS, IS_TEXT, LENGTHS
from apps.orders.services.priority import LONGEST_REASON

LONGEST_TEXT = 2_000


def _editable(name: str) -> serializers.Field[Any, Any, Any, Any]:
    """A blank is a value, too; null is “not known” of yes and no."""
    if name not in IS_TEXT:
        return serializers.BooleanField(required=False, allow_null=True)
    longest = LENGTHS[name] or LONGEST_TEXT
    return serializers.CharField(required=False, allow_blank=True, max_length=longest)


class EditableSerializer(StrictSerializer):
    """Fields that may be set by hand; what is left out stays."""

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), **{name: _editable(name) for name in EDITABLE}}


class ExpectedSerializer(EditableSerializer):
    """Values as you saw them."""


class ChangeOrderSerializer(EditableSerializer):
    """Fields to be set by hand."""

    expected = ExpectedSerializer(required=False)


class ReleaseFieldSerializer(StrictSerializer):
    field = serializers.ChoiceField(FIELDS)


class SettleFieldSerializer(ReleaseFieldSerializer):
    source = serializers.ChoiceField(  # type: ignore[assignment]
        ["platform", "file", "person"], help_text="Whose word counts."
    )


class PrioritySerializer(StrictSerializer):
    priority = serializers.ChoiceField(Order.Priority.choices)
    reason = serializers.CharField(
        max_length=LONGEST_REASON, help_text="The order's timeline shows it."
    )
