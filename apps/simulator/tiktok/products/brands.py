"""Brands: looking them up, and making one.

Source: Partner Center, "Get Brands 202309" and "Create Custom Brands 202309". How many
brands a seller may make is not documented; the numbers are ours.
"""

import re
import unicodedata

from apps.simulator.clock import day_of
from apps.simulator.tiktok.call import Call, invalid
from apps.simulator.tiktok.envelope import Json, Refusal
from apps.simulator.tiktok.products.categories import check_version, known_category
from apps.simulator.tiktok.products.pages import page_of
from apps.simulator.world.brands import Brand

SHORTEST, LONGEST = 2, 30
MOST_A_DAY, MOST = 30, 200


def list_brands(call: Call) -> Json:
    """GET /product/202309/brands: everybody's, then the seller's own."""
    brands = call.simulator.brands.of(call.seller.id)
    if category_id := call.query.get("category_id", ""):
        check_version(call, call.query.get("category_version", ""))
        root = _root_of(call, category_id)
        brands = [b for b in brands if not b.root_ids or root in b.root_ids]
    if wanted := call.query.get("brand_name", "").strip().casefold():
        brands = [brand for brand in brands if wanted in brand.name.casefold()]
    if _is_true(call, "is_authorized"):
        brands = [brand for brand in brands if brand.is_authorised_for(call.shop)]
    page, token = page_of(call, brands, size_code=12019109, token_code=12019108)
    return {
        "brands": [_row(call, brand) for brand in page],
        "total_count": len(brands),
        "next_page_token": token,
    }


def _root_of(call: Call, category_id: str) -> str:
    found = known_category(call, category_id)
    if not found.is_leaf:
        raise Refusal(12052230, "The specified category ID is not a leaf category")
    return found.chain[0]


def _is_true(call: Call, name: str) -> bool:
    """False keeps everything, as if it had not been said: our reading."""
    text = call.query.get(name, "false").lower()
    if text not in ("true", "false"):
        raise invalid(name, "must be true or false.")
    return text == "true"


def _row(call: Call, brand: Brand) -> Json:
    is_authorised = brand.is_authorised_for(call.shop)
    return {
        "id": brand.id,
        "name": brand.name,
        "authorized_status": "AUTHORIZED" if is_authorised else "UNAUTHORIEZD",  # sic
        "is_t1_brand": brand.is_t1,
        "brand_status": "AVAILABLE" if brand.is_available else "UNAVAILABLE",
    }


def create_brand(call: Call) -> Json:
    """POST /product/202309/brands."""
    name = call.body.get("name")
    if not isinstance(name, str):
        raise Refusal(12052204, "The brand name you created is invalid")
    name = name.strip()
    _check_name(name)
    brands, now = call.simulator.brands, call.simulator.clock.seconds()
    if brands.is_taken(call.seller.id, name):
        raise Refusal(12052205, "This brand name already exists")
    made = brands.made_by(call.seller.id)
    if len(made) >= MOST:
        raise Refusal(12052203, "The total number of brands exceeds the limit")
    if sum(brand.made_on == day_of(now) for brand in made) >= MOST_A_DAY:
        raise Refusal(
            12052202, "The total number of brands you have created today is too large"
        )
    event = {"event": "brand_made", "seller_id": call.seller.id, "name": name}
    return {"id": call.simulator.record(event | {"at": now}).id}


def _check_name(name: str) -> None:
    if len(name) < SHORTEST:
        raise Refusal(12052189, f"Brand names must be at least {SHORTEST} characters")
    if len(name) > LONGEST:
        raise Refusal(
            12052190, f"Brand names must not be longer than {LONGEST} characters"
        )
    if any(map(_is_fancy, name)):
        raise Refusal(12052191, "Brand names can't include special fonts or emoticons")
    if re.search(r"\d{5}", name):
        raise Refusal(
            12052192, "The brand name can't contain 5 or more consecutive numbers"
        )


def _is_fancy(character: str) -> bool:
    """Emoji and the like, and letters that only look another way."""
    if unicodedata.category(character) in ("So", "Sk", "Cc", "Cf", "Cs", "Co", "Cn"):
        return True
    return unicodedata.decomposition(character).startswith("<font>")
