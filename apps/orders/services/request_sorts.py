"""Cancellations and returns, as far as they are the same to who stores them: which
columns come from where, and what tells one sort from the other."""

from collections.abc import Mapping
from dataclasses import dataclass

from apps.integrations.contracts import (
    CancellationStatus,
    RemoteCancellation,
    RemoteReturn,
)
from apps.integrations.lifecycle import RETURN_WAY
from apps.orders.models import (
    Cancellation,
    CancellationLine,
    Return,
    ReturnLine,
    UnknownWord,
)

Remote = RemoteCancellation | RemoteReturn
Row = Cancellation | Return
Line = CancellationLine | ReturnLine

# Our column: where a remote has it.
FIELDS = {
    "order_remote_id": "order_id",
    "role": "role",
    "reason": "reason",
    "reason_text": "reason_text",
    "remote_created_at": "created_at",
}
_OF_CANCELLATIONS = {"needs_answer": "needs_answer"}
_OF_RETURNS = {
    name: name
    for name in (
        "kind_text",
        "arbitration",
        "shipment_type",
        "handover_method",
        "tracking_number",
        "carrier",
        "keeps_goods",
        "is_quick_refund",
        "offered_amount",
        "refunded_at",
        "previous_id",
        "next_id",
    )
}
REFUND = {
    "refund_amount": "total",
    "refund_subtotal_amount": "subtotal",
    "refund_shipping_amount": "shipping",
    "refund_tax_amount": "tax",
    "refund_fees_amount": "fees",
}
STATE = ("next_action", "respond_by_at")
_OF_ALL = (
    *FIELDS,
    *REFUND,
    *STATE,
    "currency",
    "status",
    "status_text",
    "is_status_understood",
    "source",
    "remote_updated_at",
)
LINE_FIELDS = (
    "unit_id",
    "remote_sku_id",
    "seller_sku",
    "product_name",
    "variation",
    "quantity",
    *REFUND,
)


@dataclass(frozen=True, slots=True)
class Sort:
    """Cancellations or returns: their tables, and what tells one from the other.

    `ways` are {status: how far along}, for two words of the same instant and for files,
    which do not tell their age.
    """

    model: type[Cancellation] | type[Return]
    line_model: type[CancellationLine] | type[ReturnLine]
    fields: Mapping[str, str]
    ways: Mapping[str, int]
    riddle: UnknownWord.Kind

    @property
    def written(self) -> tuple[str, ...]:
        kind = ("kind",) if self.model is Return else ()
        return (*_OF_ALL, *self.fields, *kind)


def _ways(*statuses: str) -> dict[str, int]:
    return {status: place for place, status in enumerate(statuses)}


CANCELLATIONS = Sort(
    Cancellation,
    CancellationLine,
    _OF_CANCELLATIONS,
    _ways(
        CancellationStatus.NOT_UNDERSTOOD,
        CancellationStatus.PENDING,
        CancellationStatus.SUCCESS,
        CancellationStatus.CANCELLED,
        CancellationStatus.COMPLETE,
    ),
    UnknownWord.Kind.CANCELLATION_STATUS,
)
RETURNS = Sort(
    Return,
    ReturnLine,
    _OF_RETURNS,
    _ways(*RETURN_WAY),
    UnknownWord.Kind.RETURN_STATUS,
)
