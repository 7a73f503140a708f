"""What is known here about orders, as far as it bears on what can be asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from apps.core.storing import portions
from apps.orders.models import (
    Cancellation,
    Order,
    OrderAction,
    OrderLine,
    OrderPackage,
    Package,
    ShippingProvider,
)
from apps.platforms.models import Shop

Status = Order.Status
# An order, or an item of it, that still waits to be shipped.
TO_SHIP = (Status.TO_SHIP, Status.PARTLY_SHIPPED)
# Gone to the carrier, or about to.
SHIPPED = (
    Status.AWAITING_COLLECTION,
    Status.IN_TRANSIT,
    Status.DELIVERED,
    Status.COMPLETED,
)


class Unit(NamedTuple):
    """An item of an order: its status in our words, and its package's ID."""

    status: str
    package_id: str


@dataclass(slots=True)
class Facts:
    """About one order. `units` is empty where only a file told of it; `asked` are the
    buyer's wishes to cancel that wait for an answer; `open` is what was asked for and
    is not over; `carriers` are {delivery option: {carrier's ID: name}} of its shop."""

    shop: Shop
    packages: list[Package] = field(default_factory=list)
    units: dict[str, Unit] = field(default_factory=dict)
    asked: list[Cancellation] = field(default_factory=list)
    open: list[OrderAction] = field(default_factory=list)
    carriers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def shippable(self) -> list[Package]:
        """Packages known by the platform's ID that still wait to be shipped."""
        return [each for each in self.packages if each.remote_id and self.waits(each)]

    def waits(self, package: Package) -> bool:
        """Whether nothing of the package was shipped: as it says itself, else as its
        items say."""
        if package.status:
            return package.status == Package.Status.TO_FULFILL
        statuses = {unit.status for unit in self.units_of(package).values()}
        return not statuses or statuses == {Status.TO_SHIP}

    def units_of(self, package: Package) -> dict[str, Unit]:
        found = self.units.items()
        return {
            key: unit for key, unit in found if unit.package_id == package.remote_id
        }

    @property
    def unshipped(self) -> list[str]:
        """IDs of the items that still wait to be shipped."""
        return [
            key for key, unit in self.units.items() if unit.status == Status.TO_SHIP
        ]


def facts_of(orders: Sequence[Order]) -> dict[int, Facts]:
    """{key of order: what is known}. The same few queries however many there are."""
    found: dict[int, Facts] = {}
    for some in portions(orders):
        found |= _facts_of(some)
    return found


def _facts_of(orders: Sequence[Order]) -> dict[int, Facts]:
    keys = [order.pk for order in orders]
    shop_keys = sorted({order.shop_id for order in orders})
    shops = Shop.objects.select_related("client").in_bulk(shop_keys)
    carriers = _carriers(shop_keys)
    found: dict[int, Facts] = {}
    for order in orders:
        order.shop = shops[order.shop_id]  # which rules ask for, of each
        found[order.pk] = Facts(order.shop, carriers=carriers[order.shop_id])
    links = OrderPackage.objects.filter(order__in=keys).select_related("package")
    for link in links.order_by("package"):
        found[link.order_id].packages.append(link.package)
    lines = OrderLine.objects.filter(order__in=keys).order_by("order", "position")
    for order_id, units in lines.values_list("order", "units"):
        for remote_id, status, package_id in units:
            found[order_id].units[remote_id] = Unit(status, package_id)
    for asked in Cancellation.objects.waiting().filter(order__in=keys):
        found[asked.order_id or 0].asked.append(asked)
    for action in OrderAction.objects.open().filter(order__in=keys).order_by("pk"):
        found[action.order_id].open.append(action)
    return found


def _carriers(shop_keys: Sequence[int]) -> dict[int, dict[str, dict[str, str]]]:
    found: dict[int, dict[str, dict[str, str]]] = {key: {} for key in shop_keys}
    rows = ShippingProvider.objects.filter(shop__in=shop_keys)
    for shop, option, remote_id, name in rows.values_list(
        "shop", "delivery_option_id", "remote_id", "name"
    ):
        found[shop].setdefault(option, {})[remote_id] = name
    return found


def shipped_words(carrier: str, number: str) -> str:
    """That it was, and as what."""
    how = " ".join(part for part in (carrier, number) if part)
    return f"Already shipped with {how}." if how else "Already shipped."
