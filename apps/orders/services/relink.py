"""Order lines follow what their listing SKUs are mapped to.

A line names the SKU of a listing; which variant of ours was sold is said by that SKU's
mapping alone, so a decision made later is true of past orders, too.
"""

from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from apps.core.storing import portions
from apps.orders.models import Order, OrderLine
from apps.orders.services.stock import mark_due
from apps.platforms.models import Shop
from apps.products.models import ListingSku
from apps.products.services.sold_skus import note_sold_skus

BATCH = 1_000


@transaction.atomic
def relink(listing_sku_ids: Collection[int]) -> int:
    """Give the lines of these SKUs the variants they are mapped to now: how many
    changed. Their orders are due to be booked anew.

    Call it in the transaction that decides the mapping, under the shop's lock. The SKUs
    are locked (by key, in order), so that no line can come in meanwhile with what they
    were before.
    """
    changed = 0
    for keys in portions(sorted(set(listing_sku_ids))):
        skus = ListingSku.objects.filter(pk__in=keys).order_by("pk")
        list(skus.select_for_update(no_key=True).values_list("pk"))
        lines = OrderLine.objects.filter(_differs(), listing_sku__in=keys)
        mark_due(Order.objects.filter(pk__in=lines.order_by().values("order")))
        changed += lines.update(variant=_variant_of_sku(), modified_at=timezone.now())
    return changed


def link_lines(shop: Shop, lines: Iterable[OrderLine]) -> None:
    """Set `listing_sku` and `variant` of lines about to be written. The caller holds
    the shop's lock.

    Of lines that have them, too: what was read of those may be outdated by now.
    """
    named = [line for line in lines if line.remote_sku_id]
    if not named:
        return
    skus = note_sold_skus(shop, named)
    for line in named:
        if (sku := skus.get(line.remote_sku_id)) is not None:
            line.listing_sku_id = sku.pk
            line.variant_id = sku.variant_id


def link_stored_lines(most: int = 20 * BATCH) -> int:
    """Link lines that were stored before their SKUs were known: how many.

    In batches, each a transaction of its own, so it may stop anywhere and go on.
    """
    linked = 0
    while linked < most:
        lines = list(_unlinked().order_by("pk").select_related("order")[:BATCH])
        by_shop: dict[int, list[OrderLine]] = {}
        for line in lines:
            by_shop.setdefault(line.order.shop_id, []).append(line)
        done = sum(_link(key, some) for key, some in sorted(by_shop.items()))
        linked += done
        if not done or len(lines) < BATCH:
            break
    return linked


def relink_left_lines() -> int:
    """Link lines whose SKUs were matched where nobody relinks, as those of a listing
    that we publish ourselves: how many. Safe to repeat."""
    linked = 0
    left = OrderLine.objects.filter(
        variant__isnull=True, listing_sku__variant__isnull=False
    ).order_by()
    shops = left.values_list("listing_sku__shop", flat=True).distinct()
    for shop_id in sorted(shops):
        skus = left.filter(listing_sku__shop=shop_id).values_list("listing_sku")
        while keys := [key for (key,) in skus.distinct()[:BATCH]]:
            linked += _relink_in(shop_id, keys)
    return linked


@transaction.atomic
def _relink_in(shop_id: int, listing_sku_ids: Collection[int]) -> int:
    Shop.objects.select_for_update(no_key=True).get(pk=shop_id)
    return relink(listing_sku_ids)


@transaction.atomic
def _link(shop_id: int, lines: list[OrderLine]) -> int:
    shop = Shop.objects.select_for_update(no_key=True).get(pk=shop_id)
    note_sold_skus(shop, lines)
    sku = ListingSku.objects.filter(shop=shop, remote_id=OuterRef("remote_sku_id"))
    keys = [line.pk for line in lines]
    mark_due(Order.objects.filter(pk__in=sorted({line.order_id for line in lines})))
    return (
        _unlinked()
        .filter(pk__in=keys)
        .update(
            listing_sku=Subquery(sku.values("pk")[:1]),
            variant=Subquery(sku.values("variant")[:1]),
            modified_at=timezone.now(),
        )
    )


def _unlinked() -> "QuerySet[OrderLine]":
    return OrderLine.objects.filter(listing_sku__isnull=True).exclude(remote_sku_id="")


def _variant_of_sku() -> Subquery:
    sku = ListingSku.objects.filter(pk=OuterRef("listing_sku"))
    return Subquery(sku.values("variant")[:1])


def _differs() -> Q:
    """Two unknowns are the same here, which SQL does not say."""
    has_none = Q(variant__isnull=True)
    sku_has_none = Q(listing_sku__variant__isnull=True)
    return (
        (has_none & ~sku_has_none)
        | (~has_none & sku_has_none)
        | Q(variant__lt=F("listing_sku__variant"))
        | Q(variant__gt=F("listing_sku__variant"))
    )
