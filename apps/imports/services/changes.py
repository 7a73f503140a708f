"""What a run changed in orders, written down so that the run can be undone."""

from collections.abc import Callable, Collection, Mapping, Sequence

from django.db import transaction
from django.db.models import QuerySet

from apps.core import bulk
from apps.core.collecting import uncollected
from apps.core.storing import written_and_hashed
from apps.imports.models import ImportChange, ImportRun
from apps.integrations.contracts import RemoteOrder
from apps.orders.models import Order, OrderPayload
from apps.orders.services.preferences import locked_shop, preferred_witness
from apps.orders.services.restoring import without_buyer
from apps.orders.services.results import IngestResult
from apps.orders.services.snapshots import Snapshot, keyed_prints, snapshots_of
from apps.platforms.models import Shop

_FORGOTTEN = "is_buyer_forgotten"


@uncollected()
@transaction.atomic
def recorded(
    run: ImportRun,
    shop: Shop,
    batch: Sequence[RemoteOrder],
    store: Callable[[], IngestResult],
) -> IngestResult:
    """Call `store`, which takes in this batch of a stored run, and write down what that
    changed, in one transaction.

    Give it no more orders than ingest stores in one batch, as that books stock once. Of
    an order that the run changed before, what it was before the run stays written down.
    """
    locked_shop(shop.pk)
    fresh = _fresh(shop, batch)
    before = snapshots_of(shop, fresh)
    result = store()
    fresh -= {remote_id for remote_id, _ in result.refused}
    fresh -= _unchanged(shop, before, [r for r in batch if r.remote_id in fresh])
    changes = [
        bulk.new_row(
            ImportChange,
            run_id=run.pk,
            order_id=key,
            before=before.get(remote_id),
            after=text,
        )
        for remote_id, key, text in keyed_prints(shop, fresh)
    ]
    _write(run, changes, {snapshot["key"] for snapshot in before.values()})
    return result


def forget_erased(most: int = 1_000) -> int:
    """Let what is written down of orders tell nothing of buyers who were erased since:
    of how many. Safe to repeat, and in batches until it is none."""
    rows = ImportChange.objects.filter(
        before__isnull=False, order__buyer_erased_at__isnull=False
    ).exclude(before__has_key=_FORGOTTEN)
    shops = rows.order_by().values_list("order__shop", flat=True).distinct()
    return sum(_forget(key, rows, most) for key in sorted(shops))


@transaction.atomic
def _forget(shop_id: int, rows: QuerySet[ImportChange], most: int) -> int:
    preferred = preferred_witness(locked_shop(shop_id))
    some = rows.filter(order__shop=shop_id).select_related("order").order_by("pk")
    changes = list(some[:most])
    for change in changes:
        assert change.before is not None
        assert change.order is not None
        before = without_buyer(change.order, change.before, preferred)
        change.before = before | {_FORGOTTEN: True}
    bulk.update(changes, ["before"])
    return len(changes)


def _fresh(shop: Shop, batch: Sequence[RemoteOrder]) -> set[str]:
    """IDs of which the file says anything else than the last one."""
    rows = OrderPayload.objects.filter(
        order__shop_id=shop.pk,
        order__remote_id__among=[remote.remote_id for remote in batch],
        source=Order.Source.FILE,
    )
    known = dict(rows.values_list("order__remote_id", "content_hash"))
    return {
        remote.remote_id
        for remote in batch
        if known.get(remote.remote_id) is None
        or known[remote.remote_id] != written_and_hashed(remote.raw)[1]
    }


def _unchanged(
    shop: Shop, before: Mapping[str, Snapshot], remotes: Sequence[RemoteOrder]
) -> set[str]:
    """Of what the file says something else now, it was kept, so that changed. Older
    news is not kept, and may have told nothing new."""
    old_news = _fresh(shop, [r for r in remotes if r.remote_id in before])
    now = snapshots_of(shop, old_news)
    return {remote_id for remote_id in now if now[remote_id] == before[remote_id]}


def _write(
    run: ImportRun, changes: Sequence[ImportChange], stored: Collection[int]
) -> None:
    """`stored` are the orders that were there before: the run may have changed them
    already."""
    by_order = {change.order_id: change for change in changes}
    earlier = ImportChange.objects.filter(run=run, order__among=stored)
    again = [each for each in earlier.defer("before") if each.order_id in by_order]
    for change in again:
        change.after = by_order.pop(change.order_id).after
    bulk.update(again, ["after"])
    bulk.insert(list(by_order.values()))
