"""RemotePackage → rows: what the platform's own list of packages tells.

One batch is one transaction under the shop's lock. Whether there is anything to write
is found before anything is locked; a repeated pull only reads.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from apps.core import bulk
from apps.integrations.contracts import PackageStatus, RemotePackage, Source
from apps.orders.models import Order, OrderLine, OrderPackage, Package, UnknownWord
from apps.orders.services.package_book import (
    Link,
    add_links,
    drop_links,
    save_packages,
)
from apps.orders.services.package_news import (
    apply_package,
    ids_named,
    is_older_package,
    new_package,
    stands,
    unusable_package,
)
from apps.orders.services.results import IngestResult
from apps.orders.services.unknown import Riddle, note_all_unknown
from apps.platforms.models import Shop

BATCH = 500


def ingest_packages(
    shop: Shop, remotes: Sequence[RemotePackage], source: Source
) -> IngestResult:
    """Store packages of a shop, with the orders known here that travel in them;
    repeating a call changes nothing and says so.

    An order that is not known yet is linked by its own news. Larger input is cut into
    batches, each a transaction of its own.
    """
    result = IngestResult()
    for start in range(0, len(remotes), BATCH):
        result += _ingest_batch(shop, remotes[start : start + BATCH], source)
    return result


def preview_packages(
    shop: Shop, remotes: Sequence[RemotePackage], source: Source
) -> IngestResult:
    """What `ingest_packages` would do, with nothing written."""
    with transaction.atomic():
        result = ingest_packages(shop, remotes, source)
        transaction.set_rollback(True)
    return result


def _ingest_batch(
    shop: Shop, remotes: Sequence[RemotePackage], source: Source
) -> IngestResult:
    refused = [(r.remote_id, why) for r in remotes if (why := unusable_package(r))]
    latest = _latest_of_each(r for r in remotes if not unusable_package(r))
    plan = _Plan.of(shop, latest, source)
    if not plan.is_empty:
        plan = _store(shop, latest, source)
    new, updated = len(plan.new), len(plan.touched)
    same = len(remotes) - len(refused) - new - updated
    return IngestResult(new, updated, same, refused)


@transaction.atomic
def _store(shop: Shop, latest: Sequence[RemotePackage], source: Source) -> "_Plan":
    Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
    plan = _Plan.of(shop, latest, source)
    bulk.insert(list(plan.new.values()))
    save_packages(plan.changed.values())
    drop_links(plan.dropped)
    add_links({(order, package.pk) for order, package in plan.added})
    note_all_unknown(
        shop,
        [
            Riddle(UnknownWord.Kind.PACKAGE_STATUS, r.status_text, r.remote_id)
            for r in latest
            if r.status is PackageStatus.NOT_UNDERSTOOD and r.status_text
        ],
    )
    return plan


def _latest_of_each(remotes: Iterable[RemotePackage]) -> list[RemotePackage]:
    """One per package, sorted by ID; where a batch repeats one, its latest version."""
    latest: dict[str, RemotePackage] = {}
    for remote in remotes:
        other = latest.get(remote.remote_id)
        if other is None or not _is_later(other, remote):
            latest[remote.remote_id] = remote
    return [latest[key] for key in sorted(latest)]


def _is_later(one: RemotePackage, two: RemotePackage) -> bool:
    if one.updated_at is None or two.updated_at is None:
        return one.updated_at is not None
    return one.updated_at > two.updated_at


@dataclass(slots=True)
class _Plan:
    """What news of packages would change; `touched` are the IDs of stored packages
    that changed themselves or in the orders they are of."""

    new: dict[str, Package] = field(default_factory=dict)
    changed: dict[int, Package] = field(default_factory=dict)
    added: list[tuple[int, Package]] = field(default_factory=list)
    dropped: list[Link] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)

    @property
    def is_empty(self) -> bool:
        return not (self.new or self.changed or self.added or self.dropped)

    @classmethod
    def of(cls, shop: Shop, latest: Sequence[RemotePackage], source: Source) -> "_Plan":
        plan = cls()
        known = _Known.of(shop, latest)
        for remote in latest:
            package = known.packages.get(remote.remote_id)
            is_new = package is None
            if package is None:
                package = new_package(shop.pk, remote.remote_id)
                plan.new[remote.remote_id] = package
            is_older = is_older_package(package, remote, source)
            if apply_package(package, remote, source) and not is_new:
                plan.changed[package.pk] = package
            if not is_older:
                plan._link(known, package, remote)
        plan._settle(known)
        plan.touched |= {package.remote_id for package in plan.changed.values()}
        plan.touched &= {remote.remote_id for remote in latest} - plan.new.keys()
        return plan

    def _link(self, known: "_Known", package: Package, remote: RemotePackage) -> None:
        """By the newest word about the package itself."""
        wanted = {
            known.by_remote_id[each].pk
            for each in remote.order_ids
            if each in known.by_remote_id
        }
        linked = known.orders_of(package)
        for order in sorted(wanted - linked):
            if known.stands(order, package):
                known.link(order, package)
                self.added.append((order, package))
                self.touched.add(package.remote_id)
        if not remote.order_ids:
            return
        for order in sorted(linked - wanted):
            if package.remote_id not in known.named[order]:
                known.linked[order].remove(package)
                self.dropped.append((order, package.pk))
                self.touched.add(package.remote_id)

    def _settle(self, known: "_Known") -> None:
        """Links that the news has overtaken."""
        for order, packages in known.linked.items():
            for package in packages:
                if package.pk is not None and not known.stands(order, package):
                    self.dropped.append((order, package.pk))
                    self.touched.add(package.remote_id)


@dataclass(slots=True)
class _Known:
    """Packages of a batch, the orders they are of or are to be of, and all that those
    travel in: six queries."""

    packages: dict[str, Package]
    by_remote_id: dict[str, Order]
    orders: dict[int, Order]
    named: dict[int, set[str]]
    linked: dict[int, list[Package]]
    travellers: dict[int, set[int]]  # {id() of a package: orders}

    @classmethod
    def of(cls, shop: Shop, remotes: Sequence[RemotePackage]) -> "_Known":
        ids = [remote.remote_id for remote in remotes]
        rows = Package.objects.filter(shop=shop, remote_id__in=ids)
        packages = {row.remote_id: row for row in rows}
        by_pk = {row.pk: row for row in packages.values()}
        told = sorted({each for remote in remotes for each in remote.order_ids})
        of_packages = OrderPackage.objects.filter(package__in=by_pk).values("order")
        some = Order.objects.filter(shop=shop).only(
            "remote_id", "shop_id", "remote_updated_at"
        )
        orders = {row.pk: row for row in some.filter(pk__in=of_packages).order_by()}
        orders |= {row.pk: row for row in some.filter(remote_id__in=told).order_by()}
        named: dict[int, set[str]] = defaultdict(set)
        for line in OrderLine.objects.filter(order__in=orders).only(
            "order_id", "units"
        ):
            named[line.order_id] |= ids_named([line])
        known = cls(
            packages,
            {order.remote_id: order for order in orders.values()},
            orders,
            named,
            {key: [] for key in orders},
            defaultdict(set),
        )
        links = OrderPackage.objects.filter(order__in=orders).select_related("package")
        for row in links:
            known.link(row.order_id, by_pk.setdefault(row.package_id, row.package))
        return known

    def link(self, order: int, package: Package) -> None:
        self.linked[order].append(package)
        self.travellers[id(package)].add(order)

    def orders_of(self, package: Package) -> set[int]:
        return self.travellers[id(package)]

    def stands(self, order: int, package: Package) -> bool:
        numbers = {
            each.remote_id: each.tracking_number
            for each in (*self.linked[order], package)
            if each.remote_id and each.tracking_number
        }
        updated_at = self.orders[order].remote_updated_at
        return stands(package, updated_at, self.named[order], numbers)
