"""The platform's review of a product's content, and what else becomes of a product.

Every function changes a listing and returns the news of it. An edit of a product that
is on sale waits beside it until it has passed; price and stock need no review.
"""

import copy
import re
from collections import deque
from dataclasses import dataclass, field

from apps.simulator.world import listing_news as news
from apps.simulator.world.listing_news import COMMERCE, News, changed_fields
from apps.simulator.world.listings import LIVE, Content, Json, Listing

_BANNED = re.compile(
    r"miracle cure|100\s?% authentic guaranteed|guaranteed weight loss", re.IGNORECASE
)
_WAS_LIVE = (LIVE, "SELLER_DEACTIVATED", "PLATFORM_DEACTIVATED")


@dataclass
class ReviewDesk:
    """How reviews go here: how long they take, and whether they end by themselves."""

    seconds: int = 20 * 60
    is_open: bool = True  # else every review waits for control
    planned: deque[int] = field(default_factory=deque)  # failures of batches to come

    def next_failure(self) -> int | None:
        """The code of a failure which control has planned."""
        return self.planned.popleft() if self.planned else None


def failures_of(content: Content) -> list[Json]:
    """Why the reviewers would not let this content on the platform."""
    failures = []
    if found := _BANNED.search(content.get("title", "")):
        failures.append(
            failure(
                "title",
                f"The title makes a claim that is not allowed: {found.group()}.",
                "Remove the claim from the title and submit the product again.",
            )
        )
    if found := _BANNED.search(content.get("description", "")):
        failures.append(
            failure(
                "description",
                f"The description makes a claim that is not allowed: {found.group()}.",
                "Remove the claim from the description and submit the product again.",
            )
        )
    if not content.get("main_images"):
        failures.append(
            failure(
                "main_images",
                "The product has no picture.",
                "Add at least one picture and submit the product again.",
            )
        )
    return failures


def failure(position: str, reason: str, suggestion: str) -> Json:
    return {
        "position": position,
        "reasons": [reason],
        "suggestions": [suggestion],
        "listing_platform": "TIKTOK_SHOP",
    }


def submit(
    listing: Listing, content: Content, desk: ReviewDesk, now: int, by: str
) -> list[News]:
    """Take content in for review; what is on sale stays on sale until it has passed.

    Prices and stock count at once, and if nothing else has changed that was all.
    """
    is_known = listing.status in _WAS_LIVE
    changed = changed_fields(listing.proposed or listing.content, content)
    listing.draft, listing.made_by = None, by
    listing.touch(now)
    if listing.status == LIVE:
        adopt_commerce(listing.own(), content)
    if is_known and not changed:
        if listing.proposed is not None:
            listing.proposed = content
        else:
            listing.base = content
        return []
    if listing.status == LIVE:
        listing.proposed = content
    else:
        listing.base, listing.proposed, listing.status = content, None, "PENDING"
    return start(listing, desk, now)


def adopt_commerce(content: Content, source: Content) -> None:
    """Give the SKUs of `content` the prices and stock that `source` has for them."""
    by_id = {sku["id"]: sku for sku in source["skus"]}
    for sku in content["skus"]:
        if newer := by_id.get(sku["id"]):
            sku |= {k: copy.deepcopy(newer[k]) for k in COMMERCE if k in newer}


def start(listing: Listing, desk: ReviewDesk, now: int) -> list[News]:
    listing.audit, listing.failures = "AUDITING", []
    listing.due = now + desk.seconds if desk.is_open else None
    listing.touch(now)
    told = [news.audit_changed(listing)]
    if listing.status == "PENDING":
        told.append(news.status_changed(listing))
    return told


def approve(listing: Listing, now: int, *, needs_permit: bool = False) -> list[News]:
    """`needs_permit`: the category asks for more than good content; not on sale yet."""
    before, is_first = listing.content, not listing.has_been_live
    listing.due, listing.failures = None, []
    listing.audit = "PRE_APPROVED" if needs_permit else "APPROVED"
    told: list[News] = []
    if listing.proposed is not None:
        listing.base, listing.proposed = listing.proposed, None
        listing.touch(now)
        if listing.status == LIVE:
            told += news.content_changed(listing, before)
    listing.touch(now)
    if listing.status == "PENDING" and not needs_permit:
        listing.status, listing.has_been_live = LIVE, True
        what = "PRODUCT_FIRST_PASS_REVIEW" if is_first else "PRODUCT_STATUS_CHANGED"
        told.append(news.status_changed(listing, what))
    return [news.audit_changed(listing), *told]


def reject(listing: Listing, failures: list[Json], now: int) -> list[News]:
    """What is on sale stays on sale, as it was."""
    listing.due, listing.proposed = None, None
    listing.audit, listing.failures = "FAILED", failures
    if listing.status == "PENDING":
        listing.status = "FAILED"
    listing.touch(now)
    failed = news.status_changed(listing, "PRODUCT_AUDIT_FAILURE")
    return [news.audit_changed(listing), failed]


def move(listing: Listing, status: str, now: int) -> list[News]:
    """To a status that needs no review."""
    listing.status = status
    if status == LIVE:
        listing.has_been_live, listing.failures = True, []
        if not listing.is_in_review:
            listing.audit = "APPROVED"
    if status in ("DELETED", "FREEZE"):
        listing.proposed, listing.draft, listing.due = None, None, None
        if listing.is_in_review:
            listing.audit = "NONE" if not listing.has_been_live else "APPROVED"
    listing.touch(now)
    return [news.status_changed(listing)]
