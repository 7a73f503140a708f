"""What the page of one product shows: its variants, and its listings in all shops."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse

from apps.core.money import Money
from apps.platforms.models import Shop
from apps.products.admin import product_listings
from apps.products.admin.base import cost_text, other_pages
from apps.products.admin.product_listings import Plans
from apps.products.admin.suppliers import money
from apps.products.models import (
    BundleComponent,
    Category,
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
from apps.users.models import AnyUser, AuditEntry, Client
from apps.users.roles import (
    CHANGE_LISTING,
    CHANGE_PRODUCT,
    VIEW_AUDIT,
    VIEW_COST,
    VIEW_LISTING,
    VIEW_STOCK,
)

VARIANTS_A_PAGE = 50
MOST_BUNDLES = 200
MOST_ENTRIES = 30


def page_context(request: HttpRequest, product: Product) -> dict[str, Any]:
    """For templates/products/product.html. A number of queries that does not grow."""
    user = request.user
    sees_costs = user.has_perm(VIEW_COST, product)
    may_change = user.has_perm(CHANGE_PRODUCT, product)
    every = list(product.variants.all())
    page = Paginator(every, VARIANTS_A_PAGE).get_page(request.GET.get("p"))
    shops = _shops(product, user)
    shown = list(page.object_list)
    listings = product_listings.page_of(product, user, request.GET.get("listings"))
    listed = product_listings.skus_on(listings, product)
    planned_for = {row.variant_id for row in listed} | {row.pk for row in shown}
    plans = plan_prices([row for row in every if row.pk in planned_for], shops)
    part_of = _part_of(shown)
    return {
        "title": product.name,
        "product": product,
        "category": paths_of(Category.objects.filter(client=product.client_id)).get(
            product.category_id or 0
        ),
        "may_change": may_change,
        "sees_stock": _sees_stock(product, user),
        "sees_costs": sees_costs,
        "page": page,
        "pages": other_pages(request, page, "p"),
        "variants": _variants(
            shown, product_listings.counts(shown, user), sees_costs=sees_costs
        ),
        "shops": shops,
        "planned": _planned(shown, shops, plans),
        "listing_count": listings.paginator.count,
        "listing_pages": other_pages(request, listings, "listings"),
        "listings": product_listings.shown(product, listed, plans),
        "bundles": _bundles(shown),
        "part_of": part_of[:MOST_BUNDLES],
        "more_bundles": len(part_of) > MOST_BUNDLES,
        "images": list(product.images.select_related("variant")),
        "image_variants": every if may_change else [],
        "sources": _sources(shown, user) if sees_costs else [],
        "may_see_history": user.has_perm(VIEW_AUDIT),
        "entries": _entries(product, user),
        "new_listing": reverse("admin:products_listingdraft_new")
        if product.is_active
        and any(user.has_perm(CHANGE_LISTING, shop) for shop in shops)
        else "",
    }


def _sees_stock(product: Product, user: AnyUser) -> bool:
    clients = Client.objects.visible_to(user, VIEW_STOCK)
    return clients.filter(pk=product.client_id).exists()


def _shops(product: Product, user: AnyUser) -> list[Shop]:
    shops = Shop.objects.visible_to(user, VIEW_LISTING).filter(client=product.client_id)
    return list(shops.exclude(state=Shop.State.DISCONNECTED).order_by("region", "name"))


def _variants(
    shown: Sequence[Variant], listed: Mapping[int, int], *, sees_costs: bool
) -> list[dict[str, Any]]:
    prices = prices_of(shown)
    return [
        {
            "row": row,
            "odd_barcode": barcode_warning(row.barcode),
            "cost": cost_text(row.cost) if sees_costs else "",
            "size": _size(row),
            "prices": [
                Money(amount, currency)
                for currency, amount in sorted(prices.get(row.pk, {}).items())
            ],
            "listed": listed.get(row.pk, 0),
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


def _bundles(shown: Sequence[Variant]) -> list[tuple[Variant, list[BundleComponent]]]:
    """Those of the variants that are made of others."""
    made: dict[int, list[BundleComponent]] = defaultdict(list)
    rows = BundleComponent.objects.filter(bundle__in=[row.pk for row in shown])
    for each in rows.select_related("component__product"):
        made[each.bundle_id].append(each)
    return [(row, made[row.pk]) for row in shown if row.pk in made]


def _part_of(shown: Sequence[Variant]) -> list[BundleComponent]:
    rows = BundleComponent.objects.filter(component__in=[row.pk for row in shown])
    return list(rows.select_related("component", "bundle__product")[: MOST_BUNDLES + 1])


def _sources(shown: Sequence[Variant], user: AnyUser) -> list[tuple[SupplySource, str]]:
    rows = SupplySource.objects.visible_to(user).filter(
        variant__in=[row.pk for row in shown]
    )
    return [
        (
            row,
            cost_text(money(row.cost_amount, row.currency)),
        )
        for row in rows.select_related("variant", "supplier").order_by(
            "variant__position", "variant", "-is_preferred", "supplier__name"
        )
    ]


def _entries(product: Product, user: AnyUser) -> list[tuple[AuditEntry, str]]:
    entries = AuditEntry.objects.visible_to(user).filter(
        target_type=Product._meta.label_lower, target_id=str(product.pk)
    )
    return [(entry, details_in_words(entry)) for entry in entries[:MOST_ENTRIES]]
