"""How news changes what we know of a package, and which orders travel in it. No
database.

Rules: the newest word of the platform about the package itself counts most, then what
the newest version of an order tells of it; all else fills gaps. Of two words of one
instant the greater value counts. A blank never erases, a status only moves forward.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.core.bulk import new_row
from apps.core.storing import clean
from apps.integrations.contracts import PackageStatus, RemotePackage, Source
from apps.orders.models import Order, OrderLine, Package

_WAY = (
    "",
    PackageStatus.TO_FULFILL.value,
    PackageStatus.PROCESSING.value,
    PackageStatus.FULFILLING.value,
    PackageStatus.CANCELLED.value,  # beats all but completed
    PackageStatus.COMPLETED.value,
)
_RANK = {status: rank for rank, status in enumerate(_WAY)}
_PLAIN_FIELDS = {
    "tracking_number": "tracking_number",
    "last_mile_tracking_number": "last_mile_tracking_number",
    "carrier": "carrier",
    "carrier_id": "carrier_id",
    "sub_status": "sub_status",
    "problem": "problem",
    "shipping_type": "shipping_type",
    "delivery_option": "delivery_option",
    "delivery_option_id": "delivery_option_id",
    "handover_method": "handover_method",
    "pickup_from_at": "pickup_from_at",
    "pickup_until_at": "pickup_until_at",
    "split_or_combine": "split_or_combine",
    "warehouse": "warehouse",
    "remote_created_at": "created_at",
}
_TOLD_BY_ORDERS = ("tracking_number", "carrier", "carrier_id")
WRITTEN_FIELDS = (
    *_PLAIN_FIELDS,
    "status",
    "status_text",
    "is_status_understood",
    "remote_updated_at",
)
_LENGTHS = {
    field.name: field.max_length
    for field in Package._meta.concrete_fields
    if field.max_length
}


@dataclass(frozen=True, slots=True)
class NamedPackage:
    """A package an order names, by the platform's ID, the carrier's number or both,
    with what else it tells of it. `is_latest`: no later word of the platform about
    that order is known."""

    order: Order
    remote_id: str
    tracking_number: str = ""
    status: PackageStatus | None = None
    carrier: str = ""
    carrier_id: str = ""
    is_latest: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return package_key(self.remote_id, self.tracking_number)


def package_key(remote_id: str, tracking_number: str) -> tuple[str, str]:
    """What a package is known by: its ID if it has one, else its number."""
    return (remote_id, "") if remote_id else ("", tracking_number)


def new_package(shop_id: int, remote_id: str, tracking_number: str = "") -> Package:
    """A row for a package nobody told us of before, not saved."""
    return new_row(
        Package, shop_id=shop_id, remote_id=remote_id, tracking_number=tracking_number
    )


def unusable_package(remote: RemotePackage) -> str:
    """Why a package cannot be stored, in a sentence; "" if it can."""
    if not 0 < len(remote.remote_id) <= 32:
        return "the package ID is missing or too long"
    if clean(remote.remote_id) != remote.remote_id:
        return "the package ID holds characters that cannot be stored"
    return ""


def is_older_package(package: Package, remote: RemotePackage, source: Source) -> bool:
    """Whether what we have is later news, or surer."""
    if package.remote_updated_at is None:
        return False
    if not source.is_platform:
        return True
    return remote.updated_at is None or remote.updated_at < package.remote_updated_at


def apply_package(package: Package, remote: RemotePackage, source: Source) -> bool:
    """Write into `package` (not saved) what its own news adds; whether anything
    changed."""
    before = _written(package)
    only_gaps = is_older_package(package, remote, source)
    known_at = package.remote_updated_at
    is_tie = not only_gaps and known_at is not None and known_at == remote.updated_at
    for name, remote_name in _PLAIN_FIELDS.items():
        value, known = getattr(remote, remote_name), getattr(package, name)
        keeps = is_tie and value and known and known > value
        _take(package, name, value, only_gaps=bool(only_gaps or keeps))
    if remote.sub_status and not only_gaps:
        # Only whole news names it; there, no exception means that there is none.
        package.problem = _text("problem", remote.problem)
    _take_status(package, remote, only_gaps=only_gaps)
    if source.is_platform and remote.updated_at and not only_gaps:
        package.remote_updated_at = remote.updated_at
    return before != _written(package)


def hear_of_package(package: Package, named: NamedPackage) -> bool:
    """Write into `package` (not saved) what an order tells of it; whether anything
    changed."""
    before = _written(package)
    only_gaps = not named.is_latest or package.remote_updated_at is not None
    for name in _TOLD_BY_ORDERS:
        _take(package, name, getattr(named, name), only_gaps=only_gaps)
    if named.status is not None and is_further(named.status.value, package.status):
        _move_to(package, named.status.value)
        if package.is_status_understood:
            package.status_text = ""
    return before != _written(package)


def is_further(status: str, than: str) -> bool:
    return _RANK.get(status, -1) > _RANK[than]


def ids_named(lines: Iterable[OrderLine]) -> set[str]:
    """The packages that the platform says an order's items are in."""
    return {package for line in lines for _, _, package in line.units if package}


def stands(
    package: Package,
    updated_at: datetime | None,
    named: Collection[str],
    numbers: Mapping[str, str],
) -> bool:
    """Whether a package that an order was linked to is still one of its.

    `updated_at` is the version of the order in which its items are in packages `named`;
    `numbers` are {package ID: tracking number} of the order's packages as known. A
    number that only a file told gives way to the package that has it. After a split or
    a combination the older of two words does not count.
    """
    if not package.remote_id:
        is_joined = package.tracking_number in numbers.values()
        is_replaced = bool(named) and all(numbers.get(each) for each in named)
        return not (is_joined or is_replaced)
    if not named or package.remote_id in named:
        return True
    if package.remote_updated_at is None or updated_at is None:
        return False
    is_live = package.status != Package.Status.CANCELLED
    return is_live and package.remote_updated_at >= updated_at


def _written(package: Package) -> list[Any]:
    return [getattr(package, name) for name in WRITTEN_FIELDS]


def _text(name: str, value: str) -> str:
    return clean(value)[: _LENGTHS.get(name)]


def _take(package: Package, name: str, value: Any, *, only_gaps: bool) -> None:
    if value is None or (only_gaps and getattr(package, name) not in (None, "")):
        return
    if isinstance(value, str) and not (value := _text(name, str(value))):
        return
    setattr(package, name, value)


def _take_status(package: Package, remote: RemotePackage, *, only_gaps: bool) -> None:
    text = _text("status_text", remote.status_text)
    if remote.status is PackageStatus.NOT_UNDERSTOOD:
        if text and not only_gaps:
            package.status_text, package.is_status_understood = text, False
        return
    status = remote.status.value
    is_behind = is_further(package.status, status)
    if not is_behind:
        _move_to(package, status)
    if only_gaps:
        return
    package.is_status_understood = True
    package.status_text = "" if is_behind else text


def _move_to(package: Package, status: str) -> None:
    package.status = status
    if status == Package.Status.COMPLETED:
        package.problem = ""
