"""Product API 202502 (202312, 202309): search, newest change first.

The page documents no sort. Bounds of time are inclusive on both sides.
"""

import json
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json, Refusal
from apps.simulator.tiktok.paging import read_paging
from apps.simulator.tiktok.products.codes import refuse
from apps.simulator.tiktok.products.finding import listings_of
from apps.simulator.tiktok.products.rendering import short_row
from apps.simulator.tiktok.products.sku_rendering import View
from apps.simulator.world import taxonomy
from apps.simulator.world.listings import STATUSES, Listing, Place

MOST_RESULTS = 10_000
MOST_SKUS = 10
_MEMORY, _FOREVER = 16, 2**40
_CHOICES = {
    "status": ("ALL", *STATUSES),
    "category_version": ("v1", "v2"),
    "sns_filter": ("CONFIGURED", "ELIGIBLE"),
}
_LISTS = {
    "seller_skus": (),
    "sku_ids": (),
    "listing_quality_tiers": ("POOR", "FAIR", "GOOD", "EXCELLENT"),
    "listing_platforms": ("TIKTOK_SHOP", "TOKOPEDIA"),
    "audit_status": ("AUDITING", "FAILED", "APPROVED"),
}
_HAS_DRAFTS = ("DRAFT", "ACTIVATE", "SELLER_DEACTIVATED", "PLATFORM_DEACTIVATED")


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty or None: any."""

    status: str
    category_version: str
    sns: str
    lists: dict[str, frozenset[str]]
    created: tuple[int, int]
    updated: tuple[int, int]
    only_drafts: bool


def search(call: Call) -> Json:
    """POST /product/202502/products/search: short rows, a page of them."""
    paging = read_paging(call, ("update_time",), refuse=_bad_paging)
    filters = read_filters(call.body)
    found = _remembered(call, filters)
    if len(found) > MOST_RESULTS:
        raise refuse(12052180, "Narrow the search down.")
    start = 0
    if paging.after is not None:
        start = bisect_right(found, _newest_first(paging.after), key=_by_newest)
    page = found[start : start + paging.size]
    has_more = start + len(page) < len(found)
    view = View(call.simulator, call.shop, str(call.body.get("locale") or ""))
    return {
        "total_count": len(found),
        "next_page_token": paging.token(page[-1].place) if has_more else "",
        "products": [
            short_row(view, row, as_draft=filters.only_drafts) for row in page
        ],
    }


def _newest_first(place: Place) -> Place:
    return -place[0], -place[1]


def _by_newest(row: Listing) -> Place:
    return _newest_first(row.place)


def _bad_paging(name: str, what: str) -> Refusal:
    numbers = {"page_size": 12019109, "page_token": 12019108}
    return refuse(numbers.get(name, 12052910), f"'{name}' {what}")


def _remembered(call: Call, filters: Filters) -> list[Listing]:
    """The same answer as before, as long as nothing has changed in the shop."""
    memory, key = listings_of(call).found, json.dumps(call.body, sort_keys=True)
    if key not in memory:
        if len(memory) >= _MEMORY:
            memory.clear()
        memory[key] = _matching(call, filters)
    return memory[key]


def _matching(call: Call, filters: Filters) -> list[Listing]:
    """Newest change first."""
    shelf = listings_of(call)
    rows: Iterable[Listing] = reversed(shelf.by_update)
    if skus := filters.lists["sku_ids"]:
        named = {shelf.by_sku[sku].id for sku in skus if sku in shelf.by_sku}
        rows = [row for row in rows if row.id in named]
    if sellers := filters.lists["seller_skus"]:
        named = {i for text in sellers for i in shelf.by_seller_sku.get(text, ())}
        rows = [row for row in rows if row.id in named]
    if filters.category_version not in ("", taxonomy.version(call.shop.region)):
        return []
    return [row for row in rows if _fits(row, filters)]


def _fits(row: Listing, filters: Filters) -> bool:
    lists = filters.lists
    return (
        filters.status in ("", "ALL", row.status)
        and filters.created[0] <= row.created <= filters.created[1]
        and filters.updated[0] <= row.updated <= filters.updated[1]
        and (not lists["audit_status"] or row.audit in lists["audit_status"])
        and _has_tier(row, lists["listing_quality_tiers"])
        and lists["listing_platforms"] <= row.platforms
        and (not filters.only_drafts or row.has_draft)
        and (not filters.sns or filters.sns == row.facts.get("sns"))
    )


def _has_tier(row: Listing, tiers: frozenset[str]) -> bool:
    return not tiers or row.quality in tiers


def read_filters(body: Json) -> Filters:
    """Unknown keys are ignored; wrong values are refused."""
    for name, choices in _CHOICES.items():
        if body.get(name) and body[name] not in choices:
            raise refuse(12052910, f"'{name}' must be one of {', '.join(choices)}.")
    lists = {name: _words(body, name, allowed) for name, allowed in _LISTS.items()}
    if len(lists["seller_skus"]) > MOST_SKUS:
        raise refuse(12019027)
    if len(lists["sku_ids"]) > MOST_SKUS:
        raise refuse(12019087)
    status = body.get("status") or ""
    if lists["listing_platforms"] and status in ("", "ALL"):
        raise refuse(12052910, "'listing_platforms' needs a 'status' other than ALL.")
    only_drafts = body.get("return_draft_version", False)
    if not isinstance(only_drafts, bool):
        raise refuse(12052910, "'return_draft_version' must be true or false.")
    if only_drafts and status not in ("", "ALL", *_HAS_DRAFTS):
        raise refuse(12052910, f"Products in {status} have no drafts.")
    return Filters(
        status=status,
        category_version=body.get("category_version") or "",
        sns=body.get("sns_filter") or "",
        lists=lists,
        created=_window(body, "create_time", 12019118),
        updated=_window(body, "update_time", 12019119),
        only_drafts=only_drafts,
    )


def _words(body: Json, name: str, allowed: tuple[str, ...]) -> frozenset[str]:
    value = body.get(name) or []
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise refuse(12052910, f"'{name}' must be a list of strings.")
    if allowed and not set(value) <= set(allowed):
        raise refuse(12052910, f"'{name}' may contain {', '.join(allowed)}.")
    return frozenset(value)


def _window(body: Json, name: str, code: int) -> tuple[int, int]:
    bounds = []
    for end, default in (("ge", 0), ("le", _FOREVER)):
        value = body.get(f"{name}_{end}")
        if value is not None and (type(value) is not int or value < 0):
            raise refuse(code, f"'{name}_{end}' must be a Unix timestamp in seconds.")
        bounds.append(default if value is None else value)
    if bounds[0] > bounds[1]:
        raise refuse(code, f"'{name}_ge' is after '{name}_le'.")
    return bounds[0], bounds[1]
