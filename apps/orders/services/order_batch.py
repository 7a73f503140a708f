"""What a batch of news changes in the orders of a shop, before it is written."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from apps.core.bulk import new_row
from apps.core.storing import JsonText
from apps.integrations.contracts import OrderStatus, RemoteOrder, Source
from apps.orders.models import Buyer, Order, OrderPayload, UnknownWord
from apps.orders.services.events import Happening, status_change
from apps.orders.services.line_merge import Columns
from apps.orders.services.merge import apply_news, news_of
from apps.orders.services.order_fields import SHOWN_FIELDS, shown_of
from apps.orders.services.package_book import PackageBook
from apps.orders.services.results import IngestResult
from apps.orders.services.unknown import Riddle
from apps.orders.services.voices import News
from apps.orders.services.write import LineBook

_STATUS = SHOWN_FIELDS.index("status")


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of news, its payload as it is stored and that payload's hash."""

    remote: RemoteOrder
    body: JsonText
    content_hash: str


@dataclass(slots=True)
class OrderBatch:
    """Orders as they are to be, and what else is to be written.

    `to_write` are those of which anything is to be kept, `changed` those that people
    see change, stored orders in their `columns`, `to_book` those of which stock may.
    """

    source: Source
    preferred: str
    lines: LineBook
    packages: PackageBook
    now: datetime
    hear: Callable[..., dict[str, Columns]]
    to_write: list[Order] = field(default_factory=list)
    changed: list[Order] = field(default_factory=list)
    to_book: list[Order] = field(default_factory=list)
    columns: set[str] = field(default_factory=set)
    payloads: list[OrderPayload] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)
    riddles: list[Riddle] = field(default_factory=list)
    result: IngestResult = field(default_factory=IngestResult)

    @classmethod
    def of(
        cls,
        stored: Collection[int],
        source: Source,
        preferred: str,
        hear: Callable[..., dict[str, Columns]] = apply_news,
    ) -> "OrderBatch":
        """Of stored orders with these keys, and of new ones."""
        lines, packages = LineBook.of(stored), PackageBook.of(stored)
        return cls(source, preferred, lines, packages, timezone.now(), hear)

    def take(self, order: Order, pieces: Sequence[Piece], buyer: Buyer | None) -> None:
        """Let an order hear all that came of it, in whatever turn. `buyer` is who
        placed it, where that is known."""
        heard = [news_of(p.remote, self.source, p.content_hash) for p in pieces]
        before = (shown_of(order), order.testimony) if order.pk else None
        version = order.remote_updated_at
        stored = self.lines.of_order(order)
        wanted = self.hear(order, heard, self.preferred, stored)
        changed = self._give_buyer(order, buyer)
        remotes = [piece.remote for piece in pieces]
        changed |= self.packages.take(order, remotes, self.source, stored.values())
        changed |= self.lines.take(order, wanted)
        if before is None:
            self._note_new(order)
        else:
            self._note_known(order, before, changed=changed)
        for piece, news in zip(pieces, heard, strict=True):
            self._record(order, piece, news)
        known = order.remote_updated_at
        if known is not None and (version is None or known > version):
            self.result.versions.append(known)

    def _give_buyer(self, order: Order, buyer: Buyer | None) -> bool:
        if buyer is None or order.buyer_id == buyer.pk:
            return False
        order.buyer = buyer
        return True

    def _note_new(self, order: Order) -> None:
        self.result.new += 1
        self.changed.append(order)
        self.to_book.append(order)
        self.to_write.append(order)

    def _note_known(
        self,
        order: Order,
        before: tuple[tuple[Any, ...], Mapping[str, Any]],
        *,
        changed: bool,
    ) -> None:
        shown, testimony = before
        now = shown_of(order)
        if now != shown:
            changed = True
            columns = zip(SHOWN_FIELDS, shown, now, strict=True)
            self.columns |= {name for name, old, new in columns if old != new}
        if changed:
            order.modified_at = self.now
            self.changed.append(order)
            self.result.updated += 1
        else:
            self.result.same += 1
        # Old news may tell that units had left, which no line shows any more.
        if changed or order.testimony.get("lines") != testimony.get("lines"):
            self.to_book.append(order)
        if changed or order.testimony != testimony:
            self.to_write.append(order)
        if shown[_STATUS] != order.status:
            self.happenings.append(
                status_change(order, shown[_STATUS], self.source, self.now)
            )

    def _record(self, order: Order, piece: Piece, news: News) -> None:
        if news.status == OrderStatus.NOT_UNDERSTOOD and news.text:
            kind = UnknownWord.Kind.ORDER_STATUS
            self.riddles.append(Riddle(kind, news.text, order.remote_id))
        if order.testimony[news.witness]["at"] == list(news.standing):
            self.payloads.append(_payload(order, piece, self.source, self.now))


def door_of(source: Source) -> str:
    """Through which door a payload came: what a webhook gave news of was read through
    the API, and is the same payload if nothing changed."""
    return Source.API.value if source.is_platform else source.value


def _payload(order: Order, piece: Piece, source: Source, now: datetime) -> OrderPayload:
    """The record of what came: of an order whose buyer was erased, only its hash, by
    which the same news is known again."""
    is_erased = order.buyer_erased_at is not None
    return new_row(
        OrderPayload,
        source=door_of(source),
        body={} if is_erased else piece.body,
        content_hash=piece.content_hash,
        received_at=now,
        emptied_at=now if is_erased else None,
        order=order,
    )
