"""Who may read which files in."""

from django.db.models import Q, QuerySet

from apps.imports.models import ImportRun
from apps.imports.services.readers import READERS
from apps.platforms.models import Shop
from apps.users.models import AnyUser
from apps.users.roles import PROCESS_ORDERS, VIEW_IMPORT


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
