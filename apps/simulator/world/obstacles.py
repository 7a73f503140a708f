"""What keeps a shop from listing products, until the seller puts it right."""

from dataclasses import dataclass, field
from typing import Any

CHECK_ITEMS = (
    "SHOP_STATUS", "SHOP_TAX", "PICKUP_WAREHOUSE", "RETURN_WAREHOUSE",
    "DELIVERY_OPTION", "SHIPPING_TEMPLATE", "PRODUCT_QUANTITY_LIMIT",
    "EXTENDED_PRODUCER_RESPONSIBILITY", "CONTACT_INFO",
    "BANk_ACCOUNT",  # spelt like this
)  # fmt: skip


@dataclass
class Obstacles:
    """Nothing is in the way at first. The simulator's lock guards it."""

    _by_shop: dict[str, dict[str, str]] = field(default_factory=dict)

    def of(self, shop_id: str) -> dict[str, str]:
        """The reason for each item that fails."""
        return self._by_shop.get(shop_id, {})

    def apply(self, event: dict[str, Any]) -> None:
        """`obstacle_set`: shop_id, item and its reason; without a reason it is gone."""
        found = self._by_shop.setdefault(event["shop_id"], {})
        if event["reason"]:
            found[event["item"]] = event["reason"]
        else:
            found.pop(event["item"], None)
