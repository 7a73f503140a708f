"""What cancellations and returns have in common: their lines, and what is to be done.

One row is one item of the order; items of a bundle's parts are passed over, for the
bundle is what was sold.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from apps.integrations.contracts import RequestLine
from apps.integrations.tiktok.aftersales.amounts import refund_from_json
from apps.integrations.tiktok.aftersales.codes import ANSWER
from apps.integrations.tiktok.reading import (
    JsonObject,
    Unreadable,
    each_object,
    first_object,
    identifier,
    likely_instant,
    text,
    word,
)


@dataclass(frozen=True, slots=True)
class NextAction:
    """What the platform waits for, and until when."""

    action: str = ""
    deadline: datetime | None = None

    @property
    def is_answer(self) -> bool:
        """Whether it is the seller's answer to a request."""
        return self.action.startswith(ANSWER)


def next_action(row: JsonObject) -> NextAction:
    """The first of what the platform waits for."""
    found = first_object(row, "seller_next_action_response")
    return NextAction(word(found, "action"), likely_instant(found, "deadline"))


def required_ids(row: JsonObject, name: str, what: str) -> tuple[str, str]:
    """The request's own id and its order's; raises Unreadable without either."""
    remote_id, order_id = identifier(row, name), identifier(row, "order_id")
    if not remote_id:
        raise Unreadable(f"the {what} has no id")
    if not order_id:
        raise Unreadable(f"the {what} names no order")
    return remote_id, order_id


def lines_from_json(
    row: JsonObject, name: str, id_name: str
) -> tuple[RequestLine, ...]:
    """The items a request is about, each with an id that no other has."""
    return tuple(_lines(row, name, id_name))


def _lines(row: JsonObject, name: str, id_name: str) -> Iterator[RequestLine]:
    taken: set[str] = set()
    for number, entry in enumerate(each_object(row, name), start=1):
        unit_id = identifier(entry, "order_line_item_id")
        sku_id = identifier(entry, "sku_id")
        remote_id = identifier(entry, id_name) or unit_id or sku_id
        if not remote_id or remote_id in taken:
            remote_id = f"{remote_id}#{number}"
        taken.add(remote_id)
        yield RequestLine(
            remote_id=remote_id,
            unit_id=unit_id,
            remote_sku_id=sku_id,
            seller_sku=text(entry, "seller_sku"),
            product_name=text(entry, "product_name"),
            variation=text(entry, "sku_name"),
            refund=refund_from_json(entry),
        )
