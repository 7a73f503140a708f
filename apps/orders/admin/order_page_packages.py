"""The packages of an order: what is in each, where it is, what can be done with it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.safestring import SafeString

from apps.core.admin import ago, badge
from apps.integrations.contracts import OrderStatus
from apps.orders.models import (
    Order,
    OrderLine,
    OrderPackage,
    Package,
    ShippingDocument,
    TrackingStep,
)
from apps.platforms.models import Shop

MOST_STEPS = 200
STATUS_BADGES = {
    Package.Status.TO_FULFILL: "attention",
    Package.Status.PROCESSING: "progress",
    Package.Status.FULFILLING: "progress",
    Package.Status.COMPLETED: "good",
    Package.Status.CANCELLED: "neutral",
}


HANDOVERS = {"PICKUP": "To be picked up", "DROP_OFF": "Dropped off by us"}


def packages_of(order: Order) -> list[Package]:
    return list(order.packages.order_by("pk"))


def packages_context(
    order: Order,
    lines: Sequence[OrderLine],
    packages: Sequence[Package],
    deeds: Mapping[int, Sequence[Any]],
) -> dict[str, Any]:
    """For templates/orders/order_packages.html and order_print.html; `deeds` are the
    buttons by package. Three queries, however many packages there are."""
    others = _other_orders(order, packages)
    papers = _papers(packages)
    contents = contents_of(lines)
    steps = _steps(order)
    numbers = {package.tracking_number for package in packages}
    loose = [
        step for number, rows in steps.items() if number not in numbers for step in rows
    ]
    if len(packages) == 1:  # the platform does not always say whose scan it is
        steps[packages[0].tracking_number] += loose
        loose = []
    return {
        "packages": [
            {
                "package": package,
                "status": status_badge(package),
                "contents": contents.get(package.remote_id or None, []),
                "others": others.get(package.pk, []),
                "papers": papers.get(package.pk, []),
                "slot": slot_words(order.shop, package),
                "handover": HANDOVERS.get(package.handover_method, ""),
                "steps": steps.get(package.tracking_number, []),
                "deeds": deeds.get(package.pk, ()),
            }
            for package in packages
        ],
        "printable": [
            row for package in packages for row in papers.get(package.pk, [])
        ],
        "label_deeds": [
            (package, button.address)
            for package in packages
            for button in deeds.get(package.pk, ())
            if button.name == "label"
        ],
        "loose_steps": loose,
        "unpacked": contents.get("", []),
    }


def contents_of(
    lines: Iterable[OrderLine],
) -> dict[str | None, list[tuple[OrderLine, int]]]:
    """{package's ID: [(line, units)]}; under "" what is in none yet. Cancelled units
    are left out."""
    found: dict[str | None, list[tuple[OrderLine, int]]] = defaultdict(list)
    for line in lines:
        counts = Counter(
            package
            for _, status, package in line.units
            if status != OrderStatus.CANCELLED
        )
        for package, units in sorted(counts.items()):
            found[package].append((line, units))
    return found


def status_badge(package: Package) -> SafeString | str:
    if not package.is_status_understood:
        return badge(f"Not understood: {package.status_text}", "bad")
    if not package.status:
        return badge("Not told", "neutral")
    status = Package.Status(package.status)
    return badge(package.get_status_display(), STATUS_BADGES[status])


def slot_words(shop: Shop, package: Package) -> str:
    """When the carrier comes, on the shop's own clock."""
    start, end = package.pickup_from_at, package.pickup_until_at
    if start is None:
        return ""
    begins = start.astimezone(shop.zone)
    until = f"-{end.astimezone(shop.zone):%H:%M}" if end else ""
    return f"{begins:%d %b %H:%M}{until} {begins.tzname()}"


def _other_orders(order: Order, packages: Sequence[Package]) -> dict[int, list[Order]]:
    """{package: what else travels in it}; of the same shop, so as visible."""
    if not packages:
        return {}
    rows = OrderPackage.objects.filter(package__in=packages).exclude(order=order)
    found: dict[int, list[Order]] = defaultdict(list)
    for row in rows.select_related("order").order_by("order_id"):
        found[row.package_id].append(row.order)
    return found


def _papers(packages: Sequence[Package]) -> dict[int, list[dict[str, Any]]]:
    """{package: the papers kept}, without what stands on them."""
    if not packages:
        return {}
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    names = {package.pk: str(package) for package in packages}
    rows = ShippingDocument.objects.filter(package__in=packages).defer("content")
    for row in rows.order_by("kind", "pk"):
        found[row.package_id].append(
            {
                "paper": row,
                "package": names[row.package_id],
                "fetched": ago(row.fetched_at),
                "printed": ago(row.printed_at),
            }
        )
    return found


def _steps(order: Order) -> dict[str, list[TrackingStep]]:
    found: dict[str, list[TrackingStep]] = defaultdict(list)
    for step in order.tracking_steps.all()[:MOST_STEPS]:
        found[step.tracking_number].append(step)
    return found
