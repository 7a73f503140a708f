"""Sums of sales from the rollups against the same from the orders, side by side.

Makes orders of two lines, in twenty shops and eight currencies over two years, in SQL;
builds the rollups through the product's own path; then sums up ninety days both ways,
which must agree to the cent, and opens the Analytics page. Uses DATABASE_URL, else
SQLite in memory.

    .venv/bin/python benchmarks/sales_sums.py [orders]
"""

import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

import django

django.setup()

from django.db import connection
from django.test import Client as Browser
from django.test.utils import setup_databases, teardown_databases

from apps.backoffice.models import SalesDay
from apps.backoffice.services.analytics import sums
from apps.backoffice.services.analytics.counting import count_due, count_sales
from apps.backoffice.services.analytics.figures import Ask, Report
from apps.backoffice.services.analytics.marking import mark_all, mark_days
from apps.finance.models import ExchangeRate
from apps.orders.models import Order, OrderLine
from apps.platforms.models import Shop
from apps.users.models import Client, User

END = date(2026, 11, 1)
DAYS = 730
SHOPS = 20
ITEMS = 100
CURRENCIES = ("USD", "EUR", "GBP", "MYR", "IDR", "THB", "SGD", "PHP")
CENT = Decimal("0.01")
TIMES = 15
# Numbers 1 to n, and an instant so many seconds after the start.
NUMBERS = {
    "postgresql": "SELECT generate_series(1, %(orders)s) AS i",
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
    "WHERE i < %(orders)s) SELECT i FROM n",
}
AT = {
    "postgresql": "timestamptz '2024-11-02 00:00:00+00' "
    "+ make_interval(secs => floor(i * {seconds}::numeric / %(orders)s)::integer)",
    "sqlite": "datetime('2024-11-02 00:00:00', "
    "'+' || CAST(i * {seconds} / %(orders)s AS integer) || ' seconds')",
}
RAW = """
    SELECT o.currency, {day} AS rate_on, SUM(l.amount + l.platform_discount_amount),
        SUM(CASE WHEN o.status = 'cancelled' THEN l.amount + l.platform_discount_amount
            ELSE 0 END)
    FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id
    WHERE o.paid_at >= %s AND o.paid_at < %s AND o.shop_id IN ({shops})
    GROUP BY 1, 2
"""


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    shops = make_shops()
    make_rates()
    seconds = timed(lambda: make_orders(wanted, shops))
    print(f"{connection.vendor}, {wanted:,} orders made in {seconds:.0f} s")
    seconds = timed(lambda: build_all(shops))
    rows = SalesDay.objects.count()
    speed = wanted / seconds
    print(f"  full build: {seconds:.0f} s, {speed:,.0f} orders/s, {rows:,} rows")
    connection.cursor().execute("ANALYZE")
    shop, day = shops[0], END - timedelta(days=45)
    mark_days(shop, [day])
    print(f"  one day of a shop anew: {1000 * timed(lambda: count_due(shop)):.1f} ms")
    print(f"  nothing to do, a shop: {1000 * timed(lambda: count_sales(shop)):.1f} ms")
    compare("all shops, 90 days", shops)
    compare("one shop, 90 days", shops[:1])
    page(shops)


def compare(name: str, shops: list[Shop]) -> None:
    """Both ways give the same cents, or this fails."""
    ask = Ask(shops, END - timedelta(days=90), END - timedelta(days=1), "USD")
    report = Report(ask)
    factors = report.factors
    [row] = sums.sales(ask.span, [], factors)
    gmv, cancelled = from_rows(ask, factors)
    assert row.base.gmv.quantize(CENT) == gmv.quantize(CENT), (row.base.gmv, gmv)
    assert row.base.cancelled.quantize(CENT) == cancelled.quantize(CENT)
    rollup = median(lambda: sums.sales(ask.span, [], factors))
    whole = median(lambda: Report(ask).total)
    raw = median(lambda: from_rows(ask, factors))
    print(
        f"  {name}: {row.base.gmv.quantize(CENT):,} USD both ways; "
        f"rollup {rollup:.1f} ms (with its rates {whole:.1f}), orders {raw:.1f} ms, "
        f"ratio {raw / rollup:.1f}"
    )


def from_rows(ask: Ask, factors: Any) -> tuple[Decimal, Decimal]:
    """(GMV, cancelled) straight from orders and lines."""
    is_postgres = connection.vendor == "postgresql"
    day = "(o.paid_at AT TIME ZONE 'UTC')::date" if is_postgres else "date(o.paid_at)"
    keys = ", ".join(str(shop.pk) for shop in ask.shops)
    since = datetime.combine(ask.since, datetime.min.time(), UTC)
    until = datetime.combine(ask.until, datetime.min.time(), UTC) + timedelta(days=1)
    gmv = cancelled = Decimal(0)
    with connection.cursor() as cursor:
        cursor.execute(RAW.format(day=day, shops=keys), [since, until])
        for currency, on, sold, off in cursor.fetchall():
            on = on if isinstance(on, date) else date.fromisoformat(on)
            gmv += Decimal(str(sold)) * factors[currency, on]
            cancelled += Decimal(str(off)) * factors[currency, on]
    return gmv, cancelled


