"""Calls about how a shop's goods can be sent, and by whom."""

from collections.abc import Callable

from apps.integrations.contracts import DeliveryOption, ShippingProvider
from apps.integrations.errors import RequestRefused
from apps.integrations.tiktok.calls import Operation
from apps.integrations.tiktok.fulfilment.codes import DELIVERED_BY_PLATFORM
from apps.integrations.tiktok.reading import (
    JsonObject,
    each_object,
    identifier,
    text,
    word,
)

DELIVERY_OPTIONS = Operation(
    "GET", "/logistics/202309/warehouses/{warehouse_id}/delivery_options", is_safe=True
)
SHIPPING_PROVIDERS = Operation(
    "GET",
    "/logistics/202309/delivery_options/{delivery_option_id}/shipping_providers",
    is_safe=True,
)


class LogisticsCalls:
    """The part of a client that knows carriers; raises PlatformError."""

    _call: Callable[..., JsonObject]

    def delivery_options(self, warehouse_id: str) -> list[DeliveryOption]:
        """How a warehouse's goods can be sent. Source: "Get Warehouse Delivery
        Options"."""
        data = self._call(DELIVERY_OPTIONS.of(warehouse_id))
        return [
            DeliveryOption(remote_id, text(row, "name"), word(row, "type"))
            for row in each_object(data, "delivery_options")
            if (remote_id := identifier(row, "id"))
        ]

    def shipping_providers(self, delivery_option_id: str) -> list[ShippingProvider]:
        """The carriers of a delivery option; none where the platform delivers, which it
        calls an error. Source: "Get Shipping Providers"."""
        try:
            data = self._call(SHIPPING_PROVIDERS.of(delivery_option_id))
        except RequestRefused as error:
            if error.code != DELIVERED_BY_PLATFORM:
                raise
            return []
        return [
            ShippingProvider(remote_id, text(row, "name"))
            for row in each_object(data, "shipping_providers")
            if (remote_id := identifier(row, "id"))
        ]
