"""How good the platform finds a listing, and what would make it better."""

import re
from typing import Any

from apps.simulator.world.listings import Content
from apps.simulator.world.sellers import Shop
from apps.simulator.world.taxonomy import category

Json = dict[str, Any]
_TAG = re.compile(r"<[^>]*>")
_TIERS = ("EXCELLENT", "GOOD", "GOOD", "FAIR", "POOR", "POOR")


def shortcomings(shop: Shop, body: Content) -> list[tuple[str, str, str]]:
    """(field, code, how to solve it) of everything that could be better."""
    found = []
    if len(body.get("title") or "") < 40:
        text = "Use at least 40 characters: what it is, for whom, what is special."
        found.append(("TITLE", "TITLE_TOO_SHORT", text))
    if len(_TAG.sub("", body.get("description") or "")) < 300:
        text = "Describe the product in at least 300 characters."
        found.append(("DESCRIPTION", "DESCRIPTION_TOO_SHORT", text))
    if len(body.get("main_images") or ()) < 5:
        text = "Show the product in at least 5 pictures."
        found.append(("IMAGE", "TOO_FEW_IMAGES", text))
    leaf = category(shop.region, body.get("category_id") or "")
    if leaf and len(body.get("product_attributes") or ()) * 2 < len(leaf.attributes):
        text = "Fill in at least half of the attributes of the category."
        found.append(("ATTRIBUTE", "TOO_FEW_ATTRIBUTES", text))
    if leaf and leaf.rules.supports_size_chart and not body.get("size_chart"):
        text = "Add a size chart."
        found.append(("SIZE_CHART", "NO_SIZE_CHART", text))
    return found


def tier_of(shop: Shop, body: Content) -> tuple[str, int]:
    """The tier, and how many recommendations are left."""
    count = len(shortcomings(shop, body))
    return _TIERS[count], count
