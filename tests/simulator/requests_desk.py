"""A caller at one shop of the simulator, who deals with cancellations and returns."""

from decimal import Decimal
from typing import Any

from tests.simulator.dispatch import Dispatch, Json

CANCELLATIONS = "/return_refund/202309/cancellations"
RETURNS = "/return_refund/202309/returns"
OUT_OF_STOCK = "seller_cancel_reason_out_of_stock"
DAMAGED = "ecom_order_delivered_refund_and_return_reason_damaged_seller"
AGREED = "seller_reject_apply_you_have_reached_an_agreement_with_the_buyer"
KEEP_ORDER = "seller_reject_cancel_agreement_with_the_buyer"


class RequestsDesk(Dispatch):
    def place(self, shipping_type: str = "TIKTOK", **fields: Any) -> Json:
        """Sent by the seller, unless `fulfilled_by_platform` says otherwise."""
        fields = {"fulfilled_by_platform": False} | fields
        return super().place(shipping_type, **fields)

    def cancellation(self, order: Json) -> Json:
        """The order's only one, as the search shows it."""
        (row,) = self.cancellations(order)
        return row

    def cancellations(self, order: Json) -> list[Json]:
        """Oldest first."""
        body = {"order_ids": [order["id"]]}
        query = {"sort_order": "ASC", "page_size": "50"}
        data = self.data(self.post(f"{CANCELLATIONS}/search", body, **query))
        return list(data.get("cancellations", ()))

    def returns(self, order: Json) -> list[Json]:
        body = {"order_ids": [order["id"]]}
        query = {"sort_order": "ASC", "page_size": "50"}
        data = self.data(self.post(f"{RETURNS}/search", body, **query))
        return list(data.get("return_orders", ()))

    def return_of(self, order: Json) -> Json:
        (row,) = self.returns(order)
        return row

    def cancel(self, order: Json, reason: str = OUT_OF_STOCK, /, **body: Any) -> Json:
        """The whole reply."""
        body = {"order_id": order["id"], "cancel_reason": reason} | body
        return self.post(CANCELLATIONS, body)

    def answer(self, kind: str, row: Json, **body: Any) -> int:
        """The code of "approve" or "reject" for a cancellation or return."""
        return int(self.reply(kind, row, **body)["code"])

    def reply(self, kind: str, row: Json, key: str = "", **body: Any) -> Json:
        query = {"idempotency_key": key} if key else {}
        is_return = "return_id" in row
        path = RETURNS if is_return else CANCELLATIONS
        request_id = row["return_id" if is_return else "cancel_id"]
        return self.post(f"{path}/{request_id}/{kind}", body, **query)

    def wish(self, order: Json, kind: str, **body: Any) -> Json:
        """The buyer asks for it; the return as the search shows it."""
        self.control(f"orders/{order['id']}/request_return", kind=kind, **body)
        return self.returns(order)[-1]

    def give_back(self, order: Json, reason: str = DAMAGED, /, **body: Any) -> Json:
        """The seller starts a refund or return: the whole reply."""
        body = {"order_id": order["id"], "return_reason": reason} | body
        key = body.pop("key", "")
        query = {"idempotency_key": key} if key else {}
        return self.post(RETURNS, body, **query)

    def stock(self, sku_id: str) -> int:
        shown = self.server.control(f"skus/{sku_id}/stock")
        return sum(row["available"] for row in shown["warehouses"])

    def freeze(self) -> None:
        self.control("clock", freeze=True)

    def later(self, minutes: int) -> None:
        self.control("clock", advance=minutes * 60)


def refund(row: Json) -> dict[str, Decimal]:
    """The amounts of a request or one of its lines, as numbers."""
    amounts = {n: v for n, v in row["refund_amount"].items() if n != "currency"}
    return {name: Decimal(value) for name, value in amounts.items()}


def total(row: Json) -> Decimal:
    return refund(row)["refund_total"]


def line_ids(order: Json) -> list[str]:
    return [line["id"] for line in order["line_items"]]
