"""Product APIs 202309: how many pieces lie where.

An update names every warehouse of a SKU and says how many there are, not how many
more. What is wrong with one SKU does not hold up the others: it is named in `errors`.
"""

import copy
from typing import Any

from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.products.codes import CHECK_FAILED, Problem, refuse
from apps.simulator.tiktok.products.finding import listings_of, named
from apps.simulator.tiktok.products.shapes import STOCK, mismatch
from apps.simulator.tiktok.products.sku_rendering import View, stock_of
from apps.simulator.tiktok.products.sku_validation import most_skus
from apps.simulator.tiktok.products.stock_rules import row_problems
from apps.simulator.world.listings import LIVE, STATUSES, Listing

Json = dict[str, Any]
MOST_PRODUCTS, MOST_SKUS = 100, 600
_NOT_LIVE = tuple(status for status in STATUSES if status != LIVE)


def update_stock(call: Call) -> Json:
    """POST /product/202309/products/{product_id}/inventory/update."""
    listing = named(call, not_in=_NOT_LIVE)
    if text := mismatch(call.body, STOCK):
        raise refuse(12052910, text)
    sent: list[Json] = copy.deepcopy(call.body.get("skus") or [])
    own = {sku["id"]: sku for sku in listing.content["skus"]}
    _check_call(call, sent, own)
    now = call.simulator.clock.seconds()
    watched = call.simulator.stock.watched(
        call.shop, listing, "push", call.app.name, now
    )
    errors = []
    with watched:
        for sku in sent:
            failures = _failures(call, listing, sku, own.get(sku["id"]))
            if planned := call.simulator.shelves.desk.next_failure():
                failures = [("", Problem(planned))]
            if failures:
                errors.append(_error(sku["id"], failures))
            else:
                _store(listing, sku)
        if len(errors) < len(sent):
            listing.touch(now)
            call.simulator.keep(call.shop, listing)
    return {"errors": errors} if errors else {}


def _check_call(call: Call, sent: list[Json], own: dict[str, Json]) -> None:
    """What makes no sense of the whole call."""
    if not sent:
        raise refuse(12052902)
    if len(sent) > (most := most_skus(call.shop.region.code)):
        raise refuse(12052050, f"At most {most} are allowed.")
    if not all(sku.get("id") for sku in sent):
        raise refuse(12052036)
    if len({sku["id"] for sku in sent}) < len(sent):
        raise refuse(12052553)
    for sku in sent:
        rows = sku.get("inventory") or []
        held = [
            row["warehouse_id"] for row in own.get(sku["id"], {}).get("inventory", ())
        ]
        if len(rows) == len(held) == 1:
            rows[0].setdefault("warehouse_id", held[0])
        named_ids = [row.get("warehouse_id") for row in rows]
        if set(held) - set(named_ids):
            raise refuse(12019028, f"SKU: {sku['id']}")
        if len(set(named_ids)) < len(named_ids):
            raise refuse(12052910, f"SKU {sku['id']} has a warehouse twice.")


def _failures(
    call: Call, listing: Listing, sent: Json, own: Json | None
) -> list[tuple[str, Problem]]:
    """(warehouse id, what is wrong there)"""
    if own is None:
        return [("", Problem(12052556, sent["id"]))]
    if "combined_skus" in own:
        return [("", Problem(12052850))]
    before = {row["warehouse_id"]: row["quantity"] for row in own["inventory"]}
    failures = []
    for row in sent.get("inventory") or []:
        warehouse_id = row.get("warehouse_id") or ""
        found = list(row_problems(call, row | {"warehouse_id": warehouse_id}))
        if not found and warehouse_id not in before:
            found = [Problem(12052533)]
        if (
            not found
            and listing.in_promotion
            and row["quantity"] < before[warehouse_id]
        ):
            found = [Problem(12052393)]
        failures += [(warehouse_id, problem) for problem in found]
    return failures


def _store(listing: Listing, sent: Json) -> None:
    """Absolute quantities; what else a row had stays if it was not sent."""
    for content in listing.versions():
        for sku in content["skus"]:
            if sku["id"] == sent["id"] and "inventory" in sku:
                old = {row["warehouse_id"]: row for row in sku["inventory"]}
                sku["inventory"] = [
                    old.get(row["warehouse_id"], {}) | row for row in sent["inventory"]
                ]


def _error(sku_id: str, failures: list[tuple[str, Problem]]) -> Json:
    extra = [
        ({"warehouse_id": warehouse} if warehouse else {}) | problem.as_json()
        for warehouse, problem in failures
    ]
    detail = {"sku_id": sku_id, "extra_errors": extra}
    return Problem(CHECK_FAILED).as_json() | {"detail": detail}


def search_stock(call: Call) -> Json:
    """POST /product/202309/inventory/search: by SKU, else by product; no pages."""
    skus, products = _ids(call, "sku_ids"), _ids(call, "product_ids")
    if len(skus) > MOST_SKUS:
        raise refuse(12019015, f"At most {MOST_SKUS} are allowed.")
    if not skus and len(products) > MOST_PRODUCTS:
        raise refuse(12019120, f"At most {MOST_PRODUCTS} are allowed.")
    if not skus and not products:
        raise refuse(12019008, "Send 'product_ids' or 'sku_ids'.")
    shelf = listings_of(call)
    found = (
        (shelf.by_sku.get(one) for one in skus)
        if skus
        else (shelf.by_id.get(one) for one in products)
    )
    listings = {
        row.id: row for row in found if row is not None and row.status != "DELETED"
    }
    view = View(call.simulator, call.shop)
    return {
        "inventory": [_product(view, row, frozenset(skus)) for row in listings.values()]
    }


def _ids(call: Call, name: str) -> list[str]:
    value = call.body.get(name) or []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise refuse(12019008, f"'{name}' must be a list of strings.")
    return list(dict.fromkeys(value))


def _product(view: View, listing: Listing, only: frozenset[str]) -> Json:
    skus = listing.content["skus"]
    return {
        "product_id": listing.id,
        "skus": [_sku(view, sku) for sku in skus if not only or sku["id"] in only],
    }


def _sku(view: View, sku: Json) -> Json:
    stock = stock_of(view, sku)
    held = [row["warehouse_id"] for row in stock]
    committed = view.simulator.stock.committed(view.shop, sku["id"], held)
    available = sum(row["quantity"] for row in stock)
    row: Json = {
        "id": sku["id"],
        "total_available_quantity": available,
        "total_committed_quantity": sum(committed.values()),
        "warehouse_inventory": [
            {
                "warehouse_id": row["warehouse_id"],
                "available_quantity": row["quantity"],
                "committed_quantity": committed[row["warehouse_id"]],
            }
            for row in stock
        ],
        "total_available_inventory_distribution": _distribution(view, sku, available),
    }
    if "seller_sku" in sku:
        row["seller_sku"] = sku["seller_sku"]
    return row


def _distribution(view: View, sku: Json, available: int) -> Json:
    """Who may buy it. Nothing set aside: no row."""
    reserved = view.simulator.stock.reserved.of(sku["id"], available)
    in_shop = available - sum(reserved.values())
    rows: Json = {"in_shop_inventory": {"quantity": in_shop}}
    for kind, quantity in reserved.items():
        if quantity:
            name = {f"{kind}_name": f"Simulated {kind}"}
            rows[f"{kind}_inventory"] = [{"quantity": quantity} | name]
    return rows
