"""Buyers, breakages, and the audit after both."""

import os
import random
import shutil
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.core.management import call_command
from django.db import close_old_connections
from django.db.models import Sum
from django.db.utils import Error as DatabaseTrouble

from apps.inventory.models import Booking
from apps.orders.models import Order, OrderLine
from apps.platforms.models import Shop
from apps.products.models import BundleComponent
from apps.sync.models import Resource, StockPush, SyncSchedule
from apps.webhooks.models import WebhookEvent
from benchmarks.chaos.desk import Desk

BUYERS = 4
BREATH_SECONDS = 0.1  # of a buyer between two orders
PAUSE_SECONDS = (2.0, 4.0)
PATIENCE_SECONDS = 300.0
FAULTS = (
    {"kind": "status", "status": 500, "probability": 0.1},
    {"kind": "rate_limit", "probability": 0.1},
    {"kind": "drop", "probability": 0.02},
    {"kind": "cut", "probability": 0.02},
    {"kind": "delay", "seconds": 2.0, "probability": 0.05},
)
TROUBLE = {"lose": 20, "duplicate": 30, "bad_signature": 10, "reorder": 15}
PEACE = {"lose": 0, "duplicate": 0, "bad_signature": 0, "reorder": 0}
WAITING = ("UNPAID", "ON_HOLD", "AWAITING_SHIPMENT", "AWAITING_COLLECTION")
Found = list[str]


