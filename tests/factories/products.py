"""Own products, and what shops list."""

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.integrations.contracts import (
    ListingStatus,
    RemoteListing,
    RemoteListingSku,
)
from apps.platforms.models import Shop
from apps.products.models import (
    BundleComponent,
    Listing,
    ListingSku,
    Product,
    Variant,
    VariantPrice,
)
from apps.users.models import Client
from tests.factories.platforms import make_shop
from tests.factories.users import make_client

LISTED = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)

_numbers = itertools.count(1)


def make_product(
    client: Client | None = None, name: str = "Rattan lamp", **changes: Any
) -> Product:
    client = client or make_client()
    return Product.objects.create(client=client, name=name, **changes)


def make_variant(
    product: Product | None = None,
    sku: str = "",
    *,
    client: Client | None = None,
    prices: Mapping[str, str] | None = None,
    **changes: Any,
) -> Variant:
    """`prices` are {currency: amount}."""
    product = product or make_product(client)
    variant = Variant.objects.create(
        client=product.client,
        product=product,
        sku=sku or f"SKU-{next(_numbers)}",
        **changes,
    )
    for currency, amount in (prices or {}).items():
        VariantPrice.objects.create(
            variant=variant, currency=currency, amount=Decimal(amount)
        )
    return variant


def make_bundle(
    components: Mapping[Variant, int], sku: str = "", **changes: Any
) -> Variant:
    """A product of its own, made of so many of each variant."""
    first = next(iter(components))
    name = changes.pop("product_name", "Set")
    product = make_product(first.client, name)
    bundle = make_variant(product, sku, is_bundle=True, **changes)
    for component, quantity in components.items():
        BundleComponent.objects.create(
            bundle=bundle, component=component, quantity=quantity
        )
    return bundle


def make_listing(
    shop: Shop | None = None, remote_id: str = "", **changes: Any
) -> Listing:
    shop = shop or make_shop()
    values: dict[str, Any] = {
        "title": "Rattan lamp, natural, 30 cm",
        "status": Listing.Status.LIVE,
        "status_text": "ACTIVATE",
        "remote_updated_at": LISTED,
    }
    remote_id = remote_id or f"1729{next(_numbers):015}"
    return Listing.objects.create(shop=shop, remote_id=remote_id, **values | changes)


def make_listing_sku(
    listing: Listing | None = None,
    remote_id: str = "",
    *,
    shop: Shop | None = None,
    variant: Variant | None = None,
    **changes: Any,
) -> ListingSku:
    """Matched if a variant is given."""
    listing = listing or make_listing(shop)
    values: dict[str, Any] = {
        "seller_sku": "LAMP-30",
        "variation": "Natural",
        "currency": listing.shop.currency,
        "price_amount": Decimal(40),
    }
    if variant is not None:
        values |= {
            "variant": variant,
            "mapping": ListingSku.Mapping.MATCHED,
            "mapped_reason": ListingSku.Reason.CHOSEN,
        }
    return ListingSku.objects.create(
        shop=listing.shop,
        listing=listing,
        remote_id=remote_id or f"1730{next(_numbers):015}",
        **values | changes,
    )


def make_remote_sku(
    remote_id: str = "1730000000000000101", **changes: Any
) -> RemoteListingSku:
    values: dict[str, Any] = {
        "seller_sku": "LAMP-30",
        "variation": "Natural",
        "price": Decimal(40),
        "currency": "MYR",
        "quantity": 7,
        "is_active": True,
    }
    return RemoteListingSku(remote_id, **values | changes)


def make_remote_listing(
    remote_id: str = "1729000000000000101",
    *,
    version: int = 1,
    is_whole: bool = True,
    **changes: Any,
) -> RemoteListing:
    """Version 2 was updated an hour after version 1."""
    values: dict[str, Any] = {
        "title": "Rattan lamp, natural, 30 cm",
        "status": ListingStatus.LIVE,
        "status_text": "ACTIVATE",
        "skus": (make_remote_sku(),),
        "updated_at": LISTED + timedelta(hours=version),
        "created_at": LISTED,
    }
    return RemoteListing(remote_id, is_whole=is_whole, **values | changes)
