"""TikTok Shop's JSON to our contracts.

Source: Partner Center, "Get Order List", "Get Order Detail", "Order API overview".
What we do not know survives in `raw`; an enum value we do not know maps to "unknown"
and keeps its text; a row we cannot read is named and spoils no other.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apps.integrations.contracts import (
    CancellationStage,
    CancelledBy,
    Fulfilment,
    OrderPage,
    OrderStatus,
    RemoteBuyer,
    RemoteOrder,
    RemoteShop,
    RemoteWarehouse,
)
from apps.integrations.tiktok.codes import CANCELLED_BY, FULFILMENTS, ORDER_STATUSES
from apps.integrations.tiktok.lines import fold_lines
from apps.integrations.tiktok.reading import (
    JsonObject,
    Unreadable,
    enum_key,
    flag,
    identifier,
    instant,
    mapping,
    money,
    objects,
    sequence,
    text,
    whole_number,
)

# How reasons begin that are only given when goods were on their way.
_FAILED_DELIVERY_REASONS = (
    "package_",
    "returned_to_shipper",
    "undeliverable",
    "delivery_failed",
)


def shops_from_json(data: JsonObject) -> list[RemoteShop]:
    """The shops of "Get Authorized Shops"."""
    return [
        RemoteShop(
            remote_id=identifier(row, "id"),
            name=text(row, "name"),
            region=text(row, "region"),
            cipher=text(row, "cipher"),
            code=text(row, "code"),
            seller_type=text(row, "seller_type"),
        )
        for row in objects(data, "shops")
    ]


def warehouses_from_json(data: JsonObject) -> list[RemoteWarehouse]:
    """The warehouses of "Get Warehouse List", without their addresses."""
    return [
        RemoteWarehouse(
            remote_id=identifier(row, "id"),
            name=text(row, "name"),
            kind=enum_key(text(row, "type")),
            is_active=enum_key(text(row, "effect_status")) in ("", "ENABLED"),
            is_default=flag(row, "is_default") or False,
        )
        for row in objects(data, "warehouses")
    ]


def order_page_from_json(data: JsonObject) -> OrderPage:
    """The orders of a search or a detail call, with those that cannot be read."""
    orders: list[RemoteOrder] = []
    malformed: list[tuple[str, str]] = []
    for row in sequence(data, "orders"):
        if not isinstance(row, Mapping):
            malformed.append(("", "the row is not an object"))
            continue
        try:
            orders.append(order_from_json(row))
        except Unreadable as error:
            malformed.append((identifier(row, "id"), str(error)))
    return OrderPage(
        orders=tuple(orders),
        next_page_token=text(data, "next_page_token"),
        total_count=whole_number(data, "total_count"),
        malformed=tuple(malformed),
    )


def order_from_json(row: JsonObject) -> RemoteOrder:
    """One order; raises Unreadable if it lacks what an order cannot do without."""
    status = ORDER_STATUSES.get(
        enum_key(text(row, "status")), OrderStatus.NOT_UNDERSTOOD
    )
    is_cancelled = status is OrderStatus.CANCELLED
    payment = mapping(row, "payment")
    units = _units(row)
    is_sample = flag(row, "is_sample_order")
    return RemoteOrder(
        remote_id=_required_id(row),
        status=status,
        status_text=text(row, "status"),
        currency=_currency(payment, units),
        placed_at=_required_instant(row, "create_time"),
        lines=fold_lines(units, may_lack_price=bool(is_sample)),
        buyer=_buyer(row),
        updated_at=instant(row, "update_time"),
        original_amount=money(payment, "original_total_product_price"),
        platform_discount_amount=money(payment, "platform_discount"),
        seller_discount_amount=money(payment, "seller_discount"),
        subtotal_amount=money(payment, "sub_total"),
        shipping_amount=money(payment, "shipping_fee"),
        tax_amount=money(payment, "tax"),
        total_amount=money(payment, "total_amount"),
        paid_at=instant(row, "paid_time"),
        ready_to_ship_at=instant(row, "rts_time"),
        shipped_at=instant(row, "collection_time"),
        delivered_at=instant(row, "delivery_time"),
        cancelled_at=instant(row, "cancel_time"),
        ship_by_at=instant(row, "rts_sla_time") or instant(row, "shipping_due_time"),
        auto_cancel_at=instant(row, "cancel_order_sla_time"),
        cancel_requested_at=instant(row, "request_cancel_time"),
        is_cancel_requested=flag(row, "is_buyer_request_cancel"),
        cancelled_by=_cancelled_by(row, units) if is_cancelled else CancelledBy.UNKNOWN,
        cancellation_stage=(
            _stage(row, units) if is_cancelled else CancellationStage.NONE
        ),
        cancel_reason=_cancel_reason(row, units if is_cancelled else []),
        fulfilment=FULFILMENTS.get(
            enum_key(text(row, "fulfillment_type")), Fulfilment.UNKNOWN
        ),
        warehouse=identifier(row, "warehouse_id"),
        delivery_option=text(row, "delivery_option_name"),
        carrier=text(row, "shipping_provider"),
        tracking_number=text(row, "tracking_number"),
        payment_method=text(row, "payment_method_name"),
        is_cod=flag(row, "is_cod"),
        is_pre_order=_is_pre_order(row),
        is_sample=is_sample,
        is_replacement=_is_replacement(row),
        buyer_message=text(row, "buyer_message"),
        seller_note=text(row, "seller_note"),
        raw=row,
    )


def _required_id(row: JsonObject) -> str:
    if remote_id := identifier(row, "id"):
        return remote_id
    raise Unreadable("the order has no id")


def _required_instant(row: JsonObject, name: str) -> datetime:
    if moment := instant(row, name):
        return moment
    raise Unreadable(f"the order has no {name}")


def _units(row: JsonObject) -> list[Mapping[str, Any]]:
    units = sequence(row, "line_items")
    if not units:
        raise Unreadable("the order has no lines")
    if not all(isinstance(unit, Mapping) for unit in units):
        raise Unreadable("a line is not an object")
    return units


def _currency(payment: JsonObject, units: list[JsonObject]) -> str:
    for row in (payment, *units):
        if currency := text(row, "currency"):
            return currency.upper()
    raise Unreadable("the order has no currency")


def _buyer(row: JsonObject) -> RemoteBuyer:
    """The platform hides the address of unpaid and held orders altogether."""
    address = mapping(row, "recipient_address")
    return RemoteBuyer(
        remote_id=identifier(row, "user_id"),
        name=text(address, "name"),
        phone=text(address, "phone_number"),
        address=text(address, "full_address"),
        postal_code=text(address, "postal_code"),
        region_code=text(address, "region_code"),
    )


def _cancelled_by(row: JsonObject, units: list[JsonObject]) -> CancelledBy:
    words = [text(row, "cancellation_initiator")]
    words += [text(unit, "cancel_user") for unit in units]
    found = (CANCELLED_BY.get(enum_key(word)) for word in words)
    return next(filter(None, found), CancelledBy.UNKNOWN)


def _cancel_reason(row: JsonObject, units: list[JsonObject]) -> str:
    reasons = (text(entry, "cancel_reason") for entry in (row, *units))
    return next(filter(None, reasons), "")


def _stage(row: JsonObject, units: list[JsonObject]) -> CancellationStage:
    """How far a cancelled order had come.

    A tracking number alone proves nothing: it is there as soon as a label is. Cash on
    delivery has no time of payment and still was no unpaid order.
    """
    reason = enum_key(_cancel_reason(row, units)).lower()
    if "cancel_unpaid" in reason or "overdue_to_pay" in reason:
        return CancellationStage.BEFORE_PAYMENT
    shipped_at, cancelled_at = (
        instant(row, "collection_time"),
        instant(row, "cancel_time"),
    )
    if shipped_at and (cancelled_at is None or shipped_at <= cancelled_at):
        return CancellationStage.FAILED_DELIVERY
    if reason.startswith(_FAILED_DELIVERY_REASONS):
        return CancellationStage.FAILED_DELIVERY
    if instant(row, "paid_time") is None and not _is_cash_on_delivery(row):
        return CancellationStage.BEFORE_PAYMENT
    return CancellationStage.BEFORE_SHIPPING


def _is_cash_on_delivery(row: JsonObject) -> bool:
    is_cod = flag(row, "is_cod")
    if is_cod is None:
        return "cash on delivery" in text(row, "payment_method_name").lower()
    return is_cod


def _is_pre_order(row: JsonObject) -> bool | None:
    kind = enum_key(text(row, "order_type"))
    return kind == "PRE_ORDER" if kind else None


def _is_replacement(row: JsonObject) -> bool | None:
    """An exchange counts as well: goods leave, nothing is sold."""
    flags = [flag(row, "is_replacement_order"), flag(row, "is_exchange_order")]
    return True if True in flags else flags[0]
