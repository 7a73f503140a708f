"""Celery entry points. Rows say what is due; messages only wake."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from celery import shared_task
from django.utils import timezone

from apps.core.errors import DomainError
from apps.integrations.errors import PlatformError
from apps.platforms.errors import (
    ReconnectNeeded,
    RefreshInProgress,
    ShopRefuses,
)
from apps.platforms.models import CreatorAccount, Shop
from apps.platforms.services import breaker
from apps.sync.errors import AlreadyRunning
from apps.sync.models import Resource, SyncRun
from apps.sync.services import actions, applicants
from apps.sync.services.affiliate import pull_affiliate as pull_sales
from apps.sync.services.aftersales import pull_cancellations as pull_wishes
from apps.sync.services.aftersales import pull_returns as pull_requests
from apps.sync.services.creators import accounts_due, pull_creator
from apps.sync.services.due import is_due, is_long, shops_due
from apps.sync.services.finance import pull_finance as pull_money
from apps.sync.services.first_pull import has_gone, latest_since_linked
from apps.sync.services.gaps.recount import recount
from apps.sync.services.orders import pull_orders as pull
from apps.sync.services.packages import pull_packages as pull_parcels
from apps.sync.services.placed_orders import pull_placed_orders as pull_placed
from apps.sync.services.products import pull_products as pull_listings
from apps.sync.services.retrying import retry_failed
from apps.sync.services.stock_compare import compare_stock as compare
from apps.sync.services.stock_push import noting
from apps.sync.services.stock_push.claiming import put_back_dead
from apps.sync.services.stock_push.claiming import shops_due as shops_to_tell
from apps.sync.services.stock_push.working import push_due
from apps.sync.services.unannounced import has_unannounced, shops_to_look_at
from apps.users.models import User
from apps.users.services.audit import By

logger = logging.getLogger(__name__)

# Of one shop in one go: some minutes.
MOST_ACTIONS = 200
# As often as the sweeps come.
MISSED_AFTER_SECONDS = 60
RECOUNTED_AFTER_SECONDS = 600
# The queue that takes what is known to take long; others follow from config/queues.py.
SLOW = "slow"


@shared_task
def sweep_orders() -> int:
    """Wake a pull for each shop that is due; how many."""
    return _wake(Resource.ORDERS, pull_orders)


# A look that found no worker in time is not missed: the next one sees as much.
@shared_task(expires=20)
def sweep_unannounced() -> int:
    """Wake a look at each shop whose orders are in step; how many."""
    shops = shops_to_look_at(timezone.now())
    for shop in shops:
        look_for_unannounced.delay(shop.pk)
    return len(shops)


@shared_task(expires=20)
def look_for_unannounced(shop_id: int) -> None:
    """Pull a shop's news at once where it has an order that nobody told us of."""
    shop = Shop.objects.connected().filter(pk=shop_id).first()
    if shop is None:
        return
    try:
        if not has_unannounced(shop, timezone.now()):
            return
    except (PlatformError, ReconnectNeeded, RefreshInProgress) as error:
        logger.info("look failed shop=%s error=%s", shop_id, error)
        return
    _run(Resource.ORDERS, pull, shop_id, SyncRun.Trigger.UNANNOUNCED)


@shared_task
def sweep_products() -> int:
    """As sweep_orders, of products."""
    return _wake(Resource.PRODUCTS, pull_products)


@shared_task
def sweep_packages() -> int:
    """As sweep_orders, of packages."""
    return _wake(Resource.PACKAGES, pull_packages)


@shared_task
def sweep_cancellations() -> int:
    """As sweep_orders, of cancellations."""
    return _wake(Resource.CANCELLATIONS, pull_cancellations)


@shared_task
def sweep_returns() -> int:
    """As sweep_orders, of returns."""
    return _wake(Resource.RETURNS, pull_returns)


@shared_task
def sweep_finance() -> int:
    """As sweep_orders, of settlements and payments."""
    return _wake(Resource.FINANCE, pull_finance)


