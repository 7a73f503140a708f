"""Calls about returns: which there are, and the seller's part in them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from apps.integrations.contracts import (
    Answered,
    Decision,
    RefundAmounts,
    RemoteReturn,
    ReturnKind,
    ReturnPage,
)
from apps.integrations.tiktok.aftersales.keys import with_key
from apps.integrations.tiktok.aftersales.returns import (
    return_page_from_json,
    started_from_json,
)
from apps.integrations.tiktok.calls import Operation
from apps.integrations.tiktok.pages import page_params, parts, walk, window
from apps.integrations.tiktok.reading import JsonObject

SEARCH_RETURNS = Operation("POST", "/return_refund/202309/returns/search", is_safe=True)
# Safe to repeat, because they go with a key that does a thing once.
CREATE = Operation("POST", "/return_refund/202309/returns", is_safe=True)
APPROVE = Operation(
    "POST", "/return_refund/202309/returns/{return_id}/approve", is_safe=True
)
REJECT = Operation(
    "POST", "/return_refund/202309/returns/{return_id}/reject", is_safe=True
)
# Only the newer version takes what is offered instead.
REJECT_WITH_OFFER = Operation(
    "POST", "/return_refund/202606/returns/{return_id}/reject", is_safe=True
)

LARGEST_PAGE = 50
MOST_ORDERS = 50
_STARTED_BY_SELLERS = (ReturnKind.REFUND, ReturnKind.RETURN_AND_REFUND)


class ReturnCalls:
    """The part of a client that speaks of returns; raises PlatformError."""

    _call: Callable[..., JsonObject]

    def search_returns(
        self, since: datetime, until: datetime, *, page_token: str = ""
    ) -> ReturnPage:
        """One page of those updated in [since, until), oldest update first. Source:
        "Search Returns"."""
        filters = window("update_time", since, until)
        if filters is None:
            return ReturnPage((), total_count=0)
        return self._returns(filters, page_token)

    def returns_of(self, order_ids: Sequence[str]) -> ReturnPage:
        """All of these orders, 50 orders a call, page by page."""
        return self._returns_in_parts("order_ids", order_ids)

    def get_returns(self, remote_ids: Sequence[str]) -> ReturnPage:
        """These, 50 a call; IDs the shop does not have are left out."""
        return self._returns_in_parts("return_ids", remote_ids)

    def _returns_in_parts(self, name: str, ids: Sequence[str]) -> ReturnPage:
        found: list[RemoteReturn] = []
        malformed: list[tuple[str, str]] = []
        for batch in parts(list(dict.fromkeys(ids)), MOST_ORDERS):
            filters = {name: list(batch)}

            def fetch(token: str, filters: Mapping[str, Any] = filters) -> ReturnPage:
                return self._returns(filters, token)

            for page in walk(fetch):
                found += page.returns
                malformed += page.malformed
        return ReturnPage(tuple(found), malformed=tuple(malformed))

    def create_return(
        self,
        order_id: str,
        reason: str,
        kind: ReturnKind,
        *,
        key: str,
        unit_ids: Sequence[str] = (),
        amount: RefundAmounts | None = None,
    ) -> Answered:
        """Start a refund, or a return and refund, as the seller; `amount` makes it a
        partial one. ValueError for other kinds. Source: "Create Return" (202309)."""
        if kind not in _STARTED_BY_SELLERS:
            raise ValueError(f"a seller cannot start a {kind}")
        body: dict[str, Any] = {
            "order_id": order_id,
            "return_reason": reason,
            "return_type": kind.upper(),
        }
        if unit_ids:
            body["order_line_item_ids"] = list(unit_ids)
        if amount:
            body |= {"refund_total": _told(amount), "currency": amount.currency}
        return started_from_json(self._call(CREATE, with_key(key), body))

    def approve_return(
        self,
        return_id: str,
        decision: Decision,
        *,
        key: str,
        keeps_goods: bool = False,
        amount: RefundAmounts | None = None,
    ) -> None:
        """Agree with a return; `amount` is the part offered, and with `keeps_goods`
        nothing need be sent back. Source: "Approve Return"."""
        body: dict[str, Any] = {"decision": decision.value}
        if keeps_goods:
            body["buyer_keep_item"] = True
        if amount:
            part = {"currency": amount.currency, "amount": _told(amount)}
            body["partial_refund"] = part
        self._call(APPROVE.of(return_id), with_key(key), body)

    def reject_return(
        self,
        return_id: str,
        decision: Decision,
        reason: str,
        *,
        key: str,
        comment: str = "",
        amount: RefundAmounts | None = None,
    ) -> None:
        """Refuse a return, or the goods that came back; `amount` is the part offered
        instead of them. Source: "Reject Return" (202309, with an offer 202606)."""
        body: dict[str, Any] = {"decision": decision.value, "reject_reason": reason}
        if comment:
            body["comment"] = comment
        operation = REJECT
        if amount:
            operation = REJECT_WITH_OFFER
            body["partial_refund_amount"] = {
                "partial_refund_total": _told(amount),
                "currency": amount.currency,
            }
        self._call(operation.of(return_id), with_key(key), body)

    def _returns(self, filters: Mapping[str, Any], page_token: str) -> ReturnPage:
        params = page_params(LARGEST_PAGE, page_token, "update_time")
        return return_page_from_json(self._call(SEARCH_RETURNS, params, filters))


def _told(amount: RefundAmounts) -> str:
    if amount.total is None or not amount.currency:
        raise ValueError("a part to refund needs an amount and its currency")
    return f"{amount.total:f}"
