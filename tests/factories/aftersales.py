"""Packages, cancellations and returns, as the platform tells of them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from apps.integrations.contracts import (
    CancellationStatus,
    OrderStatus,
    PackageStatus,
    RefundAmounts,
    RemoteCancellation,
    RemotePackage,
    RemoteReturn,
    RemoteUnit,
    RequestLine,
    ReturnKind,
    ReturnStatus,
)
from tests.factories.orders import PLACED, make_remote_line

ORDER_ID = "580000000000000001"
SKU = "1730000000000000101"


def make_units(
    *statuses: OrderStatus, package_id: str = "", first: int = 1, **changes: Any
) -> tuple[RemoteUnit, ...]:
    """Items U1, U2 … of these statuses, all in one package."""
    return tuple(
        RemoteUnit(f"U{number}", status, package_id, **changes)
        for number, status in enumerate(statuses, start=first)
    )


def make_unit_line(*units: RemoteUnit, sku: str = SKU, **changes: Any) -> Any:
    """A line of these items, with what follows from their statuses."""
    left = {OrderStatus.IN_TRANSIT, OrderStatus.DELIVERED, OrderStatus.COMPLETED}
    values: dict[str, Any] = {
        "quantity": len(units),
        "units": units,
        "shipped_quantity": sum(unit.status in left for unit in units),
        "cancelled_quantity": sum(u.status is OrderStatus.CANCELLED for u in units),
    }
    return make_remote_line(sku, **values | changes)


def make_remote_package(
    remote_id: str = "1152000000000000001",
    *,
    version: int | None = 1,
    status: PackageStatus = PackageStatus.TO_FULFILL,
    **changes: Any,
) -> RemotePackage:
    """Version 2 was updated an hour after version 1."""
    values: dict[str, Any] = {
        "order_ids": (ORDER_ID,),
        "status_text": status.value.upper(),
        "created_at": PLACED,
        "updated_at": None if version is None else PLACED + timedelta(hours=version),
    }
    return RemotePackage(remote_id=remote_id, status=status, **values | changes)


def make_request_line(unit_id: str = "U1", amount: str = "", **changes: Any) -> Any:
    """An item of an order, and what goes back for it."""
    total = Decimal(amount) if amount else None
    values: dict[str, Any] = {
        "remote_id": f"L{unit_id}",
        "unit_id": unit_id,
        "remote_sku_id": SKU,
        "refund": RefundAmounts(total=total, subtotal=total),
    }
    return RequestLine(**values | changes)


def make_remote_cancellation(
    remote_id: str = "4035000000000000001",
    *,
    version: int | None = 1,
    status: CancellationStatus = CancellationStatus.PENDING,
    amount: str = "",
    **changes: Any,
) -> RemoteCancellation:
    is_pending = status is CancellationStatus.PENDING
    values: dict[str, Any] = {
        "order_id": ORDER_ID,
        "status_text": f"CANCELLATION_REQUEST_{status.value.upper()}",
        "needs_answer": is_pending,
        "role": "BUYER",
        "next_action": "SELLER_RESPOND_CANCEL" if is_pending else "",
        "updated_at": None if version is None else PLACED + timedelta(hours=version),
        "refund": _refund(amount),
        "lines": (make_request_line(),),
    }
    return RemoteCancellation(remote_id=remote_id, status=status, **values | changes)


def make_remote_return(
    remote_id: str = "4036000000000000001",
    *,
    version: int | None = 1,
    kind: ReturnKind = ReturnKind.RETURN_AND_REFUND,
    status: ReturnStatus = ReturnStatus.PENDING,
    amount: str = "",
    **changes: Any,
) -> RemoteReturn:
    waits = "SELLER_RESPOND_RETURN" if status is ReturnStatus.PENDING else ""
    values: dict[str, Any] = {
        "order_id": ORDER_ID,
        "status_text": status.value.upper(),
        "kind_text": kind.value.upper(),
        "role": "BUYER",
        "next_action": waits,
        "updated_at": None if version is None else PLACED + timedelta(hours=version),
        "refund": _refund(amount),
        "lines": (make_request_line(),),
    }
    return RemoteReturn(
        remote_id=remote_id, kind=kind, status=status, **values | changes
    )


def _refund(amount: str) -> RefundAmounts:
    if not amount:
        return RefundAmounts()
    return RefundAmounts("MYR", Decimal(amount), Decimal(amount))
