"""Product API 202309: a new product, for review or as a draft.

An idempotency key that the shop has used already answers with the product it made.
"""

from apps.simulator.clock import day_of
from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json
from apps.simulator.tiktok.products.codes import refuse
from apps.simulator.tiktok.products.contents import to_content
from apps.simulator.tiktok.products.draft import Draft
from apps.simulator.tiktok.products.finding import listings_of
from apps.simulator.tiktok.products.saving import answer, check
from apps.simulator.world import listing_news, reviews
from apps.simulator.world.listing_quality import tier_of
from apps.simulator.world.listings import Listing


def create(call: Call) -> Json:
    """POST /product/202309/products."""
    shelf = listings_of(call)
    key = call.body.get("idempotency_key")
    if isinstance(key, str) and (known := shelf.by_request.get(key)):
        listing = shelf.by_id[known]
        return answer(listing, listing.content, [])
    draft = Draft(call, call.body)
    check(draft)
    _check_external_id(call)
    today = day_of(call.simulator.clock.now())
    if shelf.created_on[today] >= shelf.limit_per_day:
        raise refuse(12052093, f"{shelf.limit_per_day} a day are allowed.")
    shelf.created_on[today] += 1
    return _make(draft)


def _check_external_id(call: Call) -> None:
    wanted = call.body.get("external_product_id")
    if not wanted:
        return
    for listing in listings_of(call).by_id.values():
        if listing.status == "DELETED":
            continue
        if listing.content.get("external_product_id") == wanted:
            raise refuse(12052996, f"Product: {listing.id}")


def _make(draft: Draft) -> Json:
    call, shelf = draft.call, listings_of(draft.call)
    now = call.simulator.clock.seconds()
    listing = Listing(
        id=shelf.new_id(),
        created=now,
        updated=now,
        status="DRAFT",
        audit="NONE",
        has_been_live=False,
        made_by="OPEN_API",
        request_key=str(call.body.get("idempotency_key") or ""),
    )
    content = to_content(draft, listing)
    listing.base = content
    listing.quality = tier_of(call.shop, content)[0]
    news = [listing_news.created(listing)]
    if not draft.is_draft:
        desk = call.simulator.shelves.desk
        news += reviews.submit(listing, content, desk, now, by="OPEN_API")
    call.simulator.keep(call.shop, listing, news)
    return answer(listing, content, draft.warnings)
