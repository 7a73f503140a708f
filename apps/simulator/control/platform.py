"""Control: apps, sellers, the log of requests, switches, the reset."""

from dataclasses import asdict
from typing import Any

from apps.simulator.control.fields import ControlError, Fields, Json
from apps.simulator.state import Simulator
from apps.simulator.tiktok.subscriptions import address_problem
from apps.simulator.world.obstacles import CHECK_ITEMS
from apps.simulator.world.regions import amount
from apps.simulator.world.sellers import Shop, shop_cipher


def list_apps(simulator: Simulator, fields: Fields) -> list[Json]:
    """The API apps, with their secrets, as Partner Center shows them to their owner."""
    fields.done()
    return simulator.apps.as_json()


def change_app(simulator: Simulator, fields: Fields, app_key: str) -> Json:
    """Set redirect_url, webhook_url (app-wide, "" for none), scopes or creator_scopes
    of an app."""
    if app_key not in simulator.apps.by_key:
        known = ", ".join(simulator.apps.by_key)
        raise ControlError(f"No such app. Known app keys: {known}.", http=404)
    changes: Json = {}
    for name in ("redirect_url", "webhook_url"):
        if fields.has(name):
            changes[name] = fields.take(name, str, "")
    for name in ("scopes", "creator_scopes"):
        if fields.has(name):
            changes[name] = [str(s) for s in fields.need(name, list)]
    fields.done()
    if not changes.get("redirect_url", "http").startswith("http"):
        raise ControlError("'redirect_url' must start with http:// or https://.")
    if changes.get("webhook_url"):
        problem = address_problem(
            changes["webhook_url"],
            allows_loopback=simulator.switches.loopback_webhooks,
        )
        if problem:
            raise ControlError(problem.replace("address", "webhook_url"))
    simulator.record({"event": "app_changed", "app_key": app_key, "changes": changes})
    return asdict(simulator.apps.by_key[app_key])


def list_sellers(simulator: Simulator, fields: Fields) -> list[Json]:
    """The sellers and their shops; ciphers per app key."""
    fields.done()
    return [
        {
            "id": seller.id,
            "name": seller.name,
            "base_region": seller.base_region,
            "shops": [_shop(simulator, shop) for shop in seller.shops],
        }
        for seller in simulator.world.sellers
    ]


def _shop(simulator: Simulator, shop: Shop) -> Json:
    return {
        "id": shop.id,
        "name": shop.name,
        "region": shop.region.code,
        "currency": shop.region.currency,
        "seller_type": shop.seller_type,
        "orders": len(simulator.world.indexes[shop.id].by_create),
        "ciphers": {
            app_key: shop_cipher(simulator.seed, app_key, shop)
            for app_key in simulator.apps.by_key
        },
    }


def list_skus(simulator: Simulator, fields: Fields, shop_id: str) -> list[Json]:
    """A shop's SKUs with list prices; bundles with what is in them."""
    fields.done()
    shop = known_shop(simulator, shop_id)
    return [
        {
            "id": sku.id,
            "product_id": sku.product_id,
            "title": sku.title,
            "name": sku.name,
            "seller_sku": sku.seller_sku,
            "price": amount(shop.region, sku.price),
            "parts": [[part.id, count] for part, count in sku.parts],
        }
        for sku in shop.catalogue.skus.values()
    ]


def known_shop(simulator: Simulator, shop_id: str) -> Shop:
    shop = simulator.world.shops.get(shop_id)
    if shop is None:
        raise ControlError("No such shop. GET /control/sellers lists them.", http=404)
    return shop


def set_prerequisite(simulator: Simulator, fields: Fields, shop_id: str) -> Json:
    """Let a prerequisite of listing fail: item (as the API names it) and reason; with
    the reason "" it is met again. Answers with all that fail."""
    shop = known_shop(simulator, shop_id)
    item, reason = fields.need("item", str), fields.take("reason", str, "")
    fields.done()
    if item not in CHECK_ITEMS:
        raise ControlError(f"'item' must be one of {', '.join(CHECK_ITEMS)}.")
    event = {"shop_id": shop.id, "item": item, "reason": reason}
    simulator.record({"event": "obstacle_set"} | event)
    return dict(simulator.obstacles.of(shop.id))


def list_requests(simulator: Simulator, fields: Fields) -> list[Json]:
    """Platform requests seen, newest first; ?limit=, ?path= (prefix), ?refused=1."""
    limit = fields.take("limit", int, 100)
    path = fields.take("path", str, "")
    only_refused = bool(fields.take("refused", int, 0))
    fields.done()
    seen = [
        trace
        for trace in reversed(simulator.requests)
        if trace["path"].startswith(path) and (trace["code"] != 0 or not only_refused)
    ]
    return seen[:limit]


def clear_requests(simulator: Simulator, fields: Fields) -> Json:
    """Forget the requests seen."""
    fields.done()
    simulator.requests.clear()
    return {}


def set_switches(simulator: Simulator, fields: Fields) -> Json:
    """old_access_token_dies (on refresh), loopback_webhooks (http and IPs allowed),
    timestamps_in_real_time (besides this clock's; false: this clock only),
    refuses_zero_stock (12052055 for a quantity of 0, as the documents say),
    tells_stock (webhook 71, to app-wide addresses, for every change of stock),
    short_cancelled (we write CANCELLATION_REQUEST_CANCEL instead of …CANCELLED)."""
    switches = simulator.switches
    for name, value in asdict(switches).items():
        setattr(switches, name, fields.flag(name, default=value))
    fields.done()
    return asdict(switches)


def reset(simulator: Simulator, fields: Fields) -> Json:
    """Back to the seed: apps, tokens, webhooks, faults, clock, orders, journal."""
    fields.done()
    simulator.reset()
    return status(simulator)


def status(simulator: Simulator) -> dict[str, Any]:
    orders = sum(len(i.by_create) for i in simulator.world.indexes.values())
    return {"seed": simulator.seed, "size": simulator.size, "orders": orders}
