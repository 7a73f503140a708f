"""Stored lines of statements as plain JSON, and the way back to them.

{"columns": {column: value}, "parts": [[group, name, amount]], "skus": [{…}]}
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from apps.core import bulk, plain_rows
from apps.finance.models import (
    SettlementComponent,
    SettlementSku,
    SettlementTransaction,
    Source,
    Statement,
)
from apps.finance.services.reconciling import reconcile_statements
from apps.platforms.models import Shop

Snapshot = dict[str, Any]
# Links to orders and statements follow from IDs, and from what is known today.
_KEPT = tuple(
    field.attname
    for field in SettlementTransaction._meta.concrete_fields
    if field.name not in ("id", "shop", "order", "created_at", "modified_at")
)
_SKU = (
    "key",
    "remote_sku_id",
    "product_name",
    "sku_name",
    "quantity",
    "settlement_amount",
    "revenue_amount",
    "shipping_amount",
    "fee_tax_amount",
    "components",
)


def snapshots_of(
    shop: Shop, subject_ids: Collection[str]
) -> dict[str, tuple[int, Snapshot]]:
    """{key as text: (key, snapshot)} of what a shop has about these subjects."""
    rows = SettlementTransaction.objects.filter(shop=shop, subject_id__in=subject_ids)
    rows = rows.order_by().prefetch_related("components", "skus")
    return {str(row.pk): (row.pk, _snapshot(row)) for row in rows}


def print_of(snapshot: Snapshot) -> str:
    """64 hex digits: others where anything else is."""
    text = json.dumps(snapshot, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=32).hexdigest()


@transaction.atomic
def restore(snapshots: Mapping[int, Snapshot]) -> None:
    """Let stored lines, {key: snapshot}, be as they were then."""
    rows = list(
        SettlementTransaction.objects.filter(pk__in=snapshots)
        .order_by("pk")
        .select_for_update(of=("self",))
    )
    touched = {row.statement_id for row in rows}
    parts: list[SettlementComponent] = []
    skus: list[SettlementSku] = []
    for row in rows:
        then = snapshots[row.pk]
        told = plain_rows.columns(SettlementTransaction, _KEPT, then["columns"])
        row.__dict__.update(told)
        row.modified_at = timezone.now()
        for group, name, amount in then["parts"]:
            part = {"group": group, "name": name, "amount": amount}
            parts.append(SettlementComponent(transaction_id=row.pk, **part))
        for each in then["skus"]:
            values = plain_rows.columns(SettlementSku, _SKU, each)
            skus.append(SettlementSku(transaction_id=row.pk, **values))
        row.save()
    keys = [row.pk for row in rows]
    SettlementComponent.objects.filter(transaction__in=keys).delete()
    SettlementSku.objects.filter(transaction__in=keys).delete()
    SettlementComponent.objects.bulk_create(parts)
    bulk.insert(skus)
    _tidy(touched | {row.statement_id for row in rows})


@transaction.atomic
def remove(keys: Collection[int]) -> None:
    """Let lines never have been, nor statements that only they made known."""
    rows = SettlementTransaction.objects.filter(pk__in=keys)
    touched = set(rows.values_list("statement", flat=True))
    rows.delete()
    _tidy(touched)


def _tidy(statements: Collection[int | None]) -> None:
    keys = {key for key in statements if key is not None}
    lines = SettlementTransaction.objects.filter(statement=OuterRef("pk"))
    Statement.objects.filter(pk__in=keys, source=Source.FILE).filter(
        ~Exists(lines)
    ).delete()
    reconcile_statements(keys)


def _snapshot(row: SettlementTransaction) -> Snapshot:
    parts = sorted(
        [part.group, part.name, f"{part.amount:f}"] for part in row.components.all()
    )
    skus = sorted(row.skus.all(), key=lambda sku: sku.key)
    return {
        "columns": plain_rows.plain_row(row, _KEPT),
        "parts": parts,
        "skus": [plain_rows.plain_row(sku, _SKU) for sku in skus],
    }
