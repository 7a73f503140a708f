"""TikTok Shop's cancellations to our contracts.

Source: Partner Center, "Search Cancellations" and "Cancel Order" (202309).
"""

from apps.integrations.contracts import (
    Answered,
    CancellationPage,
    CancellationStatus,
    RemoteCancellation,
)
from apps.integrations.tiktok.aftersales.amounts import refund_from_json
from apps.integrations.tiktok.aftersales.codes import (
    CANCELLATION_STATUSES,
    NEEDS_ANSWER,
)
from apps.integrations.tiktok.aftersales.request_parts import (
    NextAction,
    lines_from_json,
    next_action,
    required_ids,
)
from apps.integrations.tiktok.pages import read_rows
from apps.integrations.tiktok.reading import (
    JsonObject,
    identifier,
    instant,
    text,
    whole_number,
    word,
)


def cancellation_page_from_json(data: JsonObject) -> CancellationPage:
    """The cancellations of a search, with those that cannot be read."""
    cancellations, malformed = read_rows(
        data, "cancellations", cancellation_from_json, "cancel_id"
    )
    return CancellationPage(
        cancellations=cancellations,
        next_page_token=text(data, "next_page_token"),
        total_count=whole_number(data, "total_count"),
        malformed=malformed,
    )


def cancellation_from_json(row: JsonObject) -> RemoteCancellation:
    """One cancellation; raises Unreadable without its id, its order's, or where an
    amount or a time makes no sense."""
    remote_id, order_id = required_ids(row, "cancel_id", "cancellation")
    status = CANCELLATION_STATUSES.get(
        word(row, "cancel_status"), CancellationStatus.NOT_UNDERSTOOD
    )
    action = next_action(row)
    return RemoteCancellation(
        remote_id=remote_id,
        order_id=order_id,
        status=status,
        status_text=text(row, "cancel_status"),
        needs_answer=_needs_answer(status, word(row, "cancel_type"), action),
        role=word(row, "role"),
        reason=text(row, "cancel_reason"),
        reason_text=text(row, "cancel_reason_text"),
        next_action=action.action,
        respond_by_at=action.deadline,
        created_at=instant(row, "create_time"),
        updated_at=instant(row, "update_time"),
        refund=refund_from_json(row),
        lines=lines_from_json(row, "cancel_line_items", "cancel_line_item_id"),
        raw=row,
    )


def _needs_answer(
    status: CancellationStatus, kind: str, action: NextAction
) -> bool | None:
    """Whether the seller must answer; None if neither kind nor action is told.

    What is decided needs no answer, whatever is left of the question.
    """
    if status not in (CancellationStatus.PENDING, CancellationStatus.NOT_UNDERSTOOD):
        return False
    if action.is_answer:
        return True
    if status is CancellationStatus.PENDING:
        return NEEDS_ANSWER.get(kind)
    return None


def cancelled_from_json(data: JsonObject) -> Answered:
    """What became of an order we cancelled; the id may be missing."""
    return Answered(identifier(data, "cancel_id"), text(data, "cancel_status"))
