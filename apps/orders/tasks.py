"""Celery entry points. Rows say what is due; messages only wake."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from apps.orders.services import mapping
from apps.orders.services.relink import link_stored_lines, relink_left_lines
from apps.products.models import MappingBatch

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
