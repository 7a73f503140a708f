"""Attributes and papers of a grown product: what its category asks for, and more."""

from typing import Any

from apps.simulator.world.catalogue import Product, Sku
from apps.simulator.world.media import seed_uri
from apps.simulator.world.rolls import digits, roll
from apps.simulator.world.sellers import Shop
from apps.simulator.world.taxonomy import Category
from apps.simulator.world.taxonomy_attributes import (
    NUMBER,
    SALES,
    Attribute,
    Condition,
    Value,
)
from apps.simulator.world.words import language, translated

Json = dict[str, Any]
_LATEST = 4_102_444_800  # 2100-01-01: papers of the world do not run out
_FALLBACKS = ("Color", "Specification", "Capacity", "Flavor", "Size")


def custom_attribute_id(shop_id: str, name: str) -> str:
    return digits("72", 19, "attribute", shop_id, name)


def custom_value_id(shop_id: str, attribute_id: str, name: str) -> str:
    return digits("72", 19, "value", shop_id, attribute_id, name)


def traits_of(product_id: str, category: Category, ingredients: str) -> list[Json]:
    """Every attribute that is required, and about half of the others."""
    chosen: list[Json] = []
    for attribute in category.attributes:
        if attribute.type == SALES:
            continue
        chance = roll("trait", product_id, attribute.id)
        is_asked_for = attribute.is_required or is_met(attribute.conditions, chosen)
        if is_asked_for or (not attribute.conditions and chance % 2):
            value = _value(attribute, chance >> 8, ingredients)
            chosen.append({"id": attribute.id, "values": [value]})
    return chosen


def is_met(conditions: tuple[Condition, ...], chosen: list[Json]) -> bool:
    """Whether one of them is met by the product's attributes."""
    pairs = {(t["id"], value.get("id")) for t in chosen for value in t["values"]}
    return any((one.attribute_id, one.value_id) in pairs for one in conditions)


def _value(attribute: Attribute, chance: int, ingredients: str) -> Json:
    if attribute.values:
        value = attribute.values[chance % len(attribute.values)]
        return {"id": value.id, "name": value.name}
    text = str(50 + chance % 450)
    if attribute.value_data_format != NUMBER:
        text = ingredients
    return {"id": custom_value_id("", attribute.id, text), "name": text}


def variant_of(
    shop: Shop, category: Category, product: Product, sku: Sku, number: int
) -> list[Json]:
    """What tells this SKU from its siblings, with a picture of each value."""
    sales = [a for a in category.attributes if a.type == SALES]
    names = [one.name for one in product.skus]
    main = _suitable(sales, names, language(shop.region.code))
    text = sku.name or "Standard"
    row = _named(shop, main, text)
    if len(product.skus) > 1:
        row["sku_img"] = {"uri": seed_uri(product.id, 10 + number)}
        if shop.region.code == "US" and number == 0:
            row["supplementary_sku_images"] = [{"uri": seed_uri(product.id, 20)}]
    others = [a for a in sales if a.is_required and a is not main]
    return [row, *(_named(shop, a, a.values[0].name) for a in others)]


def _suitable(
    sales: list[Attribute], names: list[str], spoken: str
) -> Attribute | None:
    """The attribute which has these values, or one which takes any."""
    for attribute in sales:
        known = {translated(value.name, spoken) for value in attribute.values}
        if known & set(names):
            return attribute
    loose = {a.name: a for a in sales if a.is_customizable}
    return next((loose[name] for name in _FALLBACKS if name in loose), None)


def _named(shop: Shop, attribute: Attribute | None, text: str) -> Json:
    if attribute is None:
        attribute_id, name = custom_attribute_id(shop.id, "Variant"), "Variant"
    else:
        attribute_id, name = attribute.id, attribute.name
    spoken = language(shop.region.code)
    values: tuple[Value, ...] = attribute.values if attribute else ()
    known = next(
        (v for v in values if text in (v.name, translated(v.name, spoken))), None
    )
    return {
        "id": attribute_id,
        "name": name,
        "value_id": known.id if known else custom_value_id(shop.id, attribute_id, text),
        "value_name": known.name if known else text,
    }


def papers_of(product_id: str, category: Category, traits: list[Json]) -> list[Json]:
    papers = []
    for paper in category.rules.certifications:
        if paper.is_required or is_met(paper.conditions, traits):
            row: Json = {"id": paper.id}
            row["images"] = [{"uri": f"tos-seed/{product_id}/certificate"}]
            if paper.needs_expiration_date:
                row["expiration_date"] = _LATEST
            papers.append(row)
    return papers
