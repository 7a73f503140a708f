"""Product API 202309: one product in full, in the version that is asked for."""

from apps.simulator.tiktok.call import Call, invalid
from apps.simulator.tiktok.envelope import Json
from apps.simulator.tiktok.products.codes import refuse
from apps.simulator.tiktok.products.finding import named
from apps.simulator.tiktok.products.rendering import full_product
from apps.simulator.tiktok.products.sku_rendering import View
from apps.simulator.world.listings import Content, Listing

_REVIEW, _DRAFT = "return_under_review_version", "return_draft_version"
_HIDDEN = ("FREEZE", "DELETED")


def product_detail(call: Call) -> Json:
    """GET /product/202309/products/{product_id}; not of frozen and deleted ones."""
    wants_review, wants_draft = _flag(call, _REVIEW), _flag(call, _DRAFT)
    if wants_review and wants_draft:
        raise invalid(_DRAFT, f"and '{_REVIEW}' exclude each other.")
    listing = named(call, not_in=_HIDDEN)
    view = View(call.simulator, call.shop, call.query.get("locale", ""))
    content = listing.content
    if wants_review:
        content = _in_review(listing)
    elif wants_draft:
        content = _draft(listing)
    return full_product(view, listing, content)


def _flag(call: Call, name: str) -> bool:
    text = call.query.get(name, "").lower()
    if text not in ("", "true", "false"):
        raise invalid(name, "must be true or false.")
    return text == "true"


def _in_review(listing: Listing) -> Content:
    if not listing.is_in_review:
        raise refuse(12052547)
    return listing.proposed or listing.content


def _draft(listing: Listing) -> Content:
    if not listing.has_draft:
        raise refuse(12052901, "The product has no draft.")
    return listing.draft or listing.content
