"""Celery entry points. Rows say what is due; messages only wake."""

from celery import shared_task
from django.utils import timezone

from apps.platforms.models import Shop
from apps.platforms.services import breaker
from apps.webhooks.services import claiming, settling
from apps.webhooks.services.processing import work_events

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


@shared_task(expires=60)
def settle_webhooks() -> int:
    """Give events the shops that were connected since, and take up again what waited
    for a permission."""
    return settling.settle(timezone.now())
