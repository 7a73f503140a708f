"""Shops of the simulated platform, with a client for each, and orders placed there."""

from dataclasses import dataclass
from typing import Any

from apps.integrations.contracts import RemoteOrder, ShippingType
from apps.integrations.tiktok.client import TikTokClient
from apps.integrations.tiktok.hosts import Hosts
from tests.simulator_server import SimulatorServer

_SHIPPING = {ShippingType.PLATFORM: "TIKTOK", ShippingType.SELLER: "SELLER"}


@dataclass(frozen=True)
class Desk:
    """One shop, as its seller and as its world see it."""

    platform: SimulatorServer
    client: TikTokClient
    shop_id: str

    def place(
        self,
        *quantities: int,
        shipping: ShippingType = ShippingType.PLATFORM,
        status: str = "AWAITING_SHIPMENT",
        **more: Any,
    ) -> RemoteOrder:
        """A new order, of as many SKUs as there are quantities."""
        skus = [each["id"] for each in self._skus()][: len(quantities)]
        wish = {
            "shop_id": self.shop_id,
            "lines": list(zip(skus, quantities, strict=True)),
            "status": status,
            "shipping_type": _SHIPPING[shipping],
            "fulfilled_by_platform": False,
            "force": True,
        }
        return self.read(self.control("orders", wish | more)["id"])

    def read(self, order_id: str) -> RemoteOrder:
        [order] = self.client.get_orders([order_id])
        return order

    def control(self, path: str, payload: dict[str, Any] | None = None) -> Any:
        return self.platform.control(path, payload)

    def _skus(self) -> list[dict[str, Any]]:
        found = self.control(f"shops/{self.shop_id}/skus")
        return list(found)


def desks(platform: SimulatorServer) -> dict[str, Desk]:
    """{region: its first shop}."""
    app = platform.apps()[0]
    found: dict[str, Desk] = {}
    for seller in platform.sellers():
        token = platform.tokens(seller_id=seller["id"])["access_token"]

        def make(cipher: str = "", token: str = token) -> TikTokClient:
            return TikTokClient(
                app["app_key"],
                app["app_secret"],
                token,
                cipher,
                hosts=Hosts.all_at(platform.url),
            )

        for shop in make().authorized_shops():
            desk = Desk(platform, make(shop.cipher), shop.remote_id)
            found.setdefault(shop.region, desk)
    return found


def unit_ids(order: RemoteOrder) -> list[str]:
    return [unit.remote_id for line in order.lines for unit in line.units]


def package_ids(order: RemoteOrder) -> list[str]:
    ids = (unit.package_id for line in order.lines for unit in line.units)
    return list(dict.fromkeys(filter(None, ids)))
