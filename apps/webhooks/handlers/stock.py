"""Stock that moved in a shop: what it shows is compared with what it is to show."""

from collections.abc import Sequence

from apps.integrations.contracts import PlatformClient
from apps.platforms.models import Shop
from apps.products.models import ListingSku
from apps.sync.models import StockPush, SyncRun
from apps.sync.services.stock_compare import compare_stock
from apps.webhooks.handlers.news import News, Outcome, Outcomes, words_of


def compare(
    shop: Shop, news: Sequence[News], client: PlatformClient | None
) -> Outcomes:
    """Raises AlreadyRunning, besides what the platform says."""
    ids = {key for each in news for key in each.notice.sku_ids}
    rows = ListingSku.objects.filter(shop=shop, remote_id__in=ids)
    matched = dict(
        rows.filter(variant__isnull=False).values_list("remote_id", "pk").order_by("pk")
    )
    words = {key: f"SKU {key} is not matched: nothing to compare" for key in ids}
    if matched:
        compare_stock(
            shop,
            trigger=SyncRun.Trigger.WEBHOOK,
            only=set(matched.values()),
            client=client,
        )
        words |= _found(matched)
    return {
        each.event.pk: Outcome(words_of(each.notice.sku_ids, words, "It names no SKU."))
        for each in news
    }


def _found(matched: dict[str, int]) -> dict[str, str]:
    pushes = StockPush.objects.filter(listing_sku__in=matched.values())
    totals = {
        sku: (found, wanted)
        for sku, found, wanted in pushes.values_list(
            "listing_sku", "found_total", "wanted_total"
        )
    }
    return {
        key: _words(key, *totals.get(pk, (None, None))) for key, pk in matched.items()
    }


def _words(key: str, found: int | None, wanted: int | None) -> str:
    if found is None:
        return f"SKU {key}: its stock was not shown"
    if wanted is None or found == wanted:
        return f"SKU {key} shows {found:,}: no change"
    return f"SKU {key} shows {found:,}, and is to show {wanted:,}"