@shared_task
def sweep_affiliate() -> int:
    """As sweep_orders, of affiliate orders."""
    return _wake(
        Resource.AFFILIATE, pull_affiliate, missed_after=RECOUNTED_AFTER_SECONDS
    )


@shared_task
def sweep_creators() -> int:
    """Wake a pull for each creator's account that is due; how many."""
    due = accounts_due(timezone.now())
    for account in due:
        pull_creator_orders.apply_async(
            (account.pk, SyncRun.Trigger.SCHEDULE.value),
            expires=RECOUNTED_AFTER_SECONDS,
            queue=SLOW,
        )
    return len(due)


@shared_task
def sweep_stock_comparison() -> int:
    """As sweep_orders, of the stock that shops show."""
    return _wake(Resource.STOCK, compare_stock)


@shared_task
def sweep_gaps() -> int:
    """As sweep_orders, of counting orders on both sides."""
    return _wake(Resource.GAPS, recount_orders, missed_after=RECOUNTED_AFTER_SECONDS)


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


@shared_task
def pull_placed_orders(
    shop_id: int, trigger: str, since: str = "", until: str = ""
) -> None:
    """Pull one shop's orders by when they were placed: a period, or all of them."""
    _run(Resource.ORDERS, pull_placed, shop_id, trigger, since, until)


@shared_task
def pull_packages(shop_id: int, trigger: str, since: str = "", until: str = "") -> None:
    """As pull_orders, of packages."""
    _run(Resource.PACKAGES, pull_parcels, shop_id, trigger, since, until)


@shared_task
def pull_cancellations(
    shop_id: int, trigger: str, since: str = "", until: str = ""
) -> None:
    """As pull_orders, of cancellations."""
    _run(Resource.CANCELLATIONS, pull_wishes, shop_id, trigger, since, until)


@shared_task
def pull_returns(shop_id: int, trigger: str, since: str = "", until: str = "") -> None:
    """As pull_orders, of returns."""
    _run(Resource.RETURNS, pull_requests, shop_id, trigger, since, until)


@shared_task
def pull_finance(shop_id: int, trigger: str, since: str = "", until: str = "") -> None:
    """As pull_orders, of settlements and payments."""
    _run(Resource.FINANCE, pull_money, shop_id, trigger, since, until)


@shared_task
def pull_affiliate(
    shop_id: int, trigger: str, since: str = "", until: str = ""
) -> None:
    """As pull_orders, of affiliate orders."""
    _run(Resource.AFFILIATE, pull_sales, shop_id, trigger, since, until)


@shared_task
def pull_creator_orders(account_id: int, trigger: str) -> None:
    """Pull what one creator sold in the last 90 days; a failure is in the run's record
    and due again soon."""
    account = CreatorAccount.objects.connected().filter(pk=account_id).first()
    if account is None:
        return
    is_sweeps = trigger == SyncRun.Trigger.SCHEDULE
    if is_sweeps and account not in accounts_due(timezone.now()):
        return  # a second message of a sweep
    try:
        pull_creator(account, trigger=SyncRun.Trigger(trigger))
    except AlreadyRunning as error:
        logger.info("pull skipped account=%s reason=%s", account_id, error)
    except (PlatformError, ReconnectNeeded, RefreshInProgress) as error:
        logger.warning("pull failed account=%s error=%s", account_id, error)


@shared_task
def recount_orders(
    shop_id: int, trigger: str, since: str = "", until: str = ""
) -> None:
    """Compare one shop's orders with the platform's, of the last days or of a period,
    and pull again what differs."""
    _run(Resource.GAPS, recount, shop_id, trigger, since, until)


@shared_task
def compare_stock(shop_id: int, trigger: str) -> None:
    """Compare the stock a shop shows with what it is to show, as it is now."""
    _run(Resource.STOCK, compare, shop_id, trigger)


# Beat sends it every other second; one that found no worker in time is not missed.
@shared_task(expires=5)
def sweep_stock() -> int:
    """Take news of stock in, and wake a push for each shop that is to be told; how
    many. Two looks at indexes and one at the shops while there is nothing."""
    noting.drain()
    put_back_dead()
    shops = shops_to_tell(timezone.now())
    for shop in shops:
        push_stock.delay(shop.pk)
    return len(shops)


