"""Product API 202509 (202309): change some top-level fields of a product.

A field that is sent replaces the old one whole, with all that is nested in it. The
newest version is what is changed: the draft, else what is in review, else the base.
"""

from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json
from apps.simulator.tiktok.products.codes import refuse
from apps.simulator.tiktok.products.contents import INSTRUCTIONS, STATED
from apps.simulator.tiktok.products.draft import Draft
from apps.simulator.tiktok.products.edit import LOCKED
from apps.simulator.tiktok.products.finding import named
from apps.simulator.tiktok.products.saving import answer, check, save
from apps.simulator.tiktok.products.shapes import PRODUCT, mismatch

_NOT_HERE = ("category_id", "delivery_option_ids", "minimum_order_quantity")


def partial_edit(call: Call) -> Json:
    """POST /product/202509/products/{product_id}/partial_edit."""
    listing = named(call, not_in=LOCKED)
    if text := mismatch(call.body, PRODUCT):
        raise refuse(12052910, text)
    sent = {
        name: value
        for name, value in call.body.items()
        if name not in (*STATED, *_NOT_HERE, "category_version") and value is not None
    }
    warnings = [
        f"The [{name}] can not be changed by a partial edit and was ignored."
        for name in _NOT_HERE
        if name in call.body
    ]
    if not set(sent) - (INSTRUCTIONS - {"product_tag_operations"}):
        return answer(listing, listing.newest, warnings)
    draft = Draft(call, listing.newest | sent, listing, warnings)
    check(draft)
    return save(draft, listing)
