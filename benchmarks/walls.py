"""What walls cost: lists as a member sees them beside the same rows picked by hand,
and a late page of the API beside the first. Both sides read the user anew, as each
request does; what visible_to adds is the reading of roles.

50 clients with 4 shops each; the member works for one of them, with another role at
one of its shops. Medians of requests made in turns, and their ratios. Uses
DATABASE_URL, else an SQLite file.

    .venv/bin/python benchmarks/walls.py [orders]
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

import django

django.setup()

from django.db import connection
from django.test import Client as Browser
from django.test.utils import setup_databases, teardown_databases
from django.utils import timezone

from apps.orders.models import Order
from apps.platforms.models import Shop, ShopRole
from apps.users.models import Client, Membership, User
from apps.users.roles import Role

CLIENTS, SHOPS, PAGE, DEEP = 50, 4, 50, 100
ROUNDS = 30


def main() -> None:
    orders = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        if connection.vendor == "sqlite":
            connection.settings_dict["TEST"]["NAME"] = f"{folder}/bench.sqlite3"
        databases = setup_databases(verbosity=0, interactive=False)
        try:
            compare(fill(orders), orders)
        finally:
            teardown_databases(databases, verbosity=0)


def fill(orders: int) -> User:
    """The member; orders are spread evenly, each a minute older than the one before."""
    member = User.objects.create_user("member", is_staff=True)
    shops = []
    for number in range(CLIENTS):
        client = Client.objects.create(name=f"Client {number}")
        for place in range(SHOPS):
            shop = Shop(client=client, name=f"Shop {number}-{place}", region="MY")
            shop.remote_id, shop.currency = f"{number}{place:03}", "MYR"
            shop.time_zone = "UTC"
            shop.save()
            shops.append(shop)
    seat = Membership.objects.create(
        user=member, client=shops[0].client, role=Role.ANALYST
    )
    ShopRole.objects.create(membership=seat, shop=shops[1], role=Role.ORDER_FULFILLMENT)
    now = timezone.now()
    Order.objects.bulk_create(
        (
            Order(
                shop=shops[number % len(shops)],
                remote_id=str(number),
                status=Order.Status.COMPLETED,
                currency="MYR",
                placed_at=now - timedelta(minutes=number),
            )
            for number in range(orders)
        ),
        batch_size=1_000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return member


def compare(member: User, orders: int) -> None:
    own = Shop.objects.visible_to(member).values_list("pk", flat=True)
    orders_by_hand = Order.objects.filter(shop__in=list(own))
    newest = ("-placed_at", "-pk")
    print(f"{connection.vendor}, {orders:,} orders, {CLIENTS} clients, medians")
    print(f"{'':34} {'ms':>8} {'ms':>8} {'ratio':>7}")
    show(
        "a page: shops by hand / visible_to",
        lambda: (_anew(member), list(orders_by_hand.order_by(*newest)[:PAGE])),
        lambda: list(Order.objects.visible_to(_anew(member)).order_by(*newest)[:PAGE]),
    )
    show(
        "a count: shops by hand / visible_to",
        lambda: (_anew(member), orders_by_hand.count()),
        lambda: Order.objects.visible_to(_anew(member)).count(),
    )
    root = User.objects.create_superuser("root")
    first = "/api/v1/orders/"
    deep = _page(root, first, DEEP)
    show(
        f"the API: page 1 / page {DEEP}",
        _asking(root, first),
        _asking(root, deep),
    )


def _anew(user: User) -> User:
    """As each request has it: nothing known of their roles yet."""
    return User.objects.get(pk=user.pk)


def _asking(user: User, address: str) -> Callable[[], Any]:
    browser = Browser()
    browser.force_login(user, backend="apps.users.backends.PasswordBackend")
    return lambda: browser.get(address)


def _page(user: User, address: str, number: int) -> str:
    """The address of a late page, by following `next`."""
    for _ in range(number - 1):
        address = _asking(user, address)().json()["next"]
    return address


def show(name: str, one: Callable[[], Any], other: Callable[[], Any]) -> None:
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(ROUNDS + 3):
        for which in (0, 1) if number % 2 else (1, 0):
            started = time.perf_counter()
            (one, other)[which]()
            if number >= 3:
                times[which].append(time.perf_counter() - started)
    first, second = (statistics.median(each) * 1e3 for each in times)
    print(f"{name:34} {first:8.2f} {second:8.2f} {second / first:7.2f}")


if __name__ == "__main__":
    main()
