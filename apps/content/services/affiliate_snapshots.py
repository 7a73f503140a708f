"""Affiliate orders as plain JSON, and the way back to them."""

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.content.models import AffiliateOrder
from apps.content.services.affiliate_rows import COLUMNS
from apps.core import plain_rows

Snapshot = dict[str, Any]
_KEPT = (*COLUMNS, "payload_hash")


def snapshots_of(
    shop_key: int, remote_order_ids: Collection[str]
) -> dict[str, tuple[int, Snapshot]]:
    """{key as text: (key, snapshot)} of what a shop has told of these orders."""
    rows = AffiliateOrder.objects.filter(
        shop=shop_key, remote_order_id__in=remote_order_ids
    )
    return {str(row.pk): (row.pk, _snapshot(row)) for row in rows.order_by()}


def print_of(snapshot: Snapshot) -> str:
    """64 hex digits: others where anything else is."""
    text = json.dumps(snapshot, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=32).hexdigest()


@transaction.atomic
def restore(snapshots: Mapping[int, Snapshot]) -> None:
    """Let stored rows, {key: snapshot}, be as they were then."""
    rows = AffiliateOrder.objects.filter(pk__in=snapshots).order_by("pk")
    now = timezone.now()
    for row in rows.select_for_update(of=("self",)):
        told = plain_rows.columns(AffiliateOrder, _KEPT, snapshots[row.pk])
        for name, value in told.items():
            setattr(row, name, value)
        row.modified_at = now
        row.save(update_fields=[*_KEPT, "modified_at"])


def remove(keys: Collection[int]) -> None:
    """Let rows never have been."""
    AffiliateOrder.objects.filter(pk__in=keys).delete()


def _snapshot(row: AffiliateOrder) -> Snapshot:
    return plain_rows.plain_row(row, _KEPT)
