"""What must agree in the end, each look a list of what differs."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce

from apps.backoffice.models import SalesDay
from apps.backoffice.services.analytics.verifying import differences
from apps.orders.models import Order, OrderLine
from apps.platforms.models import ApiCall, Shop
from apps.sync.models import StockPush
from apps.webhooks.models import WebhookEvent
from benchmarks.chaos.desk import Desk
from benchmarks.chaos.pieces import orders_of

Found = list[str]
State = WebhookEvent.State
FOREVER = (date(2000, 1, 1), date(2100, 1, 1))
# The first pull goes back 90 days.
PULLED_SECONDS = 80 * 86_400
_SHORTEST_SECRET = 8


def orders(desk: Desk) -> Found:
    """Every order in its last version, once, with all its pieces."""
    found: Found = []
    since = time.time() - PULLED_SECONDS
    for shop in Shop.objects.all():
        theirs = {str(row["id"]): row for row in orders_of(desk, shop)}
        ours = {order.remote_id: order for order in Order.objects.filter(shop=shop)}
        pieces: dict[str, dict[str, int]] = {}
        lines = OrderLine.objects.filter(order__shop=shop).order_by()
        for key, sku, units in lines.values_list(
            "order__remote_id", "remote_sku_id", "quantity"
        ):
            counts = pieces.setdefault(key, {})
            counts[sku] = counts.get(sku, 0) + units
        for key, told in theirs.items():
            if told["update_time"] < since:
                continue
            order = ours.get(key)
            at = order and order.remote_updated_at
            stored = (
                order.status_text if order else "",
                int(at.timestamp()) if at else 0,
                pieces.get(key, {}),
            )
            ordered = {sku: each[0] for sku, each in told["pieces"].items()}
            if stored != (told["status"], told["update_time"], ordered):
                found.append(f"order {key}: {stored}, theirs {told}")
        found += [f"order {key} is not theirs" for key in ours.keys() - theirs.keys()]
    return found


def deliveries(desk: Desk) -> Found:
    """Each is acted on, none is given up."""
    rows = WebhookEvent.objects.filter(state__in=(*WebhookEvent.OPEN, State.DEAD))
    return [f"delivery {row.pk}: {row.state} {row.error}" for row in rows[:50]]


@dataclass
class Postbox:
    """What the platform was told of its deliveries while it lasted: `accepted` are the
    IDs of those that were answered with 200, `milliseconds` how long these took."""

    desk: Desk
    accepted: set[str] = field(default_factory=set)
    _took: dict[tuple[int, int], int] = field(default_factory=dict)
    _is_over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._watch)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._is_over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._is_over.wait(3):
            self.look(limit=800)

    def look(self, limit: int = 5_000) -> None:
        rows = self.desk.control(f"webhooks/deliveries?limit={limit}")
        for row in rows:
            for number, attempt in enumerate(row["attempts"]):
                if attempt["status"] == 200:
                    self.accepted.add(row["notification_id"])
                    key = (row["number"], number)
                    self._took[key] = attempt["milliseconds"]

    def percentile(self, share: float) -> int:
        took = sorted(self._took.values())
        return took[min(len(took) - 1, int(len(took) * share))] if took else 0

    def lost(self, desk: Desk) -> Found:
        """Answered with 200, and not stored."""
        self.look()
        rows = WebhookEvent.objects.order_by()
        stored = set(rows.values_list("notification_id", flat=True))
        return [f"delivery {key} is lost" for key in sorted(self.accepted - stored)]


def shown_stock(desk: Desk) -> Found:
    """What each shop shows is what it is to show; a bundle of the platform's own shows
    nothing there."""
    found: Found = []
    pushes = StockPush.objects.filter(shop__stock_settings__is_pushed=True)
    for push in pushes.select_related("listing_sku"):
        told = desk.control(f"skus/{push.listing_sku.remote_id}/stock")
        shown = {row["warehouse_id"]: row["available"] for row in told["warehouses"]}
        differing = {k: v for k, v in push.wanted.items() if shown.get(k) != v}
        if differing and shown:
            found.append(f"{push.listing_sku}: is to show {differing}, shows {shown}")
    return found


def sums(desk: Desk) -> Found:
    """What is summed up is what the rows come to: by one plain GROUP BY of all that was
    ever paid, and day by day, column by column."""
    found: Found = []
    cents = Decimal("0.01")
    whole = SalesDay.objects.filter(split=SalesDay.Split.WHOLE).order_by()
    held = {
        (row["shop"], row["currency"]): row["gmv"].quantize(cents)
        for row in whole.values("shop", "currency").annotate(gmv=Sum("gmv"))
    }
    value = F("amount") + Coalesce("platform_discount_amount", Decimal(0))
    no_sale = Q(order__is_sample=True) | Q(order__is_replacement=True)
    lines = OrderLine.objects.filter(_PAID & ~no_sale).order_by()
    rows = {
        (row["order__shop"], row["order__currency"]): row["gmv"].quantize(cents)
        for row in lines.values("order__shop", "order__currency").annotate(
            gmv=Sum(value)
        )
    }
    for key in sorted({*held, *rows}):
        if held.get(key, 0) != rows.get(key, 0):
            found.append(f"sales of {key}: {held.get(key)}, rows {rows.get(key)}")
    for shop in Shop.objects.all():
        found += [f"{shop}: {each}" for each in differences(shop, *FOREVER)]
    return found


_PAID = (
    Q(order__paid_at__isnull=False)
    & ~Q(order__cancellation_stage=Order.Stage.BEFORE_PAYMENT)
    | Q(order__paid_at__isnull=True, order__is_cod=True)
    & Q(order__status__in=(Order.Status.DELIVERED, Order.Status.COMPLETED))
    | Q(order__paid_at__isnull=True)
    & ~Q(order__is_cod=True)
    & (
        Q(order__status=Order.Status.CANCELLED)
        & ~Q(order__cancellation_stage__in=("", Order.Stage.BEFORE_PAYMENT))
        | ~Q(
            order__status__in=(
                Order.Status.CANCELLED,
                Order.Status.UNPAID,
                Order.Status.NOT_UNDERSTOOD,
            )
        )
    )
)


def secrets(desk: Desk, ours: Iterable[str]) -> Found:
    """In a file of the log, the log of calls, or what is kept of deliveries."""
    told = {*ours, settings.SECRET_KEY, *settings.FERNET_KEYS}
    told |= {each["app_secret"] for each in desk.control("apps")}
    for grant in desk.control("tokens"):
        told |= {str(v) for name, v in grant.items() if "token" in name}
    wanted = [each for each in told if len(each) >= _SHORTEST_SECRET]
    found: Found = []
    logs = [*desk.folder.glob("log/*.log"), desk.folder / "up.log"]
    for path in logs:
        if path.name != "simulator.log":  # it is the other side
            text = path.read_text(errors="replace")
            found += _told(path.name, text, wanted)
    for call in ApiCall.objects.iterator(chunk_size=500):
        text = f"{call.path} {call.message} {call.request} {call.response}"
        found += _told(f"call {call.pk}", text, wanted)
    for event in WebhookEvent.objects.only("headers", "error").iterator():
        found += _told(f"delivery {event.pk}", f"{event.headers} {event.error}", wanted)
    return found


def _told(where: str, text: str, wanted: Sequence[str]) -> Found:
    return [f"{where} tells a secret" for secret in wanted if secret in text]


Look = Callable[[Desk], Found]
