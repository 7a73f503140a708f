"""Celery entry points. Rows say what is due; messages only wake."""

import logging
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from apps.integrations.errors import PlatformError
from apps.orders.services import logistics, mapping, papers, priority
from apps.orders.services.preferences import left_unshown, reshow
from apps.orders.services.relink import link_stored_lines, relink_left_lines
from apps.orders.services.stock import book_all_due, mark_outdated_bundles
from apps.platforms.errors import ReconnectNeeded, RefreshInProgress
from apps.platforms.models import Shop
from apps.products.models import MappingBatch

logger = logging.getLogger(__name__)

# A piece takes seconds; what was begun before is being worked on, or was dropped.
GRACE = timedelta(minutes=5)


@shared_task
def link_order_lines() -> int:
    """Link lines to what they sold where their SKUs were known, or matched, only after
    they were stored: how many."""
    return link_stored_lines() + relink_left_lines()


@shared_task
def accept_suggestions(batch_id: int) -> None:
    """Accept what a person confirmed, piece by piece, until all is done."""
    while mapping.accept_some(batch_id):
        pass


@shared_task
def sweep_mapping_batches() -> int:
    """Go on with what lost its worker; how many batches that are."""
    left = MappingBatch.objects.filter(
        is_running=True, created_at__lt=timezone.now() - GRACE
    )
    keys = list(left.order_by("pk").values_list("pk", flat=True))
    for key in keys:
        accept_suggestions.delay(key)
    return len(keys)


@shared_task
def book_due_stock() -> int:
    """Book the orders whose stock may be outdated: how many. What is left after a
    bounded time, the next run goes on with."""
    mark_outdated_bundles()
    return book_all_due()


@shared_task
def resolve_orders(shop_id: int) -> None:
    """Show a shop's orders as its settings say by now whose word counts."""
    if shop := Shop.objects.filter(pk=shop_id).first():
        reshow(shop)


@shared_task
def sweep_unshown_orders() -> int:
    """Show the orders of shops anew for whom that was asked and not done; how many."""
    keys = left_unshown(GRACE)
    for key in keys:
        resolve_orders.delay(key)
    return len(keys)


@shared_task
def work_priority_run(run_id: int) -> None:
    """Set the priority of a run's orders, piece by piece, until all is done."""
    while priority.work_some(run_id):
        pass


@shared_task
def sweep_priority_runs() -> int:
    """Go on with what lost its worker; how many runs that are."""
    keys = priority.left_alone(GRACE)
    for key in keys:
        work_priority_run.delay(key)
    return len(keys)


@shared_task
def sweep_logistics() -> int:
    """Have the carriers read of each shop that was not asked for a day; how many."""
    shops = logistics.shops_due(timezone.now())
    for shop in shops:
        read_logistics.delay(shop.pk)
    return len(shops)


@shared_task(expires=1_500)
def read_logistics(shop_id: int) -> None:
    """Read a shop's delivery options and carriers, unless it was done meanwhile."""
    due = logistics.shops_due(timezone.now())
    shop = next((shop for shop in due if shop.pk == shop_id), None)
    if shop is None:
        return
    try:
        logistics.refresh(shop)
    except (PlatformError, ReconnectNeeded, RefreshInProgress) as error:
        logger.warning("carriers not read shop=%s error=%s", shop_id, error)


@shared_task
def purge_papers() -> int:
    """Let labels and slips go that are older than their shop keeps them; how many."""
    return papers.purge()
