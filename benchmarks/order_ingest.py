"""Storing orders through the product's own path, against two other ways, in one run.

The other ways: `update_or_create` for each order and line (what most code does), and
the database's bulk door into bare tables (COPY on PostgreSQL, executemany on SQLite),
which is the limit. Prints orders a second and ratios. Uses DATABASE_URL, else SQLite in
memory.

    .venv/bin/python benchmarks/order_ingest.py [orders]
"""

import os
import random
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

import django

django.setup()

from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from apps.integrations.contracts import (
    OrderStatus,
    RemoteBuyer,
    RemoteOrder,
    RemoteOrderLine,
    Source,
)
from apps.orders.models import Buyer, Order, OrderLine, OrderPayload
from apps.orders.services.ingest import ingest_orders
from apps.platforms.models import Shop
from apps.users.models import Client

START = datetime(2026, 8, 1, tzinfo=UTC)
PAGE = 100


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    orders = [make_order(number) for number in range(count)]
    changed = [
        replace(
            order,
            status=OrderStatus.DELIVERED,
            updated_at=order.placed_at + timedelta(days=1),
            raw={**order.raw, "status": "DELIVERED"},
        )
        if number % 20 == 0
        else order
        for number, order in enumerate(orders)
    ]
    sample = orders[: max(200, count // 20)]
    shop, other = make_shop("1"), make_shop("2")
    create_bare_tables()
    speeds = {
        "bulk door, first": speed(orders, lambda: through_the_bulk_door(orders)),
        "ingest, first": speed(orders, lambda: ingest(shop, orders)),
        "ingest, unchanged": speed(orders, lambda: ingest(shop, orders)),
        "ingest, 5 % changed": speed(orders, lambda: ingest(shop, changed)),
        "update_or_create, first": speed(sample, lambda: one_by_one(other, sample)),
        "update_or_create, unchanged": speed(sample, lambda: one_by_one(other, sample)),
    }
    print(f"{connection.vendor}, {count:,} orders of two lines, pages of {PAGE}")
    for name, value in speeds.items():
        print(f"  {name:<30}{value:>10,.0f} orders/s")
    limit = speeds["bulk door, first"]
    for name in ("first", "unchanged", "5 % changed"):
        print(f"  ingest {name} : bulk door = {speeds[f'ingest, {name}'] / limit:.2f}")
    for name in ("first", "unchanged"):
        ratio = speeds[f"ingest, {name}"] / speeds[f"update_or_create, {name}"]
        print(f"  ingest {name} : update_or_create = {ratio:.1f}")


def speed(orders: list[RemoteOrder], work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return len(orders) / (time.perf_counter() - start)


def ingest(shop: Shop, orders: list[RemoteOrder]) -> None:
    for start in range(0, len(orders), PAGE):
        ingest_orders(shop, orders[start : start + PAGE], Source.API)


def one_by_one(shop: Shop, orders: list[RemoteOrder]) -> None:
    for remote in orders:
        buyer, _ = Buyer.objects.update_or_create(
            shop=shop, remote_id=remote.buyer.remote_id
        )
        order, _ = Order.objects.update_or_create(
            shop=shop,
            remote_id=remote.remote_id,
            defaults={
                "buyer": buyer,
                "status": remote.status.value,
                "currency": remote.currency,
                "placed_at": remote.placed_at,
                "total_amount": remote.total_amount,
                "remote_updated_at": remote.updated_at,
                "lines_source": "api",
            },
        )
        for position, line in enumerate(remote.lines, 1):
            OrderLine.objects.update_or_create(
                order=order,
                key=line.remote_sku_id,
                defaults={
                    "position": position,
                    "quantity": line.quantity,
                    "unit_price": line.unit_price,
                    "original_amount": line.original_amount,
                    "platform_discount_amount": line.platform_discount_amount,
                    "seller_discount_amount": line.seller_discount_amount,
                    "amount": line.amount,
                },
            )
        OrderPayload.objects.update_or_create(
            order=order,
            source="api",
            defaults={
                "body": remote.raw,
                "content_hash": "",
                "received_at": remote.placed_at,
            },
        )


def create_bare_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bare_order (remote_id varchar(32) PRIMARY KEY, buyer "
            "varchar(64), status varchar(24), total numeric(19, 4), body text)"
        )
        cursor.execute(
            "CREATE TABLE bare_line (remote_id varchar(32), sku varchar(32), quantity "
            "integer, amount numeric(19, 4), PRIMARY KEY (remote_id, sku))"
        )


def through_the_bulk_door(orders: list[RemoteOrder]) -> None:
    for start in range(0, len(orders), 1_000):
        batch = orders[start : start + 1_000]
        heads = [
            (o.remote_id, o.buyer.remote_id, o.status, str(o.total_amount), str(o.raw))
            for o in batch
        ]
        lines = [
            (o.remote_id, line.remote_sku_id, line.quantity, str(line.amount))
            for o in batch
            for line in o.lines
        ]
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                for table, rows in (("bare_order", heads), ("bare_line", lines)):
                    with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                        for row in rows:
                            copy.write_row(row)
            else:
                cursor.executemany(
                    "INSERT INTO bare_order VALUES (%s, %s, %s, %s, %s)", heads
                )
                cursor.executemany(
                    "INSERT INTO bare_line VALUES (%s, %s, %s, %s)", lines
                )


def make_shop(number: str) -> Shop:
    client, _ = Client.objects.get_or_create(name="Benchmark")
    return Shop.objects.create(
        client=client,
        remote_id=number,
        name=f"Shop {number}",
        region="GB",
        currency="GBP",
        time_zone="Europe/London",
    )


def make_order(number: int) -> RemoteOrder:
    dice = random.Random(number)  # noqa: S311 (the same orders each time)
    placed = START + timedelta(minutes=number)
    lines = tuple(
        RemoteOrderLine(
            remote_sku_id=str(1_729_000_000_000_000_000 + dice.randrange(500) * 2 + n),
            seller_sku=f"SKU-{n}",
            quantity=dice.randint(1, 3),
            unit_price=Decimal("9.90"),
            original_amount=Decimal("19.80"),
            platform_discount_amount=Decimal(0),
            seller_discount_amount=Decimal("1.00"),
            amount=Decimal("18.80"),
            product_name="A product with a name of usual length",
        )
        for n in range(2)
    )
    return RemoteOrder(
        remote_id=str(576_000_000_000_000_000 + number),
        status=OrderStatus.TO_SHIP,
        status_text="AWAITING_SHIPMENT",
        currency="GBP",
        placed_at=placed,
        updated_at=placed,
        lines=lines,
        buyer=RemoteBuyer(remote_id=str(dice.randrange(2_000))),
        total_amount=Decimal("37.60"),
        raw={"id": str(number), "status": "AWAITING_SHIPMENT", "filler": "x" * 1_500},
    )


if __name__ == "__main__":
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        main()
    finally:
        teardown_databases(databases, verbosity=0)
