"""Bulk writing of orders, lines, packages and payloads: a few statements a batch."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from apps.core import bulk
from apps.core.storing import JsonText
from apps.orders.models import Order, OrderLine, OrderPayload
from apps.orders.services.line_merge import Columns
from apps.orders.services.package_book import PackageBook

_NO_LINES: Mapping[str, OrderLine] = {}


@dataclass(slots=True)
class LineBook:
    """The lines of a batch's orders, by order and key, and what must become of them."""

    stored: dict[int, dict[str, OrderLine]]
    to_write: list[OrderLine] = field(default_factory=list)
    to_delete: list[int] = field(default_factory=list)
    columns: set[str] = field(default_factory=set)  # of stored lines, that change

    @classmethod
    def of(cls, orders: Iterable[int]) -> "LineBook":
        """What the database holds of orders with these keys."""
        book = cls({pk: {} for pk in orders})
        for line in OrderLine.objects.filter(order__among=book.stored):
            book.stored[line.order_id][line.key] = line
        return book

    def of_order(self, order: Order) -> Mapping[str, OrderLine]:
        """An order's lines as they are stored, by their keys."""
        return self.stored.get(order.pk, _NO_LINES) if order.pk else _NO_LINES

    def take(self, order: Order, wanted: Mapping[str, Columns]) -> bool:
        """Note what is to change for the order to have these lines; whether anything
        is."""
        stored = self.of_order(order)
        changed = False
        for key, values in wanted.items():
            line = stored.get(key)
            if line is None:
                # The order may have no key before it is written.
                line = bulk.new_row(OrderLine, key=key, order=order, **values)
                self.to_write.append(line)
                changed = True
            elif columns := _update(line, values):
                self.to_write.append(line)
                self.columns |= columns.keys()
                changed = True
        gone = [stored[key].pk for key in stored.keys() - wanted.keys()]
        self.to_delete += gone
        return changed or bool(gone)

    def lines_after(self) -> list[OrderLine]:
        """All lines of these orders, as they will be once they are written."""
        gone = set(self.to_delete)
        stored = [line for lines in self.stored.values() for line in lines.values()]
        new = [line for line in self.to_write if line.pk is None]
        return [line for line in stored if line.pk not in gone] + new


def write_orders(
    orders: Sequence[Order],
    columns: Collection[str],
    lines: LineBook,
    packages: PackageBook,
    payloads: Sequence[OrderPayload],
) -> None:
    """Insert or update all of it; `columns` are those of stored orders that change.

    The caller holds the shop's lock, and has said when orders that people see change
    were changed.
    """
    known = [order for order in orders if order.pk is not None]
    new = [order for order in orders if order.pk is None]
    bulk.update(known, [*columns, "buyer", "testimony", "modified_at"])
    bulk.insert(new)
    _write_lines(lines)
    packages.write()
    for payload in payloads:
        payload.order_id = payload.order.pk
    new_ids = {order.pk for order in new}
    bulk.insert([payload for payload in payloads if payload.order_id in new_ids])
    _replace_payloads([p for p in payloads if p.order_id not in new_ids])


def _write_lines(book: LineBook) -> None:
    now = timezone.now()
    if book.to_delete:
        OrderLine.objects.filter(pk__in=book.to_delete).delete()
    for line in book.to_write:
        line.modified_at = now
        if line.order_id is None:  # asking a stored line for its order is a query
            line.order_id = line.order.pk
    bulk.update(
        [line for line in book.to_write if line.pk is not None],
        [*book.columns, "listing_sku", "variant", "modified_at"],
    )
    bulk.insert([line for line in book.to_write if line.pk is None])


def _replace_payloads(payloads: Sequence[OrderPayload]) -> None:
    """Of orders that may have one of that source."""
    for payload in payloads:
        if isinstance(payload.body, JsonText):  # which Django would write out again
            payload.body = json.loads(payload.body)
    OrderPayload.objects.bulk_create(
        payloads,
        update_conflicts=True,
        unique_fields=["order", "source"],
        update_fields=[
            "body",
            "content_hash",
            "received_at",
            "emptied_at",
            "modified_at",
        ],
    )


def _update(line: OrderLine, values: Columns) -> dict[str, Any]:
    """What changed, {column: value}."""
    changed = {n: value for n, value in values.items() if getattr(line, n) != value}
    line.__dict__.update(changed)
    return changed
