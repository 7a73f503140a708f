"""Very many listings at once, for who wants to see how a large shop behaves."""

import re
from functools import partial

from apps.simulator.world.catalogue import Product, Sku
from apps.simulator.world.listing_prices import raised
from apps.simulator.world.listing_seed import content_of
from apps.simulator.world.listings import LIVE, Content, Listing, ShopListings
from apps.simulator.world.rolls import digits, roll
from apps.simulator.world.sellers import Seller, Shop

_SPREAD = 90 * 86_400
_STAMP = re.compile(r" · \d{10}$")  # of a change before
_STATUSES = (LIVE,) * 17 + ("SELLER_DEACTIVATED", "PLATFORM_DEACTIVATED", "DRAFT")
_TIERS = ("POOR", "FAIR", "GOOD", "GOOD", "EXCELLENT")


def grow(listings: ShopListings, seed: int, count: int, now: int) -> int:
    """Fill the shop up to `count` products; returns how many are new."""
    missing = count - len(listings.by_id)
    number = 0
    for _ in range(missing):
        number += 1
        while _product_id(seed, listings.shop, number) in listings.by_id:
            number += 1
        listings.put(_listing(seed, listings.seller, listings.shop, number, now))
    return max(0, missing)


def churn(listings: ShopListings, percent: float, now: int) -> int:
    """Change that share of the products: price, stock, every third title as well."""
    everything = [row for row in listings.by_update if row.status == LIVE]
    count = min(len(everything), round(len(listings.by_id) * percent / 100))
    for number, listing in enumerate(everything[:count]):  # longest unchanged first
        _change(listings.shop, listing, now, with_title=number % 3 == 0)
        listings.put(listing)
    return count


def _listing(seed: int, seller: Seller, shop: Shop, number: int, now: int) -> Listing:
    product = _product(seed, shop, number)
    chance = roll(seed, "crowd", shop.number, number)
    created = now - _SPREAD + chance % _SPREAD
    updated = created + chance // _SPREAD % max(1, now - created)
    status = _STATUSES[number % len(_STATUSES)]
    return Listing(
        id=product.id,
        created=created,
        updated=updated,
        status=status,
        audit="NONE" if status == "DRAFT" else "APPROVED",
        quality=_TIERS[number % len(_TIERS)],
        has_been_live=status != "DRAFT",
        sku_ids=tuple(sku.id for sku in product.skus),
        seller_skus=tuple(sku.seller_sku for sku in product.skus),
        grow=partial(_content, seed, seller, shop, number),
    )


def _content(seed: int, seller: Seller, shop: Shop, number: int) -> Content:
    product, model = _product(seed, shop, number), _model(shop, number)
    return content_of(seller, shop, product, like=model.title)


def _product_id(seed: int, shop: Shop, number: int) -> str:
    return digits("1729", 19, "crowd", seed, shop.id, number)


def _model(shop: Shop, number: int) -> Product:
    plain = [p for p in shop.catalogue.products if not p.skus[0].parts]
    return plain[number % len(plain)]


def _product(seed: int, shop: Shop, number: int) -> Product:
    """Like one of the catalogue, under another number."""
    model = _model(shop, number)
    product_id = _product_id(seed, shop, number)
    title = f"{model.title} · {number:05d}"
    skus = tuple(
        Sku(
            id=digits("1730", 19, "crowd", product_id, n),
            product_id=product_id,
            title=title,
            name=sku.name,
            seller_sku=f"C{number:05d}-{n + 1:02d}",
            price=sku.price,
            image="",
        )
        for n, sku in enumerate(model.skus[: 1 + number % 3])
    )
    return Product(product_id, title, skus)


def _change(shop: Shop, listing: Listing, now: int, *, with_title: bool) -> None:
    listing.touch(now)
    content = listing.own()
    for sku in content["skus"]:
        if "combined_skus" not in sku:
            sku["price"] = raised(shop, sku["price"])
            for row in sku["inventory"]:
                row["quantity"] = row["quantity"] % 99_000 + 1
    if with_title:
        content["title"] = f"{_STAMP.sub('', content['title'])} · {now}"
