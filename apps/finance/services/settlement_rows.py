"""How one more piece of news changes what we know of a line of a statement. No
database: rows are given and not saved.

Rules: the API's newest word counts; a file fills what the API did not say, and what it
says otherwise is kept beside (`file_amount`), never in its place.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from apps.core.bulk import new_row
from apps.finance.models import (
    SettlementComponent,
    SettlementSku,
    SettlementTransaction,
    Source,
)
from apps.finance.rules.identity import Line
from apps.finance.rules.reconcile import (
    Parts,
    difference_of,
    difference_of_rows,
    is_off,
    unnamed_of,
)
from apps.finance.services.columns import (
    columns_of,
    stored,
    text,
    unusable_amount,
    unusable_id,
    write,
)
from apps.integrations.contracts import (
    AmountGroup,
    NamedAmount,
    RemoteSettlement,
    RemoteSkuSettlement,
    SettlementKind,
)

Named = dict[tuple[str, str], Decimal]
_FEES = (AmountGroup.FEE, AmountGroup.TAX)


def unusable(remote: RemoteSettlement) -> str:
    """Why a line cannot be stored, in a sentence; "" if it can."""
    amounts = [*columns_of_any(remote), remote.reserve]
    for sku in remote.skus:
        amounts += [sku.amounts.settlement, *(n.amount for n in sku.amounts.named)]
    if remote.settled_at is None:
        return "the time of settlement is missing"
    if remote.amounts.settlement is None:
        return "the settlement amount is missing"
    if len(remote.currency) != 3:
        return "the currency is missing"
    return (
        unusable_id(remote.kind.value, remote.subject_id, 40)
        or unusable_id("order", remote.order_id, 32, is_needed=False)
        or unusable_id("statement", remote.statement_id, 40, is_needed=False)
        or unusable_amount(amounts)
    )


def columns_of_any(remote: RemoteSettlement) -> list[Decimal | None]:
    """All its amounts as they were told."""
    amounts = remote.amounts
    return [
        amounts.settlement,
        amounts.revenue,
        amounts.shipping,
        amounts.fee_tax,
        amounts.adjustment,
        *(each.amount for each in amounts.named),
    ]


def line_of(remote: RemoteSettlement) -> Line:
    """Of one that is usable."""
    assert remote.settled_at is not None
    assert remote.amounts.settlement is not None
    return Line(
        kind=remote.kind,
        subject_id=remote.subject_id,
        settled_at=remote.settled_at,
        amount=remote.amounts.settlement,
        statement_id=remote.statement_id,
        remote_id=remote.remote_id[:40],
    )


def line_of_row(row: SettlementTransaction, statement_id: str) -> Line:
    return Line(
        kind=SettlementKind(row.type),
        subject_id=row.subject_id,
        settled_at=row.settled_at,
        amount=row.settlement_amount,
        statement_id=statement_id,
        remote_id=row.remote_id,
    )


def new_settlement(
    shop_id: int, remote: RemoteSettlement, key: str, source: Source
) -> SettlementTransaction:
    """A row that says nothing yet but what it is about."""
    return new_row(
        SettlementTransaction,
        shop_id=shop_id,
        key=key,
        type=remote.kind.value,
        subject_id=remote.subject_id,
        currency=remote.currency,
        settlement_amount=stored(remote.amounts.settlement),
        settled_at=remote.settled_at,
        source=source.value,
    )


def apply_news(
    row: SettlementTransaction, remote: RemoteSettlement, source: Source
) -> bool:
    """Write into `row` what `remote` adds; whether anything changed."""
    told = stored(remote.amounts.settlement)
    if source is Source.FILE and row.source == Source.API:
        changed = write(row, _words(remote), only_gaps=True)
        differs = told if told != row.settlement_amount else None
        if row.file_amount != differs:
            row.file_amount = differs
            changed = True
        return changed
    values = _words(remote) | columns_of(remote.amounts)
    values |= {"settled_at": remote.settled_at, "currency": remote.currency}
    known = row.settlement_amount
    takes_over = source is Source.API and row.source == Source.FILE
    changed = write(row, values)
    if row.settlement_amount != known:
        row.skus_read_at = None  # what they came to, they may not come to now
    if takes_over:
        row.source = source.value
        row.file_amount = known if known != told else None
        changed = True
    return changed


def _words(remote: RemoteSettlement) -> dict[str, Any]:
    return {
        "remote_id": text(remote.remote_id, 40),
        "remote_order_id": remote.order_id,
        "type_text": text(remote.type_text, 80),
        "reserve_amount": stored(remote.reserve),
        "reserve_status": text(remote.reserve_status, 12),
        "release_text": text(remote.release_text, 80),
        "order_placed_at": remote.order_placed_at,
    }


def judge(row: SettlementTransaction, named: Named, skus: Iterable[Decimal]) -> None:
    """Write down whether it adds up. What no name accounts for is told beside: of the
    API, whose names overlap; a file's columns are to come to their total."""
    row.difference_amount = difference_of(parts_of(row))
    rows = list(skus)
    is_told = row.skus_read_at is not None or row.source == Source.FILE
    row.skus_difference_amount = (
        difference_of_rows(row.settlement_amount, rows) if is_told else None
    )
    fees = [amount for (group, _), amount in named.items() if group in _FEES]
    row.unnamed_amount = unnamed_of(row.fee_tax_amount, fees)
    of_file = row.unnamed_amount if row.source == Source.FILE else None
    row.is_off = (
        is_off(row.difference_amount, row.skus_difference_amount, of_file)
        or row.file_amount is not None
    )