@shared_task(expires=60)
def push_stock(shop_id: int) -> None:
    """Tell a shop all that is due; what fails is kept with its reason."""
    shop = Shop.objects.connected().filter(pk=shop_id).first()
    if shop is None or not breaker.admit(shop):
        return
    try:
        push_due(shop)
    except AlreadyRunning:
        return  # what is due now is found by the one at work, or by the next sweep
    except (PlatformError, ReconnectNeeded, RefreshInProgress) as error:
        logger.warning("push failed shop=%s error=%s", shop_id, error)


@shared_task
def catch_up_stock() -> int:
    """Note what writes no news of stock: SKUs matched by publishing, listings put on
    sale, bundles made of something else, refusals to be tried again."""
    return noting.catch_up()


@shared_task(expires=15)
def sweep_order_actions() -> int:
    """Wake a worker for each shop of whose orders something is asked; how many. Two
    looks at indexes and one at the shops while there is nothing."""
    actions.put_back_dead()
    shops = actions.shops_due(timezone.now())
    for shop in shops:
        work_order_actions.delay(shop.pk)
    return len(shops)


@shared_task(expires=60)
def work_order_actions(shop_id: int) -> None:
    """Send what is asked of a shop's orders, so many; the sweep goes on with the rest.
    What fails is kept with its reason."""
    shop = Shop.objects.connected().filter(pk=shop_id).first()
    if shop is None or not actions.is_due(shop, timezone.now()):
        return  # a second message, or another worker is at it
    if breaker.admit(shop):
        actions.work_actions(shop, limit=MOST_ACTIONS)


@shared_task
def sweep_applicants() -> int:
    """Look at each applicant whose shops are being read for a score; how many."""
    keys = applicants.consents_due()
    for key in keys:
        finish_applicant.delay(key)
    return len(keys)


@shared_task(expires=60)
def finish_applicant(consent_id: int) -> None:
    """Score an applicant once their shops have been read."""
    applicants.finish_consent(consent_id, timezone.now())


@shared_task
def retry_failed_items(
    run_id: int, user_id: int | None, address: str | None, after: int = 0
) -> None:
    """Ask once more for what a run could not take; what fails again says why. So many
    at once, then those behind that issue, where nobody waits for them."""
    run = SyncRun.objects.select_related("shop__client").filter(pk=run_id).first()
    if run is None or run.shop.state != Shop.State.CONNECTED:
        return
    user = User.objects.filter(pk=user_id).first() if user_id else None
    try:
        done = retry_failed(run, By(user, address), after=after)
    except (DomainError, PlatformError) as error:
        logger.warning("retry failed run=%s error=%s", run_id, error)
        return
    if done.rest_after is not None:
        rest = (run_id, user_id, address, done.rest_after)
        retry_failed_items.apply_async(rest, queue=SLOW)


def _wake(
    resource: Resource, task: Any, missed_after: int = MISSED_AFTER_SECONDS
) -> int:
    due = shops_due(resource, timezone.now())
    for shop in due:
        # By then the next sweep has sent another: a shop has one message at a time.
        options: dict[str, Any] = {"expires": missed_after}
        if is_long(shop):
            options["queue"] = SLOW
        task.apply_async((shop.pk, SyncRun.Trigger.SCHEDULE.value), **options)
    return len(due)


def _run(
    resource: Resource,
    work: Callable[..., SyncRun],
    shop_id: int,
    trigger: str,
    since: str = "",
    until: str = "",
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
    ends = {"since": since, "until": until}
    period = {name: datetime.fromisoformat(at) for name, at in ends.items() if at}
    try:
        work(shop, trigger=SyncRun.Trigger(trigger), **period)
    except (AlreadyRunning, ShopRefuses) as error:
        logger.info("pull skipped shop=%s reason=%s", shop_id, error)
    except (PlatformError, ReconnectNeeded, RefreshInProgress) as error:
        logger.warning("pull failed shop=%s error=%s", shop_id, error)
