"""What a shop offers, as Seller Center keeps it: products that change.

The first ones grow from the catalogue, which the orders are made of; its ids and
prices are theirs. Contents are kept as a create call sends them, with ids added. What
nobody has changed is not kept: it grows again whenever it is asked for.
"""

import copy
from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from operator import attrgetter
from typing import Any

from apps.simulator.world.rolls import digits
from apps.simulator.world.sellers import Seller, Shop

Json = dict[str, Any]
Content = dict[str, Any]  # a create body without its instructions, SKUs with ids
Place = tuple[int, int]  # (last change, id): unique, and the order of a search
BY_PLACE = attrgetter("place")
LIVE = "ACTIVATE"
STATUSES = (
    "DRAFT", "PENDING", "FAILED", "ACTIVATE", "SELLER_DEACTIVATED",
    "PLATFORM_DEACTIVATED", "FREEZE", "DELETED",
)  # fmt: skip


def _nothing() -> Content:
    return {}


@dataclass(slots=True, eq=False)
class Listing:
    """A product with its versions: the base one, one in review, a draft of an edit.

    `status` is the base version's; `audit` that of what was submitted last.
    """

    id: str
    created: int
    updated: int
    status: str = LIVE
    audit: str = "APPROVED"
    quality: str = "GOOD"
    base: Content | None = None  # None: as it grew
    proposed: Content | None = None  # an edit of a product that stays as it is so far
    draft: Content | None = None  # an edit that nobody has submitted
    due: int | None = None  # when its review is decided; None: when control says so
    has_been_live: bool = True
    failures: list[Json] = field(default_factory=list)
    facts: Json = field(default_factory=dict)  # what no edit overwrites
    in_promotion: bool = False
    made_by: str = "SELLER_CENTER"  # who submitted last, as webhooks name it
    request_key: str = ""  # the idempotency key of its creation
    skus_made: int = 0
    sku_ids: tuple[str, ...] = ()
    seller_skus: tuple[str, ...] = ()
    place: Place = (0, 0)
    grow: Callable[[], Content] = _nothing

    @property
    def content(self) -> Content:
        """The base version. Not to be changed in place; see `own`."""
        return self.grow() if self.base is None else self.base

    @property
    def newest(self) -> Content:
        """What an edit of parts starts from."""
        return self.draft or self.proposed or self.content

    @property
    def is_in_review(self) -> bool:
        return self.audit == "AUDITING"

    @property
    def has_draft(self) -> bool:
        return self.status == "DRAFT" or self.draft is not None

    @property
    def platforms(self) -> frozenset[str]:
        return frozenset({"TIKTOK_SHOP", *self.facts.get("also_on", ())})

    def own(self) -> Content:
        """The base version, to be changed."""
        if self.base is None:
            self.base = self.grow()
        return self.base

    def versions(self) -> list[Content]:
        """All versions, to be changed."""
        return [self.own(), *(v for v in (self.proposed, self.draft) if v)]

    def touch(self, now: int) -> None:
        """Platform times are whole seconds and never go back."""
        self.updated = max(now, self.updated)

    def as_json(self) -> Json:
        """Everything that has to survive a restart."""
        self.own()
        json = asdict(_without_growth(self))
        for name in ("grow", "place", "sku_ids", "seller_skus"):
            del json[name]
        return json


def _without_growth(listing: Listing) -> Listing:
    bare = copy.copy(listing)
    bare.grow = _nothing
    return bare


class ShopListings:
    """One shop's products, found by id, SKU and last change."""

    def __init__(self, seller: Seller, shop: Shop) -> None:
        self.seller, self.shop = seller, shop
        self.by_id: dict[str, Listing] = {}
        self.by_update: list[Listing] = []
        self.by_sku: dict[str, Listing] = {}
        self.by_seller_sku: defaultdict[str, set[str]] = defaultdict(set)
        self.by_request: dict[str, str] = {}
        self.bundle_ids: set[str] = set()
        self.created_on: Counter[int] = Counter()  # through the API, by day
        self.limit_per_day = 1_000
        self.found: dict[str, list[Listing]] = {}  # by search, until the next change
        self._made = 0

    def put(self, listing: Listing) -> None:
        """Take in a listing, new or changed."""
        self.found.clear()
        if listing.id in self.by_id:
            self._forget(listing)
        if listing.base is not None or not listing.sku_ids:
            self._read_keys(listing)
        self.by_id[listing.id] = listing
        for sku_id in listing.sku_ids:
            self.by_sku[sku_id] = listing
        for seller_sku in listing.seller_skus:
            self.by_seller_sku[seller_sku].add(listing.id)
        if listing.request_key:
            self.by_request[listing.request_key] = listing.id
        listing.place = listing.updated, int(listing.id)
        insort(self.by_update, listing, key=BY_PLACE)

    def _forget(self, listing: Listing) -> None:
        old = self.by_id[listing.id]
        del self.by_update[bisect_left(self.by_update, old.place, key=BY_PLACE)]
        for sku_id in old.sku_ids:
            self.by_sku.pop(sku_id, None)
        for seller_sku in old.seller_skus:
            self.by_seller_sku[seller_sku].discard(listing.id)

    def _read_keys(self, listing: Listing) -> None:
        versions = [listing.content, listing.proposed or {}]
        skus = [sku for version in versions for sku in version.get("skus", ())]
        listing.sku_ids = tuple(dict.fromkeys(sku["id"] for sku in skus))
        if any("combined_skus" in sku for sku in skus):
            self.bundle_ids.add(listing.id)
        found = (sku.get("seller_sku", "") for sku in skus)
        listing.seller_skus = tuple(dict.fromkeys(text for text in found if text))

    def restore(self, state: Json) -> Listing:
        """As `Listing.as_json` put it down."""
        listing = Listing(**state)
        self.put(listing)
        return listing

    def new_id(self) -> str:
        """The same calls in the same order give the same ids."""
        while True:
            self._made += 1
            new = digits("1729", 19, "made", self.shop.id, self._made)
            if new not in self.by_id:
                return new

    def is_in_bundle(self, listing: Listing) -> bool:
        """Whether one of the shop's bundles contains it."""
        own = set(listing.sku_ids)
        return any(
            part["sku_id"] in own
            for bundle in self._bundles()
            for sku in bundle.content["skus"]
            for part in sku.get("combined_skus", ())
        )

    def _bundles(self) -> list[Listing]:
        return [self.by_id[one] for one in self.bundle_ids if one in self.by_id]

    def sku(self, sku_id: str) -> tuple[Listing, Json] | None:
        """A SKU of a base version, with its product."""
        listing = self.by_sku.get(sku_id)
        skus = listing.content["skus"] if listing else ()
        found = next((sku for sku in skus if sku["id"] == sku_id), None)
        return (listing, found) if listing and found else None


def new_sku_id(listing: Listing) -> str:
    listing.skus_made += 1
    return digits("1730", 19, "made", listing.id, listing.skus_made)
