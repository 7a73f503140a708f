"""A shop's pulls, as its page shows them."""

from typing import Any

from django.db.models import QuerySet

from apps.core.admin import ago, badge
from apps.platforms.models import Shop
from apps.sync.admin import STATE_BADGES
from apps.sync.models import Resource, SyncRun


def run_row(run: SyncRun) -> dict[str, Any]:
    kind = STATE_BADGES[SyncRun.State(run.state)]
    return {
        "run": run,
        "age": ago(run.started_at),
        "badge": badge(run.get_state_display(), kind),
    }


def last_run(shop: Shop, resource: Resource | None = None) -> dict[str, Any] | None:
    """Of that kind, or of any."""
    runs = SyncRun.objects.filter(shop=shop)
    if resource is not None:
        runs = runs.filter(resource=resource)
    run = runs.first()
    return run_row(run) if run else None


def last_error(shop: Shop) -> dict[str, Any] | None:
    """What went wrong last, unless a later run went well."""
    runs: QuerySet[SyncRun] = SyncRun.objects.filter(shop=shop).exclude(
        state=SyncRun.State.RUNNING
    )
    run = runs.exclude(first_error="").first()
    if run is None:
        return None
    # Of the same kind: that orders come does not mean that products do.
    last = runs.filter(resource=run.resource).first()
    return run_row(run) | {"is_over": last is not None and last.pk != run.pk}
