"""What shops were told of SKUs beside what they would be told now."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower

from apps.inventory.services.telling import Told, figures_for
from apps.platforms.models import Shop
from apps.products.models import ListingSku
from apps.sync.models import StockPush


def chosen_skus(shop: Shop, names: Sequence[str]) -> list[ListingSku] | None:
    """The matched SKUs of a shop that are named; None for all."""
    if not names:
        return None
    lower = [name.lower() for name in names]
    named = _matched_rows(shop).annotate(
        theirs=Lower("seller_sku"), ours=Lower("variant__sku")
    )
    return list(named.filter(Q(theirs__in=lower) | Q(ours__in=lower)))


def matched_skus(shop: Shop) -> list[ListingSku]:
    return list(_matched_rows(shop))


def _matched_rows(shop: Shop) -> Any:
    skus = ListingSku.objects.listed().filter(shop=shop, variant__isnull=False)
    return skus.select_related("variant", "shop").order_by("listing", "position", "pk")


def compared(skus: Sequence[ListingSku]) -> list[dict[str, Any]]:
    figures = figures_for(skus)
    pushes = {
        push.listing_sku_id: push
        for push in StockPush.objects.filter(listing_sku__in=skus)
    }
    return [_row(sku, figures[sku.pk], pushes.get(sku.pk)) for sku in skus]


def _row(sku: ListingSku, told: Told, push: StockPush | None) -> dict[str, Any]:
    accepted = push.accepted if push is not None else {}
    is_forced = push is not None and push.is_forced
    is_due = told.total is not None and (told.quantities != accepted or is_forced)
    words = told.why_not or ("changed" if accepted else "not told yet")
    if is_forced and told.quantities == accepted:
        words = "to be told again"
    return {
        "sku": str(sku.variant),
        "shop": str(sku.shop),
        "told": push.accepted_total if push is not None else None,
        "now": told.total,
        "why": words if is_due or told.why_not else "in step",
        "is_due": is_due,
    }
