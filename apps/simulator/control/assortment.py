"""Control: how large a shop's assortment is, and how the platform treats it."""

from apps.simulator.control.fields import ControlError, Fields, Json
from apps.simulator.control.platform import known_shop
from apps.simulator.state import Simulator


def set_reviews(simulator: Simulator, fields: Fields) -> Json:
    """How reviews go from now on: after_seconds (default 1200; 0: at once), automatic
    (false: each waits for a verdict)."""
    desk = simulator.shelves.desk
    desk.seconds = fields.take("after_seconds", int, desk.seconds)
    desk.is_open = fields.flag("automatic", default=desk.is_open)
    fields.done()
    return {"after_seconds": desk.seconds, "automatic": desk.is_open}


def plan_failures(simulator: Simulator, fields: Fields) -> Json:
    """Let the next items of batch writes (statuses, inventory) fail partially: count
    (default 1; 0 clears), code (default 12052901)."""
    count = fields.take("count", int, 1)
    code = fields.take("code", int, 12052901)
    fields.done()
    planned = simulator.shelves.desk.planned
    if not count:
        planned.clear()
    planned.extend([code] * count)
    return {"planned": len(planned)}


def grow(simulator: Simulator, fields: Fields, shop_id: str) -> Json:
    """Fill a shop up to `count` products, for benchmarks."""
    count = fields.need("count", int)
    fields.done()
    shop = known_shop(simulator, shop_id)
    if not 0 <= count <= 50_000:
        raise ControlError("'count' must be at most 50,000.")
    event = {"event": "listings_grown", "shop_id": shop.id, "count": count}
    made = simulator.record(event | {"at": simulator.clock.seconds()})
    return {"made": made, "products": len(simulator.shelves.of(shop).by_id)}


def churn(simulator: Simulator, fields: Fields, shop_id: str) -> Json:
    """Change `percent` of a shop's products: price and stock, every third title too.
    Those that are on sale and unchanged for longest; no webhooks."""
    percent = fields.need("percent", float)
    fields.done()
    shop = known_shop(simulator, shop_id)
    if not 0 <= percent <= 100:
        raise ControlError("'percent' must be between 0 and 100.")
    event = {"event": "listings_churned", "shop_id": shop.id, "percent": percent}
    changed = simulator.record(event | {"at": simulator.clock.seconds()})
    return {"changed": changed}


def set_limit(simulator: Simulator, fields: Fields, shop_id: str) -> Json:
    """How many products a shop may create a day: per_day (default 1000)."""
    per_day = fields.need("per_day", int)
    fields.done()
    listings = simulator.shelves.of(known_shop(simulator, shop_id))
    listings.limit_per_day = per_day
    return {"per_day": per_day}
