"""What is done to a product from its page, and to its pictures: one service each."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from apps.core.errors import DomainError
from apps.products.admin.base import key_of
from apps.products.admin.rows import by_whom
from apps.products.errors import PictureRefused
from apps.products.models import Product, ProductImage, Variant
from apps.products.services.catalogue import delete_product, set_active
from apps.products.services.images import (
    add_image,
    delete_image,
    move_image,
    show_variant,
)

MOST_AT_ONCE = 10


def act(request: HttpRequest, product: Product, deed: str) -> HttpResponse:
    page = reverse("admin:products_product_change", args=[product.pk])
    try:
        told = DEEDS[deed](request, product)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(page)
    if told:
        messages.success(request, told)
    return redirect("admin:products_product_changelist" if deed == "delete" else page)


def act_on_picture(
    request: HttpRequest, product: Product, image: ProductImage, deed: str
) -> HttpResponse:
    try:
        told = PICTURE_DEEDS[deed](request, product, image)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, told)
    page = reverse("admin:products_product_change", args=[product.pk])
    return redirect(f"{page}#pictures")


def _archive(request: HttpRequest, product: Product) -> str:
    if set_active(product, is_active=False, **by_whom(request)):
        return f"{product} is archived. Its history stays, and it is suggested no more."
    return f"{product} is archived already."


def _restore(request: HttpRequest, product: Product) -> str:
    if set_active(product, is_active=True, **by_whom(request)):
        return f"{product} is active again."
    return f"{product} is active already."


def _delete(request: HttpRequest, product: Product) -> str:
    name = str(product)
    delete_product(product, **by_whom(request))
    return f"{name} is deleted."


def _upload(request: HttpRequest, product: Product) -> str:
    """Each file by itself: one that is refused does not hold back the others."""
    files = request.FILES.getlist("pictures")
    if not files:
        messages.warning(request, "Choose a file first.")
        return ""
    variant = _variant(request, product)
    added = 0
    for file in files[:MOST_AT_ONCE]:
        try:
            _, is_new = add_image(product, file, variant=variant, **by_whom(request))
        except DomainError as error:
            messages.error(request, f"{str(file.name)[:80]}: {error}")
            continue
        added += is_new
        if not is_new:
            messages.info(request, f"{str(file.name)[:80]}: is there already.")
    if len(files) > MOST_AT_ONCE:
        messages.warning(request, f"Only the first {MOST_AT_ONCE} files were read.")
    return f"{added} picture{'' if added == 1 else 's'} added." if added else ""


def _earlier(request: HttpRequest, product: Product, image: ProductImage) -> str:
    moved = move_image(image, earlier=True)
    return "Moved forward." if moved else "It is the first already."


def _later(request: HttpRequest, product: Product, image: ProductImage) -> str:
    moved = move_image(image, earlier=False)
    return "Moved back." if moved else "It is the last already."


def _delete_picture(request: HttpRequest, product: Product, image: ProductImage) -> str:
    delete_image(image, **by_whom(request))
    return "The picture is deleted."


def _show(request: HttpRequest, product: Product, image: ProductImage) -> str:
    variant = _variant(request, product)
    show_variant(image, variant, **by_whom(request))
    return f"The picture is of {variant or 'the whole product'}."


def _variant(request: HttpRequest, product: Product) -> Variant | None:
    """None is the whole product. Raises PictureRefused for what is neither."""
    key = request.POST.get("variant", "")
    if not key:
        return None
    variant: Variant | None = product.variants.filter(pk=key_of(key)).first()
    if variant is None:
        raise PictureRefused("Choose a variant of this product.")
    return variant


DEEDS: dict[str, Callable[[HttpRequest, Product], str]] = {
    "archive": _archive,
    "restore": _restore,
    "delete": _delete,
    "upload": _upload,
}
PICTURE_DEEDS: dict[str, Callable[[HttpRequest, Any, Any], str]] = {
    "earlier": _earlier,
    "later": _later,
    "delete": _delete_picture,
    "show": _show,
}
