"""A category for a title.

Source: Partner Center, "Recommend Category 202309".
"""

from apps.simulator.tiktok.call import Call, invalid
from apps.simulator.tiktok.envelope import Json, Refusal
from apps.simulator.tiktok.products.categories import (
    category_chain,
    check_platform,
    check_version,
)
from apps.simulator.tiktok.products.text_rules import breach, has_chinese
from apps.simulator.world.suitability import suitable

LONGEST_TITLE = 255


def recommend_category(call: Call) -> Json:
    """POST /product/202309/categories/recommend: a leaf and those above it."""
    body = call.body
    check_version(call, _text(body, "category_version"))
    check_platform(call, _text(body, "listing_platform"))
    title = _text(body, "product_title").strip()
    _check_title(title)
    _check_images(call)
    leaf = suitable(
        call.shop.region,
        f"{title} {_text(body, 'description')}"[:2_000],
        with_prohibited=body.get("include_prohibited_categories") is True,
    )
    if leaf is None:
        raise Refusal(12019064, "No matching categories")
    return {"leaf_category_id": leaf.id, "categories": category_chain(call, leaf)}


def _text(body: Json, name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise invalid(name, "must be a string.")
    return value


def _check_title(title: str) -> None:
    if not title:
        raise Refusal(12052261, "product name is empty")
    if len(title) > LONGEST_TITLE:
        raise Refusal(
            12052051,
            f"The product name exceed max limit characters: at most {LONGEST_TITLE}",
        )
    if has_chinese(title):
        raise Refusal(12052262, "Chinese characters are not supported in product name")
    if reason := breach(title):
        raise Refusal(12052931, f"The title must follow the formatting rules. {reason}")


def _check_images(call: Call) -> None:
    images = call.body.get("images") or []
    if not isinstance(images, list):
        raise Refusal(12019009, "product image list is invalid")
    for image in images:
        uri = image.get("uri") if isinstance(image, dict) else None
        if not isinstance(uri, str):
            raise Refusal(12019009, "product image list is invalid: a URI is missing")
        if not call.simulator.media.known(call.app.app_key, uri):
            raise Refusal(12052722, "The image URI does not exist in TikTok Shop")
