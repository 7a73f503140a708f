"""A caller at one shop of the simulator, who ships."""

import time
from typing import Any

from tests.simulator.caller import DETAIL, Caller, connect
from tests.simulator_server import SimulatorServer

# Seller, shop of theirs.
US, GB, ID, MY, TH, VN, DE = (0, 0), (0, 1), (1, 0), (2, 0), (2, 1), (2, 2), (3, 0)
Json = dict[str, Any]
PACKAGES = "/fulfillment/202309/packages"
ORDERS = "/fulfillment/202309/orders"


class Dispatch:
    """Its shop's orders stand still unless told otherwise."""

    def __init__(
        self,
        server: SimulatorServer,
        shop: tuple[int, int],
        caller: Caller | None = None,
    ) -> None:
        """`caller`: who has the seller's token already."""
        self.caller: Caller = caller or connect(server, shop[0])
        self.server = server
        self.shop_id = str(self.caller.seller["shops"][shop[1]]["id"])
        self.query = {"shop_cipher": self.caller.cipher(shop[1])}

    def place(self, shipping_type: str = "TIKTOK", **fields: Any) -> Json:
        """The order as the API shows it."""
        body = {"shop_id": self.shop_id, "shipping_type": shipping_type} | fields
        return dict(self.server.control("orders", body)["order"])

    def order(self, order_id: str) -> Json:
        query = self.query | {"ids": order_id}
        (order,) = self.caller.data("GET", DETAIL, query)["orders"]
        return dict(order)

    def post(self, path: str, body: Json | None = None, **query: str) -> Json:
        """The whole reply."""
        query = self.query | query
        return dict(self.caller.send("POST", path, query, body or {}).json())

    def get(self, path: str, **query: str) -> Json:
        return dict(self.caller.send("GET", path, self.query | query).json())

    def data(self, reply: Json) -> Json:
        assert reply["code"] == 0, reply
        return dict(reply["data"])

    def package(self, package_id: str) -> Json:
        return self.data(self.get(f"{PACKAGES}/{package_id}"))

    def packages(self, body: Json | None = None, **query: str) -> Json:
        query = {"page_size": "50"} | query
        return self.data(self.post(f"{PACKAGES}/search", body, **query))

    def all_packages(self, body: Json | None = None, **query: str) -> list[Json]:
        rows: list[Json] = []
        while True:
            page = self.packages(body, **query)
            rows += page["packages"]
            if not page["next_page_token"]:
                return rows
            query["page_token"] = page["next_page_token"]

    def ship(self, package_id: str, **body: Any) -> Json:
        return self.post(f"{PACKAGES}/{package_id}/ship", body)

    def mark(self, order_id: str, **body: Any) -> Json:
        sent = self.own() | body
        return self.post(f"{ORDERS}/{order_id}/packages", sent)

    def own(self, number: str = "OWN-1234567") -> Json:
        """A carrier of the shop's own, as bodies name it."""
        return {"tracking_number": number, "shipping_provider_id": self.provider()}

    def provider(self, place: int = 1) -> str:
        return str(self.providers()[place]["id"])

    def providers(self) -> list[Json]:
        warehouses = self.data(self.get("/logistics/202309/warehouses"))["warehouses"]
        path = f"/logistics/202309/warehouses/{warehouses[0]['id']}/delivery_options"
        options = self.data(self.get(path))["delivery_options"]
        own = next(one["id"] for one in options if one["type"] == "SEND_BY_SELLER")
        path = f"/logistics/202309/delivery_options/{own}/shipping_providers"
        return list(self.data(self.get(path))["shipping_providers"])

    def control(self, path: str, /, **body: Any) -> Any:
        return self.server.control(path, body)

    def advance(self, **by: int) -> None:
        """Let time pass in steps in which the world walks."""
        seconds = by.get("days", 0) * 86_400 + by.get("hours", 0) * 3_600
        while seconds > 0:
            self.server.control("clock", {"advance": min(seconds, 86_400)})
            seconds -= 86_400

    def news(self, number: int, order: Json, count: int = 1) -> list[Json]:
        """What was told to apps of an order, the oldest first: the data of webhooks of
        a type, as soon as there are so many."""
        deadline = time.monotonic() + 8
        path = f"webhooks/deliveries?limit=900&shop_id={self.shop_id}&type={number}"
        while True:
            told = [row["body"]["data"] for row in self.server.control(path)]
            found = [data for data in told if order["id"] in str(data)]
            if len(found) >= count:
                return found[::-1]
            assert time.monotonic() < deadline, found
            time.sleep(0.05)

    def status(self, order: Json) -> str:
        """As the control knows it, though the token may have expired."""
        return str(self.server.control(f"orders/{order['id']}")["status"])

    def listen(self) -> None:
        """Be told everything, at an address where nobody answers."""
        app_key = self.caller.app["app_key"]
        self.control(f"apps/{app_key}", webhook_url="http://127.0.0.1:9/hooks")


def package_of(order: Json) -> str:
    """The id of an order's only package."""
    (package,) = order["packages"]
    return str(package["id"])
