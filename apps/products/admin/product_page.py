"""What the page of one product shows: its variants, and its listings in all shops."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString

from apps.core.admin import ago, badge
from apps.core.money import Money
from apps.platforms.models import Shop
from apps.products.admin.listing_words import status_badge
from apps.products.models import (
    BundleComponent,
    Category,
    Listing,
    ListingSku,
    Product,
    SupplySource,
    Variant,
)
from apps.products.services.barcodes import barcode_warning
from apps.products.services.categories import paths_of
from apps.products.services.prices import (
    PlannedPrice,
    Unpriced,
    plan_prices,
    prices_of,
)
from apps.users.admin.audit_words import details_in_words
from apps.users.models import AnyUser, AuditEntry
from apps.users.roles import (
    CHANGE_LISTING,
    CHANGE_PRODUCT,
    VIEW_AUDIT,
    VIEW_COST,
    VIEW_LISTING,
)

VARIANTS_A_PAGE = 50
MOST_LISTED = 200
MOST_ENTRIES = 30

Plans = Mapping[tuple[int, int], PlannedPrice | Unpriced]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a shop shows that we say otherwise."""

    name: str
    there: str
    ours: str


def page_context(request: HttpRequest, product: Product) -> dict[str, Any]:
    """For templates/products/product.html. A number of queries that does not grow."""
    user = request.user
    sees_costs = user.has_perm(VIEW_COST, product)
    may_change = user.has_perm(CHANGE_PRODUCT, product)
    every = list(product.variants.all())
    page = Paginator(every, VARIANTS_A_PAGE).get_page(request.GET.get("p"))
    shops = _shops(product, user)
    shown = list(page.object_list)
    listed = _listed(product, user)
    planned_for = {row.variant_id for row in listed} | {row.pk for row in shown}
    plans = plan_prices([row for row in every if row.pk in planned_for], shops)
    return {
        "title": product.name,
        "product": product,
        "category": paths_of(Category.objects.filter(client=product.client_id)).get(
            product.category_id or 0
        ),
        "may_change": may_change,
        "sees_costs": sees_costs,
        "page": page,
        "pages": _other_pages(page),
        "variants": _variants(shown, listed, sees_costs=sees_costs),
        "shops": shops,
        "planned": _planned(shown, shops, plans),
        "listings": _listings(product, listed, plans),
        "more_listed": len(listed) >= MOST_LISTED,
        "bundles": _bundles(shown),
        "part_of": _part_of(shown),
        "images": list(product.images.select_related("variant")),
        "image_variants": every if may_change else [],
        "sources": _sources(product, user) if sees_costs else [],
        "may_see_history": user.has_perm(VIEW_AUDIT),
        "entries": _entries(product, user),
        "new_listing": _address("admin:products_listingdraft_new")
        if product.is_active
        and any(user.has_perm(CHANGE_LISTING, shop) for shop in shops)
        else "",
    }


def _shops(product: Product, user: AnyUser) -> list[Shop]:
    shops = Shop.objects.visible_to(user, VIEW_LISTING).filter(client=product.client_id)
    return list(shops.exclude(state=Shop.State.DISCONNECTED).order_by("region", "name"))


def _listed(product: Product, user: AnyUser) -> list[ListingSku]:
    rows = ListingSku.objects.visible_to(user).filter(variant__product=product)
    rows = rows.select_related("shop", "listing", "variant")
    return list(
        rows.order_by("shop__name", "shop", "listing", "position")[:MOST_LISTED]
    )


def _variants(
    shown: Sequence[Variant], listed: Sequence[ListingSku], *, sees_costs: bool
) -> list[dict[str, Any]]:
    prices = prices_of(shown)
    counts: dict[int, int] = defaultdict(int)
    for sku in listed:
        counts[sku.variant_id or 0] += sku.removed_at is None
    return [
        {
            "row": row,
            "odd_barcode": barcode_warning(row.barcode),
            "cost": row.cost if sees_costs else None,
            "size": _size(row),
            "prices": [
                Money(amount, currency)
                for currency, amount in sorted(prices.get(row.pk, {}).items())
            ],
            "listed": counts[row.pk],
        }
        for row in shown
    ]


def _size(row: Variant) -> str:
    sides = (row.length_cm, row.width_cm, row.height_cm)
    if not any(sides):
        return ""
    told = (f"{side.normalize():f}" if side is not None else "?" for side in sides)
    return f"{' x '.join(told)} cm"


def _planned(
    shown: Sequence[Variant], shops: Sequence[Shop], plans: Plans
) -> list[tuple[Variant, list[PlannedPrice | Unpriced]]]:
    return [(row, [plans[row.pk, shop.pk] for shop in shops]) for row in shown]


def _listings(
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
            "address": _address("admin:products_listing_change", skus[0].listing_id),
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


def _bundles(shown: Sequence[Variant]) -> list[tuple[Variant, list[BundleComponent]]]:
    """Those of the variants that are made of others."""
    made: dict[int, list[BundleComponent]] = defaultdict(list)
    rows = BundleComponent.objects.filter(bundle__in=[row.pk for row in shown])
    for each in rows.select_related("component__product"):
        made[each.bundle_id].append(each)
    return [(row, made[row.pk]) for row in shown if row.pk in made]


def _part_of(shown: Sequence[Variant]) -> list[BundleComponent]:
    rows = BundleComponent.objects.filter(component__in=[row.pk for row in shown])
    return list(rows.select_related("component", "bundle__product")[:MOST_LISTED])


def _sources(
    product: Product, user: AnyUser
) -> list[tuple[SupplySource, Money | None]]:
    rows = SupplySource.objects.visible_to(user).filter(variant__product=product)
    return [
        (
            row,
            None if row.cost_amount is None else Money(row.cost_amount, row.currency),
        )
        for row in rows.select_related("variant", "supplier").order_by(
            "variant__position", "variant", "-is_preferred", "supplier__name"
        )[:MOST_LISTED]
    ]


def _entries(product: Product, user: AnyUser) -> list[tuple[AuditEntry, str]]:
    entries = AuditEntry.objects.visible_to(user).filter(
        target_type=Product._meta.label_lower, target_id=str(product.pk)
    )
    return [(entry, details_in_words(entry)) for entry in entries[:MOST_ENTRIES]]


def _other_pages(page: "Page[Any]") -> list[tuple[str, int]]:
    found = []
    if page.has_previous():
        found.append(("Previous", page.previous_page_number()))
    if page.has_next():
        found.append(("Next", page.next_page_number()))
    return found


def _address(name: str, *arguments: Any) -> str:
    """Empty where there is no such page."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""
