"""How one more piece of news changes what we know of an order. No database.

Rules: news only moves an order forward; a blank never erases; a more masked value
never replaces a clearer one; where the API has spoken, a file only fills gaps.
"""

from decimal import Decimal
from typing import Any

from apps.core.storing import clean
from apps.integrations.contracts import (
    OrderStatus,
    RemoteOrder,
    RemoteOrderLine,
    Source,
)
from apps.integrations.lifecycle import is_behind
from apps.orders.models import Order

PLAIN_FIELDS = (
    "original_amount",
    "platform_discount_amount",
    "seller_discount_amount",
    "subtotal_amount",
    "shipping_amount",
    "tax_amount",
    "total_amount",
    "refund_amount",
    "paid_at",
    "ready_to_ship_at",
    "shipped_at",
    "delivered_at",
    "cancelled_at",
    "cancel_requested_at",
    "ship_by_at",
    "auto_cancel_at",
    "cancelled_by",
    "cancellation_stage",
    "cancel_reason",
    "fulfilment",
    "warehouse",
    "delivery_option",
    "carrier",
    "tracking_number",
    "payment_method",
    "is_cod",
    "is_pre_order",
    "is_sample",
    "is_replacement",
    "is_cancel_requested",
    "sales_channel",
    "creator_handle",
    "buyer_message",
    "seller_note",
)
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
_PLAIN_BUT_WORDS = tuple(name for name in PLAIN_FIELDS if name not in WORDS_FIELDS)
WRITTEN_FIELDS = (
    "status",
    "status_text",
    "is_status_understood",
    "currency",
    "placed_at",
    "remote_updated_at",
    "lines_source",
    *PLAIN_FIELDS,
    *RECIPIENT_FIELDS,
)
_BLANK = (None, "")
_LENGTHS = {
    field.name: field.max_length
    for field in Order._meta.concrete_fields
    if field.max_length
}
_LARGEST_AMOUNT = Decimal(10) ** 15 - Decimal("0.0001")
_MOST_UNITS = 2**31 - 1


def unusable(remote: RemoteOrder) -> str:
    """Why an order cannot be stored, in a sentence; "" if it can."""
    if not 0 < len(remote.remote_id) <= 32:
        return "the order ID is missing or too long"
    if clean(remote.remote_id) != remote.remote_id:
        return "the order ID holds characters that cannot be stored"
    if len(remote.currency) != 3:
        return f"“{remote.currency}” is not a currency code"
    amounts = [getattr(remote, name) for name in PLAIN_FIELDS if "amount" in name]
    for line in remote.lines:
        if not 1 <= line.quantity <= _MOST_UNITS:
            return f"a line has the quantity {line.quantity}"
        for units in (line.returned_quantity, line.cancelled_quantity):
            if units is not None and not 0 <= units <= _MOST_UNITS:
                return f"a line has the returned or cancelled quantity {units}"
        amounts += [line.unit_price, line.original_amount, line.amount]
        amounts += [line.platform_discount_amount, line.seller_discount_amount]
    if sum(line.quantity for line in remote.lines) > _MOST_UNITS:
        return "the lines' quantity is out of range"
    if not all(a is None or _is_storable(a) for a in amounts):
        return "an amount is out of range"
    return ""


def _is_storable(amount: Decimal) -> bool:
    return amount.is_finite() and abs(amount) <= _LARGEST_AMOUNT


def is_older_version(order: Order, remote: RemoteOrder) -> bool:
    """Whether the platform itself changed the order after `remote` was true."""
    if remote.updated_at is None or order.remote_updated_at is None:
        return False
    return bool(remote.updated_at < order.remote_updated_at)


def is_older_snapshot(order: Order, remote: RemoteOrder) -> bool:
    """Whether what we have is later news of the same order."""
    if remote.updated_at is not None and order.remote_updated_at is not None:
        return is_older_version(order, remote)
    return is_behind(remote.status, OrderStatus(order.status))


