"""What sellers have filled in over the years, product by product differently."""

from functools import lru_cache
from typing import Any

from apps.simulator.world.brands import Brands
from apps.simulator.world.catalogue import Product, Sku
from apps.simulator.world.listing_words import TEXTS
from apps.simulator.world.regions import amount
from apps.simulator.world.registry import MANUFACTURER, RESPONSIBLE_PERSON, party_id
from apps.simulator.world.rolls import digits, opaque, roll
from apps.simulator.world.sellers import Seller, Shop
from apps.simulator.world.size_charts import size_charts
from apps.simulator.world.taxonomy import Category
from apps.simulator.world.words import language

Json = dict[str, Any]
_ASIA = ("MY", "ID", "TH", "VN")


def extras_of(seller: Seller, shop: Shop, product: Product, category: Category) -> Json:
    """Top-level fields which a client must send again when it overwrites."""
    region, chance = shop.region.code, roll("extras", product.id)
    texts = TEXTS[language(region)]
    extras: Json = {"is_cod_allowed": category.rules.supports_cod and chance % 2 == 0}
    if chance % 4 != 1:
        extras["key_product_features"] = list(texts.features[: 2 + chance % 3])
        extras["search_terms"] = list(texts.terms)
    if chance % 3 == 0:
        extras["video"] = {"id": f"v09{opaque(29, 'video', product.id)}"}
    if chance % 5 < 2:
        extras["external_product_id"] = f"EXT-{digits('', 10, 'external', product.id)}"
    if chance % 6 == 0:  # not in the platform's documents
        extras["warranty_info"] = {"type": "SELLER", "months": 12 + chance % 24}
    brands = _brands(shop, category.chain[0])
    if brands and chance % 8 < 5:
        extras["brand_id"] = brands[chance % len(brands)]
    if category.rules.supports_size_chart:
        extras["size_chart"] = _size_chart(seller, product.id, chance)
    if chance % 7 == 0:
        extras["purchase_order_quantity_limit"] = {
            "maximum_order_quantity": 5,
            "cumulative_order_quantity": 20,
        }
    return extras | _of_region(seller, shop, region, chance)


def _of_region(seller: Seller, shop: Shop, region: str, chance: int) -> Json:
    if region == "US":
        return {
            "shipping_template_id": digits("7552", 19, "template", shop.id),
            "selling_format": "FIXED_PRICE",
        }
    if region == "DE":
        return {
            "manufacturer_ids": [party_id(MANUFACTURER, seller.id, chance % 2)],
            "responsible_person_ids": [party_id(RESPONSIBLE_PERSON, seller.id, 0)],
        }
    if region not in _ASIA:
        return {}
    extras: Json = {"delivery_option_ids": [digits("1729", 19, "delivery", shop.id)]}
    if region == "ID":
        insurance = ("OPTIONAL", "REQUIRED", "NOT_SUPPORTED")
        extras["minimum_order_quantity"] = 1 + chance % 3
        extras["shipping_insurance_requirement"] = insurance[chance % 3]
        extras["is_pre_owned"] = False
    return extras


@lru_cache(maxsize=1_024)
def _brands(shop: Shop, root_id: str) -> list[str]:
    """Those this shop may sell in a category."""
    return [
        brand.id
        for brand in Brands().of("")
        if root_id in brand.root_ids
        and brand.is_available
        and brand.is_authorised_for(shop)
    ]


def _size_chart(seller: Seller, product_id: str, chance: int) -> Json:
    charts = size_charts(seller)
    if chance % 2:
        return {"template": {"id": charts[chance // 2 % len(charts)].id}}
    return {"image": {"uri": f"tos-seed/{product_id}/chart"}}


def sku_extras_of(shop: Shop, product: Product, sku: Sku, category: Category) -> Json:
    """The same for fields of a SKU."""
    region, chance = shop.region, roll("sku extras", sku.id)
    of_product = roll("extras", product.id)
    extras: Json = {}
    if chance % 2:
        extras["external_sku_id"] = f"EXT-{sku.seller_sku}"
    if of_product % 3 == 1:
        code = digits("40", 13, "ean", sku.id)
        extras["identifier_code"] = {"code": code, "type": "EAN"}
    if chance % 5 == 0:
        address = f"https://shop.example.com/p/{sku.seller_sku}"
        extras["external_urls"] = [address]
    if region.code == "DE":
        extras["sku_unit_count"] = f"{1 + chance % 4}.00"
        if sku.parts:
            extras["extra_identifier_codes"] = [digits("41", 13, "ean", sku.id)]
    if region.code == "US":
        extras |= _for_americans(sku, amount(region, sku.price + 700), chance)
    if of_product % 9 == 4 and not sku.parts and "PRE_ORDER" in _types(category):
        days = {"handling_duration_days": 5 + of_product % 9}
        when = {"release_date": 4_102_444_800} if region.code == "US" else days
        extras["pre_sale"] = {"type": "PRE_ORDER", "fulfillment_type": when}
    if category.rules.fees:
        fee = {"type": category.rules.fees[0][0], "amount": "0.25"}
        extras["fees"] = [fee | {"additional_attribute": "SINGLE_USE"}]
    return extras


def _types(category: Category) -> tuple[str, ...]:
    return category.rules.special_types


def _for_americans(sku: Sku, higher: str, chance: int) -> Json:
    extras: Json = {}
    if chance % 3 == 0:
        extras["list_price"] = {"amount": higher, "currency": "USD"}
    if chance % 4 == 0:
        source = "SHOPIFY_COMPARE_AT_PRICE"
        price = {"source": source, "amount": higher, "currency": "USD"}
        extras["external_list_prices"] = [price]
    if chance % 7 < 2:
        extras["sku_weight"] = {"value": "0.5", "unit": "POUND"}
        sides = {"length": "6", "width": "4", "height": "2"}
        extras["sku_dimensions"] = sides | {"unit": "INCH"}
    return extras


def facts_of(shop: Shop, product: Product, category: Category) -> Json:
    """What only the platform says: no edit overwrites it."""
    chance = roll("facts", product.id)
    facts: Json = {"prescription_requirement": {"needs_prescription": False}}
    if chance % 3 == 0:
        facts["product_tags"] = ["BEST_SELLER"] if chance % 2 else ["NEW_ARRIVAL"]
    if chance % 6 == 0:
        facts["recommended_category"] = category.id
    if chance % 5 == 0:
        family = digits("1000", 19, "family", product.id)
        facts["product_families"] = [{"id": family, "products": [{"id": product.id}]}]
    if chance % 7 == 0:
        facts["sns"] = "CONFIGURED" if chance % 2 else "ELIGIBLE"
        facts["subscribe_info"] = {
            "support_subscribe": True,
            "subscribe_status": "ENABLED" if chance % 2 else "DISABLED",
        }
    if shop.region.code == "ID" and chance % 2:
        facts["also_on"] = ["TOKOPEDIA"]
    return facts
