"""Which order, package or units a call means, and whether they can be shipped."""

from collections.abc import Iterable

from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json, Refusal
from apps.simulator.tiktok.fulfilment.codes import refuse
from apps.simulator.world.finding import find_package
from apps.simulator.world.orders import Order
from apps.simulator.world.packages import Package, unit_count
from apps.simulator.world.packing import is_waiting, written_out

NOT_OURS, FOREIGN_PACKAGE = 21008111, 21011028
_READY = ("AWAITING_SHIPMENT", "PARTIALLY_SHIPPING")


def order_of(call: Call, order_id: object) -> Order:
    world, text = call.simulator.world, str(order_id)
    if order := world.order(call.shop.id, text):
        return order
    raise refuse(NOT_OURS)


def package_of(
    call: Call, package_id: object, *, unknown: int = FOREIGN_PACKAGE
) -> Package:
    world, shop = call.simulator.world, call.shop
    if package := find_package(world, shop.id, str(package_id)):
        return package
    raise refuse(unknown)


def check_ready(call: Call, order: Order, *, wrong_status: int) -> None:
    """Refuse an order nobody may ship now."""
    if order.is_fulfilled_by_platform:
        raise refuse(21008025)
    if order.status == "CANCELLED":
        raise refuse(21011041)
    if order.status in ("DELIVERED", "COMPLETED"):
        raise refuse(21011030)
    if order.status in ("UNPAID", "ON_HOLD"):
        raise refuse(wrong_status)
    if order.asks_to_cancel:
        raise refuse(21011007)
    if order.status not in _READY:
        raise refuse(21011006)
    if hurdle := call.simulator.world.depot.next_hurdle(order.id):
        raise Refusal(*hurdle)


def units_meant(order: Order, line_ids: Iterable[object]) -> list[int]:
    """The units of these lines; of none at all: those of the one package that waits.
    Each must still be there to be shipped. Where packages are made by shipping, there
    are none yet to be told apart."""
    waiting = [one for one in written_out(order) if is_waiting(order, one)]
    if line_ids := list(line_ids):
        units = units_of(order, line_ids)
        _check_waiting(order, units, waiting)
    else:
        named = (unit for parcel in waiting for unit in parcel["units"])
        units = sorted(unit for unit in named if not order.cancelled_unit(unit))
    meant = [parcel for parcel in waiting if set(parcel["units"]) & set(units)]
    if len(meant) > 1 and not order.shop.region.packages_after_shipping:
        raise refuse(21011048)
    return units


def units_of(order: Order, line_ids: Iterable[object]) -> list[int]:
    first, count = int(order.line_id(0)), unit_count(order)
    units = []
    for line_id in line_ids:
        text = str(line_id)
        unit = int(text) - first if text.isascii() and text.isdigit() else -1
        if not 0 <= unit < count:
            raise refuse(21011029)
        units.append(unit)
    return sorted(set(units))


def _check_waiting(order: Order, units: list[int], waiting: list[Json]) -> None:
    for unit in units:
        if order.cancelled_unit(unit):
            raise refuse(21011003)
        if not any(unit in parcel["units"] for parcel in waiting):
            raise refuse(21011006)
