"""Calls about creators: a shop's affiliate orders, and a creator's own.

All read. Orders are found by when they were placed and by nothing else, within three
months; what has changed since is seen by asking again.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from apps.integrations.contracts.affiliate import AffiliatePage, CreatorProfile
from apps.integrations.tiktok.affiliate import (
    creator_page_from_json,
    profile_from_json,
    seller_page_from_json,
)
from apps.integrations.tiktok.calls import Operation
from apps.integrations.tiktok.pages import page_params, window
from apps.integrations.tiktok.reading import JsonObject

OF_SHOP = Operation("POST", "/affiliate_seller/202410/orders/search", is_safe=True)
OF_CREATOR = Operation(
    "POST",
    "/affiliate_creator/202410/orders/search",
    needs_cipher=False,
    is_safe=True,
)
PROFILE = Operation(
    "GET", "/affiliate_creator/202508/profiles", needs_cipher=False, is_safe=True
)

LARGEST_PAGE = 100
LONGEST_WINDOW = timedelta(days=89)  # "three months" may be as short as that


class AffiliateCalls:
    """The part of a shop's client that speaks of creators; raises PlatformError."""

    _call: Callable[..., JsonObject]

    def search_affiliate_orders(
        self, since: datetime, until: datetime, *, page_token: str = ""
    ) -> AffiliatePage:
        """One page of orders placed in [since, until). Source: "Search Seller Affiliate
        Orders"."""
        body = _asked(since, until)
        if body is None:
            return AffiliatePage(())
        params = page_params(LARGEST_PAGE, page_token)
        return seller_page_from_json(self._call(OF_SHOP, params, body))


class CreatorCalls:
    """What a creator's own token may ask; raises PlatformError."""

    _call: Callable[..., JsonObject]

    def search_creator_orders(
        self, since: datetime, until: datetime, *, page_token: str = ""
    ) -> AffiliatePage:
        """One page of the creator's orders placed in [since, until). Source: "Search
        Creator Affiliate Orders"."""
        body = _asked(since, until)
        if body is None:
            return AffiliatePage(())
        params = page_params(LARGEST_PAGE, page_token)
        return creator_page_from_json(self._call(OF_CREATOR, params, body))

    def creator_profile(self) -> CreatorProfile:
        """Who the token's owner is. Source: "Get Creator Profile"."""
        return profile_from_json(self._call(PROFILE))


def _asked(since: datetime, until: datetime) -> dict[str, int] | None:
    """The filter; None for an empty window. Raises ValueError for one too long, which
    the platform would refuse."""
    if until - since > LONGEST_WINDOW:
        raise ValueError("affiliate orders are asked for by at most three months")
    return window("create_time", since, until)
