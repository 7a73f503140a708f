"""An order's lines: their single items, and what their money came to."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.core.api.fields import MoneyField
from apps.core.money import Money
from apps.orders.models import Order, OrderLine


class UnitSerializer(serializers.Serializer[Any]):
    """A single item, by the platform's ID; `package_id` is the platform's, too."""

    id = serializers.CharField()
    status = serializers.ChoiceField(Order.Status.choices)
    package_id = serializers.CharField(allow_blank=True)


class LineMoneyField(MoneyField):
    """One of the amounts that `money` in the context has: {key of line: LineMoney}."""

    def get_attribute(self, instance: OrderLine) -> Money | None:
        money = self.context["money"][instance.pk]
        return Money(getattr(money, str(self.source)), instance.order.currency)


class LineSerializer(serializers.ModelSerializer[OrderLine]):
    """Amounts are of the whole line. `paid` is what the buyer has paid for its goods,
    without shipping and tax; `refunded` what of that went back, by cancellation or
    return; `still_paid` what is left. `units` is empty where only a file told of it."""

    units = serializers.SerializerMethodField()
    unit_price = MoneyField(currency="order.currency")
    original_amount = MoneyField(currency="order.currency")
    platform_discount_amount = MoneyField(currency="order.currency")
    seller_discount_amount = MoneyField(currency="order.currency")
    amount = MoneyField(currency="order.currency")
    paid = LineMoneyField()
    refunded = LineMoneyField()
    still_paid = LineMoneyField()

    class Meta:
        model = OrderLine
        fields = (
            "key",
            "position",
            "remote_sku_id",
            "remote_product_id",
            "seller_sku",
            "bundle_seller_sku",
            "product_name",
            "variation",
            "image_url",
            "is_gift",
            "quantity",
            "shipped_quantity",
            "cancelled_quantity",
            "returned_quantity",
            "units",
            "unit_price",
            "original_amount",
            "platform_discount_amount",
            "seller_discount_amount",
            "amount",
            "paid",
            "refunded",
            "still_paid",
        )

    @extend_schema_field(UnitSerializer(many=True))
    def get_units(self, line: OrderLine) -> list[dict[str, str]]:
        names = ("id", "status", "package_id")
        return [dict(zip(names, unit, strict=True)) for unit in line.units]
