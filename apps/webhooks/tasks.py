"""Celery entry points. Rows say what is due; messages only wake."""

import logging

from celery import shared_task
from django.utils import timezone

from apps.platforms.errors import ShopRefuses
from apps.platforms.models import Shop
from apps.platforms.services import breaker
from apps.users.services.audit import By
from apps.webhooks.errors import NoAddress
from apps.webhooks.services import claiming, days, settling, subscriptions
from apps.webhooks.services.processing import work_events
from apps.webhooks.services.rehearsal import rehearse

logger = logging.getLogger(__name__)

# Of one shop in one task: the others' turn comes.
MOST_AT_ONCE = 1_000


# Beat sends it every other second; one that found no worker in time is not missed.
@shared_task(expires=5)
def sweep_webhooks() -> int:
    """Wake a worker for each shop with events to act on; how many. Two looks at indexes
    while there is nothing."""
    claiming.free_dead()
    shops = claiming.shops_due(timezone.now())
    for shop in shops:
        work_webhooks.delay(shop.pk)
    return len(shops)


@shared_task(expires=60)
def work_webhooks(shop_id: int) -> None:
    """Act on a shop's events, so many; the sweep goes on with the rest. What fails is
    kept with its reason."""
    shop = Shop.objects.connected().filter(pk=shop_id).first()
    if shop is None or not claiming.is_due(shop, timezone.now()):
        return  # a second message, or another worker is at it
    if breaker.admit(shop):
        work_events(shop, most=MOST_AT_ONCE)


@shared_task
def sum_up_webhooks() -> int:
    """Store how well the events of days that are over were acted on; how many rows."""
    return days.sum_up(timezone.now())


@shared_task(expires=60)
def settle_webhooks() -> int:
    """Give events the shops that were connected since, and take up again what waited
    for a permission."""
    return settling.settle(timezone.now())


@shared_task(expires=300)
def sweep_subscriptions() -> int:
    """Wake a task for each connected shop that nobody has subscribed for yet, and for
    each that was not looked at for a day; how many."""
    new = list(subscriptions.never_set_up())
    due = list(subscriptions.due_for_check(timezone.now()))
    for shop in new:
        set_up_subscriptions.delay(shop.pk)
    for shop in due:
        check_subscriptions.delay(shop.pk)
    return len(new) + len(due)


@shared_task
def set_up_subscriptions(shop_id: int) -> None:
    """Have the news of a shop that was just connected, perhaps anew or through another
    app, posted to us, where nobody else gets them, and see whether they arrive. What
    fails is kept with its reason; a person repairs it."""
    shop = Shop.objects.connected().filter(pk=shop_id).first()
    if shop is None or subscriptions.is_declined(shop):
        return
    by = By(process="connection")
    try:
        done = subscriptions.set_all(shop, by, replaces=False)
    except (NoAddress, ShopRefuses) as error:
        logger.info("not subscribed shop=%s reason=%s", shop_id, error)
        return
    for outcome in rehearse(shop, by) if done.changed else []:
        if not outcome.is_ok:
            logger.warning("test failed shop=%s reason=%s", shop_id, outcome.words)


@shared_task
def check_subscriptions(shop_id: int) -> None:
    """Note where a shop's news are posted to. Nothing is repaired: whoever took them
    over may have meant it."""
    shop = Shop.objects.connected().filter(pk=shop_id).first()
    if shop is not None:
        subscriptions.check(shop)
