"""Product API 202309: new prices at once, all of a call or none."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.products.codes import Problem, refuse
from apps.simulator.tiktok.products.finding import listings_of, named
from apps.simulator.tiktok.products.price_rules import (
    Codes,
    list_price_problems,
    price_problems,
)
from apps.simulator.tiktok.products.shapes import PRICES, mismatch
from apps.simulator.world.listings import LIVE, STATUSES, Listing

Json = dict[str, Any]
_NOT_LIVE = tuple(status for status in STATUSES if status != LIVE)
_CODES = Codes(malformed=12052012)
_NAMES = ("amount", "currency", "sale_price")


def update_prices(call: Call) -> Json:
    """POST /product/202309/products/{product_id}/prices/update."""
    listing = named(call, not_in=_NOT_LIVE)
    if text := mismatch(call.body, PRICES):
        raise refuse(12052910, text)
    skus: list[Json] = call.body.get("skus") or []
    for problem in _problems(call, listing, skus):
        raise problem.refusal()
    by_id = {sku["id"]: sku for sku in skus}
    for content in listing.versions():
        for sku in content["skus"]:
            if sent := by_id.get(sku["id"]):
                sku |= _changes(sent)
    listing.touch(call.simulator.clock.seconds())
    call.simulator.keep(call.shop, listing)
    return {}


def _changes(sent: Json) -> Json:
    given = sent["price"]
    changes: Json = {"price": {n: given[n] for n in _NAMES if given.get(n)}}
    for name in ("list_price", "external_list_prices"):
        if sent.get(name):
            changes[name] = sent[name]
    return changes


def _problems(call: Call, listing: Listing, skus: list[Json]) -> Iterator[Problem]:
    if not skus:
        yield Problem(12052902)
    if listing.in_promotion:
        yield Problem(12052038)
    ids = [sku["id"] for sku in skus]
    if len(ids) != len(set(ids)):
        yield Problem(12052553)
    own = {sku["id"]: sku for sku in listing.content["skus"]}
    for sku in skus:
        if sku["id"] not in own:
            yield Problem(12052557, sku["id"])
            continue
        yield from price_problems(call.shop, sku["price"], _CODES)
        yield from list_price_problems(call.shop, sku)
        if parts := own[sku["id"]].get("combined_skus"):
            yield from _bundle_problems(call, sku, parts)


def _bundle_problems(call: Call, sku: Json, parts: list[Json]) -> Iterator[Problem]:
    """A bundle must not cost more than what is in it."""
    worth = Decimal(0)
    for part in parts:
        if found := listings_of(call).sku(part["sku_id"]):
            price = found[1]["price"]
            worth += (
                Decimal(price.get("amount") or price["sale_price"])
                * (part["sku_count"])
            )
    wanted = sku["price"].get("amount") or sku["price"].get("sale_price")
    if worth and Decimal(wanted) > worth:
        yield Problem(12052861, f"That is {worth}.")
