"""Searches for cancellations and returns: pages of whole requests.

Source: Partner Center, "Search Cancellations" and "Search Returns", 202309 and 202602.
"""

from bisect import bisect_left
from collections.abc import Callable
from typing import Any

from apps.simulator.tiktok.aftersales.codes import bad
from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json
from apps.simulator.tiktok.paging import page_of, read_paging
from apps.simulator.world.aftersales import stages
from apps.simulator.world.aftersales.racks import BY_CREATE, BY_UPDATE
from apps.simulator.world.aftersales.rendering import (
    render_cancellation,
    render_return,
)
from apps.simulator.world.aftersales.requests import Request

_SORTS = ("create_time", "update_time")
_FOREVER = 2**40
# Of each family: the lists a body may filter by, with the words they may hold.
_CANCELLATIONS: dict[str, tuple[str, ...]] = {
    "cancel_ids": (),
    "order_ids": (),
    "buyer_user_ids": (),
    "cancel_types": (stages.DIRECT, stages.ASKED),
    "cancel_status": stages.CANCEL_STATUSES,
}
_RETURNS: dict[str, tuple[str, ...]] = {
    "return_ids": (),
    "order_ids": (),
    "buyer_user_ids": (),
    "return_types": (
        stages.REFUND, stages.BACK, stages.REPLACEMENT, stages.EXCHANGE,
    ),
    "return_status": stages.RETURN_STATUSES,
    "seller_proposed_return_type": ("PARTIAL_REFUND",),
    "arbitration_status": ("IN_PROGRESS", "SUPPORT_BUYER", "SUPPORT_SELLER", "CLOSED"),
}  # fmt: skip
_VALUES: dict[str, Callable[[Request], Any]] = {
    "cancel_ids": lambda request: str(request.id),
    "return_ids": lambda request: str(request.id),
    "order_ids": lambda request: str(request.order.id),
    "buyer_user_ids": lambda request: request.order.buyer_id,
    "cancel_types": lambda request: request.type,
    "return_types": lambda request: request.type,
    "cancel_status": lambda request: request.status,
    "return_status": lambda request: request.status,
    "seller_proposed_return_type": lambda request: (
        "PARTIAL_REFUND" if "offer" in request.facts else ""
    ),
    "arbitration_status": lambda request: request.facts.get("arbitration", ""),
}


def search_cancellations(call: Call) -> Json:
    """POST /return_refund/{202309,202602}/cancellations/search"""
    is_newer = call.version >= "202602"
    page = _search(call, stages.CANCEL, _CANCELLATIONS, (1, 50))
    spell = call.simulator.spell
    rows = [render_cancellation(row, spell, is_newer=is_newer) for row in page[0]]
    return page[1] | ({"cancellations": rows} if rows else {})


def search_returns(call: Call) -> Json:
    """POST /return_refund/{202309,202602}/returns/search"""
    is_newer = call.version >= "202602"
    desk = call.simulator.aftersales
    page = _search(call, stages.RETURN, _RETURNS, (10, 50))
    rows = [
        render_return(row, desk.of_order(row.order), is_newer=is_newer)
        for row in page[0]
    ]
    return page[1] | ({"return_orders": rows} if rows else {})


def _search(
    call: Call, family: str, lists: dict[str, tuple[str, ...]], sizes: tuple[int, int]
) -> tuple[list[Request], Json]:
    """The page's requests, and what comes before them in the answer."""
    paging = read_paging(call, _SORTS, refuse=bad, sizes=sizes, usual_size=10)
    wanted = {name: _words(call.body, name, allowed) for name, allowed in lists.items()}
    rack = call.simulator.aftersales.rack(call.shop.id, family)
    is_by_update = paging.sort_field == "update_time"
    key = BY_UPDATE if is_by_update else BY_CREATE
    rows = rack.by_update if is_by_update else rack.by_create
    created, updated = _window(call.body, "create"), _window(call.body, "update")
    low, high = updated if is_by_update else created
    rows = rows[bisect_left(rows, (low, 0), key=key) :]
    found = [
        row
        for row in rows[: bisect_left(rows, (high, 0), key=key)]
        if created[0] <= row.created < created[1]
        and updated[0] <= row.updated < updated[1]
        and all(
            _VALUES[name](row) in values for name, values in wanted.items() if values
        )
    ]
    page, has_more = page_of(found, paging, key)
    token = paging.token(key(page[-1])) if has_more else ""
    return page, {"next_page_token": token, "total_count": len(found)}


def _words(body: Json, name: str, allowed: tuple[str, ...]) -> frozenset[str]:
    """Unknown keys are ignored, as on the platform; wrong values are refused."""
    values = body.get(name) or []
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        raise bad(name, "must be a list of strings.")
    if wrong := [value for value in values if allowed and value not in allowed]:
        raise bad(name, f"must be of {', '.join(allowed)}, not {wrong[0]}.")
    return frozenset(values)


def _window(body: Json, field: str) -> tuple[int, int]:
    bounds = []
    for name, usual in ((f"{field}_time_ge", 0), (f"{field}_time_lt", _FOREVER)):
        value = body.get(name)
        if value is not None and type(value) is not int:
            raise bad(name, "must be a Unix timestamp in seconds.")
        bounds.append(usual if value is None else value)
    return bounds[0], bounds[1]
