"""A shop's settings, with what follows for stock and matching.

A shop that changes hands takes its orders along, but not its old client's goods: its
SKUs are matched to nothing until somebody says what of the new client's they are. A
test shop's orders take no real stock.
"""

from typing import Any

from django.db import transaction

from apps.inventory.models import ShopWarehouse, StockRule
from apps.orders.services import mapping
from apps.orders.services.mapping import By
from apps.orders.services.stock import mark_orders_due
from apps.platforms.models import Shop
from apps.platforms.services.shops import save_settings
from apps.products.models import ListingSku
from apps.users.models import User

_MOVES_STOCK = frozenset({"client", "environment"})


@transaction.atomic
def save_shop_settings(
    shop: Shop,
    values: dict[str, Any],
    *,
    actor: User | None = None,
    address: str | None = None,
) -> list[str]:
    """As `save_settings`, which see."""
    changed = save_settings(shop, values, actor=actor, address=address)
    if _MOVES_STOCK.isdisjoint(changed):
        return changed
    shop = Shop.objects.select_related("client").get(pk=shop.pk)
    if "client" in changed:
        _leave_goods(shop, By(user=actor, address=address))
    mark_orders_due(shop)
    return changed


def _leave_goods(shop: Shop, by: By) -> None:
    ours = ListingSku.objects.filter(shop=shop, variant__isnull=False)
    theirs = ours.exclude(variant__client=shop.client_id).order_by("pk")
    if keys := list(theirs.values_list("pk", flat=True)):
        mapping.unlink(shop, keys, by)
    places = ShopWarehouse.objects.filter(shop=shop, warehouse__isnull=False)
    places.exclude(warehouse__client=shop.client_id).update(warehouse=None)
    StockRule.objects.filter(shop=shop).exclude(client=shop.client_id).delete()
    StockRule.objects.filter(last_pieces_shop=shop).exclude(
        client=shop.client_id
    ).delete()
