"""The dry run of a bulk deed: the calls as they would be sent, and what they change."""

import json
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from apps.core.money import Money
from apps.products.admin.deeds import Deed
from apps.products.admin.selection import Selection
from apps.products.models import Listing, PublishRun
from apps.products.services.publishing import PriceChange, planned_changes
from apps.products.services.publishing.numbers import written
from apps.products.services.publishing.statuses import LARGEST_BATCH

# More listings are run, but not rehearsed: nobody reads on.
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A value and what it will be; `note` where nothing can be sent."""

    listing: Listing
    what: str
    before: str
    after: str
    note: str = ""


@dataclass(slots=True)
class Rehearsal:
    """`call` is the first call, whole; `calls` how many there will be at most."""

    lines: list[Line] = field(default_factory=list)
    call: str = ""
    calls: int = 0
    is_cut: bool = False
    is_of_prices: bool = False

    @property
    def changes(self) -> int:
        return sum(not line.note for line in self.lines)


def rehearse(deed: Deed, selection: Selection) -> Rehearsal:
    found = _prices(selection) if _is_price(deed) else _statuses(deed, selection)
    found.is_cut = selection.count > MOST_SHOWN
    return found


def _is_price(deed: Deed) -> bool:
    return deed.kind == PublishRun.Kind.PRICE


def _statuses(deed: Deed, selection: Selection) -> Rehearsal:
    after = {
        PublishRun.Kind.ACTIVATE: "In review, then live",
        PublishRun.Kind.DEACTIVATE: Listing.Status.SELLER_DEACTIVATED.label,
        PublishRun.Kind.DELETE: Listing.Status.DELETED.label,
        PublishRun.Kind.RECOVER: Listing.Status.SELLER_DEACTIVATED.label,
    }[deed.kind]
    found = Rehearsal()
    for listings in selection.fit.values():
        found.calls += -(-len(listings) // LARGEST_BATCH)
        if not found.call:
            body = {"product_ids": [row.remote_id for row in listings[:LARGEST_BATCH]]}
            found.call = call_text(deed.method, deed.path, body)
    for listing in islice(_all(selection), MOST_SHOWN):
        now = listing.get_status_display()
        found.lines.append(Line(listing, "Status", now, after))
    return found


def _prices(selection: Selection) -> Rehearsal:
    found = Rehearsal(is_of_prices=True)
    room = MOST_SHOWN
    for listings in selection.fit.values():
        some, room = listings[:room], max(0, room - len(listings))
        changes = planned_changes(some) if some else []
        # What changes comes first; the order is else the listings'.
        changes.sort(key=lambda change: not change.differs)
        found.lines += [price_line(change) for change in changes]
        by_listing: dict[int, list[PriceChange]] = {}
        for change in changes:
            if change.differs:
                by_listing.setdefault(change.sku.listing_id, []).append(change)
        found.calls += len(by_listing)
        if not found.call and by_listing:
            found.call = price_call(next(iter(by_listing.values())))
    return found


def price_line(change: PriceChange) -> Line:
    before = str(change.sku.price or "—")
    listing, name = change.sku.listing, str(change.sku)
    if change.price is None:
        return Line(listing, name, before, "—", f"Left as it is: {change.words}")
    if not change.differs:
        return Line(listing, name, before, str(change.price), "The same already.")
    return Line(listing, name, before, f"{change.price} ({change.words})")


def price_call(changes: list[PriceChange]) -> str:
    """The call that sets these prices of one listing."""
    skus = [
        {"id": change.sku.remote_id, "price": _price(change.price)}
        for change in changes
        if change.price is not None
    ]
    remote_id = changes[0].sku.listing.remote_id
    path = f"/product/202309/products/{remote_id}/prices/update"
    return call_text("POST", path, {"skus": skus})


def call_text(method: str, path: str, body: Any) -> str:
    """As a person reads it."""
    return f"{method} {path}\n\n{json.dumps(body, indent=2, ensure_ascii=False)}"


def _price(price: Money) -> dict[str, str]:
    return {"amount": written(price.amount), "currency": price.currency}


def _all(selection: Selection) -> Any:
    for listings in selection.fit.values():
        yield from listings
