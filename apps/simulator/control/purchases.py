"""Control: place an order."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from apps.simulator.control.fields import ControlError, Fields, Json
from apps.simulator.control.orders import known_order, show_order
from apps.simulator.control.platform import known_shop
from apps.simulator.state import Simulator
from apps.simulator.world.carriers import option_of
from apps.simulator.world.checkout import Shortage
from apps.simulator.world.futures import Future, unless_shipped
from apps.simulator.world.lifecycle import BY_NAME, STATUSES, Kind
from apps.simulator.world.orders import Order
from apps.simulator.world.routes import first_events
from apps.simulator.world.sellers import Shop

_SHIPPING_TYPES = ("", "TIKTOK", "SELLER")
_UNSHIPPED = ("UNPAID", "ON_HOLD", "AWAITING_SHIPMENT")
_MOST_ROLLS = 20_000


@dataclass(frozen=True, slots=True)
class Purchase:
    """What somebody is about to buy."""

    shop: Shop
    lines: list[list[object]]
    status: str = "AWAITING_SHIPMENT"
    kind: str = "normal"
    buyer_message: str = ""
    warehouse_id: str = ""  # empty: any
    shipping_type: str = ""  # empty: any
    is_fulfilled_by_platform: bool | None = None  # None: as it happens
    shared: Order | None = None  # with whose buyer, address and way of sending
    oversells: bool = False
    follows_story: bool = False
    waits_for_seller: bool = False


def place_order(simulator: Simulator, fields: Fields) -> Json:
    """Place an order now: shop_id; sku_id + quantity or lines [[sku_id, quantity]];
    status (default AWAITING_SHIPMENT); kind (default normal); buyer_message;
    warehouse_id it is sent from, shipping_type TIKTOK or SELLER, and
    fulfilled_by_platform (default: any); same_buyer_as another order, so that both can
    be combined. It stays put, unless follows_story true lets it live on by itself, or
    waits_for_seller true: then it is paid, released and, if nobody ships it, cancelled
    in the end. 409 when there is too little stock; force true sells all the same."""
    shop = known_shop(simulator, fields.need("shop_id", str))
    purchase = Purchase(
        shop=shop,
        lines=_lines(shop, fields),
        status=fields.choice("status", STATUSES, "AWAITING_SHIPMENT"),
        kind=fields.choice("kind", tuple(BY_NAME), "normal"),
        buyer_message=fields.take("buyer_message", str, ""),
        warehouse_id=fields.choice("warehouse_id", ("", *shop.warehouses), ""),
        shipping_type=fields.choice("shipping_type", _SHIPPING_TYPES, ""),
        is_fulfilled_by_platform=fields.flag("fulfilled_by_platform")
        if fields.has("fulfilled_by_platform")
        else None,
        shared=_shared(simulator, shop, fields.take("same_buyer_as", str, "")),
        oversells=fields.flag("force"),
        follows_story=fields.flag("follows_story"),
        waits_for_seller=fields.flag("waits_for_seller"),
    )
    fields.done()
    if purchase.waits_for_seller and purchase.status not in _UNSHIPPED:
        raise ControlError("An order that waits for the seller is not shipped yet.")
    order = buy(simulator, purchase)
    return show_order(simulator, Fields({}), str(order.id))


def _shared(simulator: Simulator, shop: Shop, order_id: str) -> Order | None:
    if not order_id:
        return None
    order = known_order(simulator, order_id)
    if order.shop is not shop:
        raise ControlError("That order is another shop's.", http=409)
    return order


def _lines(shop: Shop, fields: Fields) -> list[list[object]]:
    lines = fields.take("lines", list, [])
    sku_id = fields.take("sku_id", str, next(iter(shop.catalogue.skus)))
    quantity = fields.take("quantity", int, 1)
    return checked_lines(shop, lines or [[sku_id, quantity]])


def checked_lines(shop: Shop, lines: list[list[object]]) -> list[list[object]]:
    for line in lines:
        match line:
            case [str() as sku_id, int() as quantity] if 1 <= quantity <= 100:
                if sku_id not in shop.catalogue.skus:
                    raise ControlError(f"This shop has no SKU {sku_id}.", http=404)
            case _:
                raise ControlError("'lines' must be [[sku_id, quantity 1..100], …].")
    return lines


class SoldOut(ControlError):
    def __init__(self, shortages: Iterable[Shortage]) -> None:
        what = "; ".join(map(str, shortages))
        hint = "Send force true to sell all the same."
        super().__init__(f"Sold out: {what}. {hint}", http=409)


def buy(simulator: Simulator, purchase: Purchase) -> Order:
    """Place the order, if there is enough; raises SoldOut."""
    shop, kind, now = purchase.shop, BY_NAME[purchase.kind], simulator.world.now
    wanted = Order(shop, 0, now, kind, _seed(purchase))
    wanted.notes = _notes(purchase)
    shortages = simulator.checkout.shortages(wanted)
    if shortages and not purchase.oversells:
        raise SoldOut(shortages)
    past = [(event, now) for event in first_events(kind, purchase.status)]
    future: Future = []
    if purchase.waits_for_seller:
        future, why = unless_shipped(past, now, _release(kind, wanted))
        wanted.notes |= why
    order: Order = simulator.record(
        {
            "event": "order_placed",
            "shop_id": shop.id,
            "kind": kind.name,
            "created": now,
            "seed": wanted.seed,
            "past": [[event.value, moment] for event, moment in past],
            "then": [[event.value, moment] for event, moment in future],
            "notes": wanted.notes,
            "follows_story": purchase.follows_story,
        }
    )
    simulator.tick()
    return order


def _release(kind: Kind, order: Order) -> int:
    return order.release_date if kind.is_pre_order else 0


def _notes(purchase: Purchase) -> Json:
    notes: Json = {"lines": purchase.lines, "buyer_message": purchase.buyer_message}
    if purchase.oversells:
        notes["oversells"] = True
    if purchase.shared:
        notes["buyer_seed"] = purchase.shared.buyer_seed
    return notes


def _seed(purchase: Purchase) -> int:
    """A roll of the dice, repeated until it falls as wanted."""
    for _ in range(_MOST_ROLLS):
        seed = secrets.randbits(64)
        order = Order(purchase.shop, 0, 0, BY_NAME["normal"], seed)
        if _is_as_wanted(order, purchase):
            return seed
    raise ControlError("This shop never has such orders.", http=409)


def _is_as_wanted(order: Order, purchase: Purchase) -> bool:
    other, by_platform = purchase.shared, purchase.is_fulfilled_by_platform
    if other is not None and not (
        order.warehouse_id == other.warehouse_id
        and order.is_fulfilled_by_platform == other.is_fulfilled_by_platform
        and option_of(order) == option_of(other)
    ):
        return False
    if by_platform is None and purchase.shipping_type:
        by_platform = False
    return (
        purchase.warehouse_id in ("", order.warehouse_id)
        and purchase.shipping_type in ("", order.shipping_type)
        and by_platform in (None, order.is_fulfilled_by_platform)
    )
