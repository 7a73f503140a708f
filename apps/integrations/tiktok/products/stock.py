"""TikTok Shop's stock to our contracts, and its answers to the stock we set.

Source: Partner Center, "Inventory Search" and "Update Inventory" (202309). A SKU that
we cannot read is named and spoils no other; a number that makes no sense is never 0.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from apps.integrations.contracts import (
    RemoteStock,
    RemoteWarehouseStock,
    SkuStock,
    StockAnswer,
    StockFailure,
)
from apps.integrations.tiktok.codes import fault_of, stock_fault
from apps.integrations.tiktok.products.codes import WRAPPER
from apps.integrations.tiktok.reading import (
    JsonObject,
    Unreadable,
    identifier,
    mapping,
    sequence,
    text,
    whole_number,
)
from apps.integrations.tiktok.replies import sentence_for

_MOST_UNITS = 10**9


def stock_from_json(
    data: JsonObject, *, sku_ids: Iterable[str] = (), product_ids: Iterable[str] = ()
) -> StockAnswer:
    """The stock of one search, with those of the ids asked for that it passes over.

    A product that is named without SKUs tells nothing, and is missing as well.
    """
    stock: list[RemoteStock] = []
    malformed: list[tuple[str, str]] = []
    skus: set[str] = set()
    products: set[str] = set()
    for product_id, row in _sku_rows(data):
        sku_id = identifier(row, "id") if isinstance(row, Mapping) else ""
        skus.add(sku_id)
        products.add(product_id)
        try:
            stock.append(_stock(row, product_id))
        except Unreadable as error:
            malformed.append((sku_id, str(error)))
    missing = [each for each in sku_ids if each not in skus]
    missing += [each for each in product_ids if each not in products]
    return StockAnswer(tuple(stock), tuple(missing), tuple(malformed))


def _sku_rows(data: JsonObject) -> Iterator[tuple[str, Any]]:
    for product in sequence(data, "inventory"):
        if not isinstance(product, Mapping):
            yield "", product
            continue
        product_id = identifier(product, "product_id")
        yield from ((product_id, sku) for sku in sequence(product, "skus"))


def _stock(row: Any, product_id: str) -> RemoteStock:
    if not isinstance(row, Mapping):
        raise Unreadable("the row is not an object")
    if not (sku_id := identifier(row, "id")):
        raise Unreadable("the SKU has no id")
    shares = row.get("total_available_inventory_distribution") or {}
    if not isinstance(shares, Mapping):
        raise Unreadable("the distribution is not an object")
    return RemoteStock(
        remote_sku_id=sku_id,
        remote_product_id=product_id,
        seller_sku=text(row, "seller_sku"),
        available=_units(row, "total_available_quantity"),
        committed=_units(row, "total_committed_quantity"),
        by_warehouse=tuple(map(_level, sequence(row, "warehouse_inventory"))),
        campaign=_kept_for(shares, "campaign_inventory"),
        creator=_kept_for(shares, "creator_inventory"),
    )


def _level(row: Any) -> RemoteWarehouseStock:
    if not isinstance(row, Mapping):
        raise Unreadable("a warehouse is not an object")
    if not (warehouse_id := identifier(row, "warehouse_id")):
        raise Unreadable("a warehouse has no id")
    return RemoteWarehouseStock(
        remote_warehouse_id=warehouse_id,
        available=_units(row, "available_quantity"),
        committed=_units(row, "committed_quantity"),
    )


def _kept_for(shares: JsonObject, name: str) -> int:
    """The units of all shares of one kind, 0 if there are none."""
    kept = 0
    for share in sequence(shares, name):
        units = _units(share, "quantity") if isinstance(share, Mapping) else None
        if units is None:
            raise Unreadable(f"{name} has a share without a quantity")
        kept += units
    return kept


def _units(row: JsonObject, name: str) -> int | None:
    """A number of units, None if it is not told; raises Unreadable."""
    value, words = row.get(name), text(row, name)
    if value is None or (isinstance(value, str) and not words):
        return None
    if words.isascii() and words.isdigit() and len(words) <= len(str(_MOST_UNITS)):
        units = int(words)
        if units <= _MOST_UNITS:
            return units
    raise Unreadable(f"{name} is not a number of units")


def stock_failures_from_json(
    data: JsonObject, sent: Sequence[SkuStock]
) -> list[StockFailure]:
    """One failure for each SKU that was refused; all others of the call were taken.

    An error that does not say whose it is counts against each SKU sent, because none
    is known to have been taken.
    """
    quantities = {sku.remote_sku_id: sku.quantities for sku in sent}
    failures: dict[str, StockFailure] = {}
    for entry in sequence(data, "errors"):
        row = entry if isinstance(entry, Mapping) else {"message": str(entry)}
        named = identifier(mapping(row, "detail"), "sku_id")
        for sku_id in [named] if named else quantities:
            failure = _failure(row, sku_id, quantities.get(sku_id, {}))
            if first := failures.get(sku_id):
                both = first.warehouses + failure.warehouses
                failure = replace(first, warehouses=both)
            failures[sku_id] = failure
    return list(failures.values())


def _failure(
    row: JsonObject, sku_id: str, quantities: Mapping[str, int]
) -> StockFailure:
    """A reason that only wraps others gives way to the first of them."""
    extras = [
        each
        for each in sequence(mapping(row, "detail"), "extra_errors")
        if isinstance(each, Mapping)
    ]
    wraps = (whole_number(row, "code") or WRAPPER) == WRAPPER
    reason = extras[0] if extras and wraps else row
    code, message = _told(reason)
    return StockFailure(
        remote_sku_id=sku_id,
        code=code,
        message=message,
        warehouses=tuple(
            (warehouse, *_told(each))
            for each in extras
            if (warehouse := identifier(each, "warehouse_id"))
        ),
        kind=stock_fault(code, _at_fault(reason, quantities)),
    )


def _at_fault(reason: JsonObject, quantities: Mapping[str, int]) -> list[int]:
    """What was sent for the warehouse a reason names, for all if it names none."""
    warehouse_id = identifier(reason, "warehouse_id")
    if warehouse_id in quantities:
        return [quantities[warehouse_id]]
    return list(quantities.values())


def _told(reason: JsonObject) -> tuple[int, str]:
    """The code, and what it means in words for staff."""
    code, words = whole_number(reason, "code") or 0, text(reason, "message")
    return code, sentence_for(fault_of(code, words), words)
