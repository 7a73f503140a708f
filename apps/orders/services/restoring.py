"""Orders go back to what a snapshot says, or go altogether, and with them whatever
follows from them: lines, packages, buyers, requests, stock.

Whoever calls this has made sure that nothing depends on what goes.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from apps.core import bulk, plain_rows
from apps.inventory.models import Booking
from apps.inventory.services.booking import book
from apps.orders.models import (
    Buyer,
    Cancellation,
    Order,
    OrderLine,
    OrderPackage,
    OrderPayload,
    Package,
    Return,
)
from apps.orders.services.merge import show
from apps.orders.services.order_fields import BUYER_FIELDS
from apps.orders.services.package_book import PackageBook, add_links, drop_links
from apps.orders.services.package_news import package_key
from apps.orders.services.preferences import locked_shop, preferred_witness
from apps.orders.services.relink import link_lines
from apps.orders.services.request_links import link_requests
from apps.orders.services.snapshots import (
    LINES,
    ORDER_COLUMNS,
    PACKAGE,
    PAYLOAD,
    Snapshot,
    columns_of,
)
from apps.orders.services.stock import book_orders
from apps.orders.services.testimony import Testimony
from apps.orders.services.voices import WITNESSES
from apps.orders.services.write import LineBook, write_orders
from apps.platforms.models import Shop

_FILE = Order.Source.FILE


@transaction.atomic
def restore(shop: Shop, snapshots: Mapping[int, Snapshot]) -> list[Order]:
    """Let stored orders of a shop, {key: snapshot}, be as they were then: those.

    Of a buyer who was erased since, nothing comes back. What lines are matched to, what
    requests come to and what the ledger holds follows from what is known today. Call it
    once a transaction, as it books stock.
    """
    shop = locked_shop(shop.pk)
    preferred, now = preferred_witness(shop), timezone.now()
    orders = _locked(shop, snapshots)
    keys = [order.pk for order in orders]
    buyers = _buyers(shop, [snapshots[order.pk] for order in orders])
    left = {order.buyer_id for order in orders}
    lines = LineBook.of(keys)
    for order in orders:
        snapshot = snapshots[order.pk]
        put_back(order, snapshot, preferred)
        order.modified_at = now
        if order.buyer_erased_at is None:
            order.buyer_id = buyers.get(_buyer_of(snapshot))
        lines.take(order, dict(map(_line, snapshot["lines"])))
    link_lines(shop, lines.to_write)
    payloads = _payloads(orders, snapshots, now)
    write_orders(orders, ORDER_COLUMNS, lines, PackageBook({}), payloads)
    kept = {payload.order_id for payload in payloads}
    _file_payloads(set(keys) - kept).delete()
    _put_back_packages(shop, orders, snapshots)
    _settle_buyers(left)
    link_requests(shop, orders)
    book_orders(shop, orders)
    return orders


@transaction.atomic
def remove(shop: Shop, keys: Collection[int]) -> int:
    """Let orders of a shop never have been: how many there were. Requests of them wait
    again, as for any order that is not known. Call it once a transaction, as it books
    stock."""
    shop = locked_shop(shop.pk)
    orders = _locked(shop, keys)
    keys = [order.pk for order in orders]
    now = timezone.now()
    for requests in (Cancellation.objects, Return.objects):
        requests.filter(order__in=keys).update(order=None, modified_at=now)
    links = OrderPackage.objects.filter(order__in=keys)
    drop_links(list(links.values_list("order", "package")))
    book(Booking.Kind.ORDER, keys, [])
    Order.objects.filter(pk__in=keys).delete()
    _settle_buyers({order.buyer_id for order in orders})
    return len(keys)


def put_back(order: Order, snapshot: Snapshot, preferred: str) -> None:
    """Write a snapshot's columns into `order` (not saved); without what tells of the
    buyer, should they have been erased since."""
    order.__dict__.update(plain_rows.columns(Order, ORDER_COLUMNS, snapshot["columns"]))
    testimony = Testimony.of(order)
    if order.buyer_erased_at is not None:
        testimony.forget(BUYER_FIELDS)
    elif not all(witness in testimony.voices for witness in WITNESSES):
        return  # whose word counts changes nothing
    show(order, testimony, preferred)


def without_buyer(order: Order, snapshot: Snapshot, preferred: str) -> Snapshot:
    """A snapshot of an order whose buyer was erased, with nothing that tells who it
    was; `order` is written into, and not to be saved."""
    put_back(order, snapshot, preferred)
    kept = snapshot | {"columns": columns_of(order), "buyer": None}
    if snapshot["payload"]:
        kept["payload"] = snapshot["payload"] | {"body": "{}"}
    return kept


def _locked(shop: Shop, keys: Iterable[int]) -> list[Order]:
    """Against notes and whatever else is written without the shop's lock."""
    rows = Order.objects.filter(shop=shop, pk__in=list(keys)).order_by("pk")
    return list(rows.select_for_update(of=("self",)))


