"""Celery entry points. Rows say what is due; messages only wake."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from celery import shared_task
from django.utils import timezone

from apps.integrations.errors import PlatformError
from apps.platforms.errors import (
    ReconnectNeeded,
    RefreshInProgress,
    ShopRefuses,
)
from apps.platforms.models import Shop
from apps.platforms.services import breaker
from apps.sync.errors import AlreadyRunning
from apps.sync.models import Resource, SyncRun
from apps.sync.services.due import is_due, shops_due
from apps.sync.services.first_pull import has_gone, latest_since_linked
from apps.sync.services.orders import pull_orders as pull
from apps.sync.services.products import pull_products as pull_listings

logger = logging.getLogger(__name__)


@shared_task
def sweep_orders() -> int:
    """Wake a pull for each shop that is due; how many."""
    return _wake(Resource.ORDERS, pull_orders)


@shared_task
def sweep_products() -> int:
    """As sweep_orders, of products."""
    return _wake(Resource.PRODUCTS, pull_products)


@shared_task
def pull_orders(shop_id: int, trigger: str, since: str = "", until: str = "") -> None:
    """Pull one shop's orders: the news, or a period given in ISO 8601.

    A failure is in the run's record and due again soon.
    """
    _run(Resource.ORDERS, pull, shop_id, trigger, since, until)


@shared_task
def pull_products(shop_id: int, trigger: str, since: str = "", until: str = "") -> None:
    """As pull_orders, of products."""
    _run(Resource.PRODUCTS, pull_listings, shop_id, trigger, since, until)


def _wake(resource: Resource, task: Any) -> int:
    due = shops_due(resource, timezone.now())
    for shop in due:
        task.delay(shop.pk, SyncRun.Trigger.SCHEDULE)
    return len(due)


def _run(
    resource: Resource,
    work: Callable[..., SyncRun],
    shop_id: int,
    trigger: str,
    since: str,
    until: str,
) -> None:
    shop = Shop.objects.connected().filter(pk=shop_id).first()
    if shop is None:
        return
    asked_by_schedule = trigger == SyncRun.Trigger.SCHEDULE
    if asked_by_schedule and not is_due(shop, resource, timezone.now()):
        return  # a second message of the same sweep, or of one that had to wait
    if trigger == SyncRun.Trigger.CONNECT and has_gone(
        latest_since_linked(shop, resource)
    ):
        return  # the sweep was faster
    if asked_by_schedule and not breaker.admit(shop):
        return  # it rests, or another process is seeing whether it has recovered
    try:
        work(
            shop,
            trigger=SyncRun.Trigger(trigger),
            since=datetime.fromisoformat(since) if since else None,
            until=datetime.fromisoformat(until) if until else None,
        )
    except (AlreadyRunning, ShopRefuses) as error:
        logger.info("pull skipped shop=%s reason=%s", shop_id, error)
    except (PlatformError, ReconnectNeeded, RefreshInProgress) as error:
        logger.warning("pull failed shop=%s error=%s", shop_id, error)
