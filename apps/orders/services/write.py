"""Bulk writing of orders, lines, parcels and payloads: a few statements a batch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from apps.core.storing import clean
from apps.integrations.contracts import RemoteOrder, Source
from apps.orders.models import Order, OrderLine, OrderPayload, Parcel
from apps.orders.services.merge import (
    WRITTEN_FIELDS,
    is_older_snapshot,
    line_key,
    line_values,
)

_LINE_FIELDS = (
    "position",
    "remote_sku_id",
    "remote_product_id",
    "seller_sku",
    "bundle_seller_sku",
    "product_name",
    "variation",
    "image_url",
    "is_gift",
    "quantity",
    "returned_quantity",
    "cancelled_quantity",
    "unit_price",
    "original_amount",
    "platform_discount_amount",
    "seller_discount_amount",
    "amount",
    "listing_sku",
    "variant",
)


@dataclass(slots=True)
class LineBook:
    """The lines and parcels of a batch's orders, and what must become of them."""

    lines: dict[int, dict[str, OrderLine]]
    parcels: dict[int, set[tuple[str, str]]]
    to_write: list[OrderLine] = field(default_factory=list)
    to_delete: list[int] = field(default_factory=list)
    new_parcels: list[Parcel] = field(default_factory=list)

    @classmethod
    def of(cls, orders: Iterable[Order]) -> "LineBook":
        """What the database holds for these orders."""
        ids = [order.pk for order in orders]
        book = cls({pk: {} for pk in ids}, {pk: set() for pk in ids})
        for line in OrderLine.objects.filter(order_id__in=ids):
            book.lines[line.order_id][line.key] = line
        for parcel in Parcel.objects.filter(order_id__in=ids):
            book.parcels[parcel.order_id].add(
                (parcel.remote_id, parcel.tracking_number)
            )
        return book

    def take(self, order: Order, remote: RemoteOrder, source: Source) -> bool:
        """Note what `remote` changes in the order's lines; say whether anything.

        The API decides the lines once it has spoken; a file then only adds what it
        alone knows: the units that came back.
        """
        stored = self.lines.get(order.pk, {}) if order.pk else {}
        changed = self._take_parcels(order, remote)
        if order.pk and is_older_snapshot(order, remote):
            return changed
        if source is Source.FILE and stored and order.lines_source != source.value:
            return self._take_returns(stored, remote) or changed
        wanted = _lines_by_key(remote)
        for key, values in wanted.items():
            line = stored.get(key)
            if line is None:
                self.to_write.append(OrderLine(order=order, key=key, **values))
                changed = True
            elif _update(line, values):
                self.to_write.append(line)
                changed = True
        gone = [stored[key].pk for key in stored.keys() - wanted.keys()]
        if wanted and gone:
            self.to_delete += gone
            changed = True
        order.lines_source = source.value
        return changed

    def _take_parcels(self, order: Order, remote: RemoteOrder) -> bool:
        known = self.parcels.get(order.pk, set()) if order.pk else set()
        wanted = dict.fromkeys(
            pair for line in remote.lines for pair in _parcels_of(line)
        )
        fresh = [pair for pair in wanted if pair not in known]
        self.new_parcels += [
            Parcel(order=order, remote_id=package, tracking_number=number)
            for package, number in fresh
        ]
        return bool(fresh)

    def _take_returns(self, stored: dict[str, OrderLine], remote: RemoteOrder) -> bool:
        changed = False
        for key, values in _lines_by_key(remote).items():
            line = stored.get(key)
            returned = values["returned_quantity"]
            if line is None or returned is None or line.returned_quantity == returned:
                continue
            line.returned_quantity = min(returned, line.quantity)
            self.to_write.append(line)
            changed = True
        return changed


def write_orders(
    orders: Sequence[Order], book: LineBook, payloads: Sequence[OrderPayload]
) -> None:
    """Insert or update all of it. The caller holds the shop's lock."""
    now = timezone.now()
    for row in [*orders, *book.to_write]:
        row.modified_at = now
    known = [order for order in orders if order.pk is not None]
    Order.objects.bulk_create([order for order in orders if order.pk is None])
    _overwrite(known, WRITTEN_FIELDS)
    OrderLine.objects.filter(pk__in=book.to_delete).delete()
    for line in book.to_write:
        if line.order_id is None:  # asking a stored line for its order is a query
            line.order_id = line.order.pk
    OrderLine.objects.bulk_create(
        book.to_write,
        update_conflicts=True,
        unique_fields=["order", "key"],
        update_fields=[*_LINE_FIELDS, "modified_at"],
    )
    for parcel in book.new_parcels:
        parcel.order_id = parcel.order.pk
    Parcel.objects.bulk_create(book.new_parcels)
    for payload in payloads:
        payload.order_id = payload.order.pk
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


def _overwrite(orders: Sequence[Order], fields: Sequence[str]) -> None:
    """Update many rows with one upsert on the key: bulk_update's CASE per column and
    row costs several times as much."""
    Order.objects.bulk_create(
        orders,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[*fields, "buyer", "modified_at"],
    )


def _lines_by_key(remote: RemoteOrder) -> dict[str, dict[str, Any]]:
    """{key: columns}; lines that share a key are the same line and are added up."""
    lines: dict[str, dict[str, Any]] = {}
    for line in remote.lines:
        key, values = line_key(line)[:120], line_values(line)
        if key in lines:
            _add(lines[key], values)
        else:
            lines[key] = {**values, "position": len(lines) + 1}
    return lines


def _add(total: dict[str, Any], values: dict[str, Any]) -> None:
    for name in (
        "quantity",
        "original_amount",
        "platform_discount_amount",
        "seller_discount_amount",
        "amount",
    ):
        total[name] += values[name]
    for name in ("returned_quantity", "cancelled_quantity"):
        if values[name] is not None:
            total[name] = (total[name] or 0) + values[name]


def _update(line: OrderLine, values: dict[str, Any]) -> bool:
    """Write `values` into the line; what a source does not say stays as it was."""
    changed = False
    for name, value in values.items():
        if value in (None, "") or getattr(line, name) == value:
            continue
        setattr(line, name, value)
        changed = True
    return changed


def _parcels_of(line: Any) -> list[tuple[str, str]]:
    packages = [clean(package)[:32] for package in line.package_ids]
    numbers = [clean(number)[:80] for number in line.tracking_numbers]
    if len(packages) == len(numbers):
        pairs = list(zip(packages, numbers, strict=True))
    else:
        pairs = [(p, "") for p in packages] + [("", n) for n in numbers]
    return [pair for pair in pairs if any(pair)]
