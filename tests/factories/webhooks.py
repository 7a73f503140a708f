"""Deliveries as the platform makes them, and rows of them."""

import itertools
import json
import time
from typing import Any

from apps.integrations.tiktok.webhooks import signature_of
from apps.platforms.models import ApiApp, Shop
from apps.webhooks.models import WebhookEvent
from tests.factories.platforms import APP_SECRET

ADDRESS = "/webhooks/tiktok/"
_numbers = itertools.count(1)


def make_delivery(
    type_number: int, shop_id: str = "", *, data: Any = None, **fields: Any
) -> bytes:
    """The body of a delivery sent now; a field given as None is left out."""
    values: dict[str, Any] = {
        "type": type_number,
        "tts_notification_id": str(7_390_000_000_000_000_000 + next(_numbers)),
        "shop_id": shop_id,
        "timestamp": int(time.time()),
        "data": {} if data is None else data,
    } | fields
    kept = {name: value for name, value in values.items() if value is not None}
    return json.dumps(kept, ensure_ascii=False).encode()


def order_news(shop: Shop, order_id: str, **fields: Any) -> bytes:
    """Type 1 about an order."""
    data = {
        "order_id": order_id,
        "order_status": "AWAITING_SHIPMENT",
        "is_on_hold_order": False,
        "update_time": int(time.time()),
    }
    return make_delivery(1, shop.remote_id, data=data, **fields)


def signed(app: ApiApp, body: bytes, secret: str = APP_SECRET) -> str:
    return signature_of(app.app_key, secret, body)


def post(client: Any, app: ApiApp, body: bytes, **headers: str) -> Any:
    """Deliver it through the address; the answer."""
    return client.post(
        ADDRESS,
        body,
        content_type="application/json",
        headers={"authorization": signed(app, body)} | headers,
    )


def make_event(shop: Shop | None, **fields: Any) -> WebhookEvent:
    """A stored event that was acted on."""
    number = next(_numbers)
    app = fields.get("api_app")
    name = fields.get("notification_id", str(number))
    values: dict[str, Any] = {
        "type_number": 1,
        "topic": "order_status_change",
        "identity": f"{app.pk if app else 0}:{name}",
        "notification_id": name,
        "owner_id": shop.remote_id if shop else "",
        "object_id": f"58{number:016}",
        "body": "{}",
        "state": WebhookEvent.State.PROCESSED,
    }
    return WebhookEvent.objects.create(shop=shop, **values | fields)
