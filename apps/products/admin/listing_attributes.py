"""The attributes of a listing, by an address of their own."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from apps.products.admin.deeds import edit_refusal
from apps.products.admin.listing_words import feedback
from apps.products.models import ListingDraft, ListingPayload
from apps.users.roles import CHANGE_LISTING


def attributes(admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    """Those of its open draft; else what stands on TikTok, and a way to begin one."""
    if request.method not in ("GET", "HEAD") or not admin.has_view_permission(request):
        raise PermissionDenied
    listing = admin.get_object(request, str(object_id))
    if listing is None:
        answer: HttpResponse = admin.missing(request, str(object_id))
        return answer
    may_act = request.user.has_perm(CHANGE_LISTING, listing)
    draft = listing.drafts.filter(state=ListingDraft.State.OPEN).first()
    if draft is not None and may_act:
        return redirect("admin:products_listingdraft_section", draft.pk, "attributes")
    payload = ListingPayload.objects.filter(listing=listing).first()
    rows = payload.body.get("product_attributes") if payload else None
    page: HttpResponse = admin.own_page(
        request,
        "products/listings/attributes.html",
        {
            "title": f"Attributes of {listing}",
            "listing": listing,
            "feedback": feedback(listing),
            "rejections": [row for row in listing.rejections if isinstance(row, dict)],
            "rows": [_attribute(row) for row in rows or () if isinstance(row, dict)],
            "may_edit": may_act and not edit_refusal(listing),
            "edit_refusal": edit_refusal(listing),
        },
    )
    return page


def _attribute(row: dict[str, Any]) -> tuple[str, str]:
    values = [each for each in row.get("values") or () if isinstance(each, dict)]
    names = [str(each.get("name") or each.get("id") or "") for each in values]
    return str(row.get("name") or row.get("id") or ""), ", ".join(names)
