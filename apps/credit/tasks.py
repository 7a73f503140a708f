"""Celery entry points. Rows say what is due; messages only wake."""

from celery import shared_task
from django.utils import timezone

from apps.credit.services import erasing
from apps.credit.services.delivering import deliver_due
from apps.credit.services.minimising import minimise
from apps.credit.services.rescoring import rescore


@shared_task
def minimise_applicants() -> int:
    """Forget who bought in shops that are here for lenders alone; how many orders."""
    return minimise()


@shared_task
def let_applicants_go() -> int:
    """Empty what lenders keep no longer, and forget who never came back; how many
    applicants."""
    now = timezone.now()
    return erasing.let_go(now) + erasing.forget_strangers(now)


@shared_task
def sweep_scores() -> int:
    """Score anew whose data has moved since yesterday; how many."""
    return rescore(timezone.now())


@shared_task
def tell_lenders() -> int:
    """Post to lenders what waits for them; how many messages arrived."""
    return deliver_due(timezone.now())
