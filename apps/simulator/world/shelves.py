"""All shops' listings: made when first asked for, reviewed as the clock goes on."""

import heapq
from collections.abc import Iterator
from typing import Any

from apps.simulator.world import crowd, reviews
from apps.simulator.world.listing_news import News
from apps.simulator.world.listing_seed import seed_listings
from apps.simulator.world.listings import Listing, ShopListings
from apps.simulator.world.sellers import Shop
from apps.simulator.world.taxonomy import category
from apps.simulator.world.world import World

Event = dict[str, Any]


class Shelves:
    """Not thread safe: the simulator's lock guards it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.desk = reviews.ReviewDesk()
        self._by_shop: dict[str, ShopListings] = {}
        self._waiting: list[tuple[int, str, str]] = []  # heap: due, shop id, id

    def of(self, shop: Shop) -> ShopListings:
        if shop.id not in self._by_shop:
            world = self._world
            seller = world.seller_of(shop.id)
            listings = ShopListings(seller, shop)
            for listing in seed_listings(world.seed, seller, shop, world.first_day):
                listings.put(listing)
            self._by_shop[shop.id] = listings
        return self._by_shop[shop.id]

    def find(self, product_id: str) -> tuple[Shop, Listing] | None:
        """Whoever's product it is."""
        for shop in self._world.shops.values():
            if listing := self.of(shop).by_id.get(product_id):
                return shop, listing
        return None

    def put(self, shop: Shop, listing: Listing) -> None:
        self.of(shop).put(listing)
        if listing.due is not None:
            heapq.heappush(self._waiting, (listing.due, shop.id, listing.id))

    def advance(self, now: int) -> Iterator[tuple[Shop, Listing, list[News]]]:
        """Decide the reviews that are due by `now`; the caller keeps the listings."""
        while self._waiting and self._waiting[0][0] <= now:
            due, shop_id, listing_id = heapq.heappop(self._waiting)
            shop = self._world.shops[shop_id]
            listing = self.of(shop).by_id[listing_id]
            if listing.due == due and listing.is_in_review:
                yield shop, listing, decide(shop, listing, due)

    def apply(self, event: Event) -> int:
        """A line of the journal, or a deed that repeats itself from its event; how
        many products it made or changed.
        """
        shop = self._world.shops[event["shop_id"]]
        listings = self.of(shop)
        match event["event"]:
            case "listings_grown":
                return crowd.grow(
                    listings, self._world.seed, event["count"], event["at"]
                )
            case "listings_churned":
                return crowd.churn(listings, event["percent"], event["at"])
            case _:
                self.put(shop, Listing(**event["listing"]))
                return 1


def decide(shop: Shop, listing: Listing, now: int) -> list[News]:
    """What the reviewers find by themselves."""
    content = listing.proposed or listing.content
    if failures := reviews.failures_of(content):
        return reviews.reject(listing, failures, now)
    found = category(shop.region, content.get("category_id", ""))
    needs_permit = found is not None and found.permission == "INVITE_ONLY"
    return reviews.approve(listing, now, needs_permit=needs_permit)
