"""Celery entry points. Rows say what is due; messages only wake."""

from celery import shared_task
from django.utils import timezone

from apps.alerts.services import checking, hooks, mail, standing, telling


@shared_task
def check_alerts() -> None:
    """Look at everything; a message that comes twice looks once."""
    now = timezone.now()
    if checking.begin(now):
        checking.check(now)
        standing.note_going_on(now)


@shared_task
def tell_alerts() -> None:
    """Mail and post what is due, and notice what cannot wait for the next look: shops
    that were cut off, and that nobody looks any more."""
    now = timezone.now()
    standing.note_if_stopped(now)
    checking.check_cut_off(now)
    telling.tell(now)
    mail.send_due(now)
    hooks.deliver_due(now)
