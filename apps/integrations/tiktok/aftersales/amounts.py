"""What goes back to a buyer, as all requests after the sale tell it."""

from apps.integrations.contracts import RefundAmounts
from apps.integrations.tiktok.reading import (
    JsonObject,
    first_object,
    money,
    money_sum,
    word,
)

_FEES = ("retail_delivery_fee", "buyer_service_fee")


def refund_from_json(row: JsonObject, name: str = "refund_amount") -> RefundAmounts:
    """The amounts under a name, each None if it is not told; raises Unreadable."""
    amounts = first_object(row, name)
    return RefundAmounts(
        currency=word(amounts, "currency"),
        total=money(amounts, "refund_total"),
        subtotal=money(amounts, "refund_subtotal"),
        shipping=money(amounts, "refund_shipping_fee"),
        tax=money(amounts, "refund_tax"),
        fees=money_sum(amounts, *_FEES),
    )
