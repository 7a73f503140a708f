"""Ask a shop for its figures, to take them over as the first stock take."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from apps.core.storing import portions
from apps.integrations.contracts import PlatformClient, StockAnswer
from apps.inventory.models import StockDocument
from apps.inventory.services.documents import By
from apps.inventory.services.opening import (
    Figure,
    Opening,
    book_opening,
    booked_openings,
    plan_opening,
)
from apps.platforms.models import Shop
from apps.platforms.services.clients import client_for
from apps.platforms.services.scopes import PRODUCTS
from apps.products.models import Listing, ListingSku
from apps.sync.services.stock_looks import UNSAID, figures_of


@dataclass(slots=True)
class Taken:
    """What was booked, and what was left out."""

    opening: Opening
    documents: list[StockDocument] = field(default_factory=list)


def look_at_opening(
    shop: Shop, *, is_leading: bool = False, client: PlatformClient | None = None
) -> tuple[Opening, datetime]:
    """What would be counted, and the moment the figures are of. Nothing is written.

    What other shops show, as when they were last compared, must be the same, unless
    `is_leading`: then this shop's figures hold. Raises PlatformError and what
    client_for raises.
    """
    asked = client or client_for(shop, PRODUCTS, urgent=True)
    rows = ListingSku.objects.filter(shop=shop, variant__isnull=False).listed()
    skus = {row.remote_id: row for row in rows.select_related("variant", "listing")}
    answer = asked.search_stock(sku_ids=sorted(skus))
    at = timezone.now()
    figures, silent = _read(answer, skus)
    if is_leading:
        opening = plan_opening(shop, figures)
    else:
        elsewhere, unseen = _elsewhere(shop, skus.values())
        opening = plan_opening(shop, figures, elsewhere=elsewhere, unseen=unseen)
    opening.refused += silent
    return opening, at


def take_opening(
    shop: Shop,
    by: By,
    *,
    key: str,
    is_leading: bool = False,
    client: PlatformClient | None = None,
) -> Taken:
    """Ask once more and book what the shop shows now. The same `key` (60 letters at
    most) books once.

    Raises as `look_at_opening`, and DocumentRefused.
    """
    if standing := booked_openings(shop, key):
        return Taken(Opening(), standing)
    opening, at = look_at_opening(shop, is_leading=is_leading, client=client)
    return Taken(opening, book_opening(shop, opening, by, at=at, key=key))


def _read(
    answer: StockAnswer, skus: Mapping[str, ListingSku]
) -> tuple[list[Figure], list[tuple[ListingSku, str]]]:
    """The figures, and the SKUs of which there are none, each with a sentence."""
    unread = {key: f"It cannot be read: {why}." for key, why in answer.malformed}
    unread |= dict.fromkeys(answer.missing, "TikTok shows no stock of it.")
    figures: list[Figure] = []
    for stock in answer.stock:
        if (sku := skus.get(stock.remote_sku_id)) is None:
            continue
        if figures_of(stock) is None:
            unread[stock.remote_sku_id] = UNSAID
            continue
        # Sold from one warehouse, all that is sold is sold there.
        otherwise = stock.committed if len(stock.by_warehouse) == 1 else None
        figures += [
            Figure(
                sku,
                row.remote_warehouse_id,
                row.available or 0,
                row.committed or otherwise or 0,
            )
            for row in stock.by_warehouse
        ]
    return figures, [(skus[key], why) for key, why in unread.items() if key in skus]


def _elsewhere(
    shop: Shop, skus: Iterable[ListingSku]
) -> tuple[list[Figure], dict[int, Shop]]:
    """What other shops of the client show of the same variants, and {variant: a shop
    that sells it and was never compared}."""
    figures: list[Figure] = []
    unseen: dict[int, Shop] = {}
    others = Shop.objects.filter(client=shop.client_id).exclude(pk=shop.pk)
    others = others.exclude(state=Shop.State.DISCONNECTED)
    on_sale = ListingSku.objects.present().filter(
        shop__in=others, listing__status=Listing.Status.LIVE
    )
    for keys in portions(sorted({sku.variant_id or 0 for sku in skus})):
        rows = on_sale.filter(variant__in=keys).select_related("shop", "stock_push")
        for row in rows:
            push = getattr(row, "stock_push", None)
            if row.variant_id and (push is None or push.found_at is None):
                unseen[row.variant_id] = row.shop
            elif push is not None:
                found = push.found.items()
                figures += [Figure(row, key, pieces) for key, pieces in found]
    return figures, unseen
