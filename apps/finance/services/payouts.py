"""RemotePayment, RemoteWithdrawal and RemoteUnsettled → rows."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils import timezone

from apps.core import bulk
from apps.core.bulk import new_row
from apps.core.storing import portions
from apps.finance.models import (
    Payment,
    SettlementTransaction,
    Source,
    UnsettledTransaction,
    Withdrawal,
)
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
from apps.finance.services.settlements import source_of
from apps.integrations import contracts
from apps.integrations.contracts import (
    RemotePayment,
    RemoteUnsettled,
    RemoteWithdrawal,
)
from apps.orders.models import Order
from apps.orders.services.results import IngestResult
from apps.platforms.models import Shop

R = TypeVar("R", RemotePayment, RemoteWithdrawal)
_RATE_STEP = Decimal("0.0000000001")


def ingest_payments(shop: Shop, remotes: Sequence[RemotePayment]) -> IngestResult:
    """Repeating changes nothing and says so; see reconciling for whether they add
    up."""
    return _ingest(shop, remotes, Payment, _payment_columns, "payment")


def ingest_withdrawals(shop: Shop, remotes: Sequence[RemoteWithdrawal]) -> IngestResult:
    """Repeating changes nothing and says so."""
    return _ingest(shop, remotes, Withdrawal, _withdrawal_columns, "withdrawal")


@transaction.atomic
def ingest_unsettled(
    shop: Shop,
    remotes: Sequence[RemoteUnsettled],
    source: contracts.Source,
    seen_at: datetime,
) -> IngestResult:
    """What is still to come, as was listed at `seen_at`. Repeating changes nothing but
    when it was seen; a list older than what is known adds nothing, nor does one that
    names what has been settled since."""
    shop = lock_shop(shop)
    result, usable = _usable_unsettled(remotes)
    known = _known_unsettled(shop, usable)
    settled = _settled(shop, usable) if not source.is_platform else set()
    orders = _orders(shop, usable)
    fresh, changed = [], []
    for remote in usable:
        key = unsettled_key(remote)
        row = known.get(key)
        is_new = row is None
        if row is None:
            row = _new_unsettled(shop, remote, key, source, seen_at)
            if (remote.kind.value, remote.subject_id) in settled:
                row.closed_at = seen_at
            known[key] = row
            fresh.append(row)
        if row.seen_at > seen_at:
            result.same += 1
            continue
        adds = _apply_unsettled(row, remote, source, orders)
        row.seen_at = seen_at
        if is_new:
            result.new += 1
            continue
        result.updated += adds
        result.same += not adds
        if adds:
            row.modified_at = timezone.now()
        if row.pk:
            changed.append(row)
    bulk.insert(fresh)
    rows = list({row.pk: row for row in changed}.values())
    bulk.update(rows, _UNSETTLED)
    return result


def preview_unsettled(
    shop: Shop,
    remotes: Sequence[RemoteUnsettled],
    source: contracts.Source,
    seen_at: datetime,
) -> IngestResult:
    """What `ingest_unsettled` would do, with nothing written."""
    result, usable = _usable_unsettled(remotes)
    known = _known_unsettled(shop, usable)
    orders = _orders(shop, usable)
    new: set[str] = set()
    for remote in usable:
        row = known.get(unsettled_key(remote))
        if row is None:
            is_new = unsettled_key(remote) not in new
            new.add(unsettled_key(remote))
            result.new += is_new
            result.same += not is_new
            continue
        adds = row.seen_at <= seen_at and _apply_unsettled(row, remote, source, orders)
        result.updated += adds
        result.same += not adds
    return result


def close_unlisted(shop: Shop, seen_at: datetime) -> int:
    """What the API listed before and, in a whole list read at `seen_at`, does no
    longer: it is settled, or will not come. How many."""
    return (
        UnsettledTransaction.objects.open()
        .filter(shop=shop, seen_at__lt=seen_at)
        .update(closed_at=seen_at, modified_at=timezone.now())
    )


def unsettled_key(remote: RemoteUnsettled) -> str:
    return f"{remote.kind.value} {remote.subject_id}"


_UNSETTLED = frozenset(
    field.name
    for field in UnsettledTransaction._meta.concrete_fields
    if field.name not in ("id", "shop", "key", "created_at")
)


def _ingest(
    shop: Shop,
    remotes: Sequence[R],
    model: type[models.Model],
    columns: Callable[[R], Mapping[str, Any]],
    what: str,
) -> IngestResult:
    result = IngestResult()
    for some in portions(remotes, 500):
        with transaction.atomic():
            lock_shop(shop)
            result += _ingest_some(shop, some, model, columns, what)
    return result


def _ingest_some(
    shop: Shop,
    remotes: Sequence[R],
    model: Any,
    columns: Callable[[R], Mapping[str, Any]],
    what: str,
) -> IngestResult:
    result = IngestResult()
    ids = [remote.remote_id for remote in remotes]
    rows = model.objects.filter(shop=shop, remote_id__in=ids)
    known = {row.remote_id: row for row in rows}
    fresh, changed = [], {}
    names: set[str] = {"modified_at"}
    for remote in remotes:
        told = columns(remote)
        amounts = [value for value in told.values() if isinstance(value, Decimal)]
        why = unusable_id(what, remote.remote_id, 40) or unusable_amount(amounts)
        if why:
            result.refused.append((remote.remote_id, why))
            continue
        names |= told.keys()
        row = known.get(remote.remote_id)
        if row is None:
            row = new_row(model, shop_id=shop.pk, remote_id=remote.remote_id, **told)
            known[remote.remote_id] = row
            fresh.append(row)
            result.new += 1
        elif write(row, told):
            row.modified_at = timezone.now()
            result.updated += 1
            if row.pk:
                changed[row.pk] = row
        else:
            result.same += 1
    bulk.insert(fresh)
    bulk.update(list(changed.values()), names)
    return result


def _payment_columns(remote: RemotePayment) -> dict[str, Any]:
    rate = remote.exchange_rate
    is_rate = rate is not None and 0 < rate < 10**12
    return {
        "status": remote.status.value,
        "currency": remote.currency,
        "amount": stored(remote.amount),
        "settlement_currency": remote.settlement_currency[:3],
        "settlement_amount": stored(remote.settlement),
        "reserve_amount": stored(remote.reserve),
        "before_exchange_amount": stored(remote.before_exchange),
        "exchange_rate": rate.quantize(_RATE_STEP) if rate and is_rate else None,
        "bank_account_ends": remote.bank_account_ends[-4:],
        "remote_created_at": remote.created_at,
        "paid_at": remote.paid_at,
    }


def _withdrawal_columns(remote: RemoteWithdrawal) -> dict[str, Any]:
    return {
        "type": text(remote.type, 40),
        "status": text(remote.status, 20),
        "amount": stored(remote.amount),
        "currency": remote.currency,
        "remote_created_at": remote.created_at,
    }


def _usable_unsettled(
    remotes: Sequence[RemoteUnsettled],
) -> tuple[IngestResult, list[RemoteUnsettled]]:
    result, usable = IngestResult(), []
    for remote in remotes:
        amounts = remote.amounts
        why = (
            unusable_id(remote.kind.value, remote.subject_id, 40)
            or unusable_id("order", remote.order_id, 32, is_needed=False)
            or unusable_amount(getattr(amounts, ours) for ours in AMOUNTS.values())
        )
        if not why and amounts.settlement is None:
            why = "the estimate is missing"
        if why:
            result.refused.append((remote.subject_id or remote.remote_id, why))
        else:
            usable.append(remote)
    return result, usable


def _known_unsettled(
    shop: Shop, remotes: Sequence[RemoteUnsettled]
) -> dict[str, UnsettledTransaction]:
    keys = [unsettled_key(remote) for remote in remotes]
    rows = UnsettledTransaction.objects.filter(shop=shop, key__in=keys)
    return {row.key: row for row in rows}


def _settled(shop: Shop, remotes: Sequence[RemoteUnsettled]) -> set[tuple[str, str]]:
    ids = {remote.subject_id for remote in remotes}
    rows = SettlementTransaction.objects.filter(shop=shop, subject_id__in=ids)
    return set(rows.order_by().values_list("type", "subject_id"))


def _orders(shop: Shop, remotes: Sequence[RemoteUnsettled]) -> dict[str, int]:
    ids = {remote.order_id for remote in remotes if remote.order_id}
    rows = Order.objects.filter(shop=shop, remote_id__in=ids).order_by()
    return dict(rows.values_list("remote_id", "pk"))


def _new_unsettled(
    shop: Shop,
    remote: RemoteUnsettled,
    key: str,
    source: contracts.Source,
    seen_at: datetime,
) -> UnsettledTransaction:
    return new_row(
        UnsettledTransaction,
        shop_id=shop.pk,
        key=key,
        type=remote.kind.value,
        subject_id=remote.subject_id,
        currency=remote.currency,
        settlement_amount=stored(remote.amounts.settlement),
        source=source_of(source).value,
        seen_at=seen_at,
    )


def _apply_unsettled(
    row: UnsettledTransaction,
    remote: RemoteUnsettled,
    source: contracts.Source,
    orders: Mapping[str, int],
) -> bool:
    """Write into `row` what is told; whether anything changed."""
    values = columns_of(remote.amounts) | {
        "remote_id": text(remote.remote_id, 40),
        "remote_order_id": remote.order_id,
        "type_text": text(remote.type_text, 80),
        "currency": remote.currency,
        "expected_at": remote.expected_at,
        "expected_text": text(remote.expected_text, 120),
        "reason": text(remote.reason, 200),
        "order_placed_at": remote.order_placed_at,
        "delivered_at": remote.delivered_at,
        "order_id": orders.get(remote.order_id),
    }
    changed = write(row, values)
    if source.is_platform and row.source != Source.API:
        row.source, changed = Source.API.value, True
    if source.is_platform and row.closed_at is not None:
        # The platform lists it again.
        row.closed_at, changed = None, True
    return changed
