"""Read again what the platform sent, with what we understand by now.

Files are not read again: how their dates are to be read stands with the file, not with
each order. An order whose payload was dropped by age stays as it is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from apps.integrations.contracts import RemoteOrder, Source
from apps.orders.models import Order, OrderPayload
from apps.orders.services.ingest import preview_again, read_again
from apps.orders.services.results import IngestResult
from apps.platforms.models import Shop

BATCH = 500


@dataclass(slots=True)
class Rebuilt:
    """What came of it; `unreadable` is (order ID, why)."""

    read: int = 0
    outcome: IngestResult = field(default_factory=IngestResult)
    unreadable: list[tuple[str, str]] = field(default_factory=list)


def payloads_of(shop: Shop) -> int:
    """How many of the platform's are kept whole."""
    return _kept(shop).count()


def rebuild(
    shop: Shop,
    read: Callable[[Mapping[str, Any]], RemoteOrder],
    *,
    errors: type[Exception],
    dry_run: bool = False,
    on_batch: Callable[[Rebuilt], None] = lambda _: None,
) -> Rebuilt:
    """Let a shop's orders follow from what the platform sent of each last.

    `read` makes an order of a payload and raises one of `errors` where it cannot. In
    batches, each a transaction of its own; repeating it changes nothing. `dry_run`
    compares and writes nothing.
    """
    done = Rebuilt()
    last = 0
    rows = _kept(shop).order_by("pk").values_list("pk", "order__remote_id", "body")
    store = preview_again if dry_run else read_again
    while some := list(rows.filter(pk__gt=last)[:BATCH]):
        last = some[-1][0]
        remotes = []
        for _, remote_id, body in some:
            try:
                remotes.append(read(body))
            except errors as error:
                done.unreadable.append((remote_id, str(error)))
        done.read += len(some)
        done.outcome += store(shop, remotes, Source.API)
        on_batch(done)
    return done


def _kept(shop: Shop) -> "QuerySet[OrderPayload]":
    return OrderPayload.objects.filter(
        order__shop=shop, source=Order.Source.API, emptied_at=None
    )
