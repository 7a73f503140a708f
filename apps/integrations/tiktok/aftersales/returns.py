"""TikTok Shop's returns to our contracts.

Source: Partner Center, "Search Returns", "Create Return" (202309) and "Return and
refund API overview".
"""

from apps.integrations.contracts import (
    Answered,
    RemoteReturn,
    ReturnKind,
    ReturnPage,
    ReturnStatus,
)
from apps.integrations.tiktok.aftersales.amounts import refund_from_json
from apps.integrations.tiktok.aftersales.codes import RETURN_KINDS, RETURN_STATUSES
from apps.integrations.tiktok.aftersales.request_parts import (
    lines_from_json,
    next_action,
    required_ids,
)
from apps.integrations.tiktok.pages import read_rows
from apps.integrations.tiktok.reading import (
    JsonObject,
    first_object,
    flag,
    identifier,
    instant,
    money,
    text,
    whole_number,
    word,
)


def return_page_from_json(data: JsonObject) -> ReturnPage:
    """The returns of a search, with those that cannot be read."""
    returns, malformed = read_rows(data, "return_orders", return_from_json, "return_id")
    return ReturnPage(
        returns=returns,
        next_page_token=text(data, "next_page_token"),
        total_count=whole_number(data, "total_count"),
        malformed=malformed,
    )


def return_from_json(row: JsonObject) -> RemoteReturn:
    """One return; raises Unreadable without its id, its order's, or where an amount or
    a time makes no sense."""
    remote_id, order_id = required_ids(row, "return_id", "return")
    action = next_action(row)
    return RemoteReturn(
        remote_id=remote_id,
        order_id=order_id,
        kind=RETURN_KINDS.get(word(row, "return_type"), ReturnKind.NOT_UNDERSTOOD),
        status=_status(row),
        status_text=text(row, "return_status"),
        kind_text=text(row, "return_type"),
        role=word(row, "role"),
        reason=text(row, "return_reason"),
        reason_text=text(row, "return_reason_text"),
        arbitration=word(row, "arbitration_status"),
        next_action=action.action,
        respond_by_at=action.deadline,
        created_at=instant(row, "create_time"),
        updated_at=instant(row, "update_time"),
        shipment_type=word(row, "shipment_type"),
        handover_method=word(row, "handover_method"),
        tracking_number=text(row, "return_tracking_number"),
        carrier=text(row, "return_provider_name"),
        keeps_goods=flag(row, "can_buyer_keep_item"),
        is_quick_refund=flag(row, "is_quick_refund"),
        offered_amount=money(first_object(row, "partial_refund"), "amount"),
        previous_id=identifier(row, "pre_return_id"),
        next_id=identifier(row, "next_return_id"),
        refund=refund_from_json(row),
        lines=lines_from_json(row, "return_line_items", "return_line_item_id"),
        raw=row,
    )


def _status(row: JsonObject) -> ReturnStatus:
    """One page doubles an underscore that no other has."""
    key = word(row, "return_status").replace("__", "_")
    return RETURN_STATUSES.get(key, ReturnStatus.NOT_UNDERSTOOD)


def started_from_json(data: JsonObject) -> Answered:
    """What became of a return we started; the id may be missing."""
    return Answered(identifier(data, "return_id"), text(data, "return_status"))
