"""What a batch of orders tells of packages, and what must become of those."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from django.utils import timezone

from apps.core import bulk
from apps.core.storing import clean, portions
from apps.integrations.contracts import RemoteOrder, RemoteOrderLine, Source
from apps.orders.models import Order, OrderLine, OrderPackage, Package
from apps.orders.services.package_news import (
    WRITTEN_FIELDS,
    NamedPackage,
    hear_of_package,
    ids_named,
    is_further,
    new_package,
    package_key,
    stands,
)

Link = tuple[int, int]  # order, package


@dataclass(slots=True)
class PackageBook:
    """The packages of a batch's stored orders, and what must become of them. Whoever
    uses it holds their shop's lock."""

    linked: dict[int, list[Package]]
    packages: dict[int, Package] = field(default_factory=dict)
    changed: dict[int, Package] = field(default_factory=dict)
    named: list[NamedPackage] = field(default_factory=list)
    dropped: list[Link] = field(default_factory=list)

    @classmethod
    def of(cls, orders: Collection[int]) -> "PackageBook":
        """What the database holds for orders with these keys."""
        book = cls({order: [] for order in orders})
        rows = OrderPackage.objects.filter(order__among=orders).select_related(
            "package"
        )
        for row in rows:
            # One object a package, also where several orders travel in it.
            package = book.packages.setdefault(row.package_id, row.package)
            book.linked[row.order_id].append(package)
        return book

    def take(
        self,
        order: Order,
        remotes: Sequence[RemoteOrder],
        source: Source,
        lines: Iterable[OrderLine],
    ) -> bool:
        """Note what news of an order tells of its packages; whether it is anything new.

        `lines` are the order's as they are stored. Call it once the order knows when
        the platform last changed it.
        """
        linked = self.linked.get(order.pk, []) if order.pk else []
        told = _told(order, remotes, source)
        latest = {each.remote_id for each in told if each.is_latest and each.remote_id}
        named = latest or ids_named(lines)
        numbers = _numbers(told) | _numbers(linked)
        changed = False
        for each in told:
            package = _match(linked, each)
            if package is not None:
                changed |= self._hear(package, each)
            elif _adds(each, named, numbers):
                self.named.append(each)
                changed = True
        for package in linked:
            if not stands(package, order.remote_updated_at, named, numbers):
                self.dropped.append((order.pk, package.pk))
                changed = True
        return changed

    def write(self) -> None:
        """The orders are written already."""
        drop_links(self.dropped)
        by_shop: dict[int, list[NamedPackage]] = defaultdict(list)
        for each in self.named:
            by_shop[each.order.shop_id].append(each)
        for shop_id, some in by_shop.items():
            self._make(shop_id, some)
        save_packages(self.changed.values())

    def _hear(self, package: Package, named: NamedPackage) -> bool:
        if not hear_of_package(package, named):
            return False
        self.changed[package.pk] = package
        return True

    def _make(self, shop_id: int, named: Sequence[NamedPackage]) -> None:
        """Packages that the orders are not linked to yet; some may be known."""
        packages = {
            key: self.packages.setdefault(package.pk, package)
            for key, package in _known(shop_id, named).items()
        }
        new = []
        for each in named:
            package = packages.get(each.key)
            if package is None:
                package = new_package(shop_id, *each.key)
                packages[each.key] = package
                new.append(package)
            if package.pk is None:
                hear_of_package(package, each)
            else:
                self._hear(package, each)
        bulk.insert(new)
        add_links({(each.order.pk, packages[each.key].pk) for each in named})


def add_links(links: Collection[Link]) -> None:
    """Links that are not there yet."""
    bulk.insert(
        [
            bulk.new_row(OrderPackage, order_id=order, package_id=package)
            for order, package in sorted(links)
        ]
    )


def drop_links(links: Collection[Link]) -> None:
    """And the packages that are of no order any more, unless the platform itself told
    of them."""
    if not links:
        return
    by_package: dict[int, set[int]] = defaultdict(set)
    for order, package in links:
        by_package[package].add(order)
    rows = OrderPackage.objects.filter(
        package__in=by_package, order__in={order for order, _ in links}
    )
    gone = [r.pk for r in rows if r.order_id in by_package[r.package_id]]
    OrderPackage.objects.filter(pk__in=gone).delete()
    lost = Package.objects.filter(pk__in=by_package, remote_updated_at__isnull=True)
    lost.filter(status="", order_packages__isnull=True).delete()


