"""Say that what shops are told may be another number now; the pushes look into it."""

from collections.abc import Iterable

from apps.core.storing import portions
from apps.inventory.models import StockNews
from apps.products.models.listing import ListingSkuQuerySet


def tell_of(variant_ids: Iterable[int]) -> int:
    """Of these variants; belongs in the transaction that made it so. How many."""
    keys = sorted(set(variant_ids))
    for some in portions(keys):
        StockNews.objects.bulk_create(StockNews(variant_id=key) for key in some)
    return len(keys)


def tell_of_skus(skus: ListingSkuQuerySet) -> int:
    """Of all variants that these listing SKUs are matched to. How many."""
    matched = skus.filter(variant__isnull=False).order_by()
    return tell_of(matched.values_list("variant", flat=True).distinct())
