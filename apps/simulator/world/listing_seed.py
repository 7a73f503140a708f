"""The listings a shop begins with: its catalogue, and a few that never sold.

Everything but ids, titles and prices follows from the product's id alone, and suits
the category: what a category asks for is there. Much of it is there that a client may
not know, so that overwriting carelessly shows.
"""

import re
from functools import lru_cache, partial
from typing import Any

from apps.simulator.world.almanac import DAYS
from apps.simulator.world.catalogue import Catalogue, Product, Sku
from apps.simulator.world.listing_extras import extras_of, facts_of, sku_extras_of
from apps.simulator.world.listing_prices import price_for
from apps.simulator.world.listing_quality import tier_of
from apps.simulator.world.listing_traits import papers_of, traits_of, variant_of
from apps.simulator.world.listing_words import TEXTS
from apps.simulator.world.listings import LIVE, Content, Listing
from apps.simulator.world.media import seed_uri
from apps.simulator.world.regions import REGIONS, Region
from apps.simulator.world.reviews import failure, failures_of
from apps.simulator.world.rolls import digits, roll
from apps.simulator.world.sellers import Seller, Shop
from apps.simulator.world.suitability import suitable
from apps.simulator.world.taxonomy import AVAILABLE, Category, categories, version
from apps.simulator.world.words import language

Json = dict[str, Any]
_DAY = 86_400
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d]")
_SHORTEST_TITLE = 25  # wherever the platform asks for one
_NEVER_SOLD = ("DRAFT", "FAILED", "PENDING", "DELETED")
_IMPERIAL = ("POUND", "INCH")
_METRIC = ("KILOGRAM", "CENTIMETER")


def seed_listings(
    seed: int, seller: Seller, shop: Shop, first_day: int
) -> list[Listing]:
    """Changed at some time of the ninety days before the world began."""
    products = [
        *_with_statuses(shop.catalogue),
        *((_never_sold(seed, shop, status), status) for status in _NEVER_SOLD),
    ]
    start, end = first_day * _DAY, (first_day + DAYS) * _DAY
    step = (end - start) // (len(products) + 1)
    listings = []
    for number, (product, status) in enumerate(products):
        created = start + number * step + roll("created", product.id) % step
        updated = created + roll("updated", product.id) % (end - created)
        listings.append(_listing(seller, shop, product, status, (created, updated)))
    return listings


def _with_statuses(catalogue: Catalogue) -> list[tuple[Product, str]]:
    """Three of those that sell least are not on sale any more."""
    hidden = {-3: "SELLER_DEACTIVATED", -4: "PLATFORM_DEACTIVATED", -5: "FREEZE"}
    count = len(catalogue.products)
    return [
        (product, hidden.get(number - count, LIVE))
        for number, product in enumerate(catalogue.products)
    ]


def _never_sold(seed: int, shop: Shop, status: str) -> Product:
    """Like the first product, under another id."""
    model = shop.catalogue.products[0]
    product_id = digits("1729", 19, "never sold", seed, shop.number, status)
    title = f"{model.title} · {_NEVER_SOLD.index(status) + 2}"
    skus = tuple(
        Sku(
            id=digits("1730", 19, "never sold", product_id, n),
            product_id=product_id,
            title=title,
            name=sku.name,
            seller_sku=f"NEW-{_NEVER_SOLD.index(status)}-{n + 1:02d}",
            price=sku.price,
            image="",
        )
        for n, sku in enumerate(model.skus)
    )
    return Product(product_id, title, skus)


def _listing(
    seller: Seller, shop: Shop, product: Product, status: str, times: tuple[int, int]
) -> Listing:
    audits = {"DRAFT": "NONE", "DELETED": "NONE", "FAILED": "FAILED"}
    listing = Listing(
        id=product.id,
        created=times[0],
        updated=times[1],
        status=status,
        audit="AUDITING" if status == "PENDING" else audits.get(status, "APPROVED"),
        quality=tier_of(shop, content_of(seller, shop, product))[0],
        has_been_live=status not in _NEVER_SOLD,
        facts=facts_of(shop, product, category_of(shop.region, product.title)),
        grow=partial(content_of, seller, shop, product),
    )
    if status == "FAILED":
        content = listing.own()
        content["title"] = f"Miracle cure: {content['title']}"
        listing.failures = failures_of(content)
    if status == "FREEZE":
        text = "The product breaks a listing rule and is frozen."
        listing.failures = [failure("product", text, "Appeal in Seller Center.")]
    return listing


