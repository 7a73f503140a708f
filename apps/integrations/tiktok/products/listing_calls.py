"""Calls about a shop's listings: find, read, send, put on and off sale."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from apps.integrations.contracts import (
    BatchProgress,
    ItemFailure,
    ListingCheck,
    ListingPage,
    RemoteListing,
    SentListing,
    SkuPrice,
)
from apps.integrations.errors import MalformedReply, NotFound, PlatformError
from apps.integrations.tiktok.calls import Operation
from apps.integrations.tiktok.products.answers import (
    check_from_json,
    failures_from_json,
    sent_from_json,
)
from apps.integrations.tiktok.products.listings import (
    listing_from_json,
    listing_page_from_json,
)
from apps.integrations.tiktok.products.trees import CategoryTree
from apps.integrations.tiktok.reading import JsonObject, Unreadable

SEARCH = Operation("POST", "/product/202502/products/search", is_safe=True)
DETAIL = Operation("GET", "/product/202309/products/{product_id}", is_safe=True)
CREATE = Operation("POST", "/product/202309/products")
EDIT = Operation("PUT", "/product/202509/products/{product_id}")
PARTIAL_EDIT = Operation("POST", "/product/202509/products/{product_id}/partial_edit")
CHECK = Operation("POST", "/product/202309/products/listing_check", is_safe=True)
PRICES = Operation("POST", "/product/202309/products/{product_id}/prices/update")
ACTIVATE = Operation("POST", "/product/202309/products/activate")
DEACTIVATE = Operation("POST", "/product/202309/products/deactivate")
DELETE = Operation("DELETE", "/product/202309/products")
RECOVER = Operation("POST", "/product/202309/products/recover")

LARGEST_PAGE = 100
LARGEST_BATCH = 20
_VERSIONS: dict[str, dict[str, str]] = {
    "live": {},
    "under_review": {"return_under_review_version": "true"},
    "draft": {"return_draft_version": "true"},
}


class ListingCalls:
    """The part of a client that speaks of listings; raises PlatformError.

    Source: Partner Center, the pages named after the methods' operations.
    """

    _call: Callable[..., JsonObject]
    _tree: CategoryTree

    def search_listings(
        self,
        *,
        status: str = "ALL",
        updated_from: datetime | None = None,
        updated_to: datetime | None = None,
        created_from: datetime | None = None,
        created_to: datetime | None = None,
        page_token: str = "",
        page_size: int = LARGEST_PAGE,
    ) -> ListingPage:
        """One page of short listings updated in [updated_from, updated_to], and created
        in [created_from, created_to].

        Both ends count, as the platform has it. Give the same filters with each
        `page_token`. An empty window is not asked for. The platform counts to 10,000
        and refuses to page through more (TooManyFound): then ask for shorter windows.
        """
        filters: dict[str, Any] = {"status": status}
        for name, start, end in (
            ("update_time", updated_from, updated_to),
            ("create_time", created_from, created_to),
        ):
            window = _window(name, start, end)
            if window is None:
                return ListingPage(listings=(), total_count=0)
            filters |= window
        params = {"page_size": str(page_size)}
        if page_token:
            params["page_token"] = page_token
        return listing_page_from_json(self._call(SEARCH, params, filters))

    def get_listing(self, remote_id: str, *, version: str = "live") -> RemoteListing:
        """The whole listing: its "live", "under_review" or "draft" version.

        Raises NotFound, also where there is no such version.
        """
        data = self._call(DETAIL.of(remote_id), _VERSIONS[version])
        if not data:
            raise NotFound(
                "TikTok Shop shows nothing for this product. Look for it in Seller "
                "Center."
            )
        try:
            return listing_from_json(data, is_whole=True)
        except Unreadable as error:
            raise MalformedReply(
                f"Product {remote_id} cannot be read: {error}."
            ) from None

    def create_listing(self, body: Mapping[str, Any]) -> SentListing:
        """Make a listing. Repeated after an outage only with an `idempotency_key`,
        which makes the platform answer with what it has made before."""
        operation = replace(CREATE, is_safe=bool(body.get("idempotency_key")))
        return sent_from_json(self._send(operation, body))

    def edit_listing(self, remote_id: str, body: Mapping[str, Any]) -> SentListing:
        """Overwrite the whole listing: what the body does not name is blanked."""
        return sent_from_json(self._send(EDIT.of(remote_id), body), remote_id)

    def edit_listing_partly(
        self, remote_id: str, body: Mapping[str, Any]
    ) -> SentListing:
        """Change the fields named, each as a whole."""
        return sent_from_json(self._send(PARTIAL_EDIT.of(remote_id), body), remote_id)

    def check_listing(self, body: Mapping[str, Any]) -> ListingCheck:
        """Have the platform judge a create body; nothing is made, no key used up."""
        asked = {name: body[name] for name in body if name != "idempotency_key"}
        return check_from_json(self._send(CHECK, asked))

    def update_prices(
        self,
        remote_id: str,
        prices: Sequence[SkuPrice],
        *,
        is_cross_border: bool = False,
    ) -> None:
        """Set prices of SKUs of one live listing; without any, nobody is asked.

        The amounts are what buyers see, which cross-border shops send under a name of
        its own: their plain amount is the price before tax.
        """
        skus = [_price_body(price, is_cross_border=is_cross_border) for price in prices]
        if skus:
            self._call(PRICES.of(remote_id), body={"skus": skus})

    def activate_listings(self, remote_ids: Sequence[str]) -> list[ItemFailure]:
        """Put listings on sale, 20 a call; see `_in_batches` for what is returned."""
        return self._in_batches(ACTIVATE, remote_ids)

    def deactivate_listings(self, remote_ids: Sequence[str]) -> list[ItemFailure]:
        """Take live listings off sale; as `activate_listings`."""
        return self._in_batches(DEACTIVATE, remote_ids)

    def delete_listings(self, remote_ids: Sequence[str]) -> list[ItemFailure]:
        """Delete listings; the platform keeps them for recovery."""
        return self._in_batches(DELETE, remote_ids)

    def recover_listings(self, remote_ids: Sequence[str]) -> list[ItemFailure]:
        """Bring deleted listings back, off sale."""
        return self._in_batches(RECOVER, remote_ids)

    def _send(self, operation: Operation, body: Mapping[str, Any]) -> JsonObject:
        """Send a body in the shop's category version, unless it names one itself."""
        if body.get("category_version"):
            return self._call(operation, body=body)
        return self._tree.call(
            lambda version: self._call(operation, body={**body, **version})
        )

    def _in_batches(
        self, operation: Operation, remote_ids: Sequence[str]
    ) -> list[ItemFailure]:
        """The listings that were refused; those not named were taken.

        Where a call fails as a whole its error is raised, and its `progress` tells
        what had become of the calls before.
        """
        ids = list(dict.fromkeys(remote_ids))
        failures: list[ItemFailure] = []
        for start, batch in _batches(ids):
            try:
                data = self._call(operation, body={"product_ids": batch})
            except PlatformError as error:
                refused = {failure.remote_id for failure in failures}
                error.progress = BatchProgress(
                    taken=tuple(each for each in ids[:start] if each not in refused),
                    failures=tuple(failures),
                    unsure=tuple(batch),
                    unsent=tuple(ids[start + len(batch) :]),
                )
                raise
            failures += failures_from_json(data, batch)
        return failures


