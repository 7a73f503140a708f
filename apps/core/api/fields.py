"""Fields that say the same thing everywhere, and bodies that are read strictly."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.core.money import Money

_MONEY = {
    "type": ["object", "null"],
    "required": ["amount", "currency"],
    "properties": {
        "amount": {"type": "string", "examples": ["12.30"]},
        "currency": {"type": "string", "examples": ["MYR"]},
    },
}


@extend_schema_field(_MONEY)
class MoneyField(serializers.Field[Any, Any, Any, Any]):
    """{"amount": "12.30", "currency": "MYR"} in major units, or null where no source
    said. Read only; `currency` is the way to it from the row."""

    def __init__(self, *, currency: str = "currency", **options: Any) -> None:
        super().__init__(read_only=True, **options)
        self.currency = currency

    def get_attribute(self, instance: Any) -> Money | None:
        amount: Decimal | None = super().get_attribute(instance)
        if amount is None:
            return None
        holder = instance
        for name in self.currency.split("."):
            holder = getattr(holder, name)
        return Money(amount, str(holder))

    def to_representation(self, value: Money) -> dict[str, str]:
        rounded = value.rounded()
        return {"amount": str(rounded.amount), "currency": rounded.currency}


@extend_schema_field(OpenApiTypes.OBJECT)
class ObjectField(serializers.JSONField):
    """JSON that is an object, as it is kept. (To say so of JSONField itself would say
    it of all of them.)"""


class StrictSerializer(serializers.Serializer[Any]):
    """What a body may say: a field it does not know is refused, not ignored.

    A PATCH leaves out what stays, but what stands within its body is whole: half a
    price is none.
    """

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            known = {name for name, row in self.fields.items() if not row.read_only}
            if unknown := sorted(str(name) for name in data.keys() - known):
                raise serializers.ValidationError(
                    dict.fromkeys(unknown, "No such field."), code="unknown_field"
                )
            if self.parent is not None:
                self._refuse_half(data)
        return super().to_internal_value(data)

    def _refuse_half(self, data: Mapping[Any, Any]) -> None:
        """The library asks for nothing within a body that is partial."""
        missing = {
            name: row.error_messages["required"]
            for name, row in self.fields.items()
            if row.required and name not in data
        }
        if missing:
            raise serializers.ValidationError(missing, code="required")