def save_packages(packages: Iterable[Package]) -> None:
    rows, now = list(packages), timezone.now()
    for row in rows:
        row.modified_at = now
    bulk.update(rows, [*WRITTEN_FIELDS, "modified_at"])


def _numbers(packages: Iterable[NamedPackage | Package]) -> dict[str, str]:
    """{package ID: tracking number} as far as known."""
    return {
        each.remote_id: each.tracking_number
        for each in packages
        if each.remote_id and each.tracking_number
    }


def _told(
    order: Order, remotes: Iterable[RemoteOrder], source: Source
) -> list[NamedPackage]:
    """Each package once, with all that the order's lines tell of it; what a later
    version says counts more."""
    found: dict[tuple[str, str], NamedPackage] = {}
    for remote in remotes:
        is_latest = source.is_platform and not (
            remote.updated_at
            and order.remote_updated_at
            and remote.updated_at < order.remote_updated_at
        )
        for line in remote.lines:
            for each in _of_line(order, line, is_latest=is_latest):
                known = found.get(each.key)
                if known is None:
                    found[each.key] = each
                elif each.is_latest:
                    found[each.key] = _together(each, known)
                else:
                    found[each.key] = _together(known, each)
    return list(found.values())


def _of_line(
    order: Order, line: RemoteOrderLine, *, is_latest: bool
) -> Iterable[NamedPackage]:
    for unit in line.units:
        if unit.package_id:
            yield NamedPackage(
                order,
                clean(unit.package_id)[:32],
                clean(unit.tracking_number)[:80],
                unit.package_status,
                unit.carrier,
                unit.carrier_id,
                is_latest=is_latest,
            )
    of_units = {unit.package_id for unit in line.units if unit.package_id}
    packages = [clean(each)[:32] for each in line.package_ids if each not in of_units]
    with_units = {unit.tracking_number for unit in line.units if unit.package_id}
    numbers = [each for each in line.tracking_numbers if each not in with_units]
    numbers = [clean(each)[:80] for each in numbers]
    if len(packages) == len(numbers):
        pairs = list(zip(packages, numbers, strict=True))
    else:
        pairs = [(each, "") for each in packages] + [("", each) for each in numbers]
    for remote_id, number in pairs:
        if remote_id or number:
            yield NamedPackage(order, remote_id, number, is_latest=is_latest)


def _together(one: NamedPackage, two: NamedPackage) -> NamedPackage:
    """The first, and what it lacks of the other."""
    status = one.status or two.status
    if one.status and two.status and is_further(two.status.value, one.status.value):
        status = two.status
    return replace(
        one,
        tracking_number=one.tracking_number or two.tracking_number,
        status=status,
        carrier=one.carrier or two.carrier,
        carrier_id=one.carrier_id or two.carrier_id,
    )


def _match(linked: Iterable[Package], named: NamedPackage) -> Package | None:
    """By its ID; a number alone is any package's that has it."""
    for package in linked:
        if named.remote_id:
            if package.remote_id == named.remote_id:
                return package
        elif package.tracking_number == named.tracking_number:
            return package
    return None


def _adds(named: NamedPackage, ids: Collection[str], numbers: dict[str, str]) -> bool:
    """Whether the order travels in it beside those that the platform says its items are
    in (`ids`); `numbers` as in `stands`."""
    if named.remote_id:
        return not ids or named.remote_id in ids
    is_known = named.tracking_number in numbers.values()
    return not is_known and not (ids and all(numbers.get(each) for each in ids))


def _known(
    shop_id: int, named: Sequence[NamedPackage]
) -> dict[tuple[str, str], Package]:
    ids = {each.remote_id for each in named if each.remote_id}
    numbers = {each.tracking_number for each in named if not each.remote_id}
    found = [*_by(shop_id, "remote_id", ids), *_by(shop_id, "tracking_number", numbers)]
    return {package_key(each.remote_id, each.tracking_number): each for each in found}


def _by(shop_id: int, column: str, values: Collection[str]) -> list[Package]:
    rows = Package.objects.filter(shop_id=shop_id)
    if column == "tracking_number":
        rows = rows.filter(remote_id="")
    return [
        package
        for some in portions(sorted(values))
        for package in rows.filter(**{f"{column}__among": some})
    ]
