"""Product API 202509 (202309): overwrite a product.

What is not sent is blanked, but for prices and stock; SKUs that are not sent go, those
without an ID are new.
"""

from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json
from apps.simulator.tiktok.products.draft import Draft
from apps.simulator.tiktok.products.finding import named
from apps.simulator.tiktok.products.saving import check, save

LOCKED = ("FREEZE", "DELETED")


def edit(call: Call) -> Json:
    """PUT /product/202509/products/{product_id}."""
    listing = named(call, not_in=LOCKED)
    draft = Draft(call, call.body, listing)
    check(draft)
    return save(draft, listing)
