"""Through which content an order's items were sold, and by whom."""

from collections.abc import Mapping
from dataclasses import dataclass

from apps.orders.models import Order


@dataclass(frozen=True, slots=True)
class Attribution:
    """`channel` is a key of CHANNELS; `creator` the key of one, blank for none."""

    channel: str
    creator: str = ""


# What a channel is called; each line of an order has exactly one.
CHANNELS = {
    "live": "Live",
    "video": "Video",
    "showcase": "Showcase",
    "product_card": "Product card",
    "other": "Other",
}
# As an order file names it.
_FILE_WORDS = {
    "live": "live",
    "videos": "video",
    "video": "video",
    "product cards": "product_card",
    "product card": "product_card",
    "shop tab": "product_card",
}


def attributions_of(
    orders: Mapping[int, Order],
) -> dict[tuple[int, str], Attribution]:
    """{(order, SKU ID): what it was sold through}, where a source told."""
    return {}


def by_file(order: Order) -> Attribution:
    """What the order itself says, for lines nobody else speaks of."""
    word = order.sales_channel.strip().lower()
    return Attribution(_FILE_WORDS.get(word, "other"))
