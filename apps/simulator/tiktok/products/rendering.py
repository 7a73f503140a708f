"""A product as the platform's JSON. What has no value is left out."""

from apps.simulator.tiktok.envelope import Json
from apps.simulator.tiktok.products.sku_rendering import View, full_sku, short_sku
from apps.simulator.world import taxonomy
from apps.simulator.world.listings import Content, Listing
from apps.simulator.world.rolls import digits
from apps.simulator.world.words import translated

_HIDDEN = (
    *("category_id", "category_version", "brand_id", "delivery_option_ids"),
    *("listing_platforms", "purchase_order_quantity_limit"),
)
# Facts that a product shows in other words, or only in a search.
_NOT_HERE = ("also_on", "sns", "recommended_category", "product_sync_fail_reasons")
_STATES = {"PENDING": "INITIAL", "FAILED": "INITIAL"}  # without the audit's


def short_row(view: View, listing: Listing, *, as_draft: bool = False) -> Json:
    """A row of the search."""
    base = listing.content
    content = (listing.draft if as_draft else None) or base
    stocked = base["skus"] if content is base else _with_stock_of(base, content)
    row = {
        "id": listing.id,
        "title": content["title"],
        "status": listing.status,
        "skus": [short_sku(view, sku) for sku in stocked],
        "sales_regions": [view.shop.region.code],
        "create_time": listing.created,
        "update_time": listing.updated,
        "is_not_for_sale": content.get("is_not_for_sale", False),
        "has_draft": listing.has_draft,
        "audit": _audit(listing),
    }
    for name in ("scheduled_sale", "selling_format"):
        if name in content:
            row[name] = content[name]
    for name in ("product_sync_fail_reasons", "product_tags", "product_families"):
        if name in listing.facts:
            row[name] = listing.facts[name]
    return row | _platform_facts(view, listing)


def full_product(view: View, listing: Listing, content: Content) -> Json:
    """One of the product's versions in full."""
    row = {key: value for key, value in content.items() if key not in _HIDDEN}
    row |= {
        "id": listing.id,
        "status": listing.status,
        "product_status": _state(listing),
        "create_time": listing.created,
        "update_time": listing.updated,
        "has_draft": listing.has_draft,
        "audit": _audit(listing),
        "category_chains": view.chain(content.get("category_id", "")),
        "main_images": [view.image(i["uri"]) for i in content.get("main_images", ())],
        "product_attributes": _attributes(view, content),
        "certifications": [
            _paper(view, content, paper) for paper in content.get("certifications", ())
        ],
        "delivery_options": [
            {"id": one, "name": "SEND_BY_SELLER", "is_available": True}
            for one in content.get("delivery_option_ids", ())
        ],
        "audit_failed_reasons": listing.failures,
        "product_types": _types(view, listing, content),
        "is_replicated": False,
    }
    base = listing.content
    row["skus"] = [full_sku(view, sku) for sku in _with_stock_of(base, content)]
    if limit := content.get("purchase_order_quantity_limit"):
        for sku in row["skus"]:
            sku["purchase_order_quantity_limit"] = limit
    row |= _brand(view, content) | _video(view, content) | _size_chart(view, content)
    for name, fact in listing.facts.items():
        if name not in _NOT_HERE:
            row[name] = fact
    row |= _platform_facts(view, listing)
    return {key: value for key, value in row.items() if value not in ([], {}, "")}


def _with_stock_of(live: Content, content: Content) -> list[Json]:
    """The SKUs of a version; a draft has no stock of its own."""
    stock = {sku["id"]: sku.get("inventory", []) for sku in live.get("skus", ())}
    return [
        sku if "inventory" in sku else sku | {"inventory": stock.get(sku["id"], [])}
        for sku in content.get("skus", ())
    ]


def _state(listing: Listing) -> str:
    if listing.status in _STATES and listing.has_been_live:
        return "SELLER_DEACTIVATED"
    return _STATES.get(listing.status, listing.status)


def _audit(listing: Listing) -> Json:
    audit: Json = {"status": listing.audit}
    if listing.audit == "PRE_APPROVED":
        audit["pre_approved_reasons"] = ["RESTRICTED_CATEGORY_PENDING"]
    return audit


def _platform_facts(view: View, listing: Listing) -> Json:
    """What only some markets have."""
    row: Json = {}
    if view.shop.region.code == "US":
        row["listing_quality_tier"] = listing.quality
    if "TOKOPEDIA" in listing.platforms:
        status = {"platform": "TOKOPEDIA", "status": listing.status}
        row["integrated_platform_statuses"] = [status]
    if proposed := listing.facts.get("recommended_category"):
        leaf = view.chain(proposed)[-1]
        row["recommended_categories"] = [
            {"id": leaf["id"], "local_name": leaf["local_name"]}
        ]
    return row


def _types(view: View, listing: Listing, content: Content) -> list[str]:
    if any("combined_skus" in sku for sku in content["skus"]):
        return ["COMBINED_PRODUCT"]
    shelf = view.simulator.shelves.of(view.shop)
    return ["IN_COMBINED_PRODUCT"] if shelf.is_in_bundle(listing) else []


def _attributes(view: View, content: Content) -> list[Json]:
    category = taxonomy.category(view.shop.region, content.get("category_id", ""))
    names = {a.id: a.name for a in category.attributes} if category else {}
    return [
        attribute
        | {
            "name": translated(
                names.get(attribute["id"], attribute.get("name", "")), view.spoken
            ),
            "values": [
                value | {"name": translated(value["name"], view.spoken)}
                for value in attribute["values"]
            ],
        }
        for attribute in content.get("product_attributes", ())
    ]


def _paper(view: View, content: Content, paper: Json) -> Json:
    row = dict(paper)
    category = taxonomy.category(view.shop.region, content.get("category_id", ""))
    rules = category.rules.certifications if category else ()
    row["title"] = next((one.name for one in rules if one.id == paper["id"]), "")
    if "images" in paper:
        row["images"] = [view.image(image["uri"]) for image in paper["images"]]
    if "files" in paper:
        media = view.simulator.media
        row["files"] = [
            file | {"urls": [media.file_url(file["id"])]} for file in paper["files"]
        ]
    return row


def _brand(view: View, content: Content) -> Json:
    seller = view.simulator.world.seller_of(view.shop.id)
    brand = view.simulator.brands.get(seller.id, content.get("brand_id", ""))
    return {"brand": {"id": brand.id, "name": brand.name}} if brand else {}


def _video(view: View, content: Content) -> Json:
    if "video" not in content:
        return {}
    media = view.simulator.media
    video_id = content["video"]["id"]
    picture = content["main_images"][0]["uri"] if content.get("main_images") else ""
    return {
        "video": {
            "id": video_id,
            "cover_url": media.url(picture),
            "format": "MP4",
            "url": media.file_url(video_id),
            "width": 1280,
            "height": 720,
            "size": 1 + int(digits("", 2, "video", video_id)) % 40,
        }
    }


def _size_chart(view: View, content: Content) -> Json:
    chart = dict(content.get("size_chart", {}))
    if "image" in chart:
        chart["image"] = view.image(chart["image"]["uri"])
    return {"size_chart": chart} if chart else {}
