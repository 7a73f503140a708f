"""What happens to packages at the platform: shipped, split, combined, on their way.

The API and the control share these deeds. Whether they are allowed is for the callers
to say.
"""

from collections.abc import Collection, Sequence

from apps.simulator.notices import package_update
from apps.simulator.state import Simulator
from apps.simulator.world import packing
from apps.simulator.world.finding import find_package
from apps.simulator.world.lifecycle import Event
from apps.simulator.world.orders import Json, Order
from apps.simulator.world.packages import Package, Part, live_parcels
from apps.simulator.world.packing import Told

SELLER, USER, SYSTEM = "ROLE_SELLER", "ROLE_USER", "ROLE_SYSTEM"


def tell(simulator: Simulator, order: Order, told: Told) -> None:
    simulator.tell(order, told.what, told.notes, then=told.then)


def ship_package(simulator: Simulator, package: Package, details: Json) -> None:
    """Hand it to a carrier: a part of each of its orders that are still alive."""
    plan = None
    for part in package.live:
        assert part.parcel is not None
        parcels = packing.written_out(part.order)
        now = simulator.world.now
        told = packing.shipping(part.order, parcels, [part.parcel], details, now, plan)
        plan = told.then or plan
        tell(simulator, part.order, told)


def ship_units(
    simulator: Simulator, order: Order, units: Collection[int], details: Json
) -> str:
    """Hand these units of an order to a carrier, in a package of their own: its id."""
    before = {parcel["id"] for parcel in order.parcels()}
    parcels, number = packing.with_units_apart(order, units)
    now = simulator.world.now
    tell(simulator, order, packing.shipping(order, parcels, [number], details, now))
    if {parcel["id"] for parcel in parcels} != before:
        ids = [parcels[n]["id"] for n in live_parcels(order)]
        rows = {package_id: [order] for package_id in ids}
        announce(simulator, "SPLIT", SELLER, rows)
    return str(parcels[number]["id"])


def split(
    simulator: Simulator, order: Order, groups: Sequence[Sequence[int]]
) -> list[str]:
    """One package for each group of units; the ids of the new ones."""
    told, ids = packing.splitting(order, groups)
    tell(simulator, order, told)
    announce(simulator, "SPLIT", SELLER, {package_id: [order] for package_id in ids})
    return ids


def combine(simulator: Simulator, orders: Sequence[Order]) -> str:
    """Everything of these orders in one package: its id."""
    all_told, package_id = packing.combining(orders)
    for order, told in zip(orders, all_told, strict=True):
        tell(simulator, order, told)
    announce(simulator, "COMBINE", SELLER, {package_id: list(orders)})
    return package_id


def uncombine(
    simulator: Simulator,
    package: Package,
    leaving: Collection[Order],
    *,
    why: str = "CANCEL_COMBINE",
    role: str = SELLER,
) -> dict[str, list[Order]]:
    """Take orders out of a combined package; where fewer than two would stay, all go.
    The packages there are afterwards, with their orders."""
    members = [part.order for part in package.live]
    staying = [order for order in members if order not in leaving]
    is_last = len(staying) < 2
    rows: dict[str, list[Order]] = {} if is_last else {package.id: staying}
    for order in members if is_last else leaving:
        told, package_id = packing.leaving(order, is_last=is_last)
        tell(simulator, order, told)
        rows[package_id] = [order]
    announce(simulator, why, role, rows)
    return rows


def leave_combined(simulator: Simulator, order: Order, *, why: str, role: str) -> None:
    """An order that can no longer travel with the others goes by itself."""
    noted = order.parcels()[0]
    if not noted.get("is_combined") or order.shipped(0):
        return
    if package := find_package(simulator.world, order.shop.id, noted["id"]):
        uncombine(simulator, package, [order], why=why, role=role)


def reach(simulator: Simulator, parts: Sequence[Part], event: Event) -> None:
    """The courier has these parcels, or has delivered them."""
    for order in {part.order.id: part.order for part in parts}.values():
        numbers = [p.parcel for p in parts if p.order is order and p.parcel is not None]
        told = packing.reaching(order, numbers, event, simulator.world.now)
        tell(simulator, order, told)


def change(simulator: Simulator, package: Package, details: Json) -> None:
    """Something else about a package: another number, a hitch on its way."""
    for part in package.live:
        if part.parcel is not None:
            tell(
                simulator,
                part.order,
                packing.changing(part.order, part.parcel, details),
            )


def announce(
    simulator: Simulator, what: str, role: str, rows: dict[str, list[Order]]
) -> None:
    """Webhook 4 with packages and their orders."""
    order = next(orders[0] for orders in rows.values())
    ids = {id: [str(one.id) for one in orders] for id, orders in rows.items()}
    news = package_update(what, role, ids, simulator.world.now)
    simulator.news.append((order.shop.id, news))
