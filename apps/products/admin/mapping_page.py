"""The page of one listing SKU: its candidates side by side, the search for others,
and the product that could be made of it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.html import format_html

from apps.core.errors import DomainError
from apps.orders.services import mapping
from apps.products.admin.listing_words import mapping_badge, status_badge
from apps.products.admin.mapping_deeds import by_whom, effect_of, way_back
from apps.products.admin.mapping_rows import rows_of
from apps.products.admin.mapping_words import tell
from apps.products.models import ListingSku, MappingChange, Product, Variant
from apps.products.services import product_from_listing
from apps.products.services.skus import lookup
from apps.users.models import AnyUser
from apps.users.roles import CHANGE_LISTING, CHANGE_PRODUCT

MOST_FOUND = 20
MOST_CHANGES = 10


def page_context(request: HttpRequest, sku: ListingSku) -> dict[str, Any]:
    """Eleven queries at most, whatever is on the page."""
    [row] = rows_of([sku], request.user)
    words = " ".join(request.GET.get("q", "").split())[:200]
    found = lookup(sku.shop.client, words, MOST_FOUND) if row.may_change else []
    changes = MappingChange.objects.filter(listing_sku=sku).order_by("-pk")
    return {
        "title": sku.listing.title or str(sku),
        "row": row,
        "sku": sku,
        "words": words,
        "found": found,
        "products": _products(found),
        "siblings": _undecided_beside(sku),
        "badges": (mapping_badge(sku), status_badge(sku.listing)),
        "effect": effect_of(request, [sku]),
        "changes": changes.select_related(
            "batch__user", "variant_before", "variant_after"
        )[:MOST_CHANGES],
        "may_create": row.may_change and may_create(request.user, sku),
    }


def may_create(user: AnyUser, sku: ListingSku) -> bool:
    return bool(user.has_perm(CHANGE_PRODUCT, sku.shop.client))


def choose(request: HttpRequest, sku: ListingSku) -> HttpResponseRedirect:
    """A variant for this SKU, or a product for all undecided ones of the listing."""
    if not request.user.has_perm(CHANGE_LISTING, sku.shop):
        raise PermissionDenied
    by = by_whom(request)
    key = _key(request.POST.get("product"))
    if key is not None:
        product = Product.objects.filter(
            pk=key, client=sku.shop.client_id, is_active=True
        ).first()
        if product is None:
            messages.error(request, "There is no such product. Look again.")
        else:
            outcome = mapping.choose_product(sku.listing, product, by)
            tell(request, "Matched", [outcome])
        return HttpResponseRedirect(way_back(request))
    variant = _key(request.POST.get("variant")) or 0
    seen = _key(request.POST.get("seen"))
    shown = {} if seen is None else {sku.pk: seen or None}
    outcome = mapping.choose(sku.shop, {sku.pk: variant}, by, seen=shown)
    tell(request, "Matched", [outcome])
    return HttpResponseRedirect(way_back(request))


def creation_context(sku: ListingSku) -> dict[str, Any]:
    planned = product_from_listing.plan(sku.listing)
    return {
        "title": "Create a product",
        "sku": sku,
        "planned": planned,
        "obstacles": [each for each in planned if each.obstacle],
    }


def create(request: HttpRequest, sku: ListingSku) -> HttpResponseRedirect | None:
    """None where it was refused, which is told."""
    try:
        with transaction.atomic():
            product, outcome = mapping.create_product(sku.listing, by_whom(request))
    except DomainError as error:
        messages.error(request, str(error))
        return None
    messages.success(request, format_html("Created “{}”.", product))
    tell(request, "Matched", [outcome])
    return HttpResponseRedirect(way_back(request))


def _products(found: list[Variant]) -> list[Product]:
    """Those of the variants found, in the same order."""
    return list({variant.product_id: variant.product for variant in found}.values())


def _undecided_beside(sku: ListingSku) -> int:
    """How many SKUs of its listing a product could be chosen for."""
    return ListingSku.objects.filter(listing=sku.listing_id).open().count()


def _key(text: Any) -> int | None:
    text = str(text or "")
    is_number = text.isascii() and text.isdecimal() and len(text) < 19
    return int(text) if is_number else None
