"""How long money may take at a shop before it counts as late; people decide it."""

from django.db import transaction

from apps.finance.models import ShopFinanceSettings
from apps.platforms.errors import ShopRefuses
from apps.platforms.models import Shop
from apps.users.services import audit
from apps.users.services.audit import By


@transaction.atomic
def set_waits(shop: Shop, *, holding_days: int, payout_days: int, by: By) -> bool:
    """Whether that differs from what was set. Raises ShopRefuses for a disconnected
    shop, which is read-only."""
    if shop.state == Shop.State.DISCONNECTED:
        raise ShopRefuses(f"{shop} is disconnected and can only be read.")
    row, _ = ShopFinanceSettings.objects.select_for_update(of=["self"]).get_or_create(
        shop=shop
    )
    if (row.holding_days, row.payout_days) == (holding_days, payout_days):
        return False
    row.holding_days, row.payout_days = holding_days, payout_days
    row.save()
    audit.record(
        "changed when money is late",
        shop,
        actor=by.user,
        process=by.process,
        client=shop.client,
        address=by.address,
        holding_days=holding_days,
        payout_days=payout_days,
    )
    return True
