"""What each shop is told of a SKU: the calculation, and what became of it."""

from collections.abc import Collection
from typing import Any

from django.db.models import Q
from django.urls import reverse

from apps.core.admin import ago
from apps.inventory.admin.rules_words import (
    figure_words,
    place_words,
    seen_shops,
)
from apps.inventory.models import StockLevel, StockRule
from apps.inventory.services.telling import Told, figures_for
from apps.platforms.models import Shop
from apps.products.models import ListingSku, Variant
from apps.sync.admin.stock_words import difference_badge, push_badge
from apps.sync.models import StockDrift, StockPush
from apps.users.models import AnyUser
from apps.users.roles import VIEW_LISTING

MOST_SKUS = 50
MOST_RULES = 50


def told_of(variant: Variant, user: AnyUser) -> list[dict[str, Any]]:
    """A row per SKU of a listing that is this one, in shops whose stock one sees."""
    seen = seen_shops(user)
    rows = ListingSku.objects.listed().filter(variant=variant, shop__in=seen)
    rows = rows.select_related("shop__client", "listing", "variant")
    skus = list(rows.order_by("shop__name", "shop", "pk")[:MOST_SKUS])
    figures = figures_for(skus)
    pushes = {
        push.listing_sku_id: push
        for push in StockPush.objects.filter(listing_sku__in=skus)
    }
    drifts = StockDrift.objects.open().filter(listing_sku__in=skus)
    drifting = set(drifts.values_list("listing_sku", flat=True))
    listings = Shop.objects.visible_to(user, VIEW_LISTING)
    readable = set(listings.filter(pk__in=seen).values_list("pk", flat=True))
    return [
        _row(sku, figures[sku.pk], pushes.get(sku.pk), seen)
        | {"drifts": sku.pk in drifting, "may_read": sku.shop_id in readable}
        for sku in skus
    ]


def _row(
    sku: ListingSku, told: Told, push: StockPush | None, seen: set[int]
) -> dict[str, Any]:
    return {
        "sku": sku,
        "told": told,
        "places": [
            {
                "share": share,
                "steps": [(step.words_for(seen), step.pieces) for step in share.steps],
            }
            for share in told.by_warehouse.values()
        ],
        "push": push,
        "address": push and reverse("admin:sync_stockpush_change", args=[push.pk]),
        "state": push and push_badge(push),
        "difference": push and difference_badge(push),
        "told_at": push and ago(push.accepted_at),
        "found_at": push and ago(push.found_at),
    }


def rules_for(
    variant: Variant, levels: Collection[StockLevel], user: AnyUser
) -> list[tuple[StockRule, str, str]]:
    """(rule, what it is about, what it says) of those that hold for the SKU and that
    one may see, the narrowest first."""
    rows = StockRule.objects.visible_to(user).filter(
        Q(variant=variant) | Q(variant=None),
        Q(warehouse=None) | Q(warehouse__in=[row.warehouse_id for row in levels]),
        client=variant.client_id,
    )
    named = ("shop", "variant__product", "warehouse", "last_pieces_shop")
    found = list(rows.select_related(*named)[:MOST_RULES])
    found.sort(key=_width)
    # No shop is named in those that one may see but what one sees.
    seen = {rule.shop_id for rule in found if rule.shop_id}
    return [(rule, place_words(rule, seen), _says(rule)) for rule in found]


def _says(rule: StockRule) -> str:
    parts = [figure_words(rule)]
    if rule.last_pieces is not None:
        parts.append(f"the last {rule.last_pieces:,} only in {rule.last_pieces_shop}")
    return ", ".join(filter(None, parts)) or "says nothing"


def _width(rule: StockRule) -> tuple[bool, bool, bool, int]:
    """A rule for the SKU beats one for the shop, that one for the warehouse."""
    return (
        rule.variant_id is None,
        rule.shop_id is None,
        rule.warehouse_id is None,
        rule.pk,
    )
