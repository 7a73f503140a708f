"""Whose word counts in a shop where sources differ."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from apps.core import bulk
from apps.orders.models import Order, ShopOrderSettings
from apps.orders.services.merge import show
from apps.orders.services.order_fields import WRITTEN_FIELDS, shown_of
from apps.orders.services.stock import mark_due
from apps.orders.services.testimony import Testimony
from apps.orders.services.voices import FILE, PLATFORM
from apps.platforms.models import Shop

BATCH = 500


def locked_shop(shop_id: int) -> Shop:
    """A shop under its lock, with its order settings, in one query."""
    rows = Shop.objects.select_related("order_settings")
    return rows.select_for_update(no_key=True, of=("self",)).get(pk=shop_id)


def preferred_witness(shop: Shop) -> str:
    """ "platform" or "file"; a query, unless the shop's settings are at hand."""
    try:
        preferred = shop.order_settings.preferred_source
    except ShopOrderSettings.DoesNotExist:
        return PLATFORM
    return FILE if preferred == ShopOrderSettings.Preferred.FILE else PLATFORM


def reshow(shop: Shop) -> int:
    """`resolve_shop`, and the mark that it is due taken away: how many changed."""
    rows = ShopOrderSettings.objects.filter(shop=shop, reshow_asked_at__isnull=False)
    asked_at = rows.values_list("reshow_asked_at", flat=True).first()
    changed = resolve_shop(shop)
    # Asked for once more meanwhile, it is due once more.
    rows.filter(reshow_asked_at=asked_at).update(reshow_asked_at=None)
    return changed


def left_unshown(after: timedelta) -> list[int]:
    """Keys of shops whose orders have waited so long to be shown anew: the message, or
    its worker, was lost."""
    rows = ShopOrderSettings.objects.filter(reshow_asked_at__lt=timezone.now() - after)
    return list(rows.order_by("shop").values_list("shop", flat=True))


def resolve_shop(shop: Shop) -> int:
    """Show a shop's orders as its preference is now: how many changed. In batches, each
    a transaction of its own; repeating it changes nothing. What follows for stock is
    marked as due, and a sweep books it."""
    heard = Order.objects.filter(shop=shop, testimony__has_key=FILE).order_by("pk")
    changed = last = 0
    while keys := list(heard.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        last = keys[-1]
        changed += _resolve(shop.pk, keys)
    return changed


@transaction.atomic
def _resolve(shop_id: int, keys: list[int]) -> int:
    preferred = preferred_witness(locked_shop(shop_id))
    now = timezone.now()
    changed = []
    rows = Order.objects.filter(pk__in=keys)
    for order in rows:
        before = shown_of(order)
        show(order, Testimony.of(order), preferred)
        if shown_of(order) != before:
            order.modified_at = now
            changed.append(order)
    bulk.update(changed, [*WRITTEN_FIELDS, "modified_at"])
    mark_due(Order.objects.filter(pk__in=[order.pk for order in changed]))
    return len(changed)
