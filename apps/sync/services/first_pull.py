"""What became of the pull that follows a connection."""

from django.db.models import Q

from apps.platforms.models import Shop
from apps.sync.models import Resource, SyncRun

# Stock is looked at as soon as something is matched.
FIRST = (Resource.ORDERS, Resource.PRODUCTS)
_WENT = (SyncRun.State.DONE, SyncRun.State.PARTLY)


def latest_since_linked(shop: Shop, resource: Resource) -> SyncRun | None:
    """The newest run since the shop was last connected; that a later one succeeded
    counts more than that the first failed."""
    runs = SyncRun.objects.filter(
        shop=shop, resource=resource, basis=SyncRun.Basis.CHANGED
    )
    linked = shop.connect_attempts.order_by("-finished_at").first()
    if linked is not None and linked.finished_at is not None:
        is_live = Q(state=SyncRun.State.RUNNING)
        runs = runs.filter(Q(started_at__gte=linked.finished_at) | is_live)
    return runs.first()


def has_gone(run: SyncRun | None) -> bool:
    """To its end, be it without some items."""
    return run is not None and run.state in _WENT