def page(shops: list[Shop]) -> None:
    user = User.objects.create_superuser("boss", password="a password")  # noqa: S106
    browser = Browser()
    browser.force_login(user)
    query = f"?since={END - timedelta(days=90)}&until={END - timedelta(days=1)}"
    took = []
    for _ in range(TIMES):
        start = time.perf_counter()
        answer = browser.get(f"/admin/backoffice/analytics/{query}")
        took.append(1000 * (time.perf_counter() - start))
        assert answer.status_code == 200
    took.sort()
    print(
        f"  the page, 90 days of {len(shops)} shops: p50 {statistics.median(took):.0f} "
        f"ms, p95 {took[-2]:.0f} ms, {len(answer.content) / 1000:.0f} KB"
    )


def build_all(shops: Sequence[Shop]) -> None:
    for shop in shops:
        build(shop)


def build(shop: Shop) -> None:
    mark_all(shop)
    count_due(shop)


def make_shops() -> list[Shop]:
    client = Client.objects.create(name="Benchmark")
    return [
        Shop.objects.create(
            client=client,
            name=f"Shop {number}",
            remote_id=str(number),
            region="MY",
            currency=CURRENCIES[number % len(CURRENCIES)],
            time_zone="UTC",
        )
        for number in range(SHOPS)
    ]


def make_rates() -> None:
    ExchangeRate.objects.bulk_create(
        ExchangeRate(
            on=END - timedelta(days=back),
            currency=currency,
            per_euro=Decimal(number + 1) + Decimal(back % 40) / 100,
            source=ExchangeRate.Source.ECB,
        )
        for back in range(DAYS + 10)
        for number, currency in enumerate(CURRENCIES)
        if currency != "EUR"
    )


def make_orders(wanted: int, shops: list[Shop]) -> None:
    """By copying one order and its line in SQL, with other values here and there."""
    first = shops[0].pk
    order = Order.objects.create(
        shop=shops[0],
        remote_id="0",
        status="completed",
        currency="USD",
        placed_at=datetime(2020, 1, 1, tzinfo=UTC),
        lines_source="api",
        is_stock_due=False,
    )
    line = OrderLine.objects.create(
        order=order,
        key="0",
        position=1,
        quantity=1,
        **dict.fromkeys(
            (
                "unit_price",
                "original_amount",
                "platform_discount_amount",
                "seller_discount_amount",
                "amount",
            ),
            Decimal(0),
        ),
    )
    at = AT[connection.vendor].format(seconds=DAYS * 86_400)
    shop = f"{first} + i %% {SHOPS}"
    currency = " ".join(f"WHEN {n} THEN '{c}'" for n, c in enumerate(CURRENCIES))
    copy(
        Order,
        order.pk,
        wanted,
        {
            "id": f"{order.pk} + i",
            "shop_id": shop,
            "remote_id": "CAST(580000000000000000 + i AS varchar(32))",
            "status": "CASE WHEN i %% 20 = 0 THEN 'cancelled' ELSE 'completed' END",
            "currency": f"CASE (i %% {SHOPS}) %% {len(CURRENCIES)} {currency} END",
            "placed_at": at,
            "paid_at": at,
            "modified_at": at,
        },
    )
    amount = "(100 + (i %% 20000) * 7919 %% 20000) / 100.0"
    for number in (0, 1):
        copy(
            OrderLine,
            line.pk,
            wanted,
            {
                "id": f"{line.pk} + {number * wanted} + i",
                "order_id": f"{order.pk} + i",
                "key": f"'{number}'",
                "remote_sku_id": f"CAST((i + {number}) %% {ITEMS} AS varchar(32))",
                "amount": amount,
                "platform_discount_amount": "(i %% 3) * 0.5",
            },
        )
    line.delete()
    order.delete()


def copy(model: Any, pk: int, wanted: int, other: dict[str, str]) -> None:
    columns = [field.column for field in model._meta.concrete_fields]
    values = [other.get(name, f't."{name}"') for name in columns]
    names = ", ".join(f'"{name}"' for name in columns)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} "  # noqa: S608
            f"FROM ({NUMBERS[connection.vendor]}) numbers, {table} t WHERE t.id = {pk}",
            {"orders": wanted},
        )


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def median(work: Callable[[], object]) -> float:
    """Milliseconds."""
    return 1000 * statistics.median(timed(work) for _ in range(TIMES))


if __name__ == "__main__":
    state = setup_databases(verbosity=0, interactive=False)
    try:
        main()
    finally:
        teardown_databases(state, verbosity=0)
