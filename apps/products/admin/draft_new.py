"""A new listing of one of our products: in which shop, then a draft of it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from apps.core.errors import DomainError
from apps.integrations.errors import PlatformError
from apps.platforms.models import Shop
from apps.products.admin.at_shop import by_whom
from apps.products.admin.base import key_of
from apps.products.models import Listing, ListingDraft, Product
from apps.products.services import publishing
from apps.users.models import User
from apps.users.roles import CHANGE_LISTING
from apps.users.services import audit


def new(admin: Any, request: HttpRequest) -> HttpResponse:
    """`?product=` one of ours; posted with `shop`, a draft begins."""
    if not request.user.has_perm(CHANGE_LISTING):
        raise PermissionDenied
    product = _product(request)
    if product is None:
        told = request.GET.get("product", "")
        answer: HttpResponse = admin.missing(request, told, Product._meta)
        return answer
    shops = Shop.objects.visible_to(request.user, CHANGE_LISTING).filter(
        client=product.client_id, state=Shop.State.CONNECTED
    )
    if request.method == "POST":
        key = key_of(request.POST.get("shop", ""))
        shop = shops.filter(pk=key).first()
        if shop is None:
            messages.error(request, "There is no such shop. Choose another.")
        elif (draft := _begin(request, shop, product)) is not None:
            return redirect("admin:products_listingdraft_section", draft.pk, "basics")
    listed = _listed(request, product)
    page: HttpResponse = admin.own_page(
        request,
        "products/publishing/new.html",
        {
            "title": f"List {product} in a shop",
            "product": product,
            "shops": [
                {"shop": shop, "listings": listed.get(shop.pk, [])} for shop in shops
            ],
            "drafts": ListingDraft.objects.visible_to(request.user)
            .filter(product=product, state=ListingDraft.State.OPEN)
            .select_related("shop"),
        },
    )
    return page


def _begin(request: HttpRequest, shop: Shop, product: Product) -> ListingDraft | None:
    assert isinstance(request.user, User)
    try:
        draft = publishing.start_new(shop, product, request.user)
    except (DomainError, PlatformError) as error:
        messages.error(request, str(error))
        return None
    audit.record(
        "began a draft",
        draft,
        client=shop.client,
        product=product.pk,
        **by_whom(request),
    )
    return draft


def _product(request: HttpRequest) -> Product | None:
    visible = Product.objects.visible_to(request.user)
    key = key_of(request.GET.get("product", ""))
    found: Product | None = visible.filter(pk=key).first()
    return found


def _listed(request: HttpRequest, product: Product) -> dict[int, list[Listing]]:
    """{shop: its listings of the product}."""
    found: dict[int, list[Listing]] = {}
    rows = (
        Listing.objects.visible_to(request.user)
        .present()
        .filter(skus__variant__product=product)
        .distinct()
    )
    for listing in rows:
        found.setdefault(listing.shop_id, []).append(listing)
    return found
