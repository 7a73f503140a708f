"""What webhooks tell of a product: the type's number with its data.

Source: Partner Center, "Webhooks": 5 status, 15 information, 16 creation, 18 category,
37 audit status. Product ids are numbers in 5, 16 and 37, and text in the others.
"""

from typing import Any

from apps.simulator.world.listings import Content, Listing

News = tuple[int, dict[str, Any]]
_NAMED = ("title", "description", "main_images", "product_attributes")
COMMERCE = ("price", "inventory")  # what changes without a review


def created(listing: Listing) -> News:
    is_combined = any("combined_skus" in sku for sku in listing.content["skus"])
    return 16, {
        "product_id": int(listing.id),
        "product_types": ["COMBINED_PRODUCT"] if is_combined else [],
        "update_time": listing.updated,
    }


def status_changed(listing: Listing, what: str = "PRODUCT_STATUS_CHANGED") -> News:
    reasons = [text for failure in listing.failures for text in failure["reasons"]]
    return 5, {
        "product_id": int(listing.id),
        "status": what,
        "suspended_reason": "; ".join(reasons) if "FAILURE" in what else "",
        "update_time": listing.updated,
    }


def audit_changed(listing: Listing) -> News:
    audit: dict[str, Any] = {"status": listing.audit}
    if listing.audit == "PRE_APPROVED":
        audit["pre_approved_reasons"] = ["RESTRICTED_CATEGORY_PENDING"]
    return 37, {
        "product_id": int(listing.id),
        "audit": audit,
        "update_time": listing.updated,
    }


def content_changed(listing: Listing, before: Content) -> list[News]:
    """What is online is another than `before`; nothing if only prices or stock are."""
    after, news = listing.content, list[News]()
    if fields := changed_fields(before, after):
        data = {
            "product_id": listing.id,
            "change_source": listing.made_by,
            "changed_fields": fields,
            "update_time": listing.updated,
        }
        news.append((15, data))
    if before.get("category_id") != after.get("category_id"):
        data = {
            "product_id": listing.id,
            "previous_category_id": before.get("category_id", ""),
            "current_category_id": after.get("category_id", ""),
            "update_time": listing.updated,
        }
        news.append((18, data))
    return news


def changed_fields(before: Content, after: Content) -> list[str]:
    """In the webhook's words; empty if nothing changed that needs a review."""
    before, after = without_commerce(before), without_commerce(after)
    changed = [name for name in before | after if before.get(name) != after.get(name)]
    fields = [name for name in _NAMED if name in changed]
    if "size_chart" in changed:
        charts = before.get("size_chart", {}), after.get("size_chart", {})
        fields += [
            f"size_chart_{part}"
            for part in ("image", "template")
            if charts[0].get(part) != charts[1].get(part)
        ]
    if set(changed) - {*_NAMED, "size_chart"}:
        fields.append("others")
    return fields


def without_commerce(content: Content) -> Content:
    skus = [
        {key: value for key, value in sku.items() if key not in COMMERCE}
        for sku in content.get("skus", ())
    ]
    return content | {"skus": skus}
