"""Through which content an order's items were sold, and by whom.

Affiliate orders name content and creator; where none does, an order file may name the
channel. Each item has one channel, and one creator at most.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from apps.content.models import AffiliateOrder
from apps.content.models.affiliate import ContentType, Settlement
from apps.content.rules.channel import Channel, Lives, SoldLine, attribute
from apps.orders.models import Order

# A creator sold it, and nobody says which.
UNNAMED = "?"
_NO_LIVES = Lives([])
_CONTENT = {
    ContentType.LIVE: Channel.LIVE,
    ContentType.PRE_LIVE: Channel.LIVE,
    ContentType.VIDEO: Channel.VIDEO,
    ContentType.SHOP: Channel.SHOWCASE,
}
# As an order file names it.
_FILE_WORDS = {
    "live": Channel.LIVE,
    "video": Channel.VIDEO,
    "videos": Channel.VIDEO,
    "product card": Channel.PRODUCT_CARD,
    "product cards": Channel.PRODUCT_CARD,
    "shop tab": Channel.PRODUCT_CARD,
}


@dataclass(frozen=True, slots=True)
class Attribution:
    """`creator` is the key of one, UNNAMED, or blank for none."""

    channel: Channel
    creator: str = ""


@dataclass(slots=True)
class Attributions:
    """What sold the items of some orders: {order: {SKU or product ID: …}}"""

    by_item: dict[int, dict[str, Attribution]]

    def of(self, order: Order, sku_id: str, product_id: str) -> Attribution:
        told = self.by_item.get(order.pk)
        if told:
            for item in filter(None, (sku_id, product_id)):
                if item in told:
                    return told[item]
        word = order.sales_channel.strip().lower()
        return Attribution(_FILE_WORDS.get(word, Channel.OTHER))


def attributions_of(orders: Mapping[int, Order]) -> Attributions:
    """Of orders by their keys. A query for each of their shops."""
    by_shop: dict[int, dict[str, Order]] = defaultdict(dict)
    for order in orders.values():
        by_shop[order.shop_id][order.remote_id] = order
    found: dict[int, dict[str, Attribution]] = {}
    for shop_id, named in by_shop.items():
        rows = AffiliateOrder.objects.filter(
            shop=shop_id, remote_order_id__among=list(named)
        ).only(
            "remote_order_id",
            "remote_sku_id",
            "remote_product_id",
            "content_id",
            "content_type",
            "creator_id",
            "quantity",
            "settlement",
        )
        for row in sorted(rows, key=_rank):
            order = named[row.remote_order_id]
            item = row.remote_sku_id or row.remote_product_id
            found.setdefault(order.pk, {}).setdefault(item, _attribution(order, row))
    return Attributions(found)


def _rank(row: AffiliateOrder) -> tuple[bool, int, int]:
    """Of several that claim an item: who is paid, who sold most of it, who was told
    first."""
    is_nothing = row.settlement == Settlement.INELIGIBLE
    return is_nothing, -(row.quantity or 0), row.pk


def _attribution(order: Order, row: AffiliateOrder) -> Attribution:
    sold = SoldLine(
        str(order.shop_id),
        row.remote_product_id,
        order.paid_at or order.placed_at,
        content_type=_CONTENT.get(ContentType(row.content_type)),
        content_id=row.content_id,
    )
    channel = attribute(sold, _NO_LIVES).channel
    return Attribution(channel, str(row.creator_id) if row.creator_id else UNNAMED)
