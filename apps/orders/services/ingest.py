"""RemoteOrder → rows. The one way in, whichever source speaks.

One batch is one transaction under the shop's lock, so two sources that bring the same
order at the same moment follow one another; what is not new is found by its hash
before anything is locked or written.
"""

from collections.abc import Callable, Sequence
from functools import partial

from django.db import transaction

from apps.core.collecting import uncollected
from apps.core.storing import portions, written_and_hashed
from apps.integrations.contracts import RemoteOrder, Source
from apps.orders.models import Order, OrderPayload
from apps.orders.services.buyers import ingest_buyers
from apps.orders.services.events import note_events
from apps.orders.services.line_merge import Columns
from apps.orders.services.merge import (
    apply_again,
    apply_news,
    new_order,
    unusable,
    unusable_id,
)
from apps.orders.services.order_batch import OrderBatch, Piece, door_of
from apps.orders.services.preferences import locked_shop, preferred_witness
from apps.orders.services.relink import link_lines
from apps.orders.services.request_links import link_requests
from apps.orders.services.results import IngestResult
from apps.orders.services.stock import book_orders
from apps.orders.services.unknown import note_all_unknown
from apps.orders.services.write import write_orders
from apps.platforms.models import Shop

BATCH = 500


def ingest_orders(
    shop: Shop,
    remotes: Sequence[RemoteOrder],
    source: Source,
    *,
    books_stock: bool = True,
) -> IngestResult:
    """Store orders of one shop, and what they mean for stock; repeating a call changes
    nothing and says so.

    Orders are written whole or refused whole. Larger input is cut into batches, each
    a transaction of its own.
    """
    store = partial(_store, shop, source=source, books_stock=books_stock)
    return _in_batches(shop, remotes, source, store)


def read_again(
    shop: Shop,
    remotes: Sequence[RemoteOrder],
    source: Source,
    *,
    books_stock: bool = True,
) -> IngestResult:
    """Let orders of one shop follow from payloads that are stored already, as they are
    understood by now. Repeating a call changes nothing."""
    result = IngestResult()
    for some in portions(remotes, BATCH):
        pieces: _Pieces = {}
        for remote in sorted(some, key=lambda remote: remote.remote_id):
            if reason := unusable(remote):
                result.refused.append((remote.remote_id, reason))
                continue
            piece = Piece(remote, *written_and_hashed(remote.raw))
            pieces.setdefault(remote.remote_id, []).append(piece)
        result += _store(
            shop, pieces, source, books_stock=books_stock, hear=apply_again
        )
    return result


def preview_again(
    shop: Shop, remotes: Sequence[RemoteOrder], source: Source
) -> IngestResult:
    """What `read_again` would do, with nothing written."""
    with transaction.atomic():
        result = read_again(shop, remotes, source, books_stock=False)
        transaction.set_rollback(True)
    return result


def preview_orders(
    shop: Shop, remotes: Sequence[RemoteOrder], source: Source
) -> IngestResult:
    """What `ingest_orders` would do, with nothing written. Each order is compared with
    what is stored: an input larger than a batch is to name it once."""

    def compare(pieces: _Pieces) -> IngestResult:
        with transaction.atomic():
            result = _heard(shop, pieces, source).result
            transaction.set_rollback(True)  # buyers are made while one looks
        return result

    return _in_batches(shop, remotes, source, compare)


_Pieces = dict[str, list[Piece]]


def _in_batches(
    shop: Shop,
    remotes: Sequence[RemoteOrder],
    source: Source,
    store: Callable[[_Pieces], IngestResult],
) -> IngestResult:
    result = IngestResult()
    for some in portions(remotes, BATCH):
        result += _take_batch(shop, some, source, store)
    return result


@uncollected()
def _take_batch(
    shop: Shop,
    remotes: Sequence[RemoteOrder],
    source: Source,
    store: Callable[[_Pieces], IngestResult],
) -> IngestResult:
    """Let `store` have what says anything new."""
    result = IngestResult()
    pieces = []
    for remote in remotes:
        if reason := unusable_id(remote.remote_id):
            result.refused.append((remote.remote_id, reason))
        else:
            pieces.append(Piece(remote, *written_and_hashed(remote.raw)))
    known = _known_hashes(shop, [piece.remote.remote_id for piece in pieces], source)
    fresh: dict[str, dict[str, Piece]] = {}
    for piece in pieces:
        remote_id = piece.remote.remote_id
        if piece.content_hash == known.get(remote_id):
            continue
        if reason := unusable(piece.remote):
            result.refused.append((remote_id, reason))
        else:
            fresh.setdefault(remote_id, {})[piece.content_hash] = piece
    result.same += len(remotes) - len(fresh) - len(result.refused)
    if fresh:
        result += store({key: [*fresh[key].values()] for key in sorted(fresh)})
    return result


@transaction.atomic
def _store(
    shop: Shop,
    fresh: _Pieces,
    source: Source,
    *,
    books_stock: bool,
    hear: Callable[..., dict[str, Columns]] = apply_news,
) -> IngestResult:
    batch = _heard(shop, fresh, source, books_stock=books_stock, hear=hear)
    link_lines(shop, batch.lines.to_write)
    lines = batch.lines.lines_after()
    new = [order for order in batch.to_write if order.pk is None]
    write_orders(
        batch.to_write, batch.columns, batch.lines, batch.packages, batch.payloads
    )
    note_events(batch.happenings)
    note_all_unknown(shop, batch.riddles)
    link_requests(shop, batch.changed)
    if books_stock:
        book_orders(shop, batch.to_book, lines, new=new)
    return batch.result


def _heard(
    shop: Shop,
    fresh: _Pieces,
    source: Source,
    *,
    books_stock: bool = False,
    hear: Callable[..., dict[str, Columns]] = apply_news,
) -> OrderBatch:
    """What is to become of the orders, under the shop's lock; only buyers are written
    yet."""
    preferred = preferred_witness(locked_shop(shop.pk))
    known = Order.objects.filter(shop_id=shop.pk, remote_id__among=fresh)
    orders = {order.remote_id: order for order in known.select_related("buyer")}
    stored = [order.pk for order in orders.values()]
    for remote_id, pieces in fresh.items():
        if remote_id not in orders:
            order = orders[remote_id] = new_order(shop.pk, pieces[0].remote)
            order.is_stock_due = not books_stock
    buyers = ingest_buyers(
        shop.pk,
        [
            (orders[remote_id], piece.remote.buyer)
            for remote_id, pieces in fresh.items()
            for piece in pieces
            if orders[remote_id].buyer_erased_at is None
        ],
    )
    batch = OrderBatch.of(stored, source, preferred, hear)
    for remote_id, pieces in fresh.items():
        batch.take(orders[remote_id], pieces, buyers.get(remote_id))
    return batch


def _known_hashes(shop: Shop, ids: list[str], source: Source) -> dict[str, str]:
    rows = OrderPayload.objects.filter(
        order__shop_id=shop.pk, order__remote_id__among=ids, source=door_of(source)
    )
    return dict(rows.values_list("order__remote_id", "content_hash"))
