"""Every API this platform knows: one row and one function each."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from apps.simulator.tiktok import events, orders, seller
from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json

AUTHORIZATION, SHOP, ORDER = (
    "seller.authorization.info", "seller.shop.info", "seller.order.info",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Endpoint:
    method: str
    path: str  # {version} and {name}s stand for one segment each
    versions: tuple[str, ...]
    scope: str
    answer: Callable[[Call], Json]
    takes_cipher: bool = True
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path)
        object.__setattr__(self, "pattern", re.compile(pattern))

    def match(self, path: str) -> dict[str, Any] | None:
        found = self.pattern.fullmatch(path)
        return found.groupdict() if found else None


ENDPOINTS = (
    Endpoint("GET", "/authorization/{version}/shops", ("202309",), AUTHORIZATION,
             seller.authorized_shops, takes_cipher=False),
    Endpoint("GET", "/seller/{version}/shops", ("202309",), SHOP,
             seller.active_shops, takes_cipher=False),
    Endpoint("GET", "/seller/{version}/permissions", ("202309",), SHOP,
             seller.permissions, takes_cipher=False),
    Endpoint("POST", "/order/{version}/orders/search", ("202309",), ORDER,
             orders.search_orders),
    Endpoint("GET", "/order/{version}/orders", ("202309", "202507"), ORDER,
             orders.order_detail),
    Endpoint("GET", "/event/{version}/webhooks", ("202309",), AUTHORIZATION,
             events.list_webhooks),
    Endpoint("PUT", "/event/{version}/webhooks", ("202309",), AUTHORIZATION,
             events.set_webhook),
    Endpoint("DELETE", "/event/{version}/webhooks", ("202309",), AUTHORIZATION,
             events.delete_webhook),
)  # fmt: skip
