"""StockPush rows: locked, and written where they changed.

Whoever locks several does it in the order of their listing SKUs.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.utils import timezone

from apps.inventory.models import ShopStockSettings
from apps.sync.models import StockPush
from apps.sync.services.stock_push.standing import FIELDS, facts

# A shop that took no 0 is asked again after this long.
ZERO_ASKED_AGAIN = timedelta(days=1)


@contextmanager
def written(pushes: Sequence[StockPush]) -> Iterator[Sequence[StockPush]]:
    """Write those of these locked rows that the body changes; belongs in their
    transaction."""
    before = [facts(push) for push in pushes]
    yield pushes
    changed = [
        push for push, was in zip(pushes, before, strict=True) if facts(push) != was
    ]
    now = timezone.now()
    for push in changed:
        push.modified_at = now
    StockPush.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[*FIELDS, "modified_at"],
    )


def locked(listing_sku_ids: Iterable[int]) -> list[StockPush]:
    """Of these listing SKUs, in their order."""
    rows = StockPush.objects.filter(listing_sku__in=list(listing_sku_ids))
    return list(rows.select_for_update(no_key=True).order_by("listing_sku_id"))


def refusing_zero(shop_ids: Collection[int], now: datetime) -> set[int]:
    """Those of these shops where the platform takes no 0, as was learnt lately."""
    rows = ShopStockSettings.objects.filter(
        shop__in=shop_ids, refused_zero_at__gt=now - ZERO_ASKED_AGAIN
    )
    return set(rows.values_list("shop", flat=True))
