"""What SKUs must be like: their ids, codes, variants, prices, stock and bundles."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from apps.simulator.tiktok.products import bundle_validation, variant_validation
from apps.simulator.tiktok.products.codes import Problem
from apps.simulator.tiktok.products.draft import Draft
from apps.simulator.tiktok.products.price_rules import (
    list_price_problems,
    price_problems,
)
from apps.simulator.tiktok.products.stock_rules import row_problems
from apps.simulator.world.listing_prices import read_back
from apps.simulator.world.sellers import Shop

Json = dict[str, Any]
_MANY = ("US", "GB", "DE", "FR", "IT", "ES", "IE", "BR", "MX", "JP")
_DIGITS = {
    "GTIN": r"\d{14}",
    "EAN": r"\d{8}|\d{13}|\d{14}",
    "UPC": r"\d{12}",
    "ISBN": r"\d{13}|\d{9}X",
    "JAN": r"\d{8}|\d{13}",
}


def most_skus(region: str) -> int:
    return 300 if region in _MANY else 100


def problems(draft: Draft) -> Iterator[Problem]:
    if not draft.skus:
        yield Problem(12052902 if draft.listing else 12052910, "'skus' is required.")
        return
    if len(draft.skus) > most_skus(draft.region):
        yield Problem(12052050, f"At most {most_skus(draft.region)} are allowed.")
    yield from _ids(draft)
    yield from bundle_validation.problems(draft)
    for sku in draft.skus:
        yield from _code(draft, sku)
        yield from _price(draft, sku)
        yield from _stock(draft, sku)
    yield from _identifiers(draft)
    yield from _pre_sale(draft)
    yield from variant_validation.problems(draft)


def _ids(draft: Draft) -> Iterator[Problem]:
    ids = [sku["id"] for sku in draft.skus if sku.get("id")]
    if draft.listing is None:
        return  # a new product's SKUs have none; what is sent is ignored
    if twice := [one for one, count in Counter(ids).items() if count > 1]:
        yield Problem(12052553, twice[0])
    for sku_id in ids:
        if sku_id not in draft.known_skus():
            yield Problem(12052557, sku_id)


def _code(draft: Draft, sku: Json) -> Iterator[Problem]:
    code = sku.get("seller_sku") or ""
    if len(code) > 50:
        yield Problem(12052054)
    if any(character.isspace() for character in code):
        yield Problem(12052910, "'seller_sku' must not contain spaces.")
    if not code and draft.category and draft.category.rules.needs_seller_sku:
        yield Problem(12052104, "This category requires 'seller_sku'.", is_gap=True)
    if any(len(url) > 500 for url in sku.get("external_urls") or ()):
        yield Problem(12052238)


def _known(draft: Draft, sku: Json) -> Json:
    return draft.known_skus().get(sku.get("id") or "", {})


def _price(draft: Draft, sku: Json) -> Iterator[Problem]:
    price, shop = sku.get("price"), draft.call.shop
    if price:
        found = list(price_problems(shop, price))
        yield from found
        before = _known(draft, sku).get("price")
        is_locked = draft.listing is not None and draft.listing.in_promotion
        if is_locked and before and not found and _differs(shop, before, price):
            yield Problem(12052038)
    elif "price" not in _known(draft, sku):
        yield Problem(12052571 if draft.listing else 12052073, is_gap=True)
    yield from list_price_problems(shop, sku)


def _differs(shop: Shop, before: Json, price: Json) -> bool:
    return read_back(shop, before) != read_back(shop, price)


def _stock(draft: Draft, sku: Json) -> Iterator[Problem]:
    rows = sku.get("inventory") or []
    if sku.get("combined_skus"):
        if rows and draft.listing is not None:
            yield Problem(12052850)
        return
    if not rows and not _known(draft, sku).get("inventory"):
        yield Problem(12052096, is_gap=True)
    named = [row.get("warehouse_id") for row in rows]
    if not all(named) or len(named) != len(set(named)):
        yield Problem(12052516, "Each warehouse must be named once.")
        return
    for row in rows:
        yield from row_problems(draft.call, row)


def _identifiers(draft: Draft) -> Iterator[Problem]:
    seen = set()
    for sku in draft.skus:
        given = sku.get("identifier_code") or {}
        code, kind = given.get("code") or "", given.get("type") or ""
        before = _known(draft, sku).get("identifier_code")
        was_submitted = draft.listing is not None and draft.listing.status != "DRAFT"
        if before and was_submitted and given and given != before:
            yield Problem(12052593)
        if not code:
            continue
        if kind not in _DIGITS:
            yield Problem(12052600)
        elif not re.fullmatch(_DIGITS[kind], code):
            yield Problem(12052591, f"{kind} {code}")
        if code in seen:
            yield Problem(12052592)
        seen.add(code)


def _pre_sale(draft: Draft) -> Iterator[Problem]:
    given = [sku.get("pre_sale") or {} for sku in draft.skus]
    kinds = {one.get("type", "") for one in given}
    if not any(given):
        return
    for one in filter(None, given):
        yield from _one_pre_sale(draft, one)
    if len(kinds) > 1:
        yield Problem(12019100)


def _one_pre_sale(draft: Draft, pre_sale: Json) -> Iterator[Problem]:
    kind, when = pre_sale.get("type"), pre_sale.get("fulfillment_type") or {}
    is_american = draft.region == "US"
    allowed = (
        ("PRE_ORDER", "MADE_TO_ORDER", "CUSTOM") if is_american else ("PRE_ORDER",)
    )
    if not kind:
        yield Problem(12019096)
    elif kind not in allowed:
        yield Problem(12019099)
    elif draft.category and kind not in draft.category.rules.special_types:
        yield Problem(12052702)
    elif not when:
        yield Problem(12019095)
    elif is_american and kind == "PRE_ORDER":
        if not when.get("release_date"):
            yield Problem(12019097)
    elif not when.get("handling_duration_days"):
        yield Problem(12019098)
