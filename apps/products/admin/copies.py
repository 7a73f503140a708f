"""Listings written anew for another shop of the same client: drafts, nothing sent."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from apps.core.errors import DomainError
from apps.integrations.errors import PlatformError
from apps.platforms.models import Shop
from apps.products.admin.at_shop import by_whom
from apps.products.admin.base import key_of
from apps.products.admin.selection import chosen
from apps.products.models import Listing, ListingDraft
from apps.products.services.copying import copy_listing
from apps.users.models import User
from apps.users.roles import CHANGE_LISTING
from apps.users.services import audit

# Each asks the platform several things while the person waits.
MOST_AT_ONCE = 20
_FAILURES_SHOWN = 5


def copy_many(admin: Any, request: HttpRequest) -> HttpResponse:
    listings = list(
        chosen(request).present().order_by("shop", "pk")[: MOST_AT_ONCE + 1]
    )
    is_cut = len(listings) > MOST_AT_ONCE
    listings = listings[:MOST_AT_ONCE]
    targets = _targets(request, listings)
    if request.method == "POST" and listings:
        told = request.POST.get("to", "")
        target = targets.filter(pk=key_of(told)).first()
        if target is None:
            messages.error(request, "There is no such shop. Choose another.")
        else:
            return _copy(request, listings, target)
    page: HttpResponse = admin.own_page(
        request,
        "products/listings/copy.html",
        {
            "title": "Copy to another shop",
            "listings": listings,
            "is_cut": is_cut,
            "most": MOST_AT_ONCE,
            "targets": targets,
            "here": request.get_full_path(),
            "back": reverse("admin:products_listing_changelist"),
        },
    )
    return page


def _targets(request: HttpRequest, listings: list[Listing]) -> QuerySet[Any]:
    """Shops of the one client they all belong to, where the user may act."""
    clients = {listing.shop.client_id for listing in listings}
    shops = Shop.objects.visible_to(request.user, CHANGE_LISTING)
    if len(clients) != 1:
        return shops.none()
    here = {listing.shop_id for listing in listings}
    found = shops.filter(client__in=clients, state=Shop.State.CONNECTED)
    return found.exclude(pk__in=here) if len(here) == 1 else found


def _copy(request: HttpRequest, listings: list[Listing], target: Shop) -> HttpResponse:
    assert isinstance(request.user, User)
    drafts: list[ListingDraft] = []
    failures: list[str] = []
    for listing in listings:
        if listing.shop_id == target.pk:
            failures.append(f"{listing} is in {target} already.")
            continue
        try:
            draft = copy_listing(listing, target, request.user)
        except (DomainError, PlatformError) as error:
            failures.append(f"{listing}: {error}")
            continue
        audit.record(
            "copied a listing",
            draft,
            client=target.client,
            listing=listing.pk,
            from_shop=str(listing.shop),
            **by_whom(request),
        )
        drafts.append(draft)
    for words in failures[:_FAILURES_SHOWN]:
        messages.error(request, words)
    if len(failures) > _FAILURES_SHOWN:
        messages.error(request, f"And {len(failures) - _FAILURES_SHOWN} more.")
    if len(drafts) == 1 and not failures:
        return redirect("admin:products_listingdraft_section", drafts[0].pk, "basics")
    if drafts:
        messages.success(
            request,
            f"{len(drafts)} draft{'s' if len(drafts) > 1 else ''} in {target}. Nothing "
            "is sent before somebody sends it.",
        )
    return redirect(
        f"{reverse('admin:products_listingdraft_changelist')}?shop={target.pk}"
    )
