"""The one simulator of this process: everything it knows, behind one lock."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from apps.simulator.clock import Clock
from apps.simulator.faults import Faults
from apps.simulator.journal import Journal
from apps.simulator.sender import Sender
from apps.simulator.tiktok.apps import Apps, seeded_apps
from apps.simulator.tiktok.grants import Grants
from apps.simulator.tiktok.limits import Limits
from apps.simulator.tiktok.subscriptions import Subscriptions
from apps.simulator.world.affiliate.creators import grow_creators
from apps.simulator.world.affiliate.deals import Creators
from apps.simulator.world.aftersales.desk import Aftersales
from apps.simulator.world.aftersales.requests import Request
from apps.simulator.world.aftersales.stages import CANCEL_OFF
from apps.simulator.world.brands import Brands
from apps.simulator.world.checkout import Checkout
from apps.simulator.world.index import Change
from apps.simulator.world.lifecycle import BY_NAME, Event
from apps.simulator.world.listing_news import News
from apps.simulator.world.listings import Listing
from apps.simulator.world.media import Media
from apps.simulator.world.money.books import Books
from apps.simulator.world.money.meddling import Meddling
from apps.simulator.world.obstacles import Obstacles
from apps.simulator.world.orders import Order
from apps.simulator.world.registry import Registry
from apps.simulator.world.sellers import Shop, shop_cipher
from apps.simulator.world.shelves import Shelves
from apps.simulator.world.stock import Stock
from apps.simulator.world.world import World, first_day_for

_LOG_LENGTH = 2_000
_MEMORY_OF_CHANGES = 100_000
_OF_LISTINGS = ("listing", "stock")  # what such events change must be there first


@dataclass
class Switches:
    """Behaviour the platform does not document, or that a demonstration must bend."""

    old_access_token_dies: bool = True  # when a refresh replaces it
    loopback_webhooks: bool = False  # allow http, IP addresses and ports
    timestamps_in_real_time: bool = True  # also, when the clock here is another
    refuses_zero_stock: bool = False  # as documented; connectors send 0 all the same
    tells_stock: bool = False  # webhook 71, which not every app knows
    short_cancelled: bool = False  # …REQUEST_CANCEL, not CANCELLED, in what we say


@dataclass
class Simulator:
    seed: int
    size: int
    redirect_url: str
    journal: Journal
    allows_loopback: bool = False
    clock: Clock = field(default_factory=Clock)
    lock: RLock = field(default_factory=RLock)
    requests: deque[dict[str, Any]] = field(
        default_factory=lambda: deque(maxlen=_LOG_LENGTH)
    )

    def __post_init__(self) -> None:
        self.sender = Sender()
        self._begin()

    def _begin(self) -> None:
        self.apps = Apps(seeded_apps(self.seed, self.redirect_url))
        self.grants = Grants()
        self.subscriptions = Subscriptions()
        self.faults = Faults()
        self.limits = Limits()
        self.switches = Switches(loopback_webhooks=self.allows_loopback)
        self.media = Media()
        self.brands = Brands()
        self.registry = Registry()
        self.obstacles = Obstacles()
        self.meddling = Meddling()
        self.changes: deque[Change] = deque(maxlen=_MEMORY_OF_CHANGES)
        self.news: deque[tuple[str, News]] = deque(maxlen=_MEMORY_OF_CHANGES)  # + shop
        events = list(self.journal.read())
        order_events = [e for e in events if e["event"].startswith("order_")]
        listing_events = [e for e in events if e["event"].startswith(_OF_LISTINGS)]
        request_events = [e for e in events if e["event"].startswith("request_")]
        first_day = next((e["day"] for e in events if e["event"] == "opened"), None)
        for event in events:
            if not event["event"].startswith(("order_", "request_", *_OF_LISTINGS)):
                self.apply(event)
        if first_day is None:
            first_day = first_day_for(self.clock.now())
            self.journal.append({"event": "opened", "day": first_day})
        self.creators = Creators(grow_creators(self.seed))
        self.world = World(self.seed, self.size, first_day)
        self.world.advance(self.clock.seconds())
        for event in order_events:
            self.apply(event)
        if order_events:
            self.world.refresh()
        self.shelves = Shelves(self.world)
        self.stock = Stock(self.world, self.shelves, self.record, self._tell_stock)
        for event in listing_events:
            self.apply(event)
        self.checkout = Checkout(self.stock, self.record)
        self.world.sell_from(self.checkout)
        self.aftersales = Aftersales(self.world, self.record, self.spell)
        for event in request_events:
            self.apply(event)
        self.aftersales.advance(self.world.now, ())
        self.books = Books(self.world, self.aftersales, self.creators, self.meddling)
        self.books.advance(())

    def reset(self) -> None:
        """Forget everything but the seed; the clock shows real time again."""
        with self.lock:
            self.journal.clear()
            self.clock.restore(0.0, None)
            self.requests.clear()
            self.sender.reset()
            self._begin()

    def record(self, event: dict[str, Any]) -> Any:
        """Let it happen, and remember it beyond a restart."""
        with self.lock:
            result = self.apply(event)
            self.journal.append(event)
            return result

    def apply(self, event: dict[str, Any]) -> Any:
        match event["event"]:
            case "opened":
                return None
            case "clock":
                return self.clock.restore(event["offset"], event["frozen_at"])
            case "app_changed":
                return self.apps.apply(event)
            case "webhook_set" | "webhook_deleted":
                return self.subscriptions.apply(event)
            case "image_uploaded" | "file_uploaded":
                return self.media.apply(event)
            case "brand_made":
                return self.brands.apply(event)
            case "party_saved":
                return self.registry.apply(event)
            case "obstacle_set":
                return self.obstacles.apply(event)
            case "order_placed":
                return self._place(event)
            case "order_told":
                return self._tell(event)
            case "order_foreseen":
                return self._foresee(event)
            case "request_kept" | "request_sent" | "request_answered":
                return self.aftersales.apply(event)
            case "order_credited":
                return self._credit(event)
            case "money_adjusted" | "money_spoiled" | "money_failing" | "money_late":
                return self.meddling.apply(event)
            case "order_dropped":
                return self.world.indexes[event["shop_id"]].drop(event["order_id"])
            case "stock_moved":
                return self.stock.apply(event)
            case "stock_reserved":
                return self.stock.reserved.apply(event)
            case "listing_kept" | "listings_grown" | "listings_churned":
                return self.shelves.apply(event)
            case _:
                return self.grants.apply(event)

    def _place(self, event: dict[str, Any]) -> Any:
        return self.world.place(
            self.world.shops[event["shop_id"]],
            BY_NAME[event["kind"]],
            created=event["created"],
            seed=event["seed"],
            past=[(Event(name), moment) for name, moment in event["past"]],
            then=[(Event(name), moment) for name, moment in event.get("then", ())],
            notes=event["notes"],
            follows_story=event["follows_story"],
        )

    def _tell(self, event: dict[str, Any]) -> Any:
        """`order_told`: order_id, what, at, notes; `then`, if it goes on: [[what, at],
        …]."""
        then = [(Event(name), moment) for name, moment in event.get("then", ())]
        what = Event(event["what"])
        return self.world.tell(
            event["order_id"], what, event["at"], event["notes"], then
        )

    def tell(
        self,
        order: Order,
        what: Event,
        notes: dict[str, Any] | None = None,
        *,
        then: Iterable[tuple[Event, int]] = (),
    ) -> None:
        """Let something happen to an order now, and `then` afterwards, instead of the
        rest of its story; it has happened when this returns. The order tells what
        would have come: `order.to_come()`."""
        event = {"event": "order_told", "order_id": order.id, "what": what.value}
        event |= {"at": self.world.now, "notes": notes or {}}
        if later := [[one.value, moment] for one, moment in then]:
            event["then"] = later
        self.record(event)
        self.tick()

    def _foresee(self, event: dict[str, Any]) -> None:
        """`order_foreseen`: order_id, at, then ([[what, at], …]), notes."""
        then = [(Event(name), moment) for name, moment in event["then"]]
        self.world.foresee(event["order_id"], then, event["at"], event["notes"])

    def _credit(self, event: dict[str, Any]) -> None:
        """`order_credited`: order_id and the creator_id of who brought it."""
        for index in self.world.indexes.values():
            if order := index.orders.get(event["order_id"]):
                order.notes = {**(order.notes or {}), "creator": event["creator_id"]}
                index.version += 1

    def spell(self, status: str) -> str:
        """A status as we write it: a cancellation's end has two spellings."""
        is_short = status != CANCEL_OFF or self.switches.short_cancelled
        return status if is_short else "CANCELLATION_REQUEST_CANCELLED"

    def settle(self, order: Order, *changed: Request) -> None:
        """Requests of an order are as they are now; what follows has happened when this
        returns, also another order that is sent instead."""
        self.aftersales.keep(order, *changed)
        self.tick()
        self.tick()

    def keep(self, shop: Shop, listing: Listing, news: Iterable[News] = ()) -> None:
        """A listing has changed: sort it in, remember it, tell who has asked."""
        self.shelves.put(shop, listing)
        if self.journal.path is not None:
            state = listing.as_json()
            self.journal.append(
                {"event": "listing_kept", "shop_id": shop.id, "listing": state}
            )
        self.news.extend((shop.id, one) for one in news)

    def _tell_stock(self, shop_id: str, news: Callable[[], News]) -> None:
        if self.switches.tells_stock:
            self.news.append((shop_id, news()))

    def shop_by_cipher(self, app_key: str, cipher: str) -> Shop | None:
        """The shop this app knows under that cipher."""
        return next(
            (
                shop
                for shop in self.world.shops.values()
                if cipher and cipher == shop_cipher(self.seed, app_key, shop)
            ),
            None,
        )

    def tick(self) -> None:
        """Bring the world up to the clock; the sender picks the changes up."""
        with self.lock:
            now = self.clock.seconds()
            changes = self.world.advance(now)
            self.changes.extend(changes)
            self.news.extend(self.aftersales.advance(now, changes))
            self.books.advance(changes)
            for shop, listing, news in self.shelves.advance(now):
                self.keep(shop, listing, news)
