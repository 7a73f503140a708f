"""Calls about cancellations: which there are, and the seller's part in them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from apps.integrations.contracts import Answered, CancellationPage, RemoteCancellation
from apps.integrations.tiktok.aftersales.cancellations import (
    cancellation_page_from_json,
    cancelled_from_json,
)
from apps.integrations.tiktok.aftersales.keys import with_key
from apps.integrations.tiktok.calls import Operation
from apps.integrations.tiktok.pages import page_params, parts, walk, window
from apps.integrations.tiktok.reading import JsonObject

SEARCH_CANCELLATIONS = Operation(
    "POST", "/return_refund/202309/cancellations/search", is_safe=True
)
CANCEL = Operation("POST", "/return_refund/202309/cancellations")
# Safe to repeat, because they go with a key that does a thing once.
APPROVE = Operation(
    "POST", "/return_refund/202309/cancellations/{cancel_id}/approve", is_safe=True
)
REJECT = Operation(
    "POST", "/return_refund/202309/cancellations/{cancel_id}/reject", is_safe=True
)

LARGEST_PAGE = 50
MOST_ORDERS = 50


class CancellationCalls:
    """The part of a client that speaks of cancellations; raises PlatformError."""

    _call: Callable[..., JsonObject]

    def search_cancellations(
        self, since: datetime, until: datetime, *, page_token: str = ""
    ) -> CancellationPage:
        """One page of those updated in [since, until), oldest update first. Source:
        "Search Cancellations"."""
        filters = window("update_time", since, until)
        if filters is None:
            return CancellationPage((), total_count=0)
        return self._cancellations(filters, page_token)

    def cancellations_of(self, order_ids: Sequence[str]) -> CancellationPage:
        """All of these orders, 50 orders a call, page by page."""
        return self._cancellations_in_parts("order_ids", order_ids)

    def get_cancellations(self, remote_ids: Sequence[str]) -> CancellationPage:
        """These, 50 a call; IDs the shop does not have are left out."""
        return self._cancellations_in_parts("cancel_ids", remote_ids)

    def _cancellations_in_parts(
        self, name: str, ids: Sequence[str]
    ) -> CancellationPage:
        found: list[RemoteCancellation] = []
        malformed: list[tuple[str, str]] = []
        for batch in parts(list(dict.fromkeys(ids)), MOST_ORDERS):
            filters = {name: list(batch)}

            def fetch(
                token: str, filters: Mapping[str, Any] = filters
            ) -> CancellationPage:
                return self._cancellations(filters, token)

            for page in walk(fetch):
                found += page.cancellations
                malformed += page.malformed
        return CancellationPage(tuple(found), malformed=tuple(malformed))

    def cancel_order(
        self,
        order_id: str,
        reason: str,
        *,
        unit_ids: Sequence[str] = (),
        skus: Mapping[str, int] | None = None,
    ) -> Answered:
        """Cancel an order as its seller: all of it, units of it, or {SKU: units}.

        The platform takes no key for this, so it is never repeated. Source: "Cancel
        Order" (202309).
        """
        body: dict[str, Any] = {"order_id": order_id, "cancel_reason": reason}
        if unit_ids:
            body["order_line_item_ids"] = list(unit_ids)
        if skus:
            body["skus"] = [
                {"sku_id": sku_id, "quantity": quantity}
                for sku_id, quantity in skus.items()
            ]
        return cancelled_from_json(self._call(CANCEL, body=body))

    def approve_cancellation(self, cancellation_id: str, *, key: str) -> None:
        """Let the buyer cancel. Source: "Approve Cancellation"."""
        self._call(APPROVE.of(cancellation_id), with_key(key), {})

    def reject_cancellation(
        self, cancellation_id: str, reason: str, *, key: str, comment: str = ""
    ) -> None:
        """Refuse a buyer's wish to cancel. Source: "Reject Cancellation"."""
        body = {"reject_reason": reason}
        if comment:
            body["comment"] = comment
        self._call(REJECT.of(cancellation_id), with_key(key), body)

    def _cancellations(
        self, filters: Mapping[str, Any], page_token: str
    ) -> CancellationPage:
        params = page_params(LARGEST_PAGE, page_token, "update_time")
        data = self._call(SEARCH_CANCELLATIONS, params, filters)
        return cancellation_page_from_json(data)
