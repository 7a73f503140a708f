"""Pictures of products. No address leads to the files: a view asks who may see them."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags, quote_etag
from django.views.decorators.http import require_safe

from apps.products.models import ProductImage
from apps.products.services.images import read_image, read_thumbnail
from apps.products.services.pictures import CONTENT_TYPES


@require_safe
@login_required
def image(request: HttpRequest, pk: int) -> HttpResponse:
    row = _visible(request, pk)
    kind = str(row.file.name).rpartition(".")[2]
    return _answer(request, row, CONTENT_TYPES.get(kind, ""), read_image, row.sha256)


@require_safe
@login_required
def thumb(request: HttpRequest, pk: int) -> HttpResponse:
    """The same, small, for lists."""
    row = _visible(request, pk)
    etag = f"{row.sha256}-thumb"
    return _answer(request, row, "image/jpeg", read_thumbnail, etag)


def _visible(request: HttpRequest, pk: int) -> ProductImage:
    row: ProductImage | None = (
        ProductImage.objects.visible_to(request.user).filter(pk=pk).first()
    )
    if row is None or not row.file.name:
        raise Http404
    return row


def _answer(
    request: HttpRequest,
    row: ProductImage,
    content_type: str,
    read: Callable[[ProductImage], bytes],
    etag: str,
) -> HttpResponse:
    headers = {
        "ETag": quote_etag(etag),
        # Kept by whoever asked alone, and shown again once they may still see it.
        "Cache-Control": "private, no-cache",
        "Vary": "Cookie",
    }
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if headers["ETag"] in known or "*" in known:
        return HttpResponseNotModified(headers=headers)
    try:
        content = read(row)
    except OSError:
        raise Http404 from None
    return HttpResponse(
        content,
        content_type=content_type or "application/octet-stream",
        headers=headers
        | {
            "X-Content-Type-Options": "nosniff",
            "Content-Disposition": "inline",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )
