"""A caller at one shop of the simulator, who knows what its market wants."""

from typing import Any

from tests.simulator.caller import Caller, connect
from tests.simulator_server import SimulatorServer

CATEGORIES = "/product/202309/categories"
RECOMMEND = "/product/202309/categories/recommend"
US, GB, ID, DE, MY = (0, 0), (0, 1), (1, 0), (3, 0), (2, 0)  # seller, shop of theirs
Shop = tuple[int, int]
Row = dict[str, Any]


class Desk:
    """A caller at one shop, with the category version of its market."""

    def __init__(
        self, server: SimulatorServer, shop: Shop, caller: Caller | None = None
    ) -> None:
        self.caller = caller or connect(server, shop[0])
        self.query = {"shop_cipher": self.caller.cipher(shop[1])}
        if shop == US:
            self.query["category_version"] = "v2"
        self.body = {"category_version": self.query.get("category_version", "v1")}

    def next_door(self) -> "Desk":
        """The same seller's shop in Britain."""
        return Desk(self.caller.server, GB, self.caller)

    def tree(self, **query: str) -> list[Row]:
        data = self.caller.data("GET", CATEGORIES, self.query | query)
        return list(data["categories"])

    def get(self, category_id: str, what: str, **query: str) -> dict[str, Any]:
        path = f"{CATEGORIES}/{category_id}/{what}"
        return dict(self.caller.send("GET", path, self.query | query).json())

    def attributes(self, category_id: str, **query: str) -> list[Row]:
        return list(self.get(category_id, "attributes", **query)["data"]["attributes"])

    def rules(self, category_id: str) -> Row:
        return dict(self.get(category_id, "rules")["data"])

    def recommend(self, title: object, **body: object) -> dict[str, Any]:
        query = {"shop_cipher": self.query["shop_cipher"]}
        sent = self.body | {"product_title": title} | body
        return dict(self.caller.send("POST", RECOMMEND, query, sent).json())

    def leaf(self, title: str) -> str:
        reply = self.recommend(title)
        assert reply["code"] == 0, reply
        return str(reply["data"]["leaf_category_id"])
