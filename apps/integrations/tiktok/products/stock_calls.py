"""Calls about stock: how many units of a SKU can be sold, and from where."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from apps.integrations.contracts import (
    BatchProgress,
    ItemFailure,
    SkuStock,
    StockAnswer,
    StockFailure,
)
from apps.integrations.errors import PlatformError
from apps.integrations.tiktok.calls import Operation
from apps.integrations.tiktok.pages import parts
from apps.integrations.tiktok.products.stock import (
    stock_failures_from_json,
    stock_from_json,
)
from apps.integrations.tiktok.reading import JsonObject

SEARCH_STOCK = Operation("POST", "/product/202309/inventory/search", is_safe=True)
# Quantities are absolute: the same call again sets what the first one set.
UPDATE_STOCK = Operation(
    "POST", "/product/202309/products/{product_id}/inventory/update", is_safe=True
)

MOST_SKUS_SEARCHED = 600
MOST_PRODUCTS_SEARCHED = 100
# Some regions have products of 300 SKUs, but every region takes 100 of them a call.
MOST_SKUS_UPDATED = 100


class StockCalls:
    """The part of a client that speaks of stock; raises PlatformError."""

    _call: Callable[..., JsonObject]

    def search_stock(
        self, *, sku_ids: Sequence[str] = (), product_ids: Sequence[str] = ()
    ) -> StockAnswer:
        """The stock of SKUs, or of all SKUs of products, in as many calls as it takes.

        The platform heeds one kind of ids only, so ValueError for both; without any,
        nobody is asked. Source: "Inventory Search".
        """
        if sku_ids and product_ids:
            raise ValueError("ask for SKUs or for products, not for both")
        name, ids, most = (
            ("sku_ids", sku_ids, MOST_SKUS_SEARCHED)
            if sku_ids
            else ("product_ids", product_ids, MOST_PRODUCTS_SEARCHED)
        )
        answers = [
            stock_from_json(self._call(SEARCH_STOCK, body={name: part}), **{name: part})
            for part in parts(list(dict.fromkeys(ids)), most)
        ]
        return StockAnswer(
            stock=tuple(each for answer in answers for each in answer.stock),
            missing=tuple(each for answer in answers for each in answer.missing),
            malformed=tuple(each for answer in answers for each in answer.malformed),
        )

    def update_stock(
        self, remote_product_id: str, skus: Sequence[SkuStock]
    ) -> list[StockFailure]:
        """Set what can be sold of SKUs of one live listing; returns those refused.

        100 SKUs a call. Where a call fails as a whole its error is raised, and its
        `progress` tells, by the SKUs' ids, what had become of the calls before. Raises
        ValueError, before anything is sent, for stock that makes no sense. Source:
        "Update Inventory".
        """
        _check(skus)
        operation = UPDATE_STOCK.of(remote_product_id)
        failures: list[StockFailure] = []
        start = 0
        for batch in parts(skus, MOST_SKUS_UPDATED):
            body = {"skus": [_sku_body(sku) for sku in batch]}
            try:
                data = self._call(operation, body=body)
            except PlatformError as error:
                ids = [sku.remote_sku_id for sku in skus]
                error.progress = _progress(ids, start, len(batch), failures)
                raise
            failures += stock_failures_from_json(data, batch)
            start += len(batch)
        return failures


def _check(skus: Sequence[SkuStock]) -> None:
    for sku in skus:
        if not sku.quantities:
            raise ValueError(f"SKU {sku.remote_sku_id} has no warehouse")
        if not all(sku.quantities):
            raise ValueError(f"SKU {sku.remote_sku_id} has a warehouse without id")
        if min(sku.quantities.values()) < 0:
            raise ValueError(f"SKU {sku.remote_sku_id} has a negative quantity")
    times = Counter(sku.remote_sku_id for sku in skus)
    if twice := [sku_id for sku_id, count in times.items() if count > 1]:
        raise ValueError(f"SKU {twice[0]} is named twice")


def _sku_body(sku: SkuStock) -> dict[str, Any]:
    """In the order of the warehouses' ids, so that the same stock is the same call."""
    return {
        "id": sku.remote_sku_id,
        "inventory": [
            {"warehouse_id": warehouse_id, "quantity": quantity}
            for warehouse_id, quantity in sorted(sku.quantities.items())
        ],
    }


def _progress(
    ids: list[str], start: int, size: int, failures: list[StockFailure]
) -> BatchProgress:
    refused = {failure.remote_sku_id for failure in failures}
    return BatchProgress(
        taken=tuple(each for each in ids[:start] if each not in refused),
        failures=tuple(
            ItemFailure(each.remote_sku_id, each.code, each.message)
            for each in failures
        ),
        unsure=tuple(ids[start : start + size]),
        unsent=tuple(ids[start + size :]),
    )
