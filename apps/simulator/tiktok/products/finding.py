"""Whose product an ID means, and what the platform says if it is not the shop's."""

from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.products.codes import Problem, refuse
from apps.simulator.world.listings import Listing, ShopListings

UNKNOWN, FOREIGN, WRONG_STATUS = 12052032, 12052048, 12052901
MOST_IDS = 20
_OBSTACLES = {  # what GET /product/202312/prerequisites warns of
    "SHOP_STATUS": 12052700,
    "SHOP_TAX": 12052703,
    "CONTACT_INFO": 12052923,
    "PRODUCT_QUANTITY_LIMIT": 12052093,
    "PICKUP_WAREHOUSE": 12052115,
    "RETURN_WAREHOUSE": 12052535,
    "DELIVERY_OPTION": 12052420,
    "SHIPPING_TEMPLATE": 12052402,
}


def listings_of(call: Call) -> ShopListings:
    return call.simulator.shelves.of(call.shop)


def check_open(call: Call) -> None:
    """Refuse what lists products while something keeps the shop from listing."""
    obstacles = call.simulator.obstacles.of(call.shop.id)
    for item, code in _OBSTACLES.items():
        if item in obstacles:
            raise refuse(code, obstacles[item])


def find(call: Call, product_id: str) -> Listing | Problem:
    if listing := listings_of(call).by_id.get(product_id):
        return listing
    is_foreign = call.simulator.shelves.find(product_id) is not None
    return Problem(FOREIGN if is_foreign else UNKNOWN)


def named(call: Call, *, not_in: tuple[str, ...] = ()) -> Listing:
    """The product in the path, unless it is in one of these statuses."""
    found = find(call, call.ids["product_id"])
    if isinstance(found, Problem):
        raise found.refusal()
    if found.status in not_in:
        raise refuse(WRONG_STATUS, f"It is {found.status}.")
    return found


def product_ids(call: Call) -> list[str]:
    """`product_ids` of the body, each once."""
    ids = call.body.get("product_ids")
    if not isinstance(ids, list) or not ids or not all(isinstance(i, str) for i in ids):
        raise refuse(12052910, "'product_ids' must be a list of strings.")
    if len(ids) > MOST_IDS:
        raise refuse(12019120, f"At most {MOST_IDS} are allowed.")
    return list(dict.fromkeys(ids))
