"""Celery entry points."""

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
    """Count the days of all shops that are due; how many. Disconnected shops keep
    their figures, too."""
    return sum(count_sales(shop) for shop in Shop.objects.order_by("pk"))


@shared_task
def count_all_settled() -> int:
    """Let all shops' settled days be what their transactions come to; how many days
    changed."""
    return sum(count_settled(shop) for shop in Shop.objects.order_by("pk"))


@shared_task
def verify_sales() -> int:
    """Compare the last weeks of all shops with their orders; how many sums differed."""
    return sum(len(verify_recent(shop)) for shop in Shop.objects.order_by("pk"))
