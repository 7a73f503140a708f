"""A caller at one shop of the simulator, who asks what it earns."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tests.simulator.caller import connect
from tests.simulator_server import SimulatorServer

Json = dict[str, Any]
STATEMENTS, PAYMENTS = "/finance/202309/statements", "/finance/202309/payments"
WITHDRAWALS, UNSETTLED = (
    "/finance/202309/withdrawals",
    "/finance/202507/orders/unsettled",
)
AFFILIATE = "/affiliate_seller/202410/orders/search"
DAY = 86_400


class Till:
    def __init__(self, server: SimulatorServer, shop: tuple[int, int]) -> None:
        self.server, self.seller = server, shop[0]
        self.caller = connect(server, shop[0])
        self.query = {"shop_cipher": self.caller.cipher(shop[1])}
        self.shop: Json = self.caller.seller["shops"][shop[1]]

    def get(self, path: str, **query: str) -> Json:
        return self.caller.data("GET", path, self.query | query)

    def code(self, path: str, **query: str) -> int:
        return self.caller.code("GET", path, self.query | query)

    def every(self, path: str, name: str, **query: str) -> list[Json]:
        """The rows of every page."""
        rows: list[Json] = []
        query = {"page_size": "100"} | query
        while True:
            page = self.get(path, **query)
            rows += page[name]
            if not page["next_page_token"]:
                return rows
            query["page_token"] = page["next_page_token"]

    def statements(self, **query: str) -> list[Json]:
        """The oldest first."""
        sort = {"sort_field": "statement_time", "sort_order": "ASC"}
        return self.every(STATEMENTS, "statements", **(sort | query))

    def transactions(self, statement: Json, **query: str) -> list[Json]:
        path = f"/finance/202501/statements/{statement['id']}/statement_transactions"
        sort = {"sort_field": "order_create_time"}
        return self.every(path, "transactions", **(sort | query))

    def order(self, order_id: str) -> Json:
        return self.get(f"/finance/202501/orders/{order_id}/statement_transactions")

    def payments(self, **query: str) -> list[Json]:
        sort = {"sort_field": "create_time", "sort_order": "ASC"}
        return self.every(PAYMENTS, "payments", **(sort | query))

    def withdrawals(self, types: str = "SETTLE,WITHDRAW") -> list[Json]:
        return self.every(WITHDRAWALS, "withdrawals", types=types)

    def unsettled(self) -> list[Json]:
        return self.every(UNSETTLED, "transactions", sort_field="order_create_time")

    def affiliate(self, body: Json | None = None, **query: str) -> Json:
        query = self.query | {"page_size": "100"} | query
        return self.caller.data("POST", AFFILIATE, query, body or {})

    def control(self, path: str, **payload: Any) -> Any:
        return self.server.control(f"shops/{self.shop['id']}/{path}", payload)

    def money(self) -> Json:
        return dict(self.server.control(f"shops/{self.shop['id']}/money"))

    def later(self, days: float) -> None:
        """With a new token, as the old one may have expired."""
        self.server.control("clock", {"advance": days * DAY})
        self.caller = connect(self.server, self.seller)


def summed(rows: Iterable[Json], name: str) -> Decimal:
    return sum((Decimal(row.get(name, "0")) for row in rows), Decimal(0))


def parts(row: Json) -> Json:
    """What is named in a row's breakdowns, by what it is part of."""
    shipping = dict(row["shipping_cost_breakdown"])
    shipping.pop("supplementary_component")
    fees = row["fee_tax_breakdown"]
    named = {
        "revenue_amount": row["revenue_breakdown"],
        "shipping_cost_amount": shipping,
        "fee_tax_amount": {**fees["fee"], **fees["tax"]},
    }
    return {
        name: sum(map(Decimal, amounts.values()), Decimal(0))
        for name, amounts in named.items()
    }
