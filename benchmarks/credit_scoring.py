"""What scoring applicants costs: from rows in the database to a stored score.

Each applicant has a shop of their own with so many orders of 90 days, one line each.
Prints milliseconds an applicant, of which how much is collecting, reckoning and
storing, beside reading the same orders and lines bare from the database.

    .venv/bin/python benchmarks/credit_scoring.py [applicants] [orders of each]

On SQLite in memory, or on an empty database of DATABASE_URL (PostgreSQL).
"""

import os
import random
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ["SHOPDESK_ENV_FILE"] = ""
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

import django

django.setup()

from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from apps.core import bulk
from apps.credit.models import Applicant, ApplicantShop, Score, ScoreInput
from apps.credit.services.collecting import collect, rates_for
from apps.credit.services.packing import pack, unpack
from apps.credit.services.scoring import score_applicant
from apps.finance.models import ExchangeRate
from apps.orders.models import Buyer, Order, OrderLine
from apps.platforms.models import Shop
from apps.users.models import Client
from apps.users.services.audit import By

AS_OF = date(2026, 7, 1)
BY = By(process="benchmark")


def main() -> None:
    applicants = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    orders = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        compare(applicants, orders)
    finally:
        teardown_databases(databases, verbosity=0)


def compare(applicants: int, orders: int) -> None:
    chance = random.Random(7)  # noqa: S311 - the same applicants each time
    client = Client.objects.create(name="Lender")
    make_rates()
    made = [
        make_applicant(client, number, orders, chance) for number in range(applicants)
    ]
    print(f"{connection.vendor}: {applicants:,} applicants of {orders:,} orders each")
    rates = rates_for(AS_OF)
    least = measured(lambda one: bare_read(one), made)
    show("bare read of the rows", least, applicants, least)
    show(
        "collect",
        measured(lambda one: collect(one, AS_OF, rates), made),
        applicants,
        least,
    )
    some = [collect(one, AS_OF, rates) for one in made[:20]]
    reckoning = measured(lambda one: unpack(pack(one)), some)
    show("pack and reckon", reckoning, len(some), least * len(some) / applicants)
    seconds = measured(
        lambda one: score_applicant(one, as_of=AS_OF, by=BY, rates=rates), made
    )
    show("score, end to end", seconds, applicants, least)
    assert Score.objects.filter(status="scored").count() == applicants
    size = sum(
        len(bytes(body)) for body in ScoreInput.objects.values_list("body", flat=True)
    )
    print(f"  kept of each: {size / applicants / 1024:.1f} KiB")
    print(
        f"  10,000 applicants: {10_000 * seconds / applicants / 60:.1f} min on one core"
    )


def measured(work: Callable[..., object], rows: list[Any]) -> float:
    """Seconds by the clock; what this process worked of them is printed."""
    begun, used = perf_counter(), process_time()
    for row in rows:
        work(row)
    print(f"    ({1000 * (process_time() - used) / len(rows):.1f} ms CPU)", end="")
    return perf_counter() - begun


def show(what: str, seconds: float, times: int, least: float) -> None:
    print(
        f"  {what:<24}{1000 * seconds / times:>9.2f} ms each"
        f"{seconds:>8.2f} s in all{seconds / least:>8.1f} x"
    )


def bare_read(applicant: Applicant) -> None:
    keys = list(applicant.shown.values_list("shop", flat=True))
    rows = list(Order.objects.filter(shop__in=keys).values_list())
    list(OrderLine.objects.filter(order__in=[row[0] for row in rows]).values_list())


def make_applicant(
    client: Client, number: int, orders: int, chance: random.Random
) -> Applicant:
    shop = Shop.objects.create(
        client=client,
        name=f"Shop {number}",
        remote_id=str(7_000_000 + number),
        region="MY",
        currency="MYR",
        time_zone="Asia/Kuala_Lumpur",
    )
    applicant = Applicant.objects.create(client=client, reference=f"Loan {number}")
    start = datetime.combine(AS_OF, time(), tzinfo=UTC)
    ApplicantShop.objects.create(applicant=applicant, shop=shop, shown_at=start)
    buyers = [Buyer(shop=shop, remote_id=str(key)) for key in range(orders * 4 // 5)]
    Buyer.objects.bulk_create(buyers)
    rows = [
        bulk.new_row(
            Order,
            shop_id=shop.pk,
            buyer_id=chance.choice(buyers).pk,
            remote_id=f"{number}{key:08}",
            status=Order.Status.COMPLETED,
            currency="MYR",
            placed_at=(at := start - timedelta(minutes=chance.randint(1, 129_000))),
            paid_at=at,
            shipped_at=at + timedelta(days=1),
            ship_by_at=at + timedelta(days=2),
            refund_amount=Decimal(80) if chance.random() < 0.05 else None,
            recipient_address=f"{key} Jalan Bukit Bintang, Kuala Lumpur",
            recipient_postal_code="55100",
            lines_source="api",
        )
        for key in range(orders)
    ]
    bulk.insert(rows)
    bulk.insert(
        [
            bulk.new_row(
                OrderLine,
                order_id=row.pk,
                key="one",
                position=1,
                remote_sku_id="17300001",
                remote_product_id="17200001",
                quantity=1,
                unit_price=Decimal(80),
                original_amount=Decimal(80),
                platform_discount_amount=Decimal(0),
                seller_discount_amount=Decimal(0),
                amount=Decimal(80),
            )
            for row in rows
        ]
    )
    return applicant


def make_rates() -> None:
    days = [AS_OF - timedelta(days=age) for age in range(140)]
    ExchangeRate.objects.bulk_create(
        ExchangeRate(on=on, currency=code, per_euro=rate, source="ecb")
        for on in days
        for code, rate in (("USD", Decimal("1.17")), ("MYR", Decimal("4.72")))
    )


if __name__ == "__main__":
    main()
