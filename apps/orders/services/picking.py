"""What must be fetched from the shelves for orders, and what goes into each parcel."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from apps.core.storing import portions
from apps.orders.models import Order, OrderLine, OrderPackage, Package
from apps.products.models import BundleComponent, ListingSku

Status = Order.Status
# What is still here: shipping may be arranged before anything is packed.
_HERE = (Status.TO_SHIP, Status.PARTLY_SHIPPED, Status.AWAITING_COLLECTION)
_PACKED_BY_PLATFORM = "platform"


@dataclass(slots=True)
class Pick:
    """So many pieces of one thing: ours, or what a shop calls it where nobody has
    matched it. `orders` are {order: pieces}; `line` is one that shows it."""

    name: str
    sku: str
    line: OrderLine
    is_matched: bool = True
    is_part: bool = False
    orders: Counter[Order] = field(default_factory=Counter)

    @property
    def quantity(self) -> int:
        return self.orders.total()

    @property
    def shares(self) -> list[tuple[Order, int]]:
        """(order, pieces); templates would count `orders` for what is asked of them."""
        return list(self.orders.items())


@dataclass(slots=True)
class Shelf:
    """What is to be fetched in one warehouse."""

    name: str
    picks: list[Pick]

    @property
    def quantity(self) -> int:
        return sum(pick.quantity for pick in self.picks)


@dataclass(slots=True)
class PickList:
    shelves: list[Shelf] = field(default_factory=list)
    left_out: list[tuple[Order, str]] = field(default_factory=list)
    orders: int = 0


@dataclass(frozen=True, slots=True)
class Slip:
    """What goes into one parcel: (line, pieces)."""

    order: Order
    package: Package | None
    items: tuple[tuple[OrderLine, int], ...]
    number: int = 1
    of: int = 1


def why_not_packed(order: Order) -> str:
    """Why nothing of it is to be packed now; empty if something may be."""
    if order.fulfilment == _PACKED_BY_PLATFORM:
        return "TikTok's own warehouse sends it."
    if order.status not in _HERE:
        return f"It is {order.get_status_display().lower()}."
    if order.is_cancel_requested:
        return "The buyer asks to cancel it."
    return ""


def pick_list(
    orders: Sequence[Order],
    place_of: Callable[[Order], str],
    ours_at: Collection[int],
) -> PickList:
    """All that is left of these orders, by warehouse and SKU; bundles as their parts.

    `place_of` names the warehouse an order leaves from; at the shops of `ours_at`
    (keys) things are called as we call them, elsewhere as the shop does. Expects shops
    to be loaded; two queries for some thousand orders.
    """
    result = PickList()
    kept = []
    for order in orders:
        if reason := why_not_packed(order):
            result.left_out.append((order, reason))
        else:
            kept.append(order)
    lines = _lines(kept)
    parts = _parts(lines)
    found: dict[str, dict[object, Pick]] = defaultdict(dict)
    picked: set[int] = set()
    for order in kept:
        for line in lines[order.pk]:
            is_ours = line.variant is not None and order.shop_id in ours_at
            picks = _of_us(line, parts) if is_ours else [(_of_shop(line), 1)]
            for pick, each in picks if _left(line) else ():
                pieces = _left(line) * each
                key = (
                    (order.shop.client_id, pick.sku)
                    if is_ours
                    else (order.shop_id, pick.sku, line.remote_sku_id)
                )
                known = found[place_of(order)].setdefault(key, pick)
                known.orders[order] += pieces
                picked.add(order.pk)
    result.left_out += [
        (order, "Nothing of it is left.") for order in kept if order.pk not in picked
    ]
    result.orders = len(picked)
    result.shelves = [
        Shelf(name, sorted(picks.values(), key=lambda pick: (pick.sku, pick.name)))
        for name, picks in sorted(found.items())
    ]
    return result


def slips(orders: Sequence[Order]) -> list[Slip]:
    """A slip for each package known by the platform's ID, and for an order without one;
    in the order given. Two queries for some thousand orders."""
    lines = _lines(orders)
    packages = _packages(orders)
    found: list[Slip] = []
    for order in orders:
        found += _own_slips(order, lines[order.pk], packages[order.pk])
    return found


def _own_slips(
    order: Order, lines: Sequence[OrderLine], packages: Sequence[Package]
) -> list[Slip]:
    """What no package is known to hold has a slip of its own; where units are not told
    apart, all of it is in the one package there is, or on one slip."""
    told = [_in_package(lines, package) for package in packages]
    held = [(p, items) for p, items in zip(packages, told, strict=True) if items]
    if not held:
        kept = (
            (line, line.quantity - (line.cancelled_quantity or 0)) for line in lines
        )
        whole = tuple((line, units) for line, units in kept if units > 0)
        only = packages[0] if len(packages) == 1 else None
        return [Slip(order, only, whole)]
    loose = _loose(lines)
    rows: list[tuple[Package | None, tuple[tuple[OrderLine, int], ...]]] = [*held]
    if loose:
        rows.append((None, loose))
    return [
        Slip(order, package, items, number, len(rows))
        for number, (package, items) in enumerate(rows, start=1)
    ]


def _in_package(
    lines: Sequence[OrderLine], package: Package
) -> tuple[tuple[OrderLine, int], ...]:
    counts = (
        (line, sum(_is_in(unit, package.remote_id) for unit in line.units))
        for line in lines
    )
    return tuple((line, count) for line, count in counts if count)


def _loose(lines: Sequence[OrderLine]) -> tuple[tuple[OrderLine, int], ...]:
    counts = ((line, sum(_is_in(unit, "") for unit in line.units)) for line in lines)
    return tuple((line, count) for line, count in counts if count)


def _is_in(unit: Sequence[str], package_id: str) -> bool:
    _, status, package = unit
    return package == package_id and status != Status.CANCELLED


def _left(line: OrderLine) -> int:
    """Units that are neither called off nor gone."""
    gone = (line.cancelled_quantity or 0) + (line.shipped_quantity or 0)
    return max(0, line.quantity - gone)


def _lines(orders: Sequence[Order]) -> Mapping[int, list[OrderLine]]:
    found: dict[int, list[OrderLine]] = defaultdict(list)
    for some in portions([order.pk for order in orders]):
        rows = OrderLine.objects.filter(order__in=some)
        rows = rows.select_related("variant__product", "listing_sku")
        for line in rows.order_by("order", "position"):
            found[line.order_id].append(line)
    return found


def _packages(orders: Sequence[Order]) -> Mapping[int, list[Package]]:
    found: dict[int, list[Package]] = defaultdict(list)
    for some in portions([order.pk for order in orders]):
        links = OrderPackage.objects.filter(order__in=some).exclude(
            package__status=Package.Status.CANCELLED
        )
        for link in links.select_related("package").order_by("package"):
            found[link.order_id].append(link.package)
    return found


def _parts(
    lines: Mapping[int, Sequence[OrderLine]],
) -> Mapping[int, list[BundleComponent]]:
    """{key of bundle: what it is made of}"""
    bundles = {
        line.variant_id
        for some in lines.values()
        for line in some
        if line.variant is not None and line.variant.is_bundle
    }
    found: dict[int, list[BundleComponent]] = defaultdict(list)
    rows = BundleComponent.objects.filter(bundle__in=bundles)
    for row in rows.select_related("component__product") if bundles else ():
        found[row.bundle_id].append(row)
    return found


def _of_shop(line: OrderLine) -> Pick:
    sku = line.listing_sku
    is_ignored = sku is not None and sku.mapping == ListingSku.Mapping.IGNORED
    return Pick(
        " · ".join(filter(None, (line.product_name, line.variation))),
        line.seller_sku or line.remote_sku_id,
        line,
        is_matched=is_ignored or line.variant_id is not None,
    )


def _of_us(
    line: OrderLine, parts: Mapping[int, Sequence[BundleComponent]]
) -> list[tuple[Pick, int]]:
    """What one unit is: (it, 1), or of a bundle each part and how many."""
    variant = line.variant
    assert variant is not None
    made_of = parts.get(variant.pk, ())
    return [
        (
            Pick(part.component.title, part.component.sku, line, is_part=True),
            part.quantity,
        )
        for part in made_of
    ] or [(Pick(variant.title, variant.sku, line), 1)]
