"""Which listings a bulk action is about: those ticked, or all that match."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.platforms.models import Shop
from apps.products.admin.base import key_of
from apps.products.admin.deeds import Deed
from apps.products.admin.listing_filters import ListingFilters
from apps.products.models import Listing
from apps.users.roles import CHANGE_LISTING

FORM = "bulk"


def tick(listing: Listing) -> SafeString:
    """A box of the bulk form, which stands above the list: no script needed."""
    return format_html(
        '<input type="checkbox" class="tick" name="pk" value="{}" form="{}" '
        'aria-label="Select {}">',
        listing.pk,
        FORM,
        listing,
    )


@dataclass(slots=True)
class Selection:
    """`fit` are those the deed is done to, by shop; `left_out` the others, and why."""

    fit: dict[Shop, list[Listing]] = field(default_factory=dict)
    left_out: list[tuple[Listing, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(len(listings) for listings in self.fit.values())

    @property
    def mark(self) -> str:
        """Tells whether it is still the same listings that a person agreed to."""
        keys = sorted(each.pk for listings in self.fit.values() for each in listings)
        return hashlib.sha256(",".join(map(str, keys)).encode()).hexdigest()[:16]


def chosen(request: HttpRequest, *, all_if_none: bool = False) -> Any:
    """Those the address names and the user may see; the rest is as if not there."""
    visible = Listing.objects.visible_to(request.user).select_related("shop__client")
    told = request.GET.getlist("pk")
    if request.GET.get("all") or (all_if_none and not told):
        return ListingFilters(request.GET, request.user).apply(visible)
    return visible.filter(pk__in=[key_of(key) for key in told[:1000]])


def select(request: HttpRequest, deed: Deed) -> Selection:
    """What the deed can be done to, where the user may act."""
    return sort_out(request, chosen(request).order_by("shop", "pk"), deed)


def sort_out(
    request: HttpRequest, listings: Iterable[Listing], deed: Deed
) -> Selection:
    selection = Selection()
    may_act: dict[int, bool] = {}
    for listing in listings:
        if listing.shop_id not in may_act:
            may_act[listing.shop_id] = request.user.has_perm(CHANGE_LISTING, listing)
        if not may_act[listing.shop_id]:
            reason = "Your role only looks at this shop's listings."
        elif listing.shop.state != Shop.State.CONNECTED:
            reason = f"The shop is {listing.shop.get_state_display().lower()}."
        else:
            reason = deed.refusal(listing)
        if reason:
            selection.left_out.append((listing, reason))
        else:
            selection.fit.setdefault(listing.shop, []).append(listing)
    return selection
