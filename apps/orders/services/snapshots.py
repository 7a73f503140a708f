"""Stored orders as plain JSON, to go back to them, and their prints, to see whether
they changed.

A snapshot holds all that news may change, and the payload of a file, as files alone are
taken back:

    {"key": the order's, "columns": {column: value}, "buyer": [key, remote_id, username]
     or null, "lines": [{column: value}], "payload": {column: value} or null,
     "packages": [{column: value}]}

Amounts, instants and the payload's body are text, blanks are left out. See
services.restoring for the way back.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, TextField
from django.db.models.functions import Cast
from django.db.models.sql.compiler import SQLCompiler

from apps.core.plain_rows import plain, plain_row
from apps.core.storing import portions
from apps.orders.models import Order, OrderLine, OrderPackage, OrderPayload, Package
from apps.orders.services.line_merge import LINE_COLUMNS
from apps.orders.services.order_fields import BUYER_FIELDS, WRITTEN_FIELDS
from apps.platforms.models import Shop

Snapshot = dict[str, Any]
ORDER_COLUMNS = (*WRITTEN_FIELDS, "return_state")
LINES = ("key", *LINE_COLUMNS)
PAYLOAD = ("content_hash", "received_at", "emptied_at", "body")
PACKAGE = tuple(
    field.attname
    for field in Package._meta.concrete_fields
    if field.name not in ("shop", "created_at", "modified_at")
)
_BUYER = ("buyer", "buyer__remote_id", "buyer__username")
# What is gone, or follows otherwise, once the buyer is erased.
_OF_BUYER = (*BUYER_FIELDS, "testimony", "has_conflict")
_LASTING = tuple(name for name in ORDER_COLUMNS if name not in _OF_BUYER)
_HALF = 16  # bytes of a print
_Rows = dict[int, list[Any]]


class _AsText(Func):
    """Columns as one JSON text by the database, which spares making them ours."""

    function = "json_array"
    output_field = TextField()

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> Any:
        template = "json_build_array(%(expressions)s)::text"
        return self.as_sql(compiler, connection, template=template)


def snapshots_of(shop: Shop, remote_ids: Collection[str]) -> dict[str, Snapshot]:
    """{order ID: its snapshot} of those that are stored."""
    found: dict[str, Snapshot] = {}
    for orders in _orders(shop, remote_ids, *ORDER_COLUMNS, *_BUYER):
        keys = [row[0] for row in orders]
        lines = _lines(keys, *LINES)
        payloads = _payloads(keys, *PAYLOAD[:-1], Cast("body", TextField()))
        packages = _packages(keys, *PACKAGE)
        for key, remote_id, *values in orders:
            buyer = values[-len(_BUYER) :]
            payload = [plain(PAYLOAD, each) for each in payloads[key]]
            found[remote_id] = {
                "key": key,
                "columns": plain(ORDER_COLUMNS, values[: -len(_BUYER)]),
                "buyer": buyer if buyer[0] else None,
                "lines": [plain(LINES, each) for each in lines[key]],
                "payload": payload[0] if payload else None,
                "packages": [plain(PACKAGE, each) for each in packages[key]],
            }
    return found


def prints_of(shop: Shop, remote_ids: Collection[str]) -> dict[str, str]:
    """{order ID: 64 hex digits} of those that are stored: another where any of a
    snapshot is, but for what follows by itself (moments of hearing, matches, who of the
    known buyers it is) and bodies that were dropped by age."""
    return {remote_id: text for remote_id, _, text in keyed_prints(shop, remote_ids)}


def keyed_prints(
    shop: Shop, remote_ids: Collection[str]
) -> Iterator[tuple[str, int, str]]:
    """ID, key and print of each stored order."""
    lasting, of_buyer = _AsText(*_LASTING), _AsText(*_OF_BUYER)
    for orders in _orders(shop, remote_ids, lasting, of_buyer):
        keys = [row[0] for row in orders]
        lines, payloads = _lines(keys, _AsText(*LINES)), _payloads(keys, PAYLOAD[0])
        packages = _packages(keys, "remote_id", "tracking_number")
        for key, remote_id, columns, buyer in orders:
            rest = (lines[key], payloads[key], packages[key])
            yield remote_id, key, _half(f"{columns}{rest}") + _half(buyer)


def columns_of(order: Order) -> dict[str, Any]:
    """The "columns" of a snapshot of an order as it is at hand."""
    return plain_row(order, ORDER_COLUMNS)


def is_as_then(now: str, then: str, *, is_buyer_erased: bool) -> bool:
    """Whether two prints of an order are of the same; what tells of the buyer, which is
    the second half, counts only where they were not erased since."""
    half = 2 * _HALF
    return now[:half] == then[:half] if is_buyer_erased else now == then


def _half(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=_HALF).hexdigest()


def _orders(
    shop: Shop, remote_ids: Collection[str], *columns: str | _AsText
) -> Iterator[list[tuple[Any, ...]]]:
    """Portions of (key, ID, *columns)."""
    for some in portions(sorted(set(remote_ids))):
        rows = Order.objects.filter(shop_id=shop.pk, remote_id__among=some).order_by()
        if found := list(rows.values_list("pk", "remote_id", *columns)):
            yield found


def _lines(orders: Collection[int], *columns: str | _AsText) -> _Rows:
    rows = OrderLine.objects.filter(order__among=orders).order_by("key")
    return _grouped(rows.values_list("order", *columns))


def _payloads(orders: Collection[int], *columns: str | Cast) -> _Rows:
    rows = OrderPayload.objects.filter(order__among=orders, source=Order.Source.FILE)
    return _grouped(rows.order_by().values_list("order", *columns))


def _packages(orders: Collection[int], *columns: str) -> _Rows:
    rows = OrderPackage.objects.filter(order__among=orders).order_by("package")
    names = (f"package__{name}" for name in columns)
    return _grouped(rows.values_list("order", *names))


def _grouped(rows: Any) -> _Rows:
    found: _Rows = defaultdict(list)
    for key, *values in rows:
        found[key].append(values)
    return found
