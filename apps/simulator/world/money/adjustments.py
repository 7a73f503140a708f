"""What the platform books beside the orders: by the day's dice, or because of what
became of an order. A pure function of the day, once it is over."""

from collections.abc import Callable, Iterator

from apps.simulator.world.aftersales.money import basket_of
from apps.simulator.world.basket import Unit
from apps.simulator.world.lifecycle import DAY
from apps.simulator.world.money.calendar import Calendar
from apps.simulator.world.money.meddling import Made
from apps.simulator.world.money.transactions import RESERVE, Transaction
from apps.simulator.world.orders import Order
from apps.simulator.world.rolls import digits, roll
from apps.simulator.world.sellers import Shop

_AFTER_A_LOSS, _AFTER_SETTLING = 3, 4  # days
_HELD_DAYS = 14
_HELD_SHARE = 10  # one in so many of a reserve's order
_ADS_ONE_DAY_IN = 5
# (type, one day in so many, least and most dollars' worth; taken or given)
_BY_THE_DAY = (
    ("PLATFORM_PENALTY", 45, -20, -5),
    ("SELLER_MISSION_REWARD", 40, 5, 15),
    ("PLATFORM_COMMISSION_ADJUSTMENT", 35, 1, 6),
)
Settled = Callable[[Order, int], int]  # what an order has brought by a moment


def adjustments_on(
    shop: Shop, day: int, calendar: Calendar, settled: Settled
) -> Iterator[Transaction]:
    for number, (type_, one_in, least, most) in enumerate(_BY_THE_DAY):
        dice = roll("adjustment", shop.id, day, number)
        if dice % one_in == 0:
            span = (most - least) * shop.region.unit
            amount = least * shop.region.unit + (dice >> 20) % span
            moment = day * DAY + (dice >> 8) % DAY
            yield _adjustment(shop, type_, moment, amount)
    yield from _ads(shop, day, calendar, settled)
    for order in calendar.lost_on(shop.id, day - _AFTER_A_LOSS):
        if order.shipping_type == "TIKTOK" and order.kind.name == "lost":
            worth = sum(u.list_price - u.seller_discount for u in _units(order))
            yield _about(order, "LOGISTICS_REIMBURSEMENT", day, worth)
    for order in calendar.settling_on(shop.id, day - _AFTER_SETTLING):
        yield from _afterwards(order, day, settled)


def _ads(
    shop: Shop, day: int, calendar: Calendar, settled: Settled
) -> Iterator[Transaction]:
    """Advertising is paid out of what sales bring: 5 to 20 % of a day's."""
    dice = roll("ads", shop.id, day)
    if dice % _ADS_ONE_DAY_IN == 0:
        orders = calendar.settling_on(shop.id, day)
        brought = sum(settled(order, (day + 1) * DAY) for order in orders)
        amount = max(0, brought) * (5 + (dice >> 20) % 16) // 100
        if amount:
            moment = day * DAY + (dice >> 8) % DAY
            yield _adjustment(shop, "GMV_PAYMENT_FOR_ADS", moment, -amount)


def _afterwards(order: Order, day: int, settled: Settled) -> Iterator[Transaction]:
    dice = roll("afterwards", order.id)
    if order.kind.is_sample and order.shipping_type == "TIKTOK":
        fee = 3 * order.shop.region.step
        yield _about(order, "SAMPLE_SHIPPING_FEE", day, -fee)
    elif dice % 200 == 0 and settled(order, day * DAY) > 0:
        paid = sum(unit.sale_price for unit in _units(order))
        yield _about(order, "CHARGE_BACK", day, -paid)
    elif dice % 50 == 1 and order.shipping_type == "TIKTOK":
        step = order.shop.region.step
        amount = step // 2 if dice >> 20 & 1 else -step
        yield _about(order, "SHIPPING_FEE_ADJUSTMENT", day, amount)


def _units(order: Order) -> list[Unit]:
    return [
        unit
        for number, unit in enumerate(basket_of(order).units)
        if not order.cancelled_unit(number)
    ]


def _adjustment(
    shop: Shop, type_: str, moment: int, amount: int, order_id: str = ""
) -> Transaction:
    id = digits("7391", 19, "adjustment", shop.id, type_, moment, order_id)
    return Transaction(id, type_, moment, order_id, adjustment=amount)


def _about(order: Order, type_: str, day: int, amount: int) -> Transaction:
    moment = day * DAY + order.seed % DAY
    return _adjustment(order.shop, type_, moment, amount, str(order.id))


def made_by_hand(shop: Shop, made: Made) -> Transaction:
    id = digits("7392", 19, "made", shop.id, made.number)
    return Transaction(id, made.type, made.at, made.order_id, adjustment=made.amount)


def reserves_on(
    shop: Shop, day: int, calendar: Calendar, settled: Settled
) -> Iterator[Transaction]:
    """Some of an order's money is held back as it settles, and given back later. Where
    sellers have a wallet, nothing is."""
    for order in calendar.settling_on(shop.id, day):
        if amount := _held(order, day, settled):
            yield _reserve(order, day, -amount)
    for order in calendar.settling_on(shop.id, day - _HELD_DAYS):
        if amount := _held(order, day - _HELD_DAYS, settled):
            yield _reserve(order, day, amount)


def _held(order: Order, settled_on: int, settled: Settled) -> int:
    if roll("reserve", order.id) % 25:
        return 0
    return max(0, settled(order, (settled_on + 1) * DAY)) // _HELD_SHARE


def _reserve(order: Order, day: int, amount: int) -> Transaction:
    reserve_id = digits("7393", 19, "reserve", order.id)
    side = "given" if amount > 0 else "held"
    return Transaction(
        digits("7394", 19, reserve_id, side), RESERVE, day * DAY + order.seed % DAY,
        str(order.id), reserve=amount, reserve_id=reserve_id,
        releases_at=(day if amount > 0 else day + _HELD_DAYS) * DAY,
    )  # fmt: skip
