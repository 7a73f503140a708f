"""What the pages of imports share: how a run is found and told."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from apps.imports.models import ImportRun
from apps.imports.services.who_may import may_act

STATE_BADGES = {
    ImportRun.State.UPLOADED: "neutral",
    ImportRun.State.CHECKING: "progress",
    ImportRun.State.CHECKED: "attention",
    ImportRun.State.WAITING: "progress",
    ImportRun.State.STOPPED: "attention",
    ImportRun.State.KEPT: "neutral",
    ImportRun.State.UNDOING: "progress",
    ImportRun.State.UNDONE: "neutral",
    ImportRun.State.RUNNING: "progress",
    ImportRun.State.DONE: "good",
    ImportRun.State.PARTLY: "attention",
    ImportRun.State.FAILED: "bad",
}


def run_of(
    request: HttpRequest, run_id: int, *, acts: bool = False
) -> ImportRun | None:
    """A run of a shop that the user may see; None where there is none. Raises
    PermissionDenied where they may not do anything about it, and `acts`."""
    runs = ImportRun.objects.visible_to(request.user).filter(shop__isnull=False)
    run = runs.select_related("shop__client", "user").filter(pk=run_id).first()
    if run is not None and acts and not may_act(request.user, run):
        raise PermissionDenied
    return run
