"""Pull a shop because somebody asked: noted, and handed to a worker."""

from datetime import datetime
from typing import Any

from django.db import transaction
from kombu.exceptions import OperationalError

from apps.platforms.errors import ShopRefuses
from apps.platforms.models import Shop
from apps.sync.models import Resource, SyncRun
from apps.sync.services.retrying import check_retry, count_failed
from apps.sync.tasks import (
    compare_stock,
    pull_affiliate,
    pull_cancellations,
    pull_finance,
    pull_orders,
    pull_packages,
    pull_placed_orders,
    pull_products,
    pull_returns,
    recount_orders,
    retry_failed_items,
)
from apps.users.models import AnyUser, User
from apps.users.roles import CHANGE_LISTING, CHANGE_STOCK, START_SYNC
from apps.users.services import audit

_TASKS: dict[Resource, Any] = {
    Resource.ORDERS: pull_orders,
    Resource.PRODUCTS: pull_products,
    Resource.STOCK: compare_stock,
    Resource.PACKAGES: pull_packages,
    Resource.CANCELLATIONS: pull_cancellations,
    Resource.RETURNS: pull_returns,
    Resource.FINANCE: pull_finance,
    Resource.AFFILIATE: pull_affiliate,
    Resource.GAPS: recount_orders,
}
# Any of these will do, at the shop: who works on its listings may have them read anew.
STARTED_BY = {
    Resource.ORDERS: (START_SYNC,),
    Resource.PRODUCTS: (START_SYNC, CHANGE_LISTING),
    Resource.STOCK: (START_SYNC, CHANGE_STOCK),
    Resource.PACKAGES: (START_SYNC,),
    Resource.CANCELLATIONS: (START_SYNC,),
    Resource.RETURNS: (START_SYNC,),
    Resource.FINANCE: (START_SYNC,),
    Resource.AFFILIATE: (START_SYNC,),
    Resource.GAPS: (START_SYNC,),
}
# What to run by hand where no worker does it.
_COMMANDS = {Resource.CANCELLATIONS: "sync_returns", Resource.GAPS: "find_gaps"}


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
    basis: SyncRun.Basis = SyncRun.Basis.CHANGED,
) -> SyncRun | None:
    """News since last time, or a period; of orders also by when they were placed, and
    then, without a period, all there are. The run that is under way already, if one is:
    then nothing is started.

    Raises ShopRefuses: not connected, a period of stock, which is compared as it is
    now, or the task queue does not answer.
    """
    if shop.state != Shop.State.CONNECTED:
        raise ShopRefuses(
            f"{shop} is {shop.get_state_display().lower()} and cannot be synced."
        )
    if resource is Resource.STOCK and (since or until):
        raise ShopRefuses("Stock is compared as it is now; it has no period.")
    # A recount always goes by when they were placed, and has no other kind.
    is_recount = resource is Resource.GAPS
    is_by_placing = basis is SyncRun.Basis.PLACED and not is_recount
    if is_by_placing and resource is not Resource.ORDERS:
        raise ShopRefuses("Only orders are pulled by when they were placed.")
    running = SyncRun.objects.running().filter(shop=shop, resource=resource)
    if not is_recount:
        running = running.filter(basis=basis)
    if run := running.first():
        return run
    period = [moment.isoformat() for moment in (since, until) if moment]
    task = pull_placed_orders if is_by_placing else _TASKS[resource]
    with transaction.atomic():
        asked: dict[str, Any] = {"period": period} if period else {}
        if resource is not Resource.ORDERS:
            asked["resource"] = resource.value
        if is_by_placing:
            asked["basis"] = basis.value
        audit.record(
            "started a sync",
            shop,
            client=shop.client,
            actor=actor,
            address=address,
            **asked,
        )
        command = _COMMANDS.get(resource, f"sync_{resource.value}")
        _queue(
            task, shop.pk, SyncRun.Trigger.USER, *period, instead=f"or run {command}"
        )
    return None


def pull_again(
    run: SyncRun, *, actor: User, address: str | None = None
) -> SyncRun | None:
    """The same period of the same data once more, as start_pull does."""
    has_period = run.resource != Resource.STOCK
    return start_pull(
        run.shop,
        Resource(run.resource),
        actor=actor,
        address=address,
        since=run.since if has_period else None,
        until=run.until if has_period else None,
        basis=SyncRun.Basis(run.basis),
    )


def retry_items(run: SyncRun, *, actor: User, address: str | None = None) -> int:
    """Have a worker ask once more for the items that failed, and for nothing else; how
    many. Those it can take now leave the run's list of failures.

    Raises NothingToRetry, and ShopRefuses: not connected, the run is still under way,
    or the task queue does not answer.
    """
    if run.shop.state != Shop.State.CONNECTED:
        raise ShopRefuses(
            f"{run.shop} is {run.shop.get_state_display().lower()} and cannot be asked."
        )
    if run.state == SyncRun.State.RUNNING:
        raise ShopRefuses("The run is still under way: wait until it ends, or stop it.")
    check_retry(run)
    _queue(
        retry_failed_items, run.pk, actor.pk, address, instead="or retry the whole run"
    )
    return count_failed(run)


def _queue(task: Any, *arguments: Any, instead: str) -> None:
    """Here, not on commit: what is not started must not be told or recorded."""
    try:
        task.delay(*arguments)
    except OperationalError as error:
        raise ShopRefuses(
            "The task queue does not answer, so nothing was started. Try again, "
            f"{instead}."
        ) from error
