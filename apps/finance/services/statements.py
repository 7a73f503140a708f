"""RemoteStatement → rows, and what is to be read of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.core import bulk
from apps.core.bulk import new_row
from apps.finance.models import Payment, Source, Statement
from apps.finance.services.columns import (
    AMOUNTS,
    columns_of,
    stored,
    text,
    unusable_amount,
    unusable_id,
    write,
)
from apps.finance.services.locking import lock_shop
from apps.finance.services.reconciling import reconcile_statements
from apps.integrations.contracts import RemoteStatement, StatementTotals
from apps.orders.services.results import IngestResult
from apps.platforms.models import Shop

_WRITTEN = frozenset(
    field.name
    for field in Statement._meta.concrete_fields
    if field.name not in ("id", "shop", "remote_id", "created_at")
)


@transaction.atomic
def ingest_statements(shop: Shop, remotes: Sequence[RemoteStatement]) -> IngestResult:
    """Store what the API tells of statements; repeating changes nothing and says so.
    One whose amounts are new or others has its transactions to be read again."""
    shop = lock_shop(shop)
    result, usable = _usable(remotes)
    known = _known(shop, usable)
    payments = _payments(shop, usable)
    fresh, seen, now = [], [], timezone.now()
    for remote in usable:
        row = known.get(remote.remote_id)
        if is_new := row is None:
            row = _new(shop, remote.remote_id, remote.statement_at, remote.currency)
            known[remote.remote_id] = row
            fresh.append(row)
        assert row is not None
        changed = _apply(row, remote, payments)
        row.read_at = now
        if changed:
            row.modified_at = now
        if is_new:
            result.new += 1
        else:
            result.updated += changed
            result.same += not changed
            seen.append(row)
    bulk.insert(fresh)
    bulk.update(list({row.pk: row for row in seen if row.pk}.values()), _WRITTEN)
    reconcile_statements({row.pk for row in known.values()})
    return result


def preview_statements(shop: Shop, remotes: Sequence[RemoteStatement]) -> IngestResult:
    """What `ingest_statements` would do, with nothing written."""
    result, usable = _usable(remotes)
    known = _known(shop, usable)
    payments = _payments(shop, usable)
    for remote in usable:
        row = known.get(remote.remote_id)
        if row is None:
            result.new += 1
            continue
        changed = _apply(row, remote, payments)
        result.updated += changed
        result.same += not changed
    return result


@transaction.atomic
def note_transactions_read(statement: Statement, totals: StatementTotals) -> None:
    """All its lines are here as they are now; `totals` is what came with them."""
    row = Statement.objects.select_for_update(of=["self"]).get(pk=statement.pk)
    write(
        row,
        {
            "reserve_amount": stored(totals.reserve),
            "payable_amount": stored(totals.payable),
        },
    )
    row.transactions_read_at = timezone.now()
    row.save()
    reconcile_statements({row.pk})


def statements_named(
    shop: Shop, days: Mapping[str, tuple[datetime, str]], source: Source
) -> dict[str, Statement]:
    """{ID: row} of statements that lines name, with (day, currency) for those nobody
    has told of. Inside a transaction that holds the shop's lock."""
    rows = Statement.objects.filter(shop=shop, remote_id__in=days)
    known = {row.remote_id: row for row in rows}
    fresh = []
    for remote_id, (day, currency) in days.items():
        if remote_id not in known:
            row = _new(shop, remote_id, day, currency)
            row.source = source.value
            known[remote_id] = row
            fresh.append(row)
    bulk.insert(fresh)
    return known


def _usable(
    remotes: Sequence[RemoteStatement],
) -> tuple[IngestResult, list[RemoteStatement]]:
    result, usable = IngestResult(), []
    for remote in remotes:
        amounts = [getattr(remote.amounts, ours) for ours in AMOUNTS.values()]
        why = unusable_id("statement", remote.remote_id, 40) or unusable_amount(
            [*amounts, remote.net_sales]
        )
        if why:
            result.refused.append((remote.remote_id, why))
        else:
            usable.append(remote)
    return result, usable


def _known(shop: Shop, remotes: Sequence[RemoteStatement]) -> dict[str, Statement]:
    ids = [remote.remote_id for remote in remotes]
    rows = Statement.objects.filter(shop=shop, remote_id__in=ids)
    return {row.remote_id: row for row in rows}


def _payments(shop: Shop, remotes: Sequence[RemoteStatement]) -> dict[str, int]:
    ids = {remote.payment_id for remote in remotes if remote.payment_id}
    rows = Payment.objects.filter(shop=shop, remote_id__in=ids).order_by()
    return dict(rows.values_list("remote_id", "pk"))


def _new(shop: Shop, remote_id: str, at: datetime, currency: str) -> Statement:
    return new_row(
        Statement,
        shop_id=shop.pk,
        remote_id=remote_id,
        statement_at=at,
        currency=currency,
        source=Source.API.value,
    )


def _apply(
    row: Statement, remote: RemoteStatement, payments: Mapping[str, int]
) -> bool:
    """Write into `row` what the API adds; whether anything changed."""
    amounts: dict[str, Any] = columns_of(remote.amounts)
    amounts["net_sales_amount"] = stored(remote.net_sales)
    amounts_changed = write(row, amounts)
    changed = write(
        row,
        {
            "statement_at": remote.statement_at,
            "currency": remote.currency,
            "payment_status": remote.payment_status.value,
            "payment_remote_id": text(remote.payment_id, 40),
            "payment_id": payments.get(remote.payment_id),
            "paid_at": remote.paid_at,
            "source": Source.API.value,
        },
    )
    if amounts_changed:
        row.transactions_read_at = None
    return changed or amounts_changed
