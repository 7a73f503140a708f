"""Pictures as shops show them, through us: a page of ours asks no other host."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.errors import DomainError
from apps.integrations.errors import PlatformError
from apps.products.admin.base import key_of
from apps.products.models import Listing, ListingPayload
from apps.products.services.channel_pictures import channel_thumbnail

KEPT_SECONDS = 24 * 3600


def image(listing: Listing, address: str, *, known: bool | None = None) -> SafeString:
    """A small picture beside a name, which says all that it does."""
    has_one = bool(listing.image_url) if known is None else known
    if not has_one:
        return format_html('<span class="{}"></span>', "thumb thumb-none")
    return format_html(
        '<img class="thumb" src="{}" width="44" height="44" alt="" loading="lazy">',
        address,
    )


def picture(admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    """The cover; `?sku=` a SKU's, `?uri=` one of those in the stored payload."""
    listing = admin.get_object(request, str(object_id))
    if listing is None:
        raise Http404
    address = _address(listing, request.GET.get("sku"), request.GET.get("uri"))
    if not address:
        raise Http404
    try:
        content = channel_thumbnail(address)
    except (PlatformError, DomainError):
        raise Http404 from None
    return jpeg(content)


def jpeg(content: bytes) -> HttpResponse:
    """A picture for whoever asked alone."""
    return HttpResponse(
        content,
        content_type="image/jpeg",
        headers={
            "Cache-Control": f"private, max-age={KEPT_SECONDS}",
            "Vary": "Cookie",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _address(listing: Listing, sku: str | None, uri: str | None) -> str:
    if uri:
        return addresses_in(listing).get(uri, "")
    if sku:
        rows = listing.skus.filter(pk=key_of(sku))
        return rows.values_list("image_url", flat=True).first() or ""
    return listing.image_url


def addresses_in(listing: Listing) -> dict[str, str]:
    """{uri: address} of all pictures the stored payload names."""
    payload = ListingPayload.objects.filter(listing=listing).first()
    found: dict[str, str] = {}
    if payload is not None:
        _collect(payload.body, found)
    return found


def _collect(value: Any, found: dict[str, str]) -> None:
    if isinstance(value, dict):
        addresses = value.get("thumb_urls") or value.get("urls")
        if value.get("uri") and isinstance(addresses, list) and addresses:
            found.setdefault(str(value["uri"]), str(addresses[0]))
        for entry in value.values():
            _collect(entry, found)
    elif isinstance(value, list):
        for entry in value:
            _collect(entry, found)
