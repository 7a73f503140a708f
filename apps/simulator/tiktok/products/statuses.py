"""Product APIs 202309: activate, deactivate, delete and recover, twenty at a time.

One product that cannot does not hold up the others: it is named in `errors`.
"""

from collections.abc import Callable

from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json
from apps.simulator.tiktok.products.codes import CHECK_FAILED, Problem
from apps.simulator.tiktok.products.finding import (
    WRONG_STATUS,
    check_open,
    find,
    product_ids,
)
from apps.simulator.world import reviews
from apps.simulator.world.listing_news import News
from apps.simulator.world.listings import LIVE, Listing

Deed = Callable[[Listing, int], list[News]]


def activate(call: Call) -> Json:
    """POST /product/202309/products/activate: on sale again after a review."""
    check_open(call)
    desk = call.simulator.shelves.desk

    def deed(listing: Listing, now: int) -> list[News]:
        listing.status = "PENDING"
        return reviews.start(listing, desk, now)

    hidden = ("SELLER_DEACTIVATED", "PLATFORM_DEACTIVATED")
    return _each(call, hidden, deed, nested=True)


def deactivate(call: Call) -> Json:
    """POST /product/202309/products/deactivate."""
    return _each(call, (LIVE,), _to("SELLER_DEACTIVATED"))


def delete(call: Call) -> Json:
    """DELETE /product/202309/products, with a JSON body."""
    allowed = (
        *("DRAFT", "PENDING", "FAILED", LIVE),
        *("SELLER_DEACTIVATED", "PLATFORM_DEACTIVATED"),
    )
    return _each(call, allowed, _to("DELETED"))


def recover(call: Call) -> Json:
    """POST /product/202309/products/recover: back, but not on sale."""
    return _each(call, ("DELETED",), _to("SELLER_DEACTIVATED"))


def _to(status: str) -> Deed:
    def deed(listing: Listing, now: int) -> list[News]:
        return reviews.move(listing, status, now)

    return deed


def _each(
    call: Call, allowed: tuple[str, ...], deed: Deed, *, nested: bool = False
) -> Json:
    """`nested`: errors come inside of a general one, as activate tells them."""
    errors = []
    for product_id in product_ids(call):
        found = find(call, product_id)
        if isinstance(found, Listing) and found.status not in allowed:
            found = Problem(WRONG_STATUS, f"It is {found.status}.")
        if planned := call.simulator.shelves.desk.next_failure():
            found = Problem(planned)
        if isinstance(found, Problem):
            errors.append(_error(product_id, found, nested=nested))
        else:
            news = deed(found, call.simulator.clock.seconds())
            call.simulator.keep(call.shop, found, news)
    return {"errors": errors} if errors else {}


def _error(product_id: str, problem: Problem, *, nested: bool) -> Json:
    detail: Json = {"product_id": product_id}
    if not nested:
        return problem.as_json() | {"detail": detail}
    detail["extra_errors"] = [problem.as_json()]
    return Problem(CHECK_FAILED).as_json() | {"detail": detail}
