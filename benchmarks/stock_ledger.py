"""How fast the ledger books, and how fast it is proven, with a million movements.

Books orders through the product's own path first (bookings a second), then fills the
ledger up to the number asked for, and has all of it verified. Uses DATABASE_URL, else
SQLite in memory.

    .venv/bin/python benchmarks/stock_ledger.py [movements]
"""

import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

import django

django.setup()

from django.db import connection
from django.db.models import F
from django.test.utils import setup_databases, teardown_databases

from apps.inventory.models import Booking, StockDocument, StockLevel, StockMovement
from apps.inventory.models.ledger import Position
from apps.inventory.services.booking import Claim, book
from apps.inventory.services.documents import By, Deed, Line, book_document
from apps.inventory.services.places import default_warehouse
from apps.inventory.services.verifying import verify
from apps.products.models import Product, Variant
from apps.users.models import Client

START = datetime(2026, 8, 1, tzinfo=UTC)
SKUS = 10_000
BATCH = 200
BOOKED = 10_000
BY = By(process="benchmark")
FILL = """
    INSERT INTO inventory_stockmovement (
        level_id, booking_id, number, sequence, reason, on_hand, reserved,
        expected_back, quarantined, on_hand_after, reserved_after, occurred_at,
        booked_at
    )
    SELECT level.id, booking.id, level.movement_count + %(step)s,
        booking.movement_count + %(step)s, 'order', 0, %(change)s, 0, 0, level.on_hand,
        level.reserved + %(more)s, booking.occurred_at, booking.occurred_at
    FROM inventory_booking booking
    JOIN inventory_stocklevel level ON level.id = booking.level_id
    WHERE booking.cause_kind = 'order'
"""


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    client = Client.objects.create(name="Benchmark")
    variants = make_variants(client)
    print(f"{connection.vendor}, {SKUS:,} SKUs")
    for kind in (StockDocument.Kind.RECEIPT, StockDocument.Kind.COUNT):
        seconds = timed(partial(write_documents, client, variants, kind))
        print(f"  {kind.label}: {SKUS / seconds:,.0f} lines/s")
    seconds = timed(partial(book_orders, client, variants))
    print(f"  orders: {BOOKED / seconds:,.0f} bookings/s, batches of {BATCH}")
    fill_up(wanted)
    found = verify()
    seconds = timed(verify)
    print(f"  verify of {found.movements:,} movements: {seconds:.1f} s")
    assert not found, found.differences[:5]


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def make_variants(client: Client) -> list[Variant]:
    product = Product.objects.create(client=client, name="Benchmark")
    return Variant.objects.bulk_create(
        Variant(client=client, product=product, sku=f"SKU-{number}")
        for number in range(SKUS)
    )


def write_documents(
    client: Client, variants: list[Variant], kind: StockDocument.Kind
) -> None:
    place = default_warehouse(client.pk)
    at = START + timedelta(days=kind == StockDocument.Kind.COUNT)
    for start in range(0, SKUS, 5_000):
        lines = [Line(each, 1_000) for each in variants[start : start + 5_000]]
        book_document(client, Deed(kind, place, lines, effective_at=at), BY)


def book_orders(client: Client, variants: list[Variant]) -> None:
    place = default_warehouse(client.pk).pk
    at = START + timedelta(days=2)
    for start in range(0, BOOKED, BATCH):
        causes = range(start, start + BATCH)
        claims = [
            Claim(
                cause_id=cause,
                part="",
                positions={
                    (variants[cause * 7 % SKUS].pk, place): Position(reserved=1)
                },
                reason=StockMovement.Reason.ORDER,
                occurred_at=at,
                claimed_at=at,
            )
            for cause in causes
        ]
        book(Booking.Kind.ORDER, causes, claims)


def fill_up(wanted: int) -> None:
    """Pairs of movements that cancel each other, as of orders placed and cancelled."""
    rounds = max(0, (wanted - StockMovement.objects.count()) // (2 * SKUS))
    with connection.cursor() as cursor:
        for step in range(1, 2 * rounds + 1):
            change = 1 if step % 2 else -1
            cursor.execute(FILL, {"step": step, "change": change, "more": step % 2})
    StockLevel.objects.update(movement_count=F("movement_count") + 2 * rounds)
    orders = Booking.objects.filter(cause_kind=Booking.Kind.ORDER)
    orders.update(movement_count=F("movement_count") + 2 * rounds)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


if __name__ == "__main__":
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        main()
    finally:
        teardown_databases(databases, verbosity=0)
