"""Pull a shop because somebody asked: noted, and handed to a worker."""

from datetime import datetime
from typing import Any

from django.db import transaction
from kombu.exceptions import OperationalError

from apps.platforms.errors import ShopRefuses
from apps.platforms.models import Shop
from apps.sync.models import Resource, SyncRun
from apps.sync.tasks import pull_orders, pull_products
from apps.users.models import AnyUser, User
from apps.users.roles import CHANGE_LISTING, START_SYNC
from apps.users.services import audit

_TASKS = {Resource.ORDERS: pull_orders, Resource.PRODUCTS: pull_products}
# Any of these will do, at the shop: who works on its listings may have them read anew.
STARTED_BY = {
    Resource.ORDERS: (START_SYNC,),
    Resource.PRODUCTS: (START_SYNC, CHANGE_LISTING),
}


def may_start(user: AnyUser, shop: Shop, resource: Resource) -> bool:
    return any(user.has_perm(name, shop) for name in STARTED_BY[resource])


def pull_task(resource: Resource) -> Any:
    """The Celery task, for who wakes it without an entry in the audit trail."""
    return _TASKS[resource]


def start_pull(
    shop: Shop,
    resource: Resource = Resource.ORDERS,
    *,
    actor: User,
    address: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> SyncRun | None:
    """News since last time, or a period. The run that is under way already, if one
    is: then nothing is started.

    Raises ShopRefuses: not connected, or the task queue does not answer.
    """
    if shop.state != Shop.State.CONNECTED:
        raise ShopRefuses(
            f"{shop} is {shop.get_state_display().lower()} and cannot be synced."
        )
    running = SyncRun.objects.running().filter(shop=shop, resource=resource)
    if run := running.first():
        return run
    period = [moment.isoformat() for moment in (since, until) if moment]
    with transaction.atomic():
        asked: dict[str, Any] = {"period": period} if period else {}
        if resource is not Resource.ORDERS:
            asked["resource"] = resource.value
        audit.record(
            "started a sync",
            shop,
            client=shop.client,
            actor=actor,
            address=address,
            **asked,
        )
        try:
            _TASKS[resource].delay(shop.pk, SyncRun.Trigger.USER, *period)
        except OperationalError as error:
            # Here, not on commit: what is not started must not be told or recorded.
            raise ShopRefuses(
                "The task queue does not answer, so nothing was started. Try again, "
                f"or run sync_{resource.value}."
            ) from error
    return None
