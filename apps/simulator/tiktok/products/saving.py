"""The last steps of create, edit and partial edit: keep, submit, answer."""

import copy
from typing import Any

from apps.simulator.tiktok.products.codes import refuse
from apps.simulator.tiktok.products.contents import to_content
from apps.simulator.tiktok.products.draft import Draft
from apps.simulator.tiktok.products.finding import check_open
from apps.simulator.tiktok.products.validation import problems
from apps.simulator.world import reviews
from apps.simulator.world.listing_news import News
from apps.simulator.world.listing_quality import tier_of
from apps.simulator.world.listings import Content, Listing

Json = dict[str, Any]
_NEVER_LIVE = ("DRAFT", "FAILED")
_NOT_IN_DRAFTS = ("delivery_option_ids",)


def check(draft: Draft) -> None:
    """Refuse a body with the first thing that is wrong with it, or with the shop."""
    if not draft.is_draft:
        check_open(draft.call)
    for problem in problems(draft):
        raise problem.refusal()


def save(draft: Draft, listing: Listing) -> Json:
    """Keep a checked edit, for later or for review."""
    call = draft.call
    now = call.simulator.clock.seconds()
    if draft.is_draft and listing.status == "PENDING":
        raise refuse(12052901, "A product in review has no drafts.")
    content = to_content(draft, listing)
    _tag(listing, draft.body.get("product_tag_operations") or [])
    news: list[News] = []
    stock = call.simulator.stock
    with stock.watched(call.shop, listing, "edit", call.app.name, now):
        if draft.is_draft:
            _save_draft(listing, content)
            listing.touch(now)
        else:
            desk = call.simulator.shelves.desk
            listing.quality = tier_of(call.shop, content)[0]
            news = reviews.submit(listing, content, desk, now, by="OPEN_API")
        call.simulator.keep(call.shop, listing, news)
    return answer(listing, content, draft.warnings)


def _save_draft(listing: Listing, content: Content) -> None:
    if listing.status in _NEVER_LIVE:
        listing.base, listing.status = content, "DRAFT"
        listing.audit, listing.failures = "NONE", []
        return
    kept = copy.deepcopy(content)
    for name in _NOT_IN_DRAFTS:
        kept.pop(name, None)
    for sku in kept["skus"]:
        sku.pop("inventory", None)
    listing.draft = kept


def _tag(listing: Listing, operations: list[Json]) -> None:
    tags = list(listing.facts.get("product_tags", ()))
    for operation in operations:
        tag = operation["product_tag"]
        tags = [one for one in tags if one != tag]
        tags += [tag] if operation["enable"] else []
    if operations:
        listing.facts = listing.facts | {"product_tags": tags}


def answer(listing: Listing, content: Content, warnings: list[str]) -> Json:
    data: Json = {
        "product_id": listing.id,
        "skus": [_sku(sku) for sku in content["skus"]],
    }
    if warnings:
        data["warnings"] = [{"message": text} for text in warnings]
    return data


def _sku(sku: Json) -> Json:
    names = ("id", "seller_sku", "external_sku_id", "fees")
    row = {name: sku[name] for name in names if name in sku}
    row["sales_attributes"] = [
        {"id": attribute["id"], "value_id": attribute["value_id"]}
        for attribute in sku.get("sales_attributes", ())
    ]
    return row
