"""A new listing's content, filled from our own product."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from apps.platforms.models import Shop
from apps.products.models import AttributeRule, Product, ProductImage, Variant
from apps.products.services.barcodes import barcode_warning, normal_barcode
from apps.products.services.prices import PlannedPrice, Unpriced, plan_prices
from apps.products.services.publishing import limits
from apps.products.services.publishing.attributes import resolve
from apps.products.services.publishing.descriptions import as_html
from apps.products.services.publishing.notes import Notes
from apps.products.services.publishing.numbers import size_in, weight_in, written
from apps.products.services.publishing.variations import sales_attributes
from apps.products.services.taxonomy_facts import Facts

Json = dict[str, Any]
_NO_FACTS = Facts("")
_CODE_KINDS = {8: "EAN", 10: "ISBN", 12: "UPC", 13: "EAN", 14: "GTIN"}


def content_of(
    shop: Shop,
    product: Product,
    variants: Sequence[Variant],
    facts: Facts | None,
    rules: Mapping[str, AttributeRule],
    warehouse_id: str,
    notes: Notes,
) -> Json:
    """All that our product says of a listing. How many are for sale it does not say:
    a stock nobody counted is promised to nobody."""
    resolution = resolve(facts or _NO_FACTS, rules, product, variants)
    for name, reason in resolution.unclear:
        notes.left(f"product_attributes[{name}]", f"{name} is not filled in: {reason}.")
    content = {
        "title": product.name,
        "description": as_html(product.description),
        "main_images": main_images(product),
        "skus": _skus(shop, product, variants, facts, rules, warehouse_id, notes),
        "product_attributes": resolution.as_content(),
        **parcel_of(variants, shop.region, notes),
    }
    if variants:
        notes.left("skus.inventory", "Say how many of each SKU are for sale.")
    return {name: value for name, value in content.items() if value}


def main_images(product: Product) -> list[Json]:
    """The product's own pictures, else its variants', the most that are allowed."""
    images = list(product.images.all())
    chosen = [each for each in images if each.variant_id is None] or images
    return [{"image": each.pk} for each in chosen[: limits.MOST_IMAGES]]


def parcel_of(variants: Sequence[Variant], region: str, notes: Notes) -> Json:
    """The largest of the variants' parcels, in the region's units."""
    unit = limits.weight_units(region)[0]
    weights = [each.weight_grams for each in variants if each.weight_grams]
    sides = {
        "length": [each.length_cm for each in variants if each.length_cm],
        "width": [each.width_cm for each in variants if each.width_cm],
        "height": [each.height_cm for each in variants if each.height_cm],
    }
    parcel: Json = {}
    if weights:
        weight = weight_in(Decimal(max(weights)), unit)
        parcel["package_weight"] = {"value": weight, "unit": unit}
    if len(set(weights)) > 1:
        notes.adapted("package_weight", "The variants differ; the heaviest counts.")
    if all(sides.values()):
        size_unit = limits.SIZE_UNIT_OF[unit]
        parcel["package_dimensions"] = {
            side: size_in(max(values), size_unit) for side, values in sides.items()
        } | {"unit": size_unit}
    return parcel


def price_of(plan: PlannedPrice | Unpriced, field: str, notes: Notes) -> Json | None:
    """A planned price as it is sent; without one the notes say why."""
    if isinstance(plan, Unpriced):
        notes.left(field, f"It has no price: {plan.reason}.")
        return None
    if plan.is_rate_old:
        notes.left(field, f"The rate of {plan.rate_on} is old: {plan.words}.")
    price = plan.price.rounded()
    return {"amount": written(price.amount), "currency": price.currency}


def _skus(
    shop: Shop,
    product: Product,
    variants: Sequence[Variant],
    facts: Facts | None,
    rules: Mapping[str, AttributeRule],
    warehouse_id: str,
    notes: Notes,
) -> list[Json]:
    plans = plan_prices(variants, [shop])
    traits = sales_attributes(
        facts.sales_attributes if facts else (), rules, product, variants
    )
    _add_pictures(traits, variants)
    skus = []
    for variant, rows in zip(variants, traits, strict=True):
        field = f"skus[{variant.sku}].price"
        sku: Json = {
            "variant": variant.pk,
            "seller_sku": variant.sku,
            "sales_attributes": rows,
            "price": price_of(plans[variant.pk, shop.pk], field, notes),
            "inventory": [{"warehouse_id": warehouse_id}] if warehouse_id else [],
            "identifier_code": _code_of(variant, notes),
        }
        skus.append({name: value for name, value in sku.items() if value})
    return skus


def _add_pictures(traits: list[list[Json]], variants: Sequence[Variant]) -> None:
    """Pictures of the first attribute's values; each has one, or none has."""
    found: dict[int | None, ProductImage] = {}
    for image in ProductImage.objects.filter(variant__in=variants):
        found.setdefault(image.variant_id, image)
    by_value: dict[str, int] = {}
    for rows, variant in zip(traits, variants, strict=True):
        if rows and variant.pk in found:
            by_value.setdefault(_value(rows[0]), found[variant.pk].pk)
    firsts = [rows[0] for rows in traits if rows]
    if firsts and all(_value(row) in by_value for row in firsts):
        for row in firsts:
            row["sku_img"] = {"image": by_value[_value(row)]}


def _value(row: Json) -> str:
    return str(row.get("value_id") or row.get("value_name"))


def _code_of(variant: Variant, notes: Notes) -> Json | None:
    code = normal_barcode(variant.barcode)
    if not code:
        return None
    kind = _CODE_KINDS.get(len(code))
    if kind is None or (warning := barcode_warning(code)):
        why = warning if kind else f"{code} is no barcode TikTok knows."
        notes.left(
            f"skus[{variant.sku}].identifier_code", f"It goes without a barcode. {why}"
        )
        return None
    if code.startswith(("978", "979")) and len(code) == 13:
        kind = "ISBN"
    return {"code": code, "type": kind}
