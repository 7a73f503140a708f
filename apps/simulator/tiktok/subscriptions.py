"""Which address wants which news of which shop.

Source: Partner Center, Event API 202309: one address per shop and event type.
"""

import ipaddress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

TYPES = {
    "ORDER_STATUS_CHANGE": 1,
    "REVERSE_STATUS_UPDATE": 2,
    "RECIPIENT_ADDRESS_UPDATE": 3,
    "PACKAGE_UPDATE": 4,
    "PRODUCT_STATUS_CHANGE": 5,
    "SELLER_DEAUTHORIZATION": 6,
    "UPCOMING_AUTHORIZATION_EXPIRATION": 7,
    "CANCELLATION_STATUS_CHANGE": 11,
    "RETURN_STATUS_CHANGE": 12,
    "NEW_CONVERSATION": 13,
    "NEW_MESSAGE": 14,
    "PRODUCT_INFORMATION_CHANGE": 15,
    "PRODUCT_CREATION": 16,
    "PRODUCT_CATEGORY_CHANGE": 18,
    "NEW_MESSAGE_LISTENER": 33,
    "INVOICE_STATUS_CHANGE": 36,
    "PRODUCT_AUDIT_STATUS_CHANGE": 37,
}
NAMES = {number: name for name, number in TYPES.items()}


@dataclass
class Subscriptions:
    """`by_shop`: {(app key, shop id): {event type: registration as in the API}}."""

    by_shop: dict[tuple[str, str], dict[str, dict[str, Any]]] = field(
        default_factory=dict
    )

    def apply(self, event: dict[str, Any]) -> None:
        registered = self.by_shop.setdefault((event["app_key"], event["shop_id"]), {})
        name = event["event_type"]
        if event["event"] == "webhook_deleted":
            registered.pop(name, None)
            return
        created = registered.get(name, {}).get("create_time", event["at"])
        registered[name] = {
            "event_type": name,
            "address": event["address"],
            "create_time": created,
            "update_time": event["at"],
        }

    def of(self, app_key: str, shop_id: str) -> dict[str, dict[str, Any]]:
        return self.by_shop.get((app_key, shop_id), {})


def address_problem(address: object, *, allows_loopback: bool) -> str:
    """Why the platform would not take this address; empty if it would."""
    if not isinstance(address, str) or not address:
        return "'address' is required."
    if len(address) > 255:
        return "'address' is longer than 255 characters."
    try:
        parts = urlsplit(address)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        return "'address' is not a URL."
    is_local = host == "localhost" or _is_ip(host)
    if allows_loopback and parts.scheme in ("http", "https") and is_local:
        return ""
    if parts.scheme != "https":
        return "'address' must start with https://."
    if is_local or "." not in host:
        return "'address' must be a domain name, not an IP address."
    if port is not None:
        return "'address' must not contain a port."
    return ""


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
