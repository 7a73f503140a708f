"""Which packages there are: of an order, of a shop, by id."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from apps.simulator.world.index import BY_CREATE, ShopIndex
from apps.simulator.world.orders import Order
from apps.simulator.world.packages import Package, Part, existing
from apps.simulator.world.world import World

_DAY = 86_400


def packages_of(world: World, order: Order) -> list[Package]:
    """Those there are, then those there were; combined ones with all their orders."""
    parcels = order.parcels()
    found = []
    for number in existing(order):
        package_id = parcels[number]["id"]
        if parcels[number].get("is_combined"):
            found.append(Package(package_id, _members(world, order, package_id)))
        else:
            found.append(Package(package_id, (Part(order, number),)))
    retired = _retired(order)
    return [*found, *(Package(id, _left_behind(world, order, id)) for id in retired)]


def packages_in(world: World, orders: Iterable[Order]) -> Iterator[Package]:
    """The packages of these orders, each once."""
    seen: set[str] = set()
    for order in orders:
        for package in packages_of(world, order):
            if package.id not in seen:
                seen.add(package.id)
                yield package


def find_package(world: World, shop_id: str, package_id: str) -> Package | None:
    """A shop's package, also one that is no more."""
    orders = [
        order
        for id in world.depot.members.get(package_id, ())
        if (order := world.order(shop_id, str(id)))
    ]
    if order := _by_default_id(world.indexes[shop_id], package_id):
        orders.append(order)
    found = (p for p in packages_in(world, orders) if p.id == package_id)
    return next(found, None)


def _by_default_id(index: ShopIndex, package_id: str) -> Order | None:
    """A package's id names the day and the number of the order it was made for."""
    if not (package_id.isascii() and package_id.isdigit() and len(package_id) == 19):
        return None
    middle = package_id[3:15]
    day, rows = int(middle[:5]), index.by_create
    start = bisect_left(rows, (day * _DAY, 0), key=BY_CREATE)
    end = bisect_left(rows, ((day + 1) * _DAY, 0), key=BY_CREATE)
    return next((o for o in rows[start:end] if o.package_id(0)[3:15] == middle), None)


def _members(world: World, order: Order, package_id: str) -> tuple[Part, ...]:
    parts = [
        Part(member, number)
        for member in _known(world, order, package_id)
        for number, noted in enumerate(member.parcels())
        if noted["id"] == package_id
    ]
    return tuple(parts)


def _left_behind(world: World, order: Order, package_id: str) -> tuple[Part, ...]:
    members = _known(world, order, package_id)
    return tuple(Part(one, None) for one in members if package_id in _retired(one))


def _known(world: World, order: Order, package_id: str) -> list[Order]:
    """The orders that ever shared a package; at least the one asked about."""
    orders = world.indexes[order.shop.id].orders
    members = world.depot.members.get(package_id, {})
    return [orders[id] for id in members if id in orders] or [order]


def _retired(order: Order) -> list[str]:
    retired = (order.notes or {}).get("retired", {})
    return [id for id, step in retired.items() if step <= order.done]
