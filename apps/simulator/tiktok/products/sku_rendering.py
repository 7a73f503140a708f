"""A SKU as the platform's JSON, in the short form of a search and in full."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.simulator.state import Simulator
from apps.simulator.world import taxonomy
from apps.simulator.world.listing_prices import read_back, rounded
from apps.simulator.world.listings import LIVE, Listing
from apps.simulator.world.sellers import Shop
from apps.simulator.world.words import language, translated

Json = dict[str, Any]
_AS_SENT = (
    *("id", "seller_sku", "list_price", "external_list_prices"),
    *("pre_sale", "fees"),
)
_NOT_LIVE = {
    "SELLER_DEACTIVATED": "SUB_PRODUCT_DEACTIVATE",
    "PLATFORM_DEACTIVATED": "SUB_PRODUCT_DEACTIVATE",
    "DELETED": "SUB_PRODUCT_DELETE",
    "FREEZE": "SUB_PRODUCT_FROZEN",
}


@dataclass(frozen=True, slots=True)
class View:
    """Whose product is shown, and in which language."""

    simulator: Simulator
    shop: Shop
    locale: str = ""

    @property
    def spoken(self) -> str:
        return language(self.shop.region.code, self.locale)

    def image(self, uri: str) -> Json:
        return self.simulator.media.as_json(uri)

    def chain(self, category_id: str) -> list[Json]:
        """The category and those above it; empty for one that is no more."""
        region = self.shop.region
        if taxonomy.category(region, category_id) is None:
            return []
        return [
            {
                "id": row.id,
                "parent_id": row.parent_id,
                "local_name": row.name_in(self.spoken),
                "is_leaf": row.is_leaf,
            }
            for row in taxonomy.chain(region, category_id)
        ]


def short_sku(view: View, sku: Json) -> Json:
    row: Json = {name: sku[name] for name in _AS_SENT if name in sku}
    if "price" in sku:
        row["price"] = read_back(view.shop, sku["price"])
    if stock := stock_of(view, sku):
        row["inventory"] = stock
    row["status_info"] = _status(view, sku)
    return row


def full_sku(view: View, sku: Json) -> Json:
    """With whatever else the seller has sent, known to us or not."""
    row = dict(sku) | short_sku(view, sku)
    is_european = view.shop.region.currency == "EUR"
    if is_european and "sku_unit_count" in sku and "price" in sku:
        shown = Decimal(row["price"]["sale_price"]) / Decimal(sku["sku_unit_count"])
        row["price"]["unit_price"] = rounded(view.shop.region, shown)
    if sku.get("sales_attributes"):
        row["sales_attributes"] = [_attribute(view, a) for a in sku["sales_attributes"]]
    if "combined_skus" in sku:
        row["combined_skus"] = [_part(view, part) for part in sku["combined_skus"]]
    return row


def _attribute(view: View, attribute: Json) -> Json:
    row = dict(attribute)
    for name in ("name", "value_name"):
        row[name] = translated(attribute[name], view.spoken)
    if "sku_img" in attribute:
        row["sku_img"] = view.image(attribute["sku_img"]["uri"])
    if "supplementary_sku_images" in attribute:
        row["supplementary_sku_images"] = [
            view.image(image["uri"]) for image in attribute["supplementary_sku_images"]
        ]
    return row


def parts_of(view: View, sku: Json) -> Iterator[tuple[Json, Listing, Json]]:
    """What a bundle consists of: the reference, the product and the SKU."""
    shelf = view.simulator.shelves.of(view.shop)
    for part in sku["combined_skus"]:
        if found := shelf.sku(part["sku_id"]):
            yield part, *found


def stock_of(view: View, sku: Json) -> list[Json]:
    """A bundle has as many pieces as its parts suffice for, where all of them are."""
    if "combined_skus" not in sku:
        return [dict(row) for row in sku.get("inventory", ())]
    parts = [
        {row["warehouse_id"]: row["quantity"] // part["sku_count"] for row in rows}
        for part, _, found in parts_of(view, sku)
        if (rows := found.get("inventory"))
    ]
    if len(parts) < len(sku["combined_skus"]):
        return []
    shared = [w for w in parts[0] if all(w in part for part in parts)]
    return [
        {"warehouse_id": w, "quantity": min(part[w] for part in parts)} for w in shared
    ]


def _status(view: View, sku: Json) -> Json:
    given: Json = sku.get("status_info", {"status": "NORMAL"})
    if "combined_skus" in sku and _reasons(view, sku):
        return {"status": "DEACTIVATED", "deactivation_source": "COMBO_RELATION"}
    return given


def _reasons(view: View, sku: Json) -> list[str]:
    return [
        reason for part in sku["combined_skus"] for reason in _part_reasons(view, part)
    ]


def _part_reasons(view: View, part: Json) -> list[str]:
    """Why a bundle with this part is not on sale."""
    shelf = view.simulator.shelves.of(view.shop)
    found = shelf.sku(part["sku_id"])
    if found is None:
        return ["SUB_SKU_DELETE"]
    status = found[0].status
    return [] if status == LIVE else [_NOT_LIVE.get(status, "SUB_PRODUCT_DEACTIVATE")]


def _part(view: View, part: Json) -> Json:
    row: Json = dict(part)
    if reasons := _part_reasons(view, part):
        row["combined_listing_not_live_reasons"] = reasons
    found = view.simulator.shelves.of(view.shop).sku(part["sku_id"])
    if found is None:
        return row
    listing, sku = found
    content = listing.content
    row["title"] = content["title"]
    row["price"] = read_back(view.shop, sku["price"])
    row["inventory"] = stock_of(view, sku)
    row["product_main_image"] = view.image(content["main_images"][0]["uri"])
    row["categories"] = view.chain(content["category_id"])
    if "seller_sku" in sku:
        row["seller_sku"] = sku["seller_sku"]
    if sku.get("sales_attributes"):
        row["sales_attributes"] = [_attribute(view, a) for a in sku["sales_attributes"]]
    return row
