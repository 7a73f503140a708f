"""The listings of a product over all shops, as its page shows them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef
from django.urls import reverse
from django.utils.safestring import SafeString

from apps.core.admin import ago, badge
from apps.products.admin.listing_words import status_badge
from apps.products.admin.product_filters import listed_skus
from apps.products.models import Listing, ListingSku, Product, Variant
from apps.products.services.prices import PlannedPrice, Unpriced
from apps.users.models import AnyUser

LISTINGS_A_PAGE = 20

Plans = Mapping[tuple[int, int], PlannedPrice | Unpriced]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a shop shows that we say otherwise."""

    name: str
    there: str
    ours: str


def page_of(product: Product, user: AnyUser, number: str | None) -> "Page[Listing]":
    """Listings with a SKU that is the product's, where one may see them."""
    own = ListingSku.objects.filter(listing=OuterRef("pk"), variant__product=product)
    rows = Listing.objects.visible_to(user).filter(Exists(own))
    ordered = rows.order_by("shop__name", "shop", "pk")
    return Paginator(ordered, LISTINGS_A_PAGE).get_page(number)


def skus_on(page: "Page[Listing]", product: Product) -> list[ListingSku]:
    """The product's SKUs of the listings on the page, in their order."""
    rows = ListingSku.objects.filter(
        listing__in=[row.pk for row in page.object_list], variant__product=product
    )
    rows = rows.select_related("shop", "listing", "variant")
    return list(rows.order_by("shop__name", "shop", "listing", "position", "pk"))


def counts(variants: Sequence[Variant], user: AnyUser) -> dict[int, int]:
    """{key of a variant: SKUs of listings that are it, as the list counts them}."""
    counted = (
        listed_skus(user).filter(variant__in=[row.pk for row in variants]).order_by()
    )
    return dict(counted.values_list("variant").annotate(count=Count("pk")))


def shown(
    product: Product, listed: Sequence[ListingSku], plans: Plans
) -> list[dict[str, Any]]:
    """A listing and its SKUs that are of this product, with what differs."""
    by_listing: dict[int, list[ListingSku]] = defaultdict(list)
    for sku in listed:
        by_listing[sku.listing_id].append(sku)
    return [
        {
            "listing": skus[0].listing,
            "shop": skus[0].shop,
            "status": status_badge(skus[0].listing),
            "address": reverse(
                "admin:products_listing_change", args=[skus[0].listing_id]
            ),
            "title": _title_difference(product, skus[0].listing),
            "learnt": ago(skus[0].listing.status_learnt_at),
            "skus": [_listed_sku(sku, plans) for sku in skus],
        }
        for skus in by_listing.values()
    ]


def _title_difference(product: Product, listing: Listing) -> Difference | None:
    same = not listing.title or listing.title.casefold() == product.name.casefold()
    return None if same else Difference("Title", listing.title, product.name)


def _listed_sku(sku: ListingSku, plans: Plans) -> dict[str, Any]:
    plan = plans.get((sku.variant_id or 0, sku.shop_id))
    price = sku.price
    differs = None
    if price is not None and isinstance(plan, PlannedPrice) and plan.price != price:
        differs = Difference("Price", str(price), str(plan.price))
    return {
        "sku": sku,
        "price": price,
        "price_differs": differs,
        "sku_differs": _sku_difference(sku),
        "why": _why(sku),
        "learnt": ago(sku.price_learnt_at or sku.seen_at),
    }


def _sku_difference(sku: ListingSku) -> Difference | None:
    ours = sku.variant.sku if sku.variant else ""
    if sku.seller_sku.casefold() == ours.casefold():
        return None
    return Difference("SKU", sku.seller_sku or "none", ours)


def _why(sku: ListingSku) -> SafeString:
    words = sku.get_mapped_reason_display() or "Matched"
    if sku.mapped_confidence is not None:
        words += f" · {sku.mapped_confidence} %"
    return badge(words, "neutral")
