"""What the pages of imports share: who may do what, and how a run is told."""

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from apps.imports.models import ImportRun
from apps.imports.services.readers import READERS
from apps.platforms.models import Shop
from apps.users.models import AnyUser
from apps.users.roles import PROCESS_ORDERS, VIEW_IMPORT

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


def importable_shops(user: AnyUser) -> QuerySet[Shop]:
    """Shops into which the user may read some kind of file, and see what became of
    it."""
    some = Q()
    for permission in {reader.permission for reader in READERS.values()}:
        some |= Q(pk__in=Shop.objects.visible_to(user, permission))
    return Shop.objects.visible_to(user, VIEW_IMPORT).filter(some)


def needed_for(kind: str) -> str:
    """The permission that reading such a file into a shop takes; what is only kept may
    tell as much as orders do."""
    reader = READERS.get(kind)
    return reader.permission if reader else PROCESS_ORDERS


def may_act(user: AnyUser, run: ImportRun) -> bool:
    """Whether the user may see the file's cells, and do something about the run."""
    return bool(run.shop_id) and user.has_perm(needed_for(run.kind), run.shop)


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
