"""Calls that ask what may be done after a sale, why, and for how much."""

from collections.abc import Callable, Sequence
from typing import Any

from apps.integrations.contracts import (
    Eligibility,
    RefundAmounts,
    RequestReason,
    RequestRecord,
)
from apps.integrations.errors import OurFault
from apps.integrations.tiktok.aftersales.amounts import refund_from_json
from apps.integrations.tiktok.aftersales.questions import (
    eligibility_from_json,
    reasons_from_json,
    records_from_json,
)
from apps.integrations.tiktok.calls import Operation
from apps.integrations.tiktok.codes import UNKNOWN_VERSION_CODE
from apps.integrations.tiktok.reading import JsonObject

REJECT_REASONS = Operation("GET", "/return_refund/202309/reject_reasons", is_safe=True)
RECORDS = Operation(
    "GET", "/return_refund/202309/returns/{return_id}/records", is_safe=True
)
# Only the newer version names the reasons; where it is not known, the older one does.
ELIGIBILITY = Operation(
    "GET",
    "/return_refund/202602/orders/{order_id}/aftersale_eligibility",
    is_safe=True,
)
ELIGIBILITY_BEFORE = Operation(
    "GET",
    "/return_refund/202309/orders/{order_id}/aftersale_eligibility",
    is_safe=True,
)
REFUND_PREVIEW = Operation(
    "POST", "/return_refund/202309/refunds/calculate", is_safe=True
)


class AftersaleQuestions:
    """The part of a client that asks about requests; raises PlatformError."""

    _call: Callable[..., JsonObject]

    def reject_reasons(
        self, request_id: str, *, locale: str = "en-US"
    ) -> list[RequestReason]:
        """What a return or cancellation can be refused for. Source: "Get Reject
        Reasons"."""
        params = {"return_or_cancel_id": request_id, "locale": locale}
        return reasons_from_json(self._call(REJECT_REASONS, params))

    def return_records(
        self, return_id: str, *, locale: str = "en-US"
    ) -> list[RequestRecord]:
        """The story of a return, as told. Source: "Get Return Records"."""
        data = self._call(RECORDS.of(return_id), {"locale": locale})
        return records_from_json(data)

    def eligibility(self, order_id: str, *, role: str = "SELLER") -> list[Eligibility]:
        """What can be asked for an order by "SELLER" or "BUYER", and with which
        reasons; an older version of the platform names none. Source: "Get Aftersale
        Eligibility"."""
        params = {"initiate_aftersale_user": role}
        try:
            data = self._call(ELIGIBILITY.of(order_id), params)
        except OurFault as error:
            if error.code != UNKNOWN_VERSION_CODE:
                raise
            data = self._call(ELIGIBILITY_BEFORE.of(order_id), params)
        return eligibility_from_json(data)

    def refund_preview(
        self, order_id: str, request: str, reason: str, *, unit_ids: Sequence[str] = ()
    ) -> RefundAmounts:
        """What would go back to the buyer; nothing is asked for. Source: "Calculate
        Refund" (202309)."""
        body: dict[str, Any] = {
            "order_id": order_id,
            "request_type": request,
            "reason_name": reason,
        }
        if unit_ids:
            body["order_line_item_ids"] = list(unit_ids)
        data = self._call(REFUND_PREVIEW, body=body)
        return refund_from_json(data, "order_refund_amount")
