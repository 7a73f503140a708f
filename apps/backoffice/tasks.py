"""Celery entry points."""

from celery import shared_task
from django.conf import settings

from apps.backoffice.retention import KINDS
from apps.backoffice.services import heartbeat
from apps.backoffice.services.retention import apply_rule
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