def apply_news(order: Order, remote: RemoteOrder, source: Source) -> bool:
    """Write into `order` (not saved) what `remote` adds; say whether anything changed.

    A row fresh from `new_order` takes everything; one whose buyer was erased, nothing
    about the buyer.
    """
    before = {name: getattr(order, name) for name in WRITTEN_FIELDS}
    only_gaps = is_older_snapshot(order, remote) or (
        source is Source.FILE and order.remote_updated_at is not None
    )
    is_erased = order.buyer_erased_at is not None
    for name in _PLAIN_BUT_WORDS if is_erased else PLAIN_FIELDS:
        _take(order, name, getattr(remote, name), only_gaps=only_gaps)
    if not is_erased:
        _take_recipient(order, remote, only_gaps=only_gaps)
    _take_status(order, remote, only_gaps=only_gaps)
    if remote.updated_at and not only_gaps:
        order.remote_updated_at = remote.updated_at
    after = {name: getattr(order, name) for name in WRITTEN_FIELDS}
    return bool(before != after)


def new_order(shop_id: int, remote: RemoteOrder, source: Source) -> Order:
    """A row for an order nobody told us of before, not saved."""
    return Order(
        shop_id=shop_id,
        remote_id=remote.remote_id,
        status=Order.Status.NOT_UNDERSTOOD,
        currency=remote.currency,
        placed_at=remote.placed_at,
        lines_source=source.value,
    )


def line_key(line: RemoteOrderLine) -> str:
    """The same line's name whichever source spoke: SKU, paid or free, list price."""
    name = clean(line.remote_sku_id)
    if not name and line.seller_sku:
        name = f"seller:{clean(line.seller_sku)}"
    if not name:
        words = (line.bundle_seller_sku, line.remote_product_id, line.variation)
        name = f"unnamed:{clean('/'.join(words))[:80]}"
    if line.amount == 0:
        return f"{name}|free"
    return f"{name}|{line.unit_price.normalize():f}"


def line_values(line: RemoteOrderLine) -> dict[str, Any]:
    """The columns of OrderLine that a source decides, by name."""
    return {
        "remote_sku_id": clean(line.remote_sku_id)[:32],
        "remote_product_id": clean(line.remote_product_id)[:32],
        "seller_sku": clean(line.seller_sku)[:120],
        "bundle_seller_sku": clean(line.bundle_seller_sku)[:120],
        "product_name": clean(line.product_name)[:600],
        "variation": clean(line.variation)[:300],
        "image_url": clean(line.image_url)[:600],
        "is_gift": line.is_gift,
        "quantity": line.quantity,
        "returned_quantity": line.returned_quantity,
        "cancelled_quantity": line.cancelled_quantity,
        "unit_price": line.unit_price,
        "original_amount": line.original_amount,
        "platform_discount_amount": line.platform_discount_amount,
        "seller_discount_amount": line.seller_discount_amount,
        "amount": line.amount,
    }


def _text(name: str, value: str) -> str:
    return clean(value)[: _LENGTHS.get(name)]


def _take(order: Order, name: str, value: Any, *, only_gaps: bool) -> None:
    if isinstance(value, str):
        value = _text(name, str(value))
    if value in _BLANK or (only_gaps and getattr(order, name) not in _BLANK):
        return
    setattr(order, name, value)


def _take_recipient(order: Order, remote: RemoteOrder, *, only_gaps: bool) -> None:
    for name, remote_name in RECIPIENT_FIELDS.items():
        value = _text(name, getattr(remote.buyer, remote_name))
        known = getattr(order, name)
        stars, known_stars = value.count("*"), known.count("*")
        is_clearer = not known or stars < known_stars
        if value and (is_clearer or (stars == known_stars and not only_gaps)):
            setattr(order, name, value)


def _take_status(order: Order, remote: RemoteOrder, *, only_gaps: bool) -> None:
    text = _text("status_text", remote.status_text)
    if remote.status is OrderStatus.NOT_UNDERSTOOD:
        # An older snapshot's riddle, or a file's after the API, matters no more.
        if not only_gaps or order.remote_updated_at is None:
            order.status_text, order.is_status_understood = text, False
        return
    known = OrderStatus(order.status)
    if is_behind(remote.status, known) or (only_gaps and remote.status is known):
        return
    keeps_riddle = is_older_version(order, remote) and not order.is_status_understood
    order.status = remote.status.value
    if not keeps_riddle:
        order.status_text, order.is_status_understood = text, True
