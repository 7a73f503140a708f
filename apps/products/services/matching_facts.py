"""A client's rows as the matching engine is told them: a few statements, plain data."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from apps.products.matching import ChannelSku, Key, Known, OwnVariant
from apps.products.models import ListingSku, Variant, VariantPrice
from apps.users.models import Client


@dataclass(frozen=True, slots=True)
class Facts:
    """Keys are primary keys: of listing SKUs, and of variants. What is open and what
    is known already stands by shop."""

    channel: dict[int, list[ChannelSku]]
    own: list[OwnVariant]
    known: dict[int, list[Known]]

    def known_outside(self, shop_id: int) -> list[Known]:
        """What other shops of the client have matched."""
        return [
            mapping
            for other, mappings in self.known.items()
            if other != shop_id
            for mapping in mappings
        ]


def facts_of(client: Client) -> Facts:
    """Open SKUs that the client's shops still have, its active variants with
    the bundles, and what is matched already."""
    own = _own(client)
    return Facts(_channel(client), own, _known(client, {row.key for row in own}))


def _channel(client: Client) -> dict[int, list[ChannelSku]]:
    rows = (
        ListingSku.objects.open()
        .filter(shop__client=client)
        .order_by("shop", "pk")
        .values_list(
            "shop",
            "pk",
            "seller_sku",
            "barcode",
            "listing__title",
            "variation",
            "price_amount",
            "currency",
            "listing__brand_name",
        )
    )
    found: dict[int, list[ChannelSku]] = defaultdict(list)
    for shop_id, key, sku, barcode, title, variation, price, currency, brand in rows:
        found[shop_id].append(
            ChannelSku(key, sku, barcode, title, variation, price, currency, brand)
        )
    return dict(found)


def _own(client: Client) -> list[OwnVariant]:
    active = Variant.objects.filter(
        client=client, is_active=True, product__is_active=True
    )
    prices: dict[int, dict[str, Decimal]] = defaultdict(dict)
    known = VariantPrice.objects.filter(variant__client=client).order_by()
    for key, currency, amount in known.values_list("variant", "currency", "amount"):
        prices[key][currency] = amount
    rows = active.order_by("pk").values_list(
        "pk",
        "sku",
        "barcode",
        "product__name",
        "name",
        "is_bundle",
        "product__brand",
    )
    return [
        OwnVariant(
            key, sku, barcode, title, name, prices.get(key, {}), is_bundle, brand
        )
        for key, sku, barcode, title, name, is_bundle, brand in rows
    ]


def _known(client: Client, active: set[Key]) -> dict[int, list[Known]]:
    """Of what is no longer sold nothing is learnt."""
    rows = (
        ListingSku.objects.filter(shop__client=client, variant__isnull=False)
        .order_by("shop", "pk")
        .values_list(
            "shop", "seller_sku", "barcode", "listing__title", "variation", "variant"
        )
    )
    found: dict[int, list[Known]] = defaultdict(list)
    for shop_id, sku, barcode, title, variation, variant in rows:
        if variant in active:
            found[shop_id].append(Known(sku, barcode, title, variation, variant))
    return dict(found)
