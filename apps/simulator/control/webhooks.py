"""Control: webhooks sent, lost, doubled, late and in the wrong order."""

from dataclasses import asdict

from apps.simulator.control.fields import ControlError, Fields, Json
from apps.simulator.control.orders import known_order
from apps.simulator.control.platform import known_shop
from apps.simulator.courier import announce
from apps.simulator.notices import order_status
from apps.simulator.state import Simulator


def list_webhooks(simulator: Simulator, fields: Fields) -> list[Json]:
    """Registered addresses per app and shop, and app-wide ones (shop_id "")."""
    fields.done()
    wide = [
        {"app_key": app.app_key, "shop_id": "", "address": app.webhook_url}
        for app in simulator.apps.by_key.values()
        if app.webhook_url
    ]
    return wide + [
        {"app_key": app_key, "shop_id": shop_id, **registration}
        for (app_key, shop_id), registered in simulator.subscriptions.by_shop.items()
        for registration in registered.values()
    ]


def send(simulator: Simulator, fields: Fields) -> list[Json]:
    """Send a webhook now: order_id (its present status, type 1), or shop_id with
    type and data. No trouble applies."""
    order_id = fields.take("order_id", str, "")
    shop_id = fields.take("shop_id", str, "")
    number = fields.take("type", int, 1)
    data = fields.take("data", dict, {})
    fields.done()
    if order_id:
        order = known_order(simulator, order_id)
        shop_id = order.shop.id
        data = order_status(order, order.status, order.updated)
    known_shop(simulator, shop_id)
    deliveries = announce(simulator, shop_id, (number, data), trouble_free=True)
    if not deliveries:
        raise ControlError(
            "Nobody listens: the seller has authorised no app with an address for "
            "this shop and type.",
            http=409,
        )
    simulator.sender.send_due()
    return [delivery.as_json() for delivery in deliveries]


def make_trouble(simulator: Simulator, fields: Fields) -> Json:
    """For the next webhooks: lose, duplicate, bad_signature, reorder (counts),
    delay_seconds, retry_scale (0.001 makes 2 minutes 0.12 s). Sets only what is
    sent."""
    trouble = simulator.sender.trouble
    for name in ("lose", "duplicate", "bad_signature", "reorder"):
        setattr(trouble, name, fields.take(name, int, getattr(trouble, name)))
    for name in ("delay_seconds", "retry_scale"):
        setattr(trouble, name, fields.take(name, float, getattr(trouble, name)))
    fields.done()
    return asdict(trouble)


def release(simulator: Simulator, fields: Fields) -> Json:
    """Send now whatever is held back or waits for its next attempt."""
    fields.done()
    waiting = simulator.sender.release()
    simulator.sender.send_due()
    return {"sent": waiting}


def list_deliveries(simulator: Simulator, fields: Fields) -> list[Json]:
    """Deliveries, newest first: ?limit=100, ?type=, ?shop_id=, ?state=."""
    limit = fields.take("limit", int, 100)
    number = fields.take("type", int, 0)
    shop_id = fields.take("shop_id", str, "")
    state = fields.take("state", str, "")
    fields.done()
    found = [
        delivery
        for delivery in reversed(simulator.sender.deliveries)
        if number in (0, delivery.type)
        and shop_id in ("", delivery.shop_id)
        and state in ("", delivery.state)
    ]
    return [delivery.as_json() for delivery in found[:limit]]


def clear_deliveries(simulator: Simulator, fields: Fields) -> Json:
    """Forget the deliveries seen."""
    fields.done()
    simulator.sender.deliveries.clear()
    return {}
