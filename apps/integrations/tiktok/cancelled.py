"""How an order came to its end: by whom, why, and how far it had come.

Source: Partner Center, "Order API overview"; the reasons are seen in orders.
"""

from apps.integrations.contracts import CancellationStage, CancelledBy
from apps.integrations.tiktok.codes import CANCELLED_BY
from apps.integrations.tiktok.reading import (
    JsonObject,
    enum_key,
    flag,
    instant,
    text,
)

# How reasons begin that are only given when goods were on their way.
_FAILED_DELIVERY_REASONS = (
    "package_",
    "returned_to_shipper",
    "undeliverable",
    "delivery_failed",
)


def cancelled_by(row: JsonObject, units: list[JsonObject]) -> CancelledBy:
    """Who ended it, as the order says or else one of its items."""
    words = [text(row, "cancellation_initiator")]
    words += [text(unit, "cancel_user") for unit in units]
    found = (CANCELLED_BY.get(enum_key(word)) for word in words)
    return next(filter(None, found), CancelledBy.UNKNOWN)


def cancel_reason(row: JsonObject, units: list[JsonObject]) -> str:
    """The first reason that the order or one of its items gives."""
    reasons = (text(entry, "cancel_reason") for entry in (row, *units))
    return next(filter(None, reasons), "")


def cancellation_stage(row: JsonObject, units: list[JsonObject]) -> CancellationStage:
    """How far a cancelled order had come.

    A tracking number alone proves nothing: it is there as soon as a label is. Cash on
    delivery has no time of payment and still was no unpaid order.
    """
    reason = enum_key(cancel_reason(row, units)).lower()
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
