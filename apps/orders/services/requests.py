"""Cancellations and returns → rows: the one way in of both, whichever source speaks.

One batch is one transaction under the shop's lock. Whether there is anything to write
is found before anything is locked; a repeated pull only reads.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.core import bulk
from apps.integrations.contracts import RemoteReturn, ReturnKind, Source
from apps.orders.models import Order, UnknownWord
from apps.orders.services.aftersales import refresh_orders
from apps.orders.services.request_links import link
from apps.orders.services.request_news import (
    Age,
    age_of,
    apply_request,
    counts,
    lines_wanted,
    new_request,
    unusable_request,
)
from apps.orders.services.request_sorts import LINE_FIELDS, Line, Remote, Row, Sort
from apps.orders.services.results import IngestResult
from apps.orders.services.stock import book_orders
from apps.orders.services.unknown import Riddle, note_all_unknown
from apps.platforms.models import Shop

BATCH = 500


def ingest_requests(
    shop: Shop,
    remotes: Sequence[Remote],
    source: Source,
    sort: Sort,
    *,
    books_stock: bool = True,
) -> IngestResult:
    """Store requests of one sort and what follows for their orders and stock;
    repeating a call changes nothing and says so.

    One whose order is unknown waits for it. Larger input is cut into batches, each a
    transaction of its own.
    """
    result = IngestResult()
    for start in range(0, len(remotes), BATCH):
        batch = remotes[start : start + BATCH]
        result += _ingest_batch(shop, batch, source, sort, books_stock=books_stock)
    return result


def preview_requests(
    shop: Shop, remotes: Sequence[Remote], source: Source, sort: Sort
) -> IngestResult:
    """What `ingest_requests` would do, with nothing written."""
    with transaction.atomic():
        # Stock would be locked in another order than by who locks it once.
        result = ingest_requests(shop, remotes, source, sort, books_stock=False)
        transaction.set_rollback(True)
    return result


def _ingest_batch(
    shop: Shop,
    remotes: Sequence[Remote],
    source: Source,
    sort: Sort,
    *,
    books_stock: bool,
) -> IngestResult:
    refused = [(r.remote_id, why) for r in remotes if (why := unusable_request(r))]
    usable = [r for r in remotes if not unusable_request(r)]
    plan = _Plan.of(shop, usable, source, sort)
    if not plan.is_empty:
        plan = _store(shop, usable, source, sort, books_stock=books_stock)
    new, updated = len(plan.new), len(plan.touched)
    return IngestResult(new, updated, len(usable) - new - updated, refused)


@transaction.atomic
def _store(
    shop: Shop,
    remotes: Sequence[Remote],
    source: Source,
    sort: Sort,
    *,
    books_stock: bool,
) -> "_Plan":
    Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
    plan = _Plan.of(shop, remotes, source, sort)
    plan.write()
    note_all_unknown(shop, _riddles(remotes, sort))
    concerned = {**plan.new, **plan.touched}
    orders = _orders_of(shop, concerned.values())
    rows = sort.model.objects.filter(shop=shop, remote_id__in=concerned)
    waits_not = rows.filter(order_remote_id__in=orders).prefetch_related("lines")
    link(list(waits_not), orders)
    refresh_orders(shop, orders.values())
    if books_stock:
        book_orders(shop, orders.values())
    return plan


def _orders_of(shop: Shop, rows: Iterable[Row]) -> dict[str, Order]:
    ids = {row.order_remote_id for row in rows}
    found = Order.objects.filter(shop=shop, remote_id__in=ids).order_by("pk")
    return {order.remote_id: order for order in found}


def _riddles(remotes: Sequence[Remote], sort: Sort) -> list[Riddle]:
    found = []
    for remote in remotes:
        if remote.status == "not_understood" and remote.status_text:
            found.append(Riddle(sort.riddle, remote.status_text, remote.remote_id))
        kind_text = _unknown_kind(remote)
        if kind_text:
            kind = UnknownWord.Kind.RETURN_KIND
            found.append(Riddle(kind, kind_text, remote.remote_id))
    return found


def _unknown_kind(remote: Remote) -> str:
    if isinstance(remote, RemoteReturn) and remote.kind is ReturnKind.NOT_UNDERSTOOD:
        return remote.kind_text
    return ""


@dataclass(slots=True)
class _Plan:
    """What news of requests would change: rows by request ID, and their lines."""

    sort: Sort
    shop_id: int
    found: dict[str, Row] = field(default_factory=dict)
    lines: dict[str, dict[str, Line]] = field(default_factory=dict)
    new: dict[str, Row] = field(default_factory=dict)
    touched: dict[str, Row] = field(default_factory=dict)
    new_lines: list[tuple[Row, Line]] = field(default_factory=list)
    changed_lines: dict[int, Line] = field(default_factory=dict)
    gone_lines: set[int] = field(default_factory=set)

    @property
    def is_empty(self) -> bool:
        return not (self.new or self.touched)

    @classmethod
    def of(
        cls, shop: Shop, remotes: Sequence[Remote], source: Source, sort: Sort
    ) -> "_Plan":
        plan = cls(sort, shop.pk)
        ids = {remote.remote_id for remote in remotes}
        rows = sort.model.objects.filter(shop=shop, remote_id__in=ids)
        for row in rows.order_by().prefetch_related("lines"):
            plan.found[row.remote_id] = row
            lines = {line.remote_id: line for line in row.lines.all()}
            plan.lines[row.remote_id] = lines
        for remote in remotes:
            plan._take(remote, source)
        return plan

    def write(self) -> None:
        now = timezone.now()
        for row in self.touched.values():
            row.modified_at = now
        bulk.insert(list(self.new.values()))
        bulk.update(list(self.touched.values()), [*self.sort.written, "modified_at"])
        self.sort.line_model.objects.filter(pk__in=self.gone_lines).delete()
        for row, line in self.new_lines:
            line.request_id = row.pk
        bulk.insert([line for _, line in self.new_lines])
        bulk.update(list(self.changed_lines.values()), LINE_FIELDS)

    def _take(self, remote: Remote, source: Source) -> None:
        key = remote.remote_id
        row = self.found.get(key)
        if row is None:
            row = new_request(self.sort, self.shop_id, remote, source)
            self.found[key] = self.new[key] = row
        known = self.lines.setdefault(key, {})
        age = age_of(row, remote, source, self.sort)
        changed = apply_request(row, remote, source, self.sort)
        changed |= self._take_lines(row, known, remote, age)
        if changed and key not in self.new:
            self.touched[key] = row

    def _take_lines(
        self, row: Row, known: dict[str, Line], remote: Remote, age: Age
    ) -> bool:
        """A word that is older names lines only where none are known, one of the same
        age names more of them."""
        wanted = lines_wanted(remote)
        names_lines = age is not Age.OLDER or not known
        changed = False
        for key, values in wanted.items():
            line = known.get(key)
            if line is None:
                if not names_lines:
                    continue
                line = bulk.new_row(self.sort.line_model, remote_id=key, **values)
                known[key] = line
                self.new_lines.append((row, line))
                changed = True
            elif _update(line, values, age):
                changed = True
                if line.pk is not None:
                    self.changed_lines[line.pk] = line
        for key in known.keys() - wanted.keys() if wanted and age is Age.NEWER else ():
            line = known.pop(key)
            changed = True
            if line.pk is not None:
                self.gone_lines.add(line.pk)
                self.changed_lines.pop(line.pk, None)
            self.new_lines = [each for each in self.new_lines if each[1] is not line]
        return changed


def _update(line: Line, values: dict[str, Any], age: Age) -> bool:
    """What a source does not say stays as it was."""
    changed = False
    for name, value in values.items():
        known = getattr(line, name)
        if value != known and counts(value, known, age):
            setattr(line, name, value)
            changed = True
    return changed
