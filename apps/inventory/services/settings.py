"""Whether a shop is told our stock, and what is done where it shows another number."""

from typing import Any

from django.db import transaction

from apps.inventory.errors import StockRefuses
from apps.inventory.models import ShopStockSettings
from apps.inventory.services.documents import By
from apps.inventory.services.news import tell_of_skus
from apps.platforms.models import Shop
from apps.products.models import ListingSku
from apps.users.services import audit

# The third, `drift`, is asked when a difference is found, and changes nothing before.
_CHANGE_WHAT_IS_TOLD = frozenset({"is_pushed", "zero"})


def settings_of(shop: Shop) -> ShopStockSettings:
    """The default, unsaved, where nobody chose."""
    row = ShopStockSettings.objects.filter(shop=shop).first()
    return row or ShopStockSettings(shop=shop)


@transaction.atomic
def change_settings(
    shop: Shop,
    by: By,
    *,
    is_pushed: bool | None = None,
    drift: str | None = None,
    zero: str | None = None,
) -> bool:
    """Whether that differs from what was set; None leaves a setting as it is. Where it
    changes what the shop is told, all its figures are looked at anew.

    Raises StockRefuses for a disconnected shop, which is read-only.
    """
    if drift is not None and drift not in ShopStockSettings.Drift.values:
        raise StockRefuses("Say what is done where the shop shows another number.")
    if zero is not None and zero not in ShopStockSettings.Zero.values:
        raise StockRefuses("Say what is done where TikTok takes no 0.")
    shop = Shop.objects.select_for_update(of=["self"], no_key=True).get(pk=shop.pk)
    if shop.state == Shop.State.DISCONNECTED:
        raise StockRefuses(f"{shop} is disconnected and can only be read.")
    row = settings_of(shop)
    wanted: dict[str, Any] = {"is_pushed": is_pushed, "drift": drift, "zero": zero}
    changed = {
        name: value
        for name, value in wanted.items()
        if value is not None and getattr(row, name) != value
    }
    if not changed:
        return False
    for name, value in changed.items():
        setattr(row, name, value)
    row.save()
    audit.record(
        "changed the stock settings",
        shop,
        client=shop.client,
        actor=by.user,
        address=by.address,
        process=by.process,
        **changed,
    )
    if changed.keys() & _CHANGE_WHAT_IS_TOLD:
        tell_of_skus(ListingSku.objects.filter(shop=shop))
    return True
