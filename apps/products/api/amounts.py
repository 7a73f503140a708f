"""Money in the catalogue: as it is shown, to whom, and as bodies say it."""

from typing import Any

from rest_framework import serializers

from apps.core.api.fields import MoneyField, StrictSerializer
from apps.core.money import Money
from apps.users.roles import VIEW_COST


class MoneySerializer(StrictSerializer):
    """An amount in major units of a currency."""

    amount = serializers.DecimalField(max_digits=19, decimal_places=4, min_value=0)
    currency = serializers.CharField(max_length=3)


class PriceSerializer(StrictSerializer):
    """A price in one currency; null takes it away."""

    amount = serializers.DecimalField(
        max_digits=19, decimal_places=4, min_value=0, allow_null=True
    )
    currency = serializers.CharField(max_length=3)


class ShownPriceSerializer(serializers.Serializer[Any]):
    """A row with `amount` and `currency`, as money is told everywhere."""

    amount = serializers.SerializerMethodField()
    currency = serializers.CharField()

    def get_amount(self, row: Any) -> str:
        return str(Money(row.amount, row.currency).rounded().amount)


class CostField(MoneyField):
    """What something costs the client: for those who may see that at all its shops,
    null for others. Part of a cent counts, so nothing is rounded."""

    def get_attribute(self, instance: Any) -> Money | None:
        user = self.context["request"].user
        if not user.has_perm(VIEW_COST, instance):
            return None
        return super().get_attribute(instance)

    def to_representation(self, value: Money) -> dict[str, str]:
        return {"amount": f"{value.exact().amount:f}", "currency": value.currency}


class ToldMoneyField(MoneyField):
    """As the platform told it; null where it told no currency with it."""

    def get_attribute(self, instance: Any) -> Money | None:
        money = super().get_attribute(instance)
        return money if money is not None and money.currency else None
