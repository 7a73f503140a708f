"""RemoteSettlement → rows: the API's lines and a file's are the same ones."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from apps.core import bulk
from apps.core.storing import portions
from apps.finance.models import (
    SettlementComponent,
    SettlementSku,
    SettlementTransaction,
    Source,
    Statement,
    UnsettledTransaction,
)
from apps.finance.rules.identity import key_of, key_of_another, same_line
from apps.finance.services.coverage import note_covered
from apps.finance.services.locking import lock_shop
from apps.finance.services.reconciling import reconcile_statements
from apps.finance.services.settlement_rows import (
    Named,
    apply_news,
    component_rows,
    judge,
    line_of,
    line_of_row,
    named_of,
    new_settlement,
    sku_rows,
    unusable,
)
from apps.finance.services.statements import statements_named
from apps.integrations import contracts
from apps.integrations.contracts import RemoteSettlement, RemoteSkuSettlement
from apps.orders.models import Order
from apps.orders.services.results import IngestResult
from apps.platforms.models import Shop

Subject = tuple[str, str]
_WRITTEN = frozenset(
    field.name
    for field in SettlementTransaction._meta.concrete_fields
    if field.name not in ("id", "shop", "created_at")
)


def ingest_settlements(
    shop: Shop, remotes: Sequence[RemoteSettlement], source: contracts.Source
) -> IngestResult:
    """Store lines of statements; repeating a call changes nothing and says so.

    A line whose statement nobody told of makes that statement known by its ID.
    """
    result = IngestResult()
    for some in portions(remotes, 500):
        with transaction.atomic():
            result += _Batch(lock_shop(shop), source_of(source)).take(some)
    return result


def preview_settlements(
    shop: Shop, remotes: Sequence[RemoteSettlement], source: contracts.Source
) -> IngestResult:
    """What `ingest_settlements` would do, with nothing written."""
    return _Batch(shop, source_of(source)).look_at(remotes)


@transaction.atomic
def store_skus(
    shop: Shop, order_id: str, remotes: Sequence[RemoteSkuSettlement]
) -> int:
    """What the API tells of an order's SKUs, for each statement it appears in; to how
    many of those that adds something. The lines count as asked for from then on."""
    shop = lock_shop(shop)
    by_statement: dict[str, list[RemoteSkuSettlement]] = defaultdict(list)
    for remote in remotes:
        by_statement[remote.statement_id].append(remote)
    rows = (
        SettlementTransaction.objects.of_orders()
        .filter(shop=shop, subject_id=order_id, source=Source.API)
        .select_related("statement")
    )
    found, added, now = list(rows), 0, timezone.now()
    for row in found:
        row.skus_read_at = row.modified_at = now
        told = by_statement.get(row.statement.remote_id if row.statement else "", [])
        # Two lines of one statement share what is told of their SKUs: nobody's, then.
        is_alone = sum(each.statement_id == row.statement_id for each in found) == 1
        if told and is_alone:
            row.skus.all().delete()
            fresh = sku_rows(row.pk, told)
            bulk.insert(fresh)
            judge(row, _named_here([row])[row.pk], _amounts(fresh))
            added += 1
    bulk.update(found, _WRITTEN)
    return added


def source_of(source: contracts.Source) -> Source:
    return Source.API if source.is_platform else Source.FILE


def _amounts(skus: Iterable[SettlementSku]) -> list[Decimal]:
    return [sku.settlement_amount for sku in skus]


def _named_here(rows: Sequence[SettlementTransaction]) -> dict[int, Named]:
    """{row's key: its parts by name}."""
    named: dict[int, Named] = defaultdict(dict)
    for part in SettlementComponent.objects.filter(transaction__in=rows):
        named[part.transaction_id][part.group, part.name] = part.amount
    return named


@dataclass(slots=True)
class _Batch:
    """Some lines of one shop on their way in."""

    shop: Shop
    source: Source
    known: dict[Subject, list[SettlementTransaction]] = field(default_factory=dict)
    statements: dict[str, Statement] = field(default_factory=dict)
    statement_ids: dict[int, str] = field(default_factory=dict)
    named: dict[int, Named] = field(default_factory=dict)
    skus: dict[int, list[SettlementSku]] = field(default_factory=dict)

    def look_at(self, remotes: Sequence[RemoteSettlement]) -> IngestResult:
        result = IngestResult()
        usable = self._usable(remotes, result)
        self._load(usable)
        for remote in usable:
            row, is_new = self._row_for(remote)
            was = dict(self.named.get(row.pk or 0, {}))
            changed = self._apply(row, remote) or self._parts_change(was, remote, row)
            self._count(result, is_new=is_new, is_changed=changed)
        return result

    def take(self, remotes: Sequence[RemoteSettlement]) -> IngestResult:
        result = IngestResult()
        usable = self._usable(remotes, result)
        self._load(usable)
        self._know_statements(usable)
        orders = self._orders(usable)
        touched: dict[int, tuple[SettlementTransaction, RemoteSettlement]] = {}
        fresh: list[SettlementTransaction] = []
        changed: list[SettlementTransaction] = []
        for remote in usable:
            row, is_new = self._row_for(remote)
            was = dict(self.named.get(row.pk or 0, {}))
            is_changed = self._apply(row, remote)
            is_changed |= self._place(row, remote, orders)
            is_changed |= self._parts_change(was, remote, row)
            is_changed |= self._skus_change(remote, row)
            self._count(result, is_new=is_new, is_changed=is_changed)
            if is_new:
                fresh.append(row)
            elif is_changed and row.pk:
                changed.append(row)
            if is_new or is_changed:
                touched[id(row)] = row, remote
        self._write(fresh, changed, list(touched.values()))
        self._follow_up([row for row, _ in touched.values()])
        return result

    def _usable(
        self, remotes: Sequence[RemoteSettlement], result: IngestResult
    ) -> list[RemoteSettlement]:
        usable = []
        for remote in remotes:
            if why := unusable(remote):
                result.refused.append((remote.subject_id or remote.remote_id, why))
            else:
                usable.append(remote)
        return usable

    def _load(self, remotes: Sequence[RemoteSettlement]) -> None:
        """What we have about the same subjects."""
        subjects = {remote.subject_id for remote in remotes}
        rows = SettlementTransaction.objects.filter(
            shop=self.shop, subject_id__in=subjects
        ).select_related("statement")
        for row in rows:
            self.known.setdefault((row.type, row.subject_id), []).append(row)
            if row.statement is not None:
                self.statement_ids[row.statement.pk] = row.statement.remote_id
        self.named = _named_here(list(rows))
        for sku in SettlementSku.objects.filter(transaction__in=rows):
            self.skus.setdefault(sku.transaction_id, []).append(sku)

    def _know_statements(self, remotes: Sequence[RemoteSettlement]) -> None:
        days: dict[str, tuple[datetime, str]] = {}
        for remote in remotes:
            if remote.statement_id and remote.settled_at is not None:
                told = remote.settled_at, remote.currency
                days[remote.statement_id] = told
        self.statements = statements_named(self.shop, days, self.source)
        for row in self.statements.values():
            self.statement_ids[row.pk] = row.remote_id

    def _orders(self, remotes: Sequence[RemoteSettlement]) -> dict[str, int]:
        """{the platform's ID: our key} of those that are here."""
        ids = {remote.order_id for remote in remotes if remote.order_id}
        rows = Order.objects.filter(shop=self.shop, remote_id__in=ids)
        return dict(rows.order_by().values_list("remote_id", "pk"))

    def _row_for(self, remote: RemoteSettlement) -> tuple[SettlementTransaction, bool]:
        """The row it is about, and whether it is a new one."""
        rows = self.known.setdefault((remote.kind.value, remote.subject_id), [])
        line = line_of(remote)
        lines = [line_of_row(row, self._statement_id(row)) for row in rows]
        place = same_line(line, lines)
        if place is not None:
            return rows[place], False
        taken = {row.key for row in rows}
        key = key_of(line)
        if key in taken:
            key = key_of_another(line)
        row = new_settlement(self.shop.pk, remote, key, self.source)
        rows.append(row)
        return row, True

    def _statement_id(self, row: SettlementTransaction) -> str:
        if row.statement_id is None:
            return ""
        return self.statement_ids.get(row.statement_id, "")

    def _apply(self, row: SettlementTransaction, remote: RemoteSettlement) -> bool:
        return apply_news(row, remote, self.source)

    def _place(
        self,
        row: SettlementTransaction,
        remote: RemoteSettlement,
        orders: dict[str, int],
    ) -> bool:
        """Its statement and its order, as far as they are known."""
        before = row.statement_id, row.order_id, row.key
        statement = self.statements.get(remote.statement_id)
        if statement is not None and row.statement_id != statement.pk:
            row.statement_id = statement.pk
            rows = self.known[row.type, row.subject_id]
            key = key_of(line_of(remote))
            if key not in {other.key for other in rows if other is not row}:
                row.key = key
        if row.order_id is None and (order := orders.get(row.remote_order_id)):
            row.order_id = order
        return before != (row.statement_id, row.order_id, row.key)

    def _parts_change(
        self, was: Named, remote: RemoteSettlement, row: SettlementTransaction
    ) -> bool:
        """Whether its parts by name become others; a file's do not replace the
        API's."""
        told = named_of(remote.amounts.named)
        return bool(told) and told != was and not self._yields(row)

    def _skus_change(
        self, remote: RemoteSettlement, row: SettlementTransaction
    ) -> bool:
        here = self.skus.get(row.pk or 0, [])
        if not remote.skus or (self._yields(row) and here):
            return False
        told = [_told_of(sku) for sku in sku_rows(0, remote.skus)]
        return told != [_told_of(sku) for sku in here]

    def _yields(self, row: SettlementTransaction) -> bool:
        """Whether another source's word is surer than this one's."""
        return self.source is Source.FILE and row.source == Source.API

    def _count(self, result: IngestResult, *, is_new: bool, is_changed: bool) -> None:
        if is_new:
            result.new += 1
        elif is_changed:
            result.updated += 1
        else:
            result.same += 1

    def _write(
        self,
        fresh: Sequence[SettlementTransaction],
        changed: Iterable[SettlementTransaction],
        touched: Sequence[tuple[SettlementTransaction, RemoteSettlement]],
    ) -> None:
        """The rows with whether they add up now, then what they consist of."""
        parts: list[tuple[SettlementTransaction, Named]] = []
        skus: list[tuple[SettlementTransaction, RemoteSettlement]] = []
        for row, remote in touched:
            named = self.named.get(row.pk or 0, {})
            here = self.skus.get(row.pk or 0, [])
            if self._parts_change(named, remote, row):
                named = named_of(remote.amounts.named)
                parts.append((row, named))
            if self._skus_change(remote, row):
                here = sku_rows(0, remote.skus)
                skus.append((row, remote))
            judge(row, named, _amounts(here))
        again = list({row.pk: row for row in changed}.values())
        for row in again:
            row.modified_at = timezone.now()
        bulk.insert(fresh)
        bulk.update(again, _WRITTEN)
        old_parts = [row.pk for row, _ in parts]
        old_skus = [row.pk for row, _ in skus]
        SettlementComponent.objects.filter(transaction__in=old_parts).delete()
        SettlementSku.objects.filter(transaction__in=old_skus).delete()
        bulk.insert([row for owner, n in parts for row in component_rows(owner.pk, n)])
        bulk.insert([row for owner, r in skus for row in sku_rows(owner.pk, r.skus)])

    def _follow_up(self, rows: Sequence[SettlementTransaction]) -> None:
        """What is settled is no longer to come; statements may add up otherwise."""
        if not rows:
            return
        subjects = {row.subject_id for row in rows}
        UnsettledTransaction.objects.open().filter(
            shop=self.shop, subject_id__in=subjects
        ).update(closed_at=timezone.now(), modified_at=timezone.now())
        reconcile_statements({row.statement_id for row in rows if row.statement_id})
        note_covered(self.shop, min(row.settled_at for row in rows))


def _told_of(sku: SettlementSku) -> tuple[object, ...]:
    return sku.key, sku.quantity, sku.settlement_amount, sku.components
