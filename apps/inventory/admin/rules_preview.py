"""What shops would be told with a rule, or without it: before and after."""

from typing import Any

from apps.inventory.admin.rules_words import seen_shops
from apps.inventory.models import StockRule
from apps.inventory.services.rules import Change, concerned, preview
from apps.inventory.services.telling import Told
from apps.platforms.models import Shop
from apps.users.models import AnyUser

ROWS_SHOWN = 100
MOST_TRIED = 2_000


def context_of(
    user: AnyUser, rule: StockRule, *, is_deleted: bool = False
) -> dict[str, Any]:
    """For templates/inventory/rule_preview.html; of the shops that the user sees."""
    seen = seen_shops(user)
    unseen = Shop.objects.filter(client=rule.client_id).exclude(pk__in=seen)
    changes = [
        change
        for change in preview(rule, is_deleted=is_deleted, most=MOST_TRIED)
        if change.listing_sku.shop_id in seen
    ]
    return {
        "is_looked_at": True,
        "changes": [_row(change, seen) for change in changes[:ROWS_SHOWN]],
        "change_count": len(changes),
        "changes_more": max(0, len(changes) - ROWS_SHOWN),
        "concerned": concerned(rule).filter(shop__in=seen).count(),
        "is_cut": concerned(rule).count() > MOST_TRIED,
        "most_tried": MOST_TRIED,
        "has_unseen": unseen.exists(),
    }


def _row(change: Change, seen: set[int]) -> dict[str, Any]:
    sku = change.listing_sku
    return {
        "sku": sku.variant or sku,
        "title": sku.listing,
        "shop": sku.shop,
        "before": _total(change.before),
        "after": _total(change.after),
        "ways": [
            (share.warehouse, " → ".join(step.words_for(seen) for step in share.steps))
            for share in change.after.by_warehouse.values()
        ],
    }


def _total(told: Told) -> str:
    return f"{sum(told.quantities.values()):,}" if told.quantities else "—"