@dataclass
class Trial:
    desk: Desk
    orders: int
    chance: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311
    done: Counter[str] = field(default_factory=Counter)
    is_over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> int:
        self._prepare()
        breaker = threading.Thread(target=self._break_things)
        buyers = [
            threading.Thread(target=self._buy, args=(self.orders // BUYERS, number))
            for number in range(BUYERS)
        ]
        began = time.monotonic()
        for thread in (breaker, *buyers):
            thread.start()
        for thread in buyers:
            thread.join()
        self.is_over.set()
        breaker.join()
        print(f"Under fire for {time.monotonic() - began:.0f} s: {dict(self.done)}")
        return self._audit()

    def _prepare(self) -> None:
        """News each minute, so that what deliveries lost is here while one waits."""
        for shop in Shop.objects.all():
            SyncSchedule.objects.update_or_create(
                shop=shop, resource=Resource.ORDERS, defaults={"minutes": 1}
            )
        self.shops = list(Shop.objects.connected().values_list("remote_id", flat=True))
        # Orders are sent from where their goods lie; bundles lie nowhere.
        self.goods = {shop: list(self._goods(shop)) for shop in self.shops}
        self.desk.control("webhooks/trouble", {"retry_scale": 0.02})
        for fault in FAULTS:
            self.desk.control("faults", fault)

    def _goods(self, shop: str) -> Iterator[tuple[str, str]]:
        for row in self.desk.control(f"shops/{shop}/skus"):
            stock = self.desk.control(f"skus/{row['id']}/stock") or {}
            for place in stock.get("warehouses", ()):
                yield row["id"], place["warehouse_id"]

    def _buy(self, count: int, number: int) -> None:
        chance = random.Random(number)  # noqa: S311
        for _ in range(count):
            shop = chance.choice(self.shops)
            sku, place = chance.choice(self.goods[shop])
            time.sleep(BREATH_SECONDS)
            fields = {
                "shop_id": shop,
                "sku_id": sku,
                "warehouse_id": place,
                "fulfilled_by_platform": False,
                "force": True,
            }
            order = self.desk.control("orders", fields)
            if order is None:
                self.done["not bought"] += 1
                continue
            self.done["bought"] += 1
            what = chance.random()
            if what < 0.15:
                self.desk.control(f"orders/{order['id']}/cancel", {})
                self.done["cancelled"] += 1
            elif what < 0.3:
                sent = {"status": "IN_TRANSIT", "force": True}
                self.desk.control(f"orders/{order['id']}/move", sent)
                self.done["sent"] += 1

    def _break_things(self) -> None:
        while not self.is_over.wait(self.chance.uniform(*PAUSE_SECONDS)):
            self.desk.control("webhooks/trouble", TROUBLE)
            what = self.chance.choice(
                ["worker", "worker", "celery", "celery", "web", "broker", "database"]
            )
            if self._break(what):
                self.done[f"{what} killed"] += 1

    def _break(self, what: str) -> bool:
        if what == "database":
            command = os.environ.get("RESTART")
            if command:
                subprocess.run(command, shell=True, check=False)  # noqa: S602
            return bool(command)
        if what == "broker":
            killed = self.desk.kill("valkey-server") or self.desk.kill("redis-server")
            for path in self.desk.folder.glob("**/appendonlydir"):
                shutil.rmtree(path, ignore_errors=True)
            return killed
        words = {
            "worker": "celery -A config worker",
            "celery": "celery",
            "web": "gunicorn",
        }
        if what == "web":
            web = set(self.desk.parts("gunicorn")) - self._of_simulator()
            return bool(web) and _killed(self.chance.choice(sorted(web)))
        return self.desk.kill(words[what])

    def _of_simulator(self) -> set[int]:
        port = self.desk.simulator.rpartition(":")[2]
        return set(self.desk.parts(f":{port}"))

    def _audit(self) -> int:
        self.desk.control("faults", method="DELETE")
        self.desk.control("webhooks/trouble", PEACE)
        self.desk.control("webhooks/release", {})
        began = time.monotonic()
        looks = (self._orders, self._events, self._stock, self._shops_stock)
        while found := [each for look in looks for each in _asked(look)]:
            print(f"{len(found)} differences", flush=True)
            if time.monotonic() - began > PATIENCE_SECONDS:
                break
            time.sleep(3)
        call_command("verify_stock")
        states = Counter(WebhookEvent.objects.values_list("state", flat=True))
        print(f"Deliveries: {dict(states)}")
        print(
            f"After {time.monotonic() - began:.0f} s of peace {len(found)} differences."
        )
        print(*found[:20], sep="\n")
        return 1 if found else 0

    def _orders(self) -> Found:
        """Every order, each in its last version, and once."""
        found = []
        for shop in Shop.objects.all():
            rows = self.desk.control(f"orders?shop_id={shop.remote_id}&limit=999999")
            theirs = {row["id"]: (row["status"], row["update_time"]) for row in rows}
            since = time.time() - 80 * 86_400  # the first pull goes back 90 days
            ours = {
                order.remote_id: (
                    order.status_text,
                    order.remote_updated_at
                    and int(order.remote_updated_at.timestamp()),
                )
                for order in Order.objects.filter(shop=shop)
            }
            for key, told in theirs.items():
                if told[1] >= since and ours.get(key) != told:
                    found.append(f"order {key}: {ours.get(key)}, theirs {told}")
            found += [
                f"order {key} is not theirs" for key in ours.keys() - theirs.keys()
            ]
        return found

    def _events(self) -> Found:
        rows = WebhookEvent.objects.filter(
            state__in=(*WebhookEvent.OPEN, WebhookEvent.State.DEAD)
        )
        return [f"delivery {row.pk}: {row.state} {row.error}" for row in rows[:50]]

    def _stock(self) -> Found:
        """What is reserved is what waits to be sent: of all that is matched and no
        bundle or part of one, in orders of which nothing or all has been sent."""
        parts = BundleComponent.objects.values("component")
        booked = Booking.objects.filter(cause_kind=Booking.Kind.ORDER)
        partly = Order.objects.filter(status_text="PARTIALLY_SHIPPING").values("pk")
        alone = booked.exclude(level__variant__in=parts).exclude(cause_id__in=partly)
        levels = alone.aggregate(reserved=Sum("reserved"))
        due = Order.objects.filter(is_stock_due=True).count()
        found = [f"{due} orders are not booked yet"] if due else []
        sold = OrderLine.objects.exclude(variant__in=parts)
        lines = sold.filter(
            order__status_text__in=WAITING,
            order__fulfilment="seller",
            variant__isnull=False,
            variant__components__isnull=True,
        ).aggregate(units=Sum("quantity"), off=Sum("cancelled_quantity"))
        waiting = (lines["units"] or 0) - (lines["off"] or 0)
        if waiting != (levels["reserved"] or 0):
            found.append(f"{levels['reserved']} reserved, {waiting} wait to be sent")
        return found

    def _shops_stock(self) -> Found:
        """What each shop shows is what it is to show; a bundle shows nothing there."""
        found = []
        pushes = StockPush.objects.filter(shop__stock_settings__is_pushed=True)
        for push in pushes.select_related("listing_sku"):
            told = self.desk.control(f"skus/{push.listing_sku.remote_id}/stock")
            shown = {
                row["warehouse_id"]: row["available"] for row in told["warehouses"]
            }
            differing = {k: v for k, v in push.wanted.items() if shown.get(k) != v}
            if differing and shown:
                found.append(
                    f"{push.listing_sku}: is to show {differing}, shows {shown}"
                )
        return found


def _second(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) if moment else None


def _asked(look: Callable[[], Found]) -> Found:
    try:
        return look()
    except DatabaseTrouble as error:
        close_old_connections()
        return [f"the database is away: {type(error).__name__}"]


def _killed(pid: int) -> bool:
    os.kill(pid, 9)
    return True
