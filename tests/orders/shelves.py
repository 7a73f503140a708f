"""A shop whose SKU is matched to a variant that lies on a shelf."""

from typing import Any

from apps.integrations.contracts import RemoteOrder, Source
from apps.orders.services.ingest import ingest_orders
from apps.platforms.models import Shop
from apps.products.models import Variant
from tests.factories.inventory import receive
from tests.factories.orders import make_remote_order
from tests.factories.platforms import make_shop
from tests.factories.products import make_listing_sku, make_variant

SKU = "1730000000000000101"
OTHER_SKU = "1730000000000000102"


def make_shelf(units: int = 10, **fields: Any) -> tuple[Shop, Variant]:
    """`units` were received of what the shop sells as SKU."""
    shop = make_shop(**fields)
    return shop, put_on_shelf(shop, units)


def put_on_shelf(
    shop: Shop, units: int = 10, remote_sku_id: str = SKU, **fields: Any
) -> Variant:
    variant = make_variant(client=shop.client, **fields)
    make_listing_sku(shop=shop, remote_id=remote_sku_id, variant=variant)
    receive(variant, units)
    return variant


def tell(shop: Shop, source: Source = Source.API, **changes: Any) -> RemoteOrder:
    """Let the shop hear of an order; a file's news has no version."""
    if source is Source.FILE:
        changes["version"] = None
    remote = make_remote_order(**changes)
    ingest_orders(shop, [remote], source)
    return remote
