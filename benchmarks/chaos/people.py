"""Who is at work meanwhile: buyers at the shops, and a clerk at ours."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import requests

from apps.platforms.models import Shop
from apps.products.models import Variant
from apps.users.models import User
from apps.users.services.tokens import make_token
from benchmarks.chaos.desk import Desk

BUYERS = 4
BREATH_SECONDS = 0.1  # of a buyer between two orders
BUNDLES = 0.1  # of all that is bought
CLERK_SECONDS = 1.0
PATIENCE_SECONDS = 120.0


class Buyers:
    """Buy, think better of it, and are sent things, whole or in parts. `bundle` is a
    SKU that is one of ours, or nothing."""

    def __init__(
        self, desk: Desk, orders: int, bundle: str, done: Counter[str]
    ) -> None:
        self._desk, self._done = desk, done
        rows = Shop.objects.connected()
        self.shops = list(rows.values_list("remote_id", flat=True))
        # Orders are sent from where their goods lie; a shop's bundles lie nowhere.
        self._goods = {shop: list(self._in_stock(shop)) for shop in self.shops}
        self._bundles = [
            (shop, *piece)
            for shop, pieces in self._goods.items()
            for piece in pieces
            if piece[0] == bundle
        ]
        self._threads = [
            threading.Thread(target=self._buy, args=(orders // BUYERS, number))
            for number in range(BUYERS)
        ]

    def run(self) -> None:
        for thread in self._threads:
            thread.start()
        for thread in self._threads:
            thread.join()

    def _in_stock(self, shop: str) -> Iterator[tuple[str, str]]:
        for row in self._desk.control(f"shops/{shop}/skus"):
            stock = self._desk.control(f"skus/{row['id']}/stock") or {}
            for place in stock.get("warehouses", ()):
                yield row["id"], place["warehouse_id"]

    def _buy(self, count: int, number: int) -> None:
        chance = random.Random(number)  # noqa: S311
        for _ in range(count):
            time.sleep(BREATH_SECONDS)
            what = chance.random()
            order = self._order(chance, is_split=what > 0.9)
            self._done["bought" if order else "not bought"] += 1
            if not order:
                continue
            if what < 0.15:
                self._desk.control(f"orders/{order}/cancel", {})
                self._done["cancelled"] += 1
            elif what < 0.3:
                self._move(order, "IN_TRANSIT")
                self._done["sent"] += 1
            elif what > 0.9:
                self._send_a_part(order)
                self._done["sent in part"] += 1

    def _order(self, chance: random.Random, *, is_split: bool) -> str:
        if self._bundles and chance.random() < BUNDLES:
            shop, sku, place = chance.choice(self._bundles)
            self._done["of bundles"] += 1
        else:
            shop = chance.choice(self.shops)
            sku, place = chance.choice(self._goods[shop])
        fields = {
            "shop_id": shop,
            "sku_id": sku,
            "quantity": 3 if is_split else 1,
            "kind": "split" if is_split else "normal",
            "warehouse_id": place,
            "fulfilled_by_platform": False,
            "force": True,
        }
        return str((self._desk.control("orders", fields) or {}).get("id", ""))

    def _move(self, order: str, status: str) -> None:
        self._desk.control(f"orders/{order}/move", {"status": status, "force": True})

    def _send_a_part(self, order: str) -> None:
        self._move(order, "PARTIALLY_SHIPPING")
        for package in self._desk.control(f"orders/{order}/packages")[:1]:
            self._desk.control(f"packages/{package['package_id']}/collect", {})


class Clerk:
    """Receives goods and holds some for other customers, through our API, and repeats
    what got no answer under the same key. `held` and `received` are {variant: units},
    as they should be in the end."""

    def __init__(self, desk: Desk, done: Counter[str]) -> None:
        self._desk, self._done = desk, done
        self.held: Counter[int] = Counter()
        self.received: Counter[int] = Counter()
        user = User.objects.get(username="demo")
        scopes = ("stock:read", "stock:write")
        _, self.token = make_token(user, "chaos", scopes, days=1)
        rows = Variant.objects.filter(stock_levels__is_counted=True, is_bundle=False)
        self._variants = list(rows.values_list("pk", "client_id").distinct())
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._is_over.set()
        self._thread.join()

    def _work(self) -> None:
        chance = random.Random(11)  # noqa: S311
        number = 0
        while self._variants and not self._is_over.wait(CLERK_SECONDS):
            number += 1
            variant, client = chance.choice(self._variants)
            units = chance.randint(1, 5)
            body = {
                "client": client,
                "key": f"chaos-{number}",
                "lines": [{"variant": variant, "quantity": units}],
            }
            if chance.random() < 0.5:
                if self._posted("stock-reservations", body):
                    self.held[variant] += units
                    self._done["held"] += 1
            elif self._posted("stock-documents", body | {"kind": "receipt"}):
                self.received[variant] += units
                self._done["received"] += 1

    def _posted(self, path: str, body: object) -> bool:
        """Whether it is booked, asked as often as it takes; False where it is refused:
        there is not enough to hold."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            with suppress(requests.RequestException):
                answer = requests.post(
                    f"{self._desk.url}/api/v1/{path}/",
                    json=body,
                    headers={"Authorization": f"Bearer {self.token}"},
                    timeout=40,
                )
                if answer.status_code in (200, 201):
                    return True
                if answer.status_code == 409:
                    return False
                if answer.status_code < 500 and answer.status_code != 429:
                    raise AssertionError(f"{path}: {answer.status_code} {answer.text}")
            time.sleep(1)
        raise AssertionError(f"{path}: no answer for {PATIENCE_SECONDS:.0f} s")
