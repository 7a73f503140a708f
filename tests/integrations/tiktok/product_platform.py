"""How the platform takes an overwrite, and how it shows what it took, for tests."""

from copy import deepcopy
from typing import Any

OWNED = (
    "id",
    "status",
    "product_status",
    "create_time",
    "update_time",
    "audit",
    "audit_failed_reasons",
    "recommended_categories",
    "integrated_platform_statuses",
    "listing_quality_tier",
    "has_draft",
    "is_replicated",
    "global_product_association",
    "product_families",
    "product_types",
    "is_not_for_sale",
    "primary_combined_product_id",
    "prescription_requirement",
)
_OWNED_BY_SKU = ("status_info", "global_listing_policy")
# Fields that only say more about the thing another field of the object names.
_SHOWN = {
    "uri": ("height", "width", "urls", "thumb_urls"),
    "unit_id": ("unit_name", "suffix", "prefix"),
    "sku_id": ("title", "seller_sku", "price", "brand"),
}


class Platform:
    """Holds one product as it is shown, and overwrites it as documented.

    What a body does not name is blanked, but for prices and inventory; what it names
    is kept, known or not, and shown with what the platform knows of it besides.
    """

    def __init__(self, product: dict[str, Any]) -> None:
        self.product = deepcopy(product)

    def overwrite(self, body: dict[str, Any]) -> None:
        old, body = self.product, deepcopy(body)
        new = {name: old[name] for name in OWNED if name in old}
        if category_id := body.pop("category_id", None):
            assert old["category_chains"][-1]["id"] == category_id
            new["category_chains"] = old["category_chains"]
        if brand_id := body.pop("brand_id", None):
            assert old["brand"]["id"] == brand_id
            new["brand"] = old["brand"]
        if ids := body.pop("delivery_option_ids", None):
            known = {option["id"]: option for option in old["delivery_options"]}
            new["delivery_options"] = [known[remote_id] for remote_id in ids]
        if edit := body.pop("subscribe_info_edit", None):
            details = edit.pop("discount_details", None)
            shown = {"subscribe_discount_details": details} if details else {}
            kept = ("support_subscribe", "subscribe_promotion_config")
            info = old["subscribe_info"]
            shown |= {name: info[name] for name in kept if name in info}
            new["subscribe_info"] = edit | shown
        if operations := body.pop("product_tag_operations", None):
            new["product_tags"] = [
                operation["product_tag"]
                for operation in operations
                if operation["enable"]
            ]
        if (video := body.get("video")) and video["id"] == old["video"]["id"]:
            facts = ("cover_url", "format", "url", "width", "height", "size")
            body["video"] = video | {name: old["video"][name] for name in facts}
        for name, title in (
            ("certifications", "title"),
            ("product_attributes", "name"),
        ):
            known = {row["id"]: row for row in old.get(name, [])}
            for row in body.get(name, []):
                row[title] = known[row["id"]][title]
                for file in row.get("files", []):
                    file["urls"] = _files(old)[file["id"]]["urls"]
        skus = [self._sku(sku) for sku in body.pop("skus")]
        self.product = new | _shown(body, _things(old)) | {"skus": skus}

    def _sku(self, sku: dict[str, Any]) -> dict[str, Any]:
        old = {row["id"]: row for row in self.product["skus"]}[sku["id"]]
        kept = (*_OWNED_BY_SKU, "price", "inventory")
        shown: dict[str, Any] = _shown(sku, _things(self.product))
        return {name: old[name] for name in kept if name in old} | shown


def _files(value: dict[str, Any]) -> dict[str, Any]:
    rows = value.get("certifications", [])
    return {file["id"]: file for row in rows for file in row.get("files", [])}


def _things(value: Any) -> dict[tuple[str, str], dict[str, Any]]:
    """Each object that names something, by what it names it with."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    entries = value.values() if isinstance(value, dict) else value
    for entry in entries if isinstance(value, dict | list) else []:
        found |= _things(entry)
    if isinstance(value, dict):
        found |= {(key, value[key]): value for key in _SHOWN if key in value}
    return found


def _shown(value: Any, things: dict[tuple[str, str], dict[str, Any]]) -> Any:
    if isinstance(value, list):
        return [_shown(entry, things) for entry in value]
    if not isinstance(value, dict):
        return value
    shown = {name: _shown(entry, things) for name, entry in value.items()}
    for key, more in _SHOWN.items():
        if isinstance(value.get(key), str) and (thing := things.get((key, value[key]))):
            shown |= {name: thing[name] for name in more if name in thing}
    return shown