def _batches(ids: list[str]) -> Iterator[tuple[int, list[str]]]:
    for start in range(0, len(ids), LARGEST_BATCH):
        yield start, ids[start : start + LARGEST_BATCH]


def _price_body(price: SkuPrice, *, is_cross_border: bool) -> dict[str, Any]:
    amount = {"amount": f"{price.amount:f}", "currency": price.currency}
    if is_cross_border:
        amount["sale_price"] = f"{price.amount:f}"
    body: dict[str, Any] = {"id": price.remote_sku_id, "price": amount}
    if price.list_amount is not None:
        body["list_price"] = {
            "amount": f"{price.list_amount:f}",
            "currency": price.currency,
        }
    return body


def _window(
    name: str, start: datetime | None, end: datetime | None
) -> dict[str, int] | None:
    """Whole seconds, both of which count; None for a window that holds none."""
    bounds = {}
    if start:
        bounds[f"{name}_ge"] = math.ceil(_seconds(start))
    if end:
        bounds[f"{name}_le"] = math.floor(_seconds(end))
    is_empty = bounds.get(f"{name}_ge", 0) > bounds.get(f"{name}_le", math.inf)
    return None if is_empty else bounds


def _seconds(moment: datetime) -> float:
    if moment.tzinfo is None:
        raise ValueError("an instant without a zone names no moment")
    return moment.timestamp()
