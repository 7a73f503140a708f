"""How often a shop's resources are pulled; people decide it shop by shop."""

from django.db import transaction

from apps.platforms.errors import ShopRefuses
from apps.platforms.models import Shop
from apps.sync.models import Resource, SyncSchedule
from apps.users.models import User
from apps.users.services import audit


def schedules_of(shop: Shop) -> list[SyncSchedule]:
    """One for each resource; the default, unsaved, where nobody chose."""
    rows = {row.resource: row for row in SyncSchedule.objects.filter(shop=shop)}
    return [rows.get(resource) or _default(shop, resource) for resource in Resource]


@transaction.atomic
def set_interval(
    shop: Shop,
    resource: Resource,
    *,
    is_on: bool,
    minutes: int,
    actor: User | None = None,
    address: str | None = None,
) -> bool:
    """Whether that differs from what was set. The next sweep follows it.

    Raises ShopRefuses for a disconnected shop, which is read-only.
    """
    shop = Shop.objects.select_for_update(of=["self"]).get(pk=shop.pk)
    if shop.state == Shop.State.DISCONNECTED:
        raise ShopRefuses(f"{shop} is disconnected and can only be read.")
    row = SyncSchedule.objects.filter(shop=shop, resource=resource).first()
    row = row or _default(shop, resource)
    if (row.is_on, row.minutes) == (is_on, minutes):
        return False
    row.is_on, row.minutes = is_on, minutes
    row.save()
    audit.record(
        "changed the sync schedule",
        shop,
        actor=actor,
        client=shop.client,
        address=address,
        resource=resource.value,
        is_on=is_on,
        minutes=minutes,
    )
    return True


def _default(shop: Shop, resource: Resource) -> SyncSchedule:
    minutes = resource.default_minutes
    return SyncSchedule(shop=shop, resource=resource, minutes=minutes)
