"""Calls of the product APIs, for these tests only."""

from typing import Any

from tests.simulator.caller import Caller

Json = dict[str, Any]
PRODUCTS = "/product/202309/products"
SEARCH = "/product/202502/products/search"
INVENTORY = "/product/202309/inventory/search"


class Products:
    """One shop of a caller: `code` and `data` of its product calls."""

    def __init__(self, caller: Caller, shop: int = 0) -> None:
        self.caller, self.number = caller, shop
        self.server = caller.server
        self.shop: Json = caller.seller["shops"][shop]

    def send(self, method: str, path: str, body: object = None, **query: str) -> Json:
        """The whole envelope; `path` below /product/202309/products, or absolute."""
        path = path if path.startswith("/product/") else PRODUCTS + path
        full = {"shop_cipher": self.caller.cipher(self.number)} | query
        reply = self.caller.send(method, path, full, body)
        return dict(reply.json())

    def data(self, method: str, path: str, body: object = None, **query: str) -> Json:
        reply = self.send(method, path, body, **query)
        assert reply["code"] == 0, reply
        return dict(reply["data"])

    def code(self, method: str, path: str, body: object = None, **query: str) -> int:
        return int(self.send(method, path, body, **query)["code"])

    def search(self, body: Json | None = None, **query: str) -> Json:
        return self.data("POST", SEARCH, body or {}, **({"page_size": "100"} | query))

    def search_all(self, body: Json | None = None, size: str = "100") -> list[Json]:
        rows: list[Json] = []
        query = {"page_size": size}
        while True:
            page = self.search(body, **query)
            rows += page["products"]
            if not page["next_page_token"]:
                return rows
            query["page_token"] = page["next_page_token"]

    def get(self, product_id: str, **query: str) -> Json:
        return self.data("GET", f"/{product_id}", **query)

    def control(self, product_id: str, deed: str = "", body: Json | None = None) -> Any:
        path = f"listings/{product_id}" + (f"/{deed}" if deed else "")
        return self.server.control(path, body)

    def of_status(self, status: str) -> str:
        """The id of a product in that status."""
        return str(self.search({"status": status})["products"][0]["id"])

    def plain(self, like: str = "") -> Json:
        """A product on sale in full: no bundle, two SKUs at least, `like` in its
        title."""
        for row in self.search({"status": "ACTIVATE"})["products"]:
            if len(row["skus"]) > 1 and like in row["title"]:
                return self.get(row["id"])
        raise AssertionError("no such product")


def body_of(product: Json) -> Json:
    """What was read, as a careful client sends it to change nothing."""
    body = dict(product)
    body["category_id"] = product["category_chains"][-1]["id"]
    if "brand" in product:
        body["brand_id"] = product["brand"]["id"]
    if "delivery_options" in product:
        body["delivery_option_ids"] = [o["id"] for o in product["delivery_options"]]
    body["skus"] = [sku_body(sku) for sku in product["skus"]]
    if limit := product["skus"][0].get("purchase_order_quantity_limit"):
        body["purchase_order_quantity_limit"] = limit
    return body


def sku_body(sku: Json) -> Json:
    skipped = ("price", "inventory", "purchase_order_quantity_limit", "combined_skus")
    body = {key: value for key, value in sku.items() if key not in skipped}
    if "combined_skus" in sku:
        names = ("product_id", "sku_id", "sku_count")
        body["combined_skus"] = [{n: p[n] for n in names} for p in sku["combined_skus"]]
    return body


def new_product(shop: Products, **changes: Any) -> Json:
    """A product that can be made in this shop: like one that is on sale, unsold."""
    is_american = shop.shop["region"] == "US"
    model = shop.plain("T-shirt" if is_american else "")
    body = body_of(model)
    for name in ("id", "status", "external_product_id", "video"):
        body.pop(name, None)
    body["category_version"] = "v2" if is_american else "v1"
    for sku, full in zip(body["skus"], model["skus"], strict=True):
        del sku["id"]
        for attribute in sku["sales_attributes"]:
            _without_own_ids(attribute)
        sku["seller_sku"] = f"N-{full['seller_sku']}"
        sku.pop("identifier_code", None)
        sku["price"] = {
            "amount": full["price"]["tax_exclusive_price"],
            "currency": full["price"]["currency"],
        }
        first = full["inventory"][0]["warehouse_id"]
        sku["inventory"] = [{"warehouse_id": first, "quantity": 7}]
    return body | changes


def _without_own_ids(attribute: Json) -> None:
    """IDs the platform has made for one product are unknown for another one."""
    for name in ("id", "value_id"):
        if attribute[name].startswith("72"):
            del attribute[name]
