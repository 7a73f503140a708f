"""Celery entry points."""

from typing import Any

from celery import shared_task
from django.conf import settings

from apps.backoffice.retention import KINDS
from apps.backoffice.services import heartbeat
from apps.backoffice.services.analytics.counting import count_sales
from apps.backoffice.services.analytics.settled import count_settled
from apps.backoffice.services.analytics.verifying import verify_recent
from apps.backoffice.services.retention import apply_rule
from apps.platforms.models import Shop
from apps.users.models import User


@shared_task
def apply_retention() -> int:
    """Wake one task for each kind, so that one that fails keeps none of the others
    from going; how many."""
    for name in KINDS:
        apply_retention_of.delay(name)
    return len(KINDS)


@shared_task
def apply_retention_of(name: str, user_id: int | None = None) -> int:
    """Let go what is too old of one kind; how many. A kind there is no longer, none."""
    if name not in KINDS:
        return 0
    actor = User.objects.filter(pk=user_id).first() if user_id else None
    return apply_rule(name, actor=actor, process="schedule")


# What found no worker in time is no sign of life any more.
@shared_task(expires=30)
def sweep_heartbeats() -> None:
    """Note that Beat sends and a worker takes; ask the same of each queue."""
    heartbeat.note(heartbeat.BEAT)
    for queue in settings.CELERY_TASK_QUEUES:
        note_heartbeat.apply_async((queue.name,), queue=queue.name, expires=30)


@shared_task
def note_heartbeat(name: str) -> None:
    """Somebody takes from the queue of this name."""
    heartbeat.note(name)


@shared_task
def count_all_sales() -> int:
    """Have the days of all shops counted that are due; how many shops. Disconnected
    ones keep their figures, too."""
    return _wake_for_shops(count_sales_of)


@shared_task
def count_all_settled() -> int:
    """Have all shops' settled days be what their transactions come to."""
    return _wake_for_shops(count_settled_of)


@shared_task
def verify_sales() -> int:
    """Have the last weeks of all shops compared with their orders."""
    return _wake_for_shops(verify_sales_of)


# One that waited so long has been asked again.
@shared_task(expires=900)
def count_sales_of(shop_id: int) -> int:
    """How many days of a shop were counted."""
    return sum(count_sales(shop) for shop in Shop.objects.filter(pk=shop_id))


@shared_task(expires=7_200)
def count_settled_of(shop_id: int) -> int:
    """How many settled days of a shop changed."""
    return sum(count_settled(shop) for shop in Shop.objects.filter(pk=shop_id))


@shared_task
def verify_sales_of(shop_id: int) -> int:
    """How many sums of a shop differed from its orders."""
    return sum(len(verify_recent(shop)) for shop in Shop.objects.filter(pk=shop_id))


def _wake_for_shops(task: Any) -> int:
    """A task for each, so that a shop that fails keeps none of the others waiting."""
    keys = list(Shop.objects.order_by("pk").values_list("pk", flat=True))
    for key in keys:
        task.delay(key)
    return len(keys)
