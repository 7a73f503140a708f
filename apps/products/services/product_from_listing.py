"""A product of ours made from what a shop lists: shown before, then created."""

from contextlib import suppress
from dataclasses import dataclass

from apps.core.money import decimals
from apps.products.errors import MappingRefused, ProductRefused
from apps.products.matching import codes
from apps.products.models import Listing, ListingSku, Product, Variant
from apps.products.services.catalogue import create_product
from apps.products.services.checks import Bad, VariantInput, sku_of
from apps.products.services.skus import named
from apps.users.models import User

# Before a SKU ID: where the seller gave no SKU, or none that ours can be.
GENERATED = "TT-"


@dataclass(frozen=True, slots=True)
class Planned:
    """A variant to be; `taken_by` is the one of the client that has its SKU."""

    listing_sku: ListingSku
    sku: str
    is_generated: bool
    taken_by: Variant | None = None
    is_twice: bool = False

    @property
    def obstacle(self) -> str:
        """Why there can be no such variant, in a sentence."""
        if self.taken_by is not None:
            return (
                f"{self.taken_by.sku} is “{self.taken_by.title}” already. Choose it "
                "for this SKU instead."
            )
        if self.is_twice:
            return (
                f"{self.sku} stands on two SKUs of this listing. Give each its own in "
                "the shop, or match them one by one."
            )
        return ""


def plan(listing: Listing) -> list[Planned]:
    """A variant for each SKU of the listing that is still there and undecided."""
    rows = ListingSku.objects.filter(listing=listing).open()
    wanted = [(row, *_sku_for(row)) for row in rows.order_by("position", "pk")]
    taken = {
        variant.sku.lower(): variant
        for variant in named(
            listing.shop.client_id, [sku for _, sku, _ in wanted]
        ).select_related("product")
    }
    planned, seen = [], set()
    for row, sku, is_generated in wanted:
        key = sku.lower()
        planned.append(
            Planned(row, sku, is_generated, taken.get(key), is_twice=key in seen)
        )
        seen.add(key)
    return planned


def create(
    listing: Listing, *, actor: User | None = None, address: str | None = None
) -> tuple[Product, dict[int, int]]:
    """The product, and {listing SKU: its variant}. Belongs in the transaction that
    matches them. Raises MappingRefused, which names what is in the way."""
    planned = plan(listing)
    if not planned:
        raise MappingRefused("All SKUs of this listing are decided already.")
    if obstacles := [each.obstacle for each in planned if each.obstacle]:
        raise MappingRefused(" ".join(obstacles[:5]))
    values = {
        "name": listing.title[:300].strip() or f"Listing {listing.remote_id}",
        "brand": listing.brand_name[:120],
    }
    try:
        product = create_product(
            listing.shop.client,
            values,
            [_variant(each) for each in planned],
            actor=actor,
            address=address,
        )
    except ProductRefused as error:
        raise MappingRefused(str(error)) from error
    keys = {row.sku.lower(): row.pk for row in product.variants.all()}
    return product, {each.listing_sku.pk: keys[each.sku.lower()] for each in planned}


def _sku_for(row: ListingSku) -> tuple[str, bool]:
    """(SKU, whether we made it up): the seller's, where it can be one of ours."""
    if not is_blank(row.seller_sku):
        with suppress(Bad):
            return sku_of(row.seller_sku), False
    return f"{GENERATED}{row.remote_id}"[:50], True


def is_blank(seller_sku: str) -> bool:
    """Nothing, or what is written for want of a SKU, as “N/A”."""
    return not codes.sku_of(seller_sku)


def _variant(planned: Planned) -> VariantInput:
    row = planned.listing_sku
    values = {"sku": planned.sku, "name": row.variation[:200]}
    if len(row.barcode) <= 20:
        values["barcode"] = row.barcode
    prices = {}
    if row.price_amount is not None and row.currency:
        prices[row.currency] = round(row.price_amount, decimals(row.currency))
    return VariantInput(values=values, prices=prices)
