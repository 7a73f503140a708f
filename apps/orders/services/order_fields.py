"""The fields of an order that sources speak of, one by one.

Status, its words and lines are told by them, too, but do not stand for themselves: see
testimony and line_merge.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.db import models

from apps.core.storing import clean
from apps.orders.models import Order

# Our column: the short name testimony is stored under, which stays for good.
FIELD_CODES = {
    "currency": "cu",
    "placed_at": "pl",
    "original_amount": "oa",
    "platform_discount_amount": "pd",
    "seller_discount_amount": "sd",
    "subtotal_amount": "st",
    "shipping_amount": "sh",
    "original_shipping_amount": "os",
    "shipping_platform_discount_amount": "sp",
    "shipping_seller_discount_amount": "ss",
    "payment_discount_amount": "pm",
    "buyer_fees_amount": "bf",
    "tax_amount": "ta",
    "total_amount": "to",
    "refund_amount": "rf",
    "paid_at": "pa",
    "ready_to_ship_at": "rs",
    "shipped_at": "si",
    "delivered_at": "de",
    "cancelled_at": "ca",
    "cancel_requested_at": "cq",
    "ship_by_at": "sb",
    "auto_cancel_at": "ac",
    "collect_by_at": "cb",
    "deliver_by_at": "db",
    "release_at": "re",
    "cancelled_by": "cy",
    "cancellation_stage": "cs",
    "cancel_reason": "cn",
    "fulfilment": "fu",
    "shipping_type": "sy",
    "warehouse": "wa",
    "delivery_option": "do",
    "delivery_option_id": "di",
    "carrier": "cr",
    "carrier_id": "ci",
    "split_or_combine": "sc",
    "tracking_number": "tn",
    "payment_method": "pt",
    "is_cod": "co",
    "is_pre_order": "po",
    "is_sample": "sa",
    "is_replacement": "rp",
    "replaced_order_id": "ro",
    "reported_return": "rr",
    "is_cancel_requested": "ic",
    "sales_channel": "ch",
    "creator_handle": "cd",
    "buyer_message": "bm",
    "seller_note": "sn",
    "recipient_name": "rn",
    "recipient_phone": "rh",
    "recipient_address": "ra",
    "recipient_postal_code": "rz",
    "recipient_region": "rg",
}
FIELDS = tuple(FIELD_CODES)
NAMES = {code: name for name, code in FIELD_CODES.items()}
# Our column: the field of RemoteBuyer.
RECIPIENT_FIELDS = {
    "recipient_name": "name",
    "recipient_phone": "phone",
    "recipient_address": "address",
    "recipient_postal_code": "postal_code",
    "recipient_region": "region_code",
}
# Free text in which buyers are spoken to and of. With the recipient, it is what goes
# when a buyer is erased, and what no news brings back.
WORDS_FIELDS = ("buyer_message", "seller_note")
BUYER_FIELDS = (*RECIPIENT_FIELDS, *WORDS_FIELDS)
# Those that are fields of RemoteOrder by the same name.
PLAIN_FIELDS = tuple(name for name in FIELDS if name not in RECIPIENT_FIELDS)
AMOUNTS = tuple(name for name in FIELDS if name.endswith("_amount"))
# Columns people and programs see change; with them goes what is known of each.
SHOWN_FIELDS = (
    "status",
    "status_text",
    "is_status_understood",
    "remote_updated_at",
    "lines_source",
    "has_conflict",
    *FIELDS,
)
WRITTEN_FIELDS = (*SHOWN_FIELDS, "testimony")

_SMALLEST = Decimal("0.0001")  # as the columns hold it
_COLUMNS = {
    column.name: column
    for column in Order._meta.concrete_fields
    if column.name in (*FIELDS, "status_text")
}
LENGTHS: dict[str, int | None] = {
    name: getattr(column, "max_length", None) for name, column in _COLUMNS.items()
}
BLANKS = {name: _COLUMNS[name].get_default() for name in FIELDS}
IS_TEXT = frozenset(
    name
    for name, column in _COLUMNS.items()
    if isinstance(column, models.CharField | models.TextField)
)
shown_of: Callable[[Order], tuple[Any, ...]] = attrgetter(*SHOWN_FIELDS)


def fitting(name: str, text: str) -> str:
    """Text as the column can hold it."""
    return clean(text)[: LENGTHS[name]]


def is_blank(value: Any) -> bool:
    """Whether a value says nothing. No and zero do say something."""
    return value is None or value == ""


def packed(value: Any) -> Any:
    """A field's value as JSON, the same however it is spelled."""
    if isinstance(value, Decimal):
        return f"{value.quantize(_SMALLEST).normalize():f}"
    return value.isoformat() if isinstance(value, datetime) else value


def unpacked(name: str, value: Any) -> Any:
    """The value that `packed` made JSON of."""
    if name in IS_TEXT or not isinstance(value, str):
        return value
    if name in AMOUNTS:
        return Decimal(value)
    return datetime.fromisoformat(value).astimezone(UTC)
