"""Control: the stock of a SKU, who has moved it, and a rush of buyers."""

import time
from collections.abc import Iterator

from apps.simulator.control.fields import ControlError, Fields, Json
from apps.simulator.control.platform import known_shop
from apps.simulator.control.purchases import Purchase, SoldOut, buy, checked_lines
from apps.simulator.state import Simulator
from apps.simulator.world.listings import Listing
from apps.simulator.world.orders import Order
from apps.simulator.world.reserved import KINDS
from apps.simulator.world.sellers import Shop
from apps.simulator.world.stock import MOVES_KEPT, put_quantity

_MOST = 99_999
_MOST_BUYERS, _LONGEST_RUSH_SECONDS = 1_000, 60


def show(simulator: Simulator, fields: Fields, sku_id: str) -> Json:
    """A SKU's stock and who has moved it, newest first (?limit=50): by sale,
    cancellation, push or edit (of an app), seller_center; growing and churning a shop
    are not noted."""
    limit = fields.take("limit", int, 50)
    fields.done()
    if not 0 <= limit <= MOVES_KEPT:
        raise ControlError(f"'limit' must be at most {MOVES_KEPT}.")
    shop, listing = _known(simulator, sku_id)
    stock = simulator.stock
    held = stock.held(shop, sku_id)
    committed = stock.committed(shop, sku_id, held)
    moves = list(stock.moves.get(sku_id, ()))[::-1]
    return {
        "sku_id": sku_id,
        "product_id": listing.id,
        "shop_id": shop.id,
        "warehouses": [
            {"warehouse_id": one, "available": count, "committed": committed[one]}
            for one, count in held.items()
        ],
        "reserved": stock.reserved.of(sku_id, sum(held.values())),
        "moves": moves[:limit],
    }


def _known(simulator: Simulator, sku_id: str) -> tuple[Shop, Listing]:
    for shop in simulator.world.shops.values():
        if found := simulator.shelves.of(shop).sku(sku_id):
            return shop, found[0]
    raise ControlError("No such SKU. GET /control/listings.", http=404)


def set_stock(simulator: Simulator, fields: Fields, sku_id: str) -> Json:
    """Set how many pieces can be sold, as in Seller Center: quantity, warehouse_id
    (default: the first). No app is asked and none is told, but by webhook 71."""
    quantity = fields.need("quantity", int)
    wanted = fields.take("warehouse_id", str, "")
    fields.done()
    shop, listing = _known(simulator, sku_id)
    held = simulator.stock.held(shop, sku_id)
    if not 0 <= quantity <= _MOST:
        raise ControlError(f"'quantity' must be between 0 and {_MOST:,}.")
    if not held:
        raise ControlError("A bundle has no stock of its own, set its parts'.")
    warehouse_id = wanted or next(iter(held))
    if warehouse_id not in held:
        raise ControlError("The SKU has no stock in that warehouse.", http=404)
    now = simulator.clock.seconds()
    with simulator.stock.watched(shop, listing, "seller_center", "", now):
        put_quantity(listing, sku_id, warehouse_id, quantity)
        listing.touch(now)
        simulator.keep(shop, listing)
    return show(simulator, Fields({}), sku_id)


def reserve(simulator: Simulator, fields: Fields, sku_id: str) -> Json:
    """Set pieces of a SKU aside: campaign, creator (how many, default 0). The inventory
    search shows them apart; they stay part of what is available."""
    pieces = {kind: fields.take(kind, int, 0) for kind in KINDS}
    fields.done()
    shop, _ = _known(simulator, sku_id)
    available = sum(simulator.stock.held(shop, sku_id).values())
    if min(pieces.values()) < 0 or sum(pieces.values()) > available:
        raise ControlError(f"Only {available} pieces are there to be set aside.")
    simulator.record({"event": "stock_reserved", "sku_id": sku_id, "pieces": pieces})
    return show(simulator, Fields({}), sku_id)


def rush(simulator: Simulator, fields: Fields, shop_id: str) -> Json:
    """Many buyers one after another: orders (how many, default 100) of quantity
    (default 1) of sku_id, sent from warehouse_id (default: any); per_second paces them,
    so that others get a turn. Says how many were sold and how many found it sold out.
    """
    shop = known_shop(simulator, shop_id)
    line: list[object] = [fields.need("sku_id", str), fields.take("quantity", int, 1)]
    purchase = Purchase(
        shop,
        checked_lines(shop, [line]),
        warehouse_id=fields.choice("warehouse_id", ("", *shop.warehouses), ""),
        # What the platform sends lies in its own warehouses.
        is_fulfilled_by_platform=False,
    )
    buyers = fields.take("orders", int, 100)
    per_second = fields.take("per_second", float, 0.0)
    fields.done()
    if not 1 <= buyers <= _MOST_BUYERS:
        raise ControlError(f"'orders' must be between 1 and {_MOST_BUYERS:,}.")
    if per_second < 0 or buyers > (per_second or buyers) * _LONGEST_RUSH_SECONDS:
        raise ControlError(f"That lasts longer than {_LONGEST_RUSH_SECONDS} seconds.")
    pause = 1 / per_second if per_second else 0.0
    sold = [order.id for order in _buyers(simulator, purchase, buyers, pause)]
    return {
        "sold": len(sold),
        "refused": buyers - len(sold),
        "order_ids": [str(order_id) for order_id in sold],
    }


def _buyers(
    simulator: Simulator, purchase: Purchase, count: int, pause_seconds: float
) -> Iterator[Order]:
    """The orders of those who get something. Between two of them the lock is free."""
    for number in range(count):
        if number and pause_seconds:
            time.sleep(pause_seconds)
        try:
            with simulator.lock:
                simulator.tick()
                order = buy(simulator, purchase)
        except SoldOut:
            continue
        yield order