def _line(stored: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    columns = plain_rows.columns(OrderLine, LINES, stored)
    return columns.pop("key"), columns


def _payloads(
    orders: Sequence[Order], snapshots: Mapping[int, Snapshot], now: datetime
) -> list[OrderPayload]:
    """What files had said by then. Bodies that may not be kept any more stay away."""
    keys = [order.pk for order in orders]
    emptied = set(
        _file_payloads(keys)
        .filter(emptied_at__isnull=False)
        .values_list("order", flat=True)
    )
    rows = []
    for order in orders:
        stored = snapshots[order.pk]["payload"]
        if stored is None:
            continue
        values = plain_rows.columns(OrderPayload, PAYLOAD, stored)
        if order.buyer_erased_at is not None or order.pk in emptied:
            values |= {"body": {}, "emptied_at": values["emptied_at"] or now}
        row = bulk.new_row(OrderPayload, order_id=order.pk, source=_FILE, **values)
        row.order = order
        rows.append(row)
    return rows


def _file_payloads(orders: Collection[int]) -> "models.QuerySet[OrderPayload]":
    return OrderPayload.objects.filter(order__in=orders, source=_FILE)


def _put_back_packages(
    shop: Shop, orders: Sequence[Order], snapshots: Mapping[int, Snapshot]
) -> None:
    then = {(o.pk, p["id"]): p for o in orders for p in snapshots[o.pk]["packages"]}
    packages = _packages(shop, list(then.values()))
    wanted = {(order, packages[package].pk) for order, package in then}
    links = OrderPackage.objects.filter(order__in=[order.pk for order in orders])
    linked = set(links.values_list("order", "package"))
    add_links(wanted - linked)
    drop_links(linked - wanted)


def _packages(shop: Shop, stored: Sequence[Mapping[str, Any]]) -> dict[int, Package]:
    """{their keys then: packages}, made anew where they are gone. A number that an
    order's file filled in goes, unless the platform spoke of the package since."""
    rows = Package.objects.filter(shop=shop)
    found = rows.in_bulk({each["id"] for each in stored})
    numbered = {}
    gone: dict[tuple[str, str], list[int]] = {}
    new = {}
    for each in stored:
        values = plain_rows.columns(Package, PACKAGE, each)
        key = values.pop("id")
        package = found.get(key)
        if package is None:
            name = package_key(values["remote_id"], values["tracking_number"])
            gone.setdefault(name, []).append(key)
            new[name] = bulk.new_row(Package, shop_id=shop.pk, **values)
        elif _is_filled(package, values):
            package.tracking_number = values["tracking_number"]
            package.modified_at = timezone.now()
            numbered[key] = package
    bulk.update(list(numbered.values()), ["tracking_number", "modified_at"])
    known = _named(rows, new)
    bulk.insert([package for name, package in new.items() if name not in known])
    for name, keys in gone.items():
        found |= dict.fromkeys(keys, known.get(name) or new[name])
    return found


def _is_filled(package: Package, then: Mapping[str, Any]) -> bool:
    is_same = package.tracking_number == then["tracking_number"]
    return not is_same and package.remote_updated_at == then["remote_updated_at"]


def _named(
    rows: "models.QuerySet[Package]", names: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Package]:
    """Packages that came back by themselves, by what they are known by."""
    ids = [remote_id for remote_id, _ in names if remote_id]
    numbers = [number for remote_id, number in names if not remote_id]
    if not (ids or numbers):
        return {}
    found = rows.filter(
        models.Q(remote_id__in=ids)
        | models.Q(remote_id="", tracking_number__in=numbers)
    )
    return {package_key(each.remote_id, each.tracking_number): each for each in found}


_Handles = tuple[int, str, str] | None


def _buyer_of(snapshot: Snapshot) -> _Handles:
    return tuple(snapshot["buyer"]) if snapshot["buyer"] else None


def _buyers(shop: Shop, snapshots: Iterable[Snapshot]) -> dict[_Handles, int]:
    """{who bought by then: the key of who that is now}. Two that were found to be one
    person since stay one."""
    then = {buyer for each in snapshots if (buyer := _buyer_of(each))}
    rows = Buyer.objects.filter(shop=shop)
    found = rows.in_bulk({key for key, _, _ in then})
    lost = sorted(each for each in then if each[0] not in found)
    named: dict[tuple[str, str], int] = {}
    for place, name in ((1, "remote_id"), (2, "username")):
        handles = [each[place] for each in lost if each[place]]
        for row in rows.filter(**{f"{name}__in": handles}):
            named[name, getattr(row, name)] = row.pk
    keys: dict[_Handles, int] = {each: each[0] for each in then if each[0] in found}
    for each in lost:
        _, remote_id, username = each
        known = named.get(("remote_id", remote_id))
        known = known or named.get(("username", username))
        if known is None:
            made = Buyer.objects.create(
                shop=shop, remote_id=remote_id, username=username
            )
            known = made.pk
            named["remote_id", remote_id] = named["username", username] = known
        keys[each] = known
    return keys


def _settle_buyers(buyers: Collection[int | None]) -> None:
    """Those who have no order go; a username, which only files tell, goes from those of
    whose orders no file speaks any more."""
    rows = Buyer.objects.filter(pk__in=[key for key in buyers if key])
    rows.filter(~Exists(Order.objects.filter(buyer=OuterRef("pk")))).delete()
    told = OrderPayload.objects.filter(order__buyer=OuterRef("pk"), source=_FILE)
    named = rows.exclude(remote_id="").exclude(username="").filter(~Exists(told))
    named.update(username="", modified_at=timezone.now())