def parts_of(row: SettlementTransaction) -> Parts:
    return Parts(
        row.settlement_amount,
        row.revenue_amount,
        row.shipping_amount,
        row.fee_tax_amount,
        row.adjustment_amount,
    )


def named_of(amounts: Iterable[NamedAmount]) -> Named:
    """{(group, name): amount}; zeros are left out, the same name is added up."""
    named: Named = {}
    for each in amounts:
        key = each.group.value, text(each.name, 120)
        named[key] = named.get(key, Decimal(0)) + (stored(each.amount) or 0)
    return {key: amount for key, amount in named.items() if amount}


def component_rows(transaction_id: int, named: Named) -> list[SettlementComponent]:
    return [
        new_row(
            SettlementComponent,
            transaction_id=transaction_id,
            group=group,
            name=name,
            amount=amount,
        )
        for (group, name), amount in named.items()
    ]


def sku_rows(
    transaction_id: int, remotes: Iterable[RemoteSkuSettlement]
) -> list[SettlementSku]:
    """One each; a SKU that appears twice has two."""
    rows: list[SettlementSku] = []
    times: dict[str, int] = {}
    for remote in remotes:
        remote_id = text(remote.remote_sku_id, 32)
        times[remote_id] = times.get(remote_id, 0) + 1
        nth = times[remote_id]
        amounts = columns_of(remote.amounts)
        del amounts["adjustment_amount"]
        quantity = remote.quantity
        rows.append(
            new_row(
                SettlementSku,
                transaction_id=transaction_id,
                key=remote_id if nth == 1 else f"{remote_id}#{nth}",
                remote_sku_id=remote_id,
                product_name=text(remote.product_name, 600),
                sku_name=text(remote.sku_name, 300),
                quantity=quantity if quantity and 0 < quantity < 2**31 else None,
                components=_grouped(remote.amounts.named),
                **amounts,
            )
        )
    return rows


def _grouped(amounts: Iterable[NamedAmount]) -> dict[str, dict[str, str]]:
    groups: dict[str, dict[str, str]] = {}
    for (group, name), amount in named_of(amounts).items():
        groups.setdefault(group, {})[name] = f"{amount.normalize():f}"
    return groups