def category_of(region: Region, title: str) -> Category:
    """One that sells without a permit."""
    return _category_of(region.code, title)


def content_of(
    seller: Seller, shop: Shop, product: Product, *, like: str = ""
) -> Content:
    """The same each time; a new object each time. `like`: a title of that kind."""
    category = category_of(shop.region, like or product.title)
    texts = TEXTS[language(shop.region.code)]
    title = listed_title(shop, product.title)
    traits = traits_of(product.id, category, texts.ingredients)
    content: Content = {
        "title": title,
        "description": _description(shop.region, title),
        "category_id": category.id,
        "category_version": version(shop.region),
        "main_images": [
            {"uri": seed_uri(product.id, n)}
            for n in range(1 + roll("pictures", product.id) % 7)
        ],
        "skus": [
            _sku(shop, category, product, sku, n) for n, sku in enumerate(product.skus)
        ],
        **_package(shop.region, product.id),
        **extras_of(seller, shop, product, category),
    }
    if traits:
        content["product_attributes"] = traits
    if papers := papers_of(product.id, category, traits):
        content["certifications"] = papers
    if product.skus[0].parts:
        content["primary_combined_product_id"] = product.skus[0].parts[0][0].product_id
    return content


@lru_cache(maxsize=4_096)
def _category_of(region_code: str, title: str) -> Category:
    region = REGIONS[region_code]
    found = suitable(region, title)
    if found is not None and found.permission == AVAILABLE:
        return found
    return next(
        row for row in categories(region) if row.is_leaf and row.permission == AVAILABLE
    )


def listed_title(shop: Shop, title: str) -> str:
    """Without what the platform does not allow in titles, and as long as it asks."""
    plain = " ".join(_EMOJI.sub("", title).split())
    return plain if len(plain) >= _SHORTEST_TITLE else f"{plain} · {shop.name}"


def _description(region: Region, title: str) -> str:
    texts = TEXTS[language(region.code)]
    items = "".join(f"<li>{text}</li>" for text in texts.features)
    opening = texts.opening.format(title=title)
    return f"<p>{opening}</p>\n<ul>{items}</ul>\n<p>{texts.closing}</p>"


def _sku(
    shop: Shop, category: Category, product: Product, sku: Sku, number: int
) -> Json:
    row: Json = {
        "id": sku.id,
        "seller_sku": sku.seller_sku,
        "price": price_for(shop, sku.price),
    }
    if sku.parts:
        row["combined_skus"] = [
            {"product_id": part.product_id, "sku_id": part.id, "sku_count": count}
            for part, count in sku.parts
        ]
    else:
        row["inventory"] = _stock(shop, sku.id)
    if len(product.skus) > 1 or not sku.parts:
        row["sales_attributes"] = variant_of(shop, category, product, sku, number)
    return row | sku_extras_of(shop, product, sku, category)


def _stock(shop: Shop, sku_id: str) -> list[Json]:
    """Every SKU in the first warehouse, every third in all of them; some are nearly
    sold out, but not the one that control sells unless it is told otherwise."""
    chance = roll("stock", sku_id)
    held = shop.warehouses if chance % 3 == 0 else shop.warehouses[:1]
    is_scarce = chance % 17 == 5 and sku_id != next(iter(shop.catalogue.skus))
    least, values = (1, 4) if is_scarce else (60, 1_900)
    rows: list[Json] = [
        {"warehouse_id": one, "quantity": least + roll("stock", sku_id, one) % values}
        for one in held
    ]
    if chance % 11 == 0:
        rows[0] |= {"backorder_quantity": 50, "handling_time": 5}
    return rows


def _package(region: Region, product_id: str) -> Json:
    chance = roll("package", product_id)
    weight_unit, length_unit = _METRIC
    if region.code == "US" and chance % 2:
        weight_unit, length_unit = _IMPERIAL
    sides = {
        name: str(5 + (chance >> shift) % 40)
        for name, shift in (("length", 8), ("width", 16), ("height", 24))
    }
    return {
        "package_weight": {
            "value": f"0.{15 + chance % 80}",
            "unit": weight_unit,
        },
        "package_dimensions": sides | {"unit": length_unit},
    }
