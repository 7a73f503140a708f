"""RemoteOrder → rows. The one way in, whichever source speaks.

One batch is one transaction under the shop's lock, so two sources that bring the same
order at the same moment follow one another; what is not new is found by its hash
before anything is locked or written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from apps.core.storing import content_hash, storable
from apps.integrations.contracts import RemoteOrder, Source
from apps.orders.models import Order, OrderPayload
from apps.orders.services.buyers import ingest_buyers
from apps.orders.services.merge import (
    apply_news,
    is_older_version,
    new_order,
    unusable,
)
from apps.orders.services.relink import link_lines
from apps.orders.services.write import LineBook, write_orders
from apps.platforms.models import Shop

BATCH = 200


@dataclass(slots=True)
class IngestResult:
    """What a batch did: orders new, updated, same; `refused` is (order ID, why)."""

    new: int = 0
    updated: int = 0
    same: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)

    def __iadd__(self, other: "IngestResult") -> "IngestResult":
        self.new += other.new
        self.updated += other.updated
        self.same += other.same
        self.refused += other.refused
        return self


def ingest_orders(
    shop: Shop, remotes: Sequence[RemoteOrder], source: Source
) -> IngestResult:
    """Store orders of one shop; repeating a call changes nothing and says so.

    Orders are written whole or refused whole. Larger input is cut into batches, each
    a transaction of its own.
    """
    result = IngestResult()
    for start in range(0, len(remotes), BATCH):
        result += _ingest_batch(shop, remotes[start : start + BATCH], source)
    return result


def preview_orders(
    shop: Shop, remotes: Sequence[RemoteOrder], source: Source
) -> IngestResult:
    """What `ingest_orders` would do, with nothing written."""
    with transaction.atomic():
        result = ingest_orders(shop, remotes, source)
        transaction.set_rollback(True)
    return result


@dataclass(frozen=True, slots=True)
class _News:
    """One order of a batch, its payload fit for storing and that payload's hash."""

    remote: RemoteOrder
    body: object
    content_hash: str


def _ingest_batch(
    shop: Shop, remotes: Sequence[RemoteOrder], source: Source
) -> IngestResult:
    result = IngestResult()
    news: list[_News] = []
    for remote in _latest_of_each(remotes):
        if reason := unusable(remote):
            result.refused.append((remote.remote_id, reason))
            continue
        body = storable(remote.raw)
        news.append(_News(remote, body, content_hash(body)))
    known = _known_hashes(shop, [item.remote.remote_id for item in news], source)
    fresh = [n for n in news if known.get(n.remote.remote_id) != n.content_hash]
    result.same += len(remotes) - len(fresh) - len(result.refused)
    if fresh:
        result += _store(shop, fresh, source)
    return result


@transaction.atomic
def _store(shop: Shop, fresh: list[_News], source: Source) -> IngestResult:
    Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
    ids = [item.remote.remote_id for item in fresh]
    found = {
        order.remote_id: order
        for order in Order.objects.filter(
            shop_id=shop.pk, remote_id__in=ids
        ).select_related("buyer")
    }
    orders = [
        found.get(n.remote.remote_id) or new_order(shop.pk, n.remote, source)
        for n in fresh
    ]
    buyers = ingest_buyers(
        shop.pk,
        [
            (order, item.remote.buyer)
            for order, item in zip(orders, fresh, strict=True)
            if order.buyer_erased_at is None
        ],
    )
    book = LineBook.of([order for order in orders if order.pk])
    result = IngestResult()
    touched: list[Order] = []
    payloads: list[OrderPayload] = []
    now = timezone.now()
    for order, item in zip(orders, fresh, strict=True):
        is_new = order.pk is None
        is_late = is_older_version(order, item.remote)
        changed = apply_news(order, item.remote, source)
        buyer = buyers.get(order.remote_id)
        if buyer is not None and order.buyer_id != buyer.pk:
            order.buyer, changed = buyer, True
        changed |= book.take(order, item.remote, source)
        if is_new or changed:
            touched.append(order)
        if not is_late:
            payloads.append(_payload(order, item, source, now))
        if is_new:
            result.new += 1
        elif changed:
            result.updated += 1
        else:
            result.same += 1
    link_lines(shop, book.to_write)
    write_orders(touched, book, payloads)
    return result


def _payload(order: Order, item: _News, source: Source, now: datetime) -> OrderPayload:
    """The record of what came: of an order whose buyer was erased, only its hash, by
    which the same news is known again."""
    is_erased = order.buyer_erased_at is not None
    return OrderPayload(
        order=order,
        source=source.value,
        body={} if is_erased else item.body,
        content_hash=item.content_hash,
        received_at=now,
        emptied_at=now if is_erased else None,
    )


def _latest_of_each(remotes: Sequence[RemoteOrder]) -> list[RemoteOrder]:
    """One per order, sorted by ID; where a batch repeats one, its latest version."""
    latest: dict[str, RemoteOrder] = {}
    for remote in remotes:
        other = latest.get(remote.remote_id)
        if other is not None and _is_later(other, remote):
            continue
        latest[remote.remote_id] = remote
    return [latest[key] for key in sorted(latest)]


def _is_later(one: RemoteOrder, two: RemoteOrder) -> bool:
    return bool(one.updated_at and two.updated_at and one.updated_at > two.updated_at)


def _known_hashes(shop: Shop, ids: list[str], source: Source) -> dict[str, str]:
    rows = OrderPayload.objects.filter(
        order__shop_id=shop.pk, order__remote_id__in=ids, source=source.value
    )
    return dict(rows.values_list("order__remote_id", "content_hash"))
