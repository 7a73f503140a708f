"""Event API 202309: a shop's webhook addresses, one per event type."""

from apps.simulator.tiktok.call import Call, invalid
from apps.simulator.tiktok.envelope import Json
from apps.simulator.tiktok.subscriptions import TYPES, address_problem


def list_webhooks(call: Call) -> Json:
    registered = call.simulator.subscriptions.of(call.app.app_key, call.shop.id)
    webhooks = list(registered.values())
    return {"total_count": len(webhooks), "webhooks": webhooks}


def set_webhook(call: Call) -> Json:
    """Create or replace."""
    name = _event_type(call)
    allows_loopback = call.simulator.switches.loopback_webhooks
    if problem := address_problem(
        call.body.get("address"), allows_loopback=allows_loopback
    ):
        raise invalid("address", problem.removeprefix("'address' "))
    call.simulator.record(
        {
            "event": "webhook_set",
            "app_key": call.app.app_key,
            "shop_id": call.shop.id,
            "event_type": name,
            "address": call.body["address"],
            "at": call.simulator.clock.seconds(),
        }
    )
    return {}


def delete_webhook(call: Call) -> Json:
    """Deleting what is not there is fine."""
    name = _event_type(call)
    call.simulator.record(
        {
            "event": "webhook_deleted",
            "app_key": call.app.app_key,
            "shop_id": call.shop.id,
            "event_type": name,
        }
    )
    return {}


def _event_type(call: Call) -> str:
    name = call.body.get("event_type")
    if not isinstance(name, str) or name not in TYPES:
        raise invalid("event_type", "is missing or unknown.")
    return name
