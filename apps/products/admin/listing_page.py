"""The page of one listing: what is known and since when, and what can be done."""

import json
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
)
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from apps.core.addresses import address_of
from apps.core.admin import ago
from apps.core.errors import DomainError
from apps.core.money import Money
from apps.integrations.errors import PlatformError
from apps.platforms.models import Shop
from apps.products.admin import listing_words
from apps.products.admin.deeds import DEEDS, edit_refusal
from apps.products.admin.pictures_shown import addresses_in
from apps.products.admin.run_words import item_badge
from apps.products.models import (
    Listing,
    ListingPayload,
    ListingSku,
    PublishItem,
)
from apps.products.services import publishing
from apps.products.services.ingest import Outcome
from apps.products.services.listing_pull import pull_listing
from apps.users.models import User
from apps.users.roles import CHANGE_LISTING, VIEW_PRODUCT
from apps.users.services import audit

MOST_ITEMS = 20
MOST_PICTURES = 12


def page(admin: Any, request: HttpRequest, object_id: str) -> HttpResponse:
    reads = request.method in ("GET", "HEAD")
    if not reads or not admin.has_view_permission(request):
        raise PermissionDenied
    listing = admin.get_object(request, object_id)
    if listing is None:
        answer: HttpResponse = admin.missing(request, object_id)
        return answer
    context = _context(listing, request)
    page: HttpResponse = admin.own_page(
        request, "products/listings/listing.html", context
    )
    return page


def act(admin: Any, request: HttpRequest, object_id: int, deed: str) -> HttpResponse:
    """What is done at once; what is sent to the platform goes by the bulk page."""
    if deed not in _ACTS:
        raise Http404
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not admin.has_view_permission(request):
        raise PermissionDenied
    listing = admin.get_object(request, str(object_id))
    if listing is None:
        answer: HttpResponse = admin.missing(request, str(object_id))
        return answer
    if not request.user.has_perm(CHANGE_LISTING, listing):
        raise PermissionDenied
    try:
        return _ACTS[deed](request, listing)
    except (DomainError, PlatformError) as error:
        messages.error(request, str(error))
        return redirect("admin:products_listing_change", listing.pk)


def _pull(request: HttpRequest, listing: Listing) -> HttpResponse:
    outcome = pull_listing(listing)
    words = "Nothing has changed." if outcome is Outcome.SAME else "It has changed."
    messages.success(request, f"Pulled from TikTok. {words}")
    return redirect("admin:products_listing_change", listing.pk)


def _edit(request: HttpRequest, listing: Listing) -> HttpResponse:
    assert isinstance(request.user, User)
    if reason := edit_refusal(listing):
        messages.error(request, reason)
        return redirect("admin:products_listing_change", listing.pk)
    draft = publishing.start_edit(listing, request.user)
    audit.record(
        "opened a draft",
        draft,
        client=listing.shop.client,
        actor=request.user,
        address=address_of(request),
        product_id=listing.remote_id,
    )
    return redirect(
        "admin:products_listingdraft_section",
        draft.pk,
        "attributes" if request.POST.get("section") == "attributes" else "basics",
    )


_ACTS: dict[str, Callable[[HttpRequest, Listing], HttpResponse]] = {
    "pull": _pull,
    "edit": _edit,
}


def _context(listing: Listing, request: HttpRequest) -> dict[str, Any]:
    may_act = request.user.has_perm(CHANGE_LISTING, listing)
    payload = ListingPayload.objects.filter(listing=listing).first()
    return {
        "title": str(listing),
        "listing": listing,
        "status": listing_words.status_badge(listing),
        "audit": listing_words.audit_badge(listing),
        "feedback": listing_words.feedback(listing),
        "facts": _facts(listing),
        "skus": _skus(listing, request),
        "pictures": list(addresses_in(listing))[:MOST_PICTURES],
        "drafts": listing.drafts.select_related("user")[:10],
        "items": [
            {"item": item, "badge": item_badge(item), "age": ago(item.ended_at)}
            for item in PublishItem.objects.filter(listing=listing)
            .select_related("run__user")
            .order_by("-pk")[:MOST_ITEMS]
        ],
        "rejections": [row for row in listing.rejections if isinstance(row, dict)],
        "may_act": may_act,
        "deeds": _deeds(listing) if may_act else [],
        "edit_refusal": edit_refusal(listing) or _shop_refusal(listing),
        "shop_refusal": _shop_refusal(listing),
        "seller_center": listing_words.seller_center(listing),
        "payload": payload,
        "payload_text": json.dumps(payload.body, indent=2, ensure_ascii=False)
        if payload
        else "",
        "may_see_products": request.user.has_perm(VIEW_PRODUCT, listing),
    }


def _facts(listing: Listing) -> list[tuple[str, Any, Any]]:
    """(name, value, when it was learnt)."""
    told = listing.get_audit_display() if listing.audit else "—"
    if listing.audit_text and listing.audit_text.lower() != told.lower():
        told = f"{told} ({listing.audit_text})"
    content = ago(listing.content_learnt_at)
    return [
        (
            "In TikTok's words",
            listing.status_text or "—",
            ago(listing.status_learnt_at),
        ),
        ("Review", told, ago(listing.audit_learnt_at)),
        ("Category", listing.category_name or "—", content),
        ("Brand", listing.brand_name or "none", content),
        ("Quality", listing.quality.capitalize() or "—", content),
        ("Outside ID", listing.external_id or "—", content),
        ("Created on TikTok", ago(listing.remote_created_at), ""),
        ("Changed on TikTok", ago(listing.remote_updated_at), ""),
        ("Known from", listing.get_source_display(), ""),
    ]


def _skus(listing: Listing, request: HttpRequest) -> list[dict[str, Any]]:
    mapping = reverse("admin:products_listingsku_changelist")
    rows = listing.skus.select_related("variant__product").order_by(
        "removed_at", "position", "pk"
    )
    return [
        {
            "sku": sku,
            "price": sku.price or "—",
            "list_price": _list_price(sku),
            "price_age": ago(sku.price_learnt_at),
            "quantity_age": ago(sku.quantity_learnt_at),
            "badge": listing_words.mapping_badge(sku),
            "mapping_link": f"{mapping}?{urlencode({'q': sku.remote_id})}",
            "product_link": sku.variant
            and reverse("admin:products_product_change", args=[sku.variant.product_id]),
        }
        for sku in rows
    ]


def _list_price(sku: ListingSku) -> Money | str:
    if sku.list_price_amount is None or not sku.currency:
        return "—"
    return Money(sku.list_price_amount, sku.currency)


def _deeds(listing: Listing) -> list[dict[str, Any]]:
    """Buttons, and where there is none, why."""
    address = reverse("admin:products_listing_bulk")
    blocked = _shop_refusal(listing)
    return [
        {
            "title": deed.title,
            "reason": blocked or deed.refusal(listing),
            "is_danger": deed.is_danger,
            "link": reverse("admin:products_listing_prices", args=[listing.pk])
            if name == "price"
            else f"{address}?deed={name}&pk={listing.pk}",
        }
        for name, deed in sorted(DEEDS.items(), key=lambda row: row[1].is_danger)
    ]


def _shop_refusal(listing: Listing) -> str:
    if listing.shop.state == Shop.State.CONNECTED:
        return ""
    return f"The shop is {listing.shop.get_state_display().lower()}."
