"""Storing orders through the product's own path, against two other ways, in one run.

Lines are matched to variants and stock that was counted is reserved, as in real life.

The other ways: `update_or_create` for each order and line (what most code does), and
the limit: the database's bulk door, an upsert into bare tables that have one key each
(COPY and ON CONFLICT on PostgreSQL, executemany on SQLite), in batches of the same
size. Prints orders a second and ratios. Uses DATABASE_URL, else SQLite in memory.

    .venv/bin/python benchmarks/order_ingest.py [orders]
"""

import gc
import json
import os
import random
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

import django

django.setup()

from django.db import connection, transaction
from django.test.utils import setup_databases, teardown_databases

from apps.integrations.contracts import (
    OrderStatus,
    RemoteBuyer,
    RemoteOrder,
    RemoteOrderLine,
    Source,
)
from apps.inventory.models import StockDocument
from apps.inventory.services.documents import By, Deed, Line, book_document
from apps.inventory.services.places import default_warehouse
from apps.orders.models import Buyer, Order, OrderLine, OrderPayload
from apps.orders.services.ingest import ingest_orders
from apps.platforms.models import Shop
from apps.products.models import Listing, ListingSku, Product, Variant
from apps.users.models import Client

START = datetime(2026, 8, 1, tzinfo=UTC)
BATCH = 1_000
FIRST_SKU = 1_729_000_000_000_000_000
SKUS = 1_000


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
    stock_shelves(shop)
    create_bare_tables()
    gc.freeze()  # these orders are the benchmark's: no collection is to walk them
    speeds = {}
    for name, batch in (
        ("first", orders),
        ("unchanged", orders),
        ("5 % changed", changed),
    ):
        speeds["bulk door", name] = speed(batch, through_the_bulk_door)
        speeds["ingest", name] = speed(batch, partial(ingest, shop))
    for name in ("first", "unchanged"):
        speeds["update_or_create", name] = speed(sample, partial(one_by_one, other))
    print(f"{connection.vendor}, {count:,} orders of two lines, batches of {BATCH:,}")
    for (way, name), value in speeds.items():
        print(f"  {f'{way}, {name}':<30}{value:>10,.0f} orders/s")
    for (way, name), value in speeds.items():
        if way != "ingest":
            ratio = speeds["ingest", name] / value
            print(f"  ingest {name} : {way} = {ratio:.2f}")


def speed(
    orders: list[RemoteOrder], work: Callable[[list[RemoteOrder]], None]
) -> float:
    start = time.perf_counter()
    work(orders)
    return len(orders) / (time.perf_counter() - start)


def ingest(shop: Shop, orders: list[RemoteOrder]) -> None:
    for start in range(0, len(orders), BATCH):
        ingest_orders(shop, orders[start : start + BATCH], Source.API)


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


BARE = {  # table: the columns, the key first
    "bare_buyer": ("shop bigint", "id varchar(64)"),
    "bare_order": (
        "shop bigint",
        "id varchar(32)",
        "buyer varchar(64)",
        "status varchar(24)",
        "status_text varchar(120)",
        "currency varchar(3)",
        "total numeric(19, 4)",
        "placed_at timestamptz",
        "updated_at timestamptz",
        "body {json}",
    ),
    "bare_line": (
        "order_id varchar(32)",
        "sku varchar(32)",
        "seller_sku varchar(120)",
        "product_name varchar(600)",
        "quantity integer",
        "unit_price numeric(19, 4)",
        "original numeric(19, 4)",
        "platform_discount numeric(19, 4)",
        "seller_discount numeric(19, 4)",
        "amount numeric(19, 4)",
    ),
}


def create_bare_tables() -> None:
    """With what the orders say, and one key each: no other index, no reference."""
    is_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for table, columns in BARE.items():
            kinds = ", ".join(columns).format(json="jsonb" if is_postgresql else "text")
            key = ", ".join(column.split()[0] for column in columns[:2])
            cursor.execute(f"CREATE TABLE {table} ({kinds}, PRIMARY KEY ({key}))")
            if is_postgresql:
                cursor.execute(f"CREATE TEMPORARY TABLE new_{table} (LIKE {table})")


def through_the_bulk_door(orders: list[RemoteOrder]) -> None:
    for start in range(0, len(orders), BATCH):
        rows = bare_rows(orders[start : start + BATCH])
        with transaction.atomic(), connection.cursor() as cursor:
            for table, columns in BARE.items():
                names = [column.split()[0] for column in columns]
                news = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
                upsert = f"ON CONFLICT ({', '.join(names[:2])}) DO UPDATE SET {news}"
                if connection.vendor == "postgresql":
                    cursor.execute(f"TRUNCATE new_{table}")
                    with cursor.copy(f"COPY new_{table} FROM STDIN") as copy:
                        for row in rows[table]:
                            copy.write_row(row)
                    rest = f"SELECT * FROM new_{table} {upsert}"  # noqa: S608
                    cursor.execute(f"INSERT INTO {table} {rest}")
                else:
                    marks = ", ".join(["%s"] * len(names))
                    rest = f"VALUES ({marks}) {upsert}"
                    cursor.executemany(f"INSERT INTO {table} {rest}", rows[table])


def bare_rows(orders: list[RemoteOrder]) -> dict[str, list[tuple[Any, ...]]]:
    return {
        "bare_buyer": list({(1, o.buyer.remote_id): None for o in orders}),
        "bare_order": [
            (
                1,
                o.remote_id,
                o.buyer.remote_id,
                o.status.value,
                o.status_text,
                o.currency,
                str(o.total_amount),
                str(o.placed_at),
                str(o.updated_at),
                json.dumps(o.raw),
            )
            for o in orders
        ],
        "bare_line": [
            (
                o.remote_id,
                line.remote_sku_id,
                line.seller_sku,
                line.product_name,
                line.quantity,
                str(line.unit_price),
                str(line.original_amount),
                str(line.platform_discount_amount),
                str(line.seller_discount_amount),
                str(line.amount),
            )
            for o in orders
            for line in o.lines
        ],
    }


def make_shop(number: str, owner: str = "Benchmark") -> Shop:
    client, _ = Client.objects.get_or_create(name=owner)
    return Shop.objects.create(
        client=client,
        remote_id=number,
        name=f"Shop {number}",
        region="GB",
        currency="GBP",
        time_zone="Europe/London",
    )


def stock_shelves(shop: Shop) -> None:
    """A variant for each SKU that orders name, and more of each than they will want."""
    product = Product.objects.create(client=shop.client, name="Benchmark")
    listing = Listing.objects.create(shop=shop, remote_id="1")
    variants = Variant.objects.bulk_create(
        Variant(client=shop.client, product=product, sku=f"SKU-{number}")
        for number in range(SKUS)
    )
    ListingSku.objects.bulk_create(
        ListingSku(
            shop=shop,
            listing=listing,
            remote_id=str(FIRST_SKU + number),
            variant=variant,
            mapping=ListingSku.Mapping.MATCHED,
        )
        for number, variant in enumerate(variants)
    )
    receipt = Deed(
        StockDocument.Kind.RECEIPT,
        default_warehouse(shop.client_id),
        [Line(variant, 1_000_000) for variant in variants],
        effective_at=START,
    )
    book_document(shop.client, receipt, By(process="benchmark"))


def make_order(number: int) -> RemoteOrder:
    dice = random.Random(number)  # noqa: S311 (the same orders each time)
    placed = START + timedelta(minutes=number)
    lines = tuple(
        RemoteOrderLine(
            remote_sku_id=str(FIRST_SKU + dice.randrange(SKUS // 2) * 2 + n),
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
