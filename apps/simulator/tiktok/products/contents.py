"""From what a client sends to what is kept: blanks go, IDs are given, the rest stays.

Fields nobody here knows are kept and read back, as on a platform that grows; those the
platform itself states are ignored when they are sent.
"""

import copy
from decimal import Decimal
from typing import Any

from apps.simulator.tiktok.products.draft import (
    Draft,
    attribute_named,
    known_name,
    known_value,
)
from apps.simulator.world import taxonomy
from apps.simulator.world.listing_traits import custom_attribute_id, custom_value_id
from apps.simulator.world.listings import Content, Listing, new_sku_id

Json = dict[str, Any]
INSTRUCTIONS = frozenset({
    "save_mode", "idempotency_key", "locale", "auto_translate_enabled",
    "product_tag_operations", "replicated_products", "subscribe_info_edit",
    "inventory_mode", "is_live_quick",
})  # fmt: skip
STATED = frozenset({
    "id", "status", "product_status", "create_time", "update_time", "category_chains",
    "brand", "audit", "audit_failed_reasons", "listing_quality_tier", "has_draft",
    "recommended_categories", "integrated_platform_statuses", "product_types",
    "delivery_options", "product_families", "global_product_association",
    "prescription_requirement", "is_replicated", "subscribe_info", "product_tags",
    "product_sync_fail_reasons", "sales_regions",
})  # fmt: skip
_SKU_STATED = frozenset(
    {"status_info", "global_listing_policy", "purchase_order_quantity_limit"}
)
_KEPT_IF_OMITTED = ("price", "inventory")
# Said when a product is created; an edit cannot name them, so it does not blank them.
_BY_CREATION = ("primary_combined_product_id", "is_not_for_sale")


def to_content(draft: Draft, listing: Listing) -> Content:
    """The checked body as it is kept; SKUs of `listing` keep price and stock."""
    skipped = INSTRUCTIONS | STATED | {"skus"}
    content = {
        name: copy.deepcopy(value)
        for name, value in draft.body.items()
        if name not in skipped and value not in (None, "", [], {})
    }
    if draft.listing is not None:
        for name in _BY_CREATION:
            content.pop(name, None)
            if name in listing.content:
                content[name] = listing.content[name]
    content["skus"] = [_sku(draft, listing, sku) for sku in draft.skus]
    content.setdefault("category_version", taxonomy.version(draft.call.shop.region))
    for image in _pictures(content):
        _keep_only(image, "uri")
    if "video" in content:
        _keep_only(content["video"], "id")
    for paper in content.get("certifications", ()):
        paper.pop("title", None)
        for file in paper.get("files", ()):
            _keep_only(file, "id", "name", "format")
    _name_values(draft, content)
    if draft.category and not draft.category.rules.supports_size_chart:
        content.pop("size_chart", None)
    brands, seller = draft.call.simulator.brands, draft.call.seller
    brand_id = content.get("brand_id")
    if brand_id and brands.get(seller.id, brand_id) is None:
        del content["brand_id"]
        draft.warnings.append(
            f"The [brand_id]:{brand_id} field is incorrect and has been cleared. "
            "Reason: [Brand does not exist]. You can edit it later."
        )
    return content


def _keep_only(node: Json, *names: str) -> None:
    """What is read has more than what is sent: the platform's part goes."""
    for name in set(node) - set(names):
        del node[name]


def _pictures(content: Content) -> list[Json]:
    """Every picture outside of SKUs."""
    pictures = list(content.get("main_images", ()))
    for paper in content.get("certifications", ()):
        pictures += paper.get("images", ())
    chart = content.get("size_chart", {})
    return pictures + ([chart["image"]] if chart.get("image") else [])


def _sku(draft: Draft, listing: Listing, sent: Json) -> Json:
    known = draft.known_skus().get(str(sent.get("id", "")), {})
    row: Json = {"id": known.get("id") or new_sku_id(listing)}
    row |= {
        name: copy.deepcopy(value)
        for name, value in sent.items()
        if name not in _SKU_STATED | {"id"} and value not in (None, "", [], {})
    }
    for name in _KEPT_IF_OMITTED:
        if name not in row and name in known:
            row[name] = copy.deepcopy(known[name])
    if "price" in row:
        names = ("amount", "currency", "sale_price", "starting_bid_price")
        row["price"] = {n: row["price"][n] for n in names if row["price"].get(n)}
    if "combined_skus" in row:
        row.pop("inventory", None)
        row["combined_skus"] = [
            {n: part[n] for n in ("product_id", "sku_id", "sku_count")}
            for part in row["combined_skus"]
        ]
    else:
        row["inventory"] = [_stock(one) for one in row.get("inventory", ())]
    if _is_pointless(row):
        del row["list_price"]
        draft.warnings.append(
            "The [list_price] is below the price and has been discarded."
        )
    if "sales_attributes" in row:
        row["sales_attributes"] = [
            _attribute(draft, one) for one in row["sales_attributes"]
        ]
    return row


def _stock(sent: Json) -> Json:
    names = ("warehouse_id", "quantity", "backorder_quantity", "handling_time")
    return {"quantity": 0} | {n: sent[n] for n in names if sent.get(n) is not None}


def _is_pointless(sku: Json) -> bool:
    """A list price that is lower than the price."""
    if "list_price" not in sku or "price" not in sku:
        return False
    amount = sku["price"].get("amount") or sku["price"].get("sale_price")
    return Decimal(sku["list_price"]["amount"]) < Decimal(amount)


def _attribute(draft: Draft, sent: Json) -> Json:
    """With id and name, of the attribute as well as of the value."""
    found = attribute_named(draft, sent)
    shop_id = draft.call.shop.id
    row = {k: v for k, v in sent.items() if k not in ("id", "name")}
    row["name"] = found.name if found else sent.get("name") or known_name(draft, sent)
    row["id"] = found.id if found else sent.get("id")
    row["id"] = row["id"] or custom_attribute_id(shop_id, row["name"])
    values = found.values if found else ()
    value = next(
        (
            v
            for v in values
            if v.id == sent.get("value_id")
            or (
                not sent.get("value_id")
                and sent.get("value_name") in draft.names(v.name)
            )
        ),
        None,
    )
    row["value_name"] = value.name if value else _value_name(draft, sent)
    row["value_id"] = (value.id if value else sent.get("value_id")) or custom_value_id(
        shop_id, row["id"], row["value_name"]
    )
    if sent.get("sku_img"):
        row["sku_img"] = {"uri": sent["sku_img"]["uri"]}
    if sent.get("supplementary_sku_images"):
        row["supplementary_sku_images"] = [
            {"uri": image["uri"]} for image in sent["supplementary_sku_images"]
        ]
    return row


def _value_name(draft: Draft, sent: Json) -> str:
    return known_value(draft, sent) or str(sent.get("value_name", ""))


def _name_values(draft: Draft, content: Content) -> None:
    """Give the values of product attributes their missing half."""
    attributes = draft.category.attributes if draft.category else ()
    by_id = {attribute.id: attribute for attribute in attributes}
    for trait in content.get("product_attributes", ()):
        trait.pop("name", None)
        attribute = by_id.get(trait["id"])
        values = {v.id: v.name for v in attribute.values} if attribute else {}
        names = {
            said: value_id
            for value_id, name in values.items()
            for said in draft.names(name)
        }
        for value in trait["values"]:
            text = value.get("name", "")
            if value.get("id") in values:
                value["name"] = values[value["id"]]
            elif not value.get("id"):
                value["id"] = names.get(text) or custom_value_id("", trait["id"], text)
