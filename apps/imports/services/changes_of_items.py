"""What a run changed in returns or listings, written down so that it can be undone."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import transaction

from apps.core import bulk
from apps.imports.models import ImportChange, ImportRun
from apps.integrations.contracts import RemoteListing, RemoteReturn
from apps.orders.services import return_snapshots
from apps.orders.services.preferences import locked_shop
from apps.orders.services.results import IngestResult
from apps.orders.services.return_snapshots import snapshots_of_returns
from apps.platforms.models import Shop
from apps.products.services import listing_snapshots
from apps.products.services.ingest import IngestResult as ListingsResult
from apps.products.services.ingest import Outcome
from apps.products.services.listing_snapshots import snapshots_of_listings

_Found = Mapping[str, tuple[Any, Any]]


@transaction.atomic
def recorded_returns(
    run: ImportRun,
    shop: Shop,
    batch: Sequence[RemoteReturn],
    store: Callable[[], IngestResult],
) -> IngestResult:
    """Call `store`, which takes in this batch of a stored run, and write down what that
    changed, in one transaction. Give it no more than ingest stores at once.

    Of what the run changed before, what it was before the run stays written down.
    """
    locked_shop(shop.pk)
    ids = {remote.remote_id for remote in batch}
    before = snapshots_of_returns(shop, ids)
    result = store()
    after = snapshots_of_returns(shop, ids)
    changed = {key for key in after if after[key] != before.get(key)}
    _write(run, "order_return", changed, before, after, return_snapshots.print_of)
    return result


@transaction.atomic
def recorded_listings(
    run: ImportRun,
    shop: Shop,
    batch: Sequence[RemoteListing],
    store: Callable[[], ListingsResult],
) -> ListingsResult:
    """As `recorded_returns`, of listings: not of those that were only told again."""
    locked_shop(shop.pk)
    named = {
        remote.remote_id: [sku.remote_id for sku in remote.skus if sku.remote_id]
        for remote in batch
    }
    before = snapshots_of_listings(shop, named)
    result = store()
    outcomes = result.outcomes.items()
    changed = {key for key, outcome in outcomes if outcome is not Outcome.SAME}
    after = snapshots_of_listings(shop, dict.fromkeys(changed, ()))
    _write(run, "listing", changed, before, after, listing_snapshots.print_of)
    return result


@transaction.atomic
def recorded_items(
    run: ImportRun,
    shop: Shop,
    column: str,
    look: Callable[[], _Found],
    store: Callable[[], IngestResult],
    print_of: Callable[[Any], str],
) -> IngestResult:
    """As `recorded_returns`, of what `look` finds of the batch; a change names its item
    in `column`."""
    locked_shop(shop.pk)
    before = look()
    result = store()
    after = look()
    changed = {key for key in after if after[key] != before.get(key)}
    _write(run, column, changed, before, after, print_of)
    return result


def _write(
    run: ImportRun,
    column: str,
    changed: set[str],
    before: _Found,
    after: _Found,
    print_of: Callable[[Any], str],
) -> None:
    told = {after[each][0]: each for each in sorted(changed)}
    rows = ImportChange.objects.filter(run=run, **{f"{column}__among": told})
    again = list(rows.defer("before"))
    for row in again:
        row.after = print_of(after[told.pop(getattr(row, f"{column}_id"))][1])
    bulk.update(again, ["after"])
    bulk.insert(
        [
            bulk.new_row(
                ImportChange,
                run_id=run.pk,
                before=before[each][1] if each in before else None,
                after=print_of(after[each][1]),
                **{f"{column}_id": key},
            )
            for key, each in told.items()
        ]
    )
