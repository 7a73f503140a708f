"""What is sent: its weight and its size, in the units of the region."""

from typing import Any

from django.http import HttpRequest

from apps.products.admin.draft_content import whole
from apps.products.admin.draft_page import Judged
from apps.products.admin.draft_saving import Changes
from apps.products.models import ListingDraft
from apps.products.services.publishing import limits

TEMPLATE = "products/publishing/package.html"
SIDES = ("length", "width", "height")


def show(draft: ListingDraft, request: HttpRequest, judged: Judged) -> dict[str, Any]:
    content = whole(draft)
    weight = content.get("package_weight") or {}
    size = content.get("package_dimensions") or {}
    units = limits.weight_units(draft.shop.region)
    unit = str(weight.get("unit") or units[0])
    offered = [*units, *([unit] if unit not in units else [])]
    return {
        "weight": weight.get("value", ""),
        "unit": unit,
        "units": [
            (each, each.lower(), limits.SIZE_UNIT_OF.get(each, "").lower())
            for each in offered
        ],
        "sides": [(side, size.get(side, "")) for side in SIDES],
        "size_unit": str(size.get("unit") or limits.SIZE_UNIT_OF.get(unit, "")).lower(),
        "weight_problems": judged.at("package_weight"),
        "size_problems": judged.at("package_dimensions"),
    }


def read(draft: ListingDraft, request: HttpRequest) -> Changes:
    """Weight and size are told in one system, so the unit of one gives the other's."""
    sent = request.POST
    unit = sent.get("unit", "")[:20] or limits.weight_units(draft.shop.region)[0]
    value = sent.get("weight", "").strip()
    sides = {side: sent.get(side, "").strip() for side in SIDES}
    size_unit = limits.SIZE_UNIT_OF.get(unit, limits.CENTIMETER)
    content = whole(draft)
    weight = content.get("package_weight") or {}
    size = content.get("package_dimensions") or {}
    if unit == weight.get("unit"):
        # Theirs, which the rules judge: no unit changes by the way.
        size_unit = size.get("unit") or size_unit
    return Changes(
        {
            "package_weight": {**weight, "value": value, "unit": unit}
            if value
            else None,
            "package_dimensions": {**size, **sides, "unit": size_unit}
            if any(sides.values())
            else None,
        }
    )
