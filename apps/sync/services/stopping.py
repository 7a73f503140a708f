"""End a run because somebody asks: after the page at hand, with all that is stored."""

from django.db import transaction
from django.utils import timezone

from apps.sync.models import Resource, SyncRun
from apps.sync.services.runs import close_dead_runs
from apps.users.services import audit
from apps.users.services.audit import By


@transaction.atomic
def ask_to_stop(run: SyncRun, by: By) -> bool:
    """Whether it was under way; asking again changes nothing. One whose process is gone
    is closed instead."""
    close_dead_runs(run.shop, Resource(run.resource))
    asked = SyncRun.objects.running().filter(pk=run.pk)
    if not asked.exists():
        return False
    if asked.filter(stop_asked_at=None).update(stop_asked_at=timezone.now()):
        audit.record(
            "asked a sync to stop",
            run.shop,
            actor=by.user,
            process=by.process,
            client=run.shop.client,
            address=by.address,
            resource=run.resource,
            run=run.pk,
        )
    return True
