"""Stored returns as plain JSON, and the way back to them.

    {"columns": {column: value}, "lines": [{column: value}]}

Which order and lines a return is about, what it comes to for the order and what the
ledger holds follow from that, and from what is known today.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.core import bulk, plain_rows
from apps.orders.models import Order, Return, ReturnLine
from apps.orders.services.aftersales import refresh_orders
from apps.orders.services.preferences import locked_shop
from apps.orders.services.request_links import link
from apps.orders.services.request_sorts import LINE_FIELDS, RETURNS
from apps.orders.services.stock import book_orders
from apps.platforms.models import Shop

Snapshot = dict[str, Any]
_LINES = ("remote_id", *LINE_FIELDS)


def snapshots_of_returns(
    shop: Shop, remote_ids: Collection[str]
) -> dict[str, tuple[int, Snapshot]]:
    """{return ID: its key and snapshot} of those that are stored."""
    rows = Return.objects.filter(shop=shop, remote_id__among=remote_ids).order_by()
    return {
        row.remote_id: (row.pk, _snapshot(row))
        for row in rows.prefetch_related("lines")
    }


def print_of(snapshot: Snapshot) -> str:
    """64 hex digits: others where anything else is."""
    text = json.dumps(snapshot, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=32).hexdigest()


@transaction.atomic
def restore_returns(shop: Shop, snapshots: Mapping[int, Snapshot]) -> int:
    """Let stored returns of a shop, {key: snapshot}, be as they were then: how many.
    Call it once a transaction, as it books stock."""
    shop = locked_shop(shop.pk)
    rows = _locked(shop, snapshots)
    concerned = {row.order_remote_id for row in rows}
    now = timezone.now()
    for row in rows:
        then = snapshots[row.pk]["columns"]
        row.__dict__.update(plain_rows.columns(Return, RETURNS.written, then))
        row.modified_at = now
    bulk.update(rows, [*RETURNS.written, "modified_at"])
    _put_back_lines(rows, snapshots)
    _settle(shop, concerned | {row.order_remote_id for row in rows})
    return len(rows)


@transaction.atomic
def remove_returns(shop: Shop, keys: Collection[int]) -> int:
    """Let returns of a shop never have been: how many there were. Call it once a
    transaction, as it books stock."""
    shop = locked_shop(shop.pk)
    rows = _locked(shop, keys)
    Return.objects.filter(pk__in=[row.pk for row in rows]).delete()
    _settle(shop, {row.order_remote_id for row in rows})
    return len(rows)


def _snapshot(row: Return) -> Snapshot:
    lines = sorted(row.lines.all(), key=lambda line: line.remote_id)
    return {
        "columns": plain_rows.plain_row(row, RETURNS.written),
        "lines": [plain_rows.plain_row(line, _LINES) for line in lines],
    }


def _locked(shop: Shop, keys: Iterable[int]) -> list[Return]:
    rows = Return.objects.filter(shop=shop, pk__in=list(keys)).order_by("pk")
    return list(rows.select_for_update(of=("self",)))


def _put_back_lines(rows: Sequence[Return], snapshots: Mapping[int, Snapshot]) -> None:
    lines = ReturnLine.objects.filter(request__in=[row.pk for row in rows])
    stored = {(line.request_id, line.remote_id): line for line in lines}
    wanted = {
        (row.pk, told["remote_id"]): plain_rows.columns(ReturnLine, _LINES, told)
        for row in rows
        for told in snapshots[row.pk]["lines"]
    }
    gone = [stored[key].pk for key in stored.keys() - wanted.keys()]
    ReturnLine.objects.filter(pk__in=gone).delete()
    known, new = [], []
    for key, values in wanted.items():
        if line := stored.get(key):
            line.__dict__.update(values)
            known.append(line)
        else:
            new.append(bulk.new_row(ReturnLine, request_id=key[0], **values))
    bulk.update(known, LINE_FIELDS)
    bulk.insert(new)


def _settle(shop: Shop, order_ids: Collection[str]) -> None:
    """What follows for these orders, by their IDs, and for the returns of them."""
    found = Order.objects.filter(shop=shop, remote_id__in=order_ids).order_by("pk")
    orders = {order.remote_id: order for order in found}
    rows = Return.objects.filter(shop=shop, order_remote_id__in=order_ids)
    rows.exclude(order_remote_id__in=orders).exclude(order=None).update(
        order=None, modified_at=timezone.now()
    )
    known = rows.filter(order_remote_id__in=orders).prefetch_related("lines")
    link(list(known), orders)
    refresh_orders(shop, orders.values())
    book_orders(shop, orders.values())
