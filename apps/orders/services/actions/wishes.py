"""One thing to be asked for: what, of which order, with which parameters."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from apps.core.storing import storable
from apps.orders.errors import ActionRefused
from apps.orders.models import Cancellation, Order, OrderAction, Package, Return
from apps.platforms.regions import JAPAN, LATIN_AMERICA, SOUTH_EAST_ASIA, region_of

Kind = OrderAction.Kind
_OWN = {"tracking_number": "", "provider_id": "", "provider": ""}
# What each kind takes, and what it is where nobody says.
DETAILS: dict[str, dict[str, Any]] = {
    Kind.PULL: {},
    Kind.LABEL: {"kind": "SHIPPING_LABEL", "size": "A6", "format": "PDF"},
    Kind.SHIP: {"handover_method": "", "slot": None, **_OWN},
    Kind.MARK_SHIPPED: {"unit_ids": [], **_OWN},
    Kind.UPDATE_TRACKING: dict(_OWN),
    Kind.BUY_LABEL: {"unit_ids": [], "service_id": "", "measures": None},
    Kind.SPLIT: {"groups": []},
    Kind.COMBINE: {"offer_id": "", "order_ids": []},
    Kind.UNCOMBINE: {"order_ids": []},
    Kind.DELIVER: {"failed_because": ""},
    Kind.CANCEL: {"reason": "", "unit_ids": []},
    Kind.APPROVE_CANCELLATION: {},
    Kind.REJECT_CANCELLATION: {"reason": "", "comment": ""},
    Kind.CREATE_RETURN: {"reason": "", "kind": "refund", "unit_ids": [], "amount": ""},
    Kind.APPROVE_RETURN: {"decision": "", "keeps_goods": False, "amount": ""},
    Kind.REJECT_RETURN: {"decision": "", "reason": "", "comment": "", "amount": ""},
}
# What is done to one package.
OF_PACKAGE = (Kind.LABEL, Kind.SHIP, Kind.UNCOMBINE, Kind.DELIVER)
# Where an own carrier's number ships a package; elsewhere the order is marked.
_SHIPS_PACKAGES = (SOUTH_EAST_ASIA, LATIN_AMERICA)
# Where an order is split before it is shipped; elsewhere by shipping some of its items.
_SPLITS_FIRST = (SOUTH_EAST_ASIA, LATIN_AMERICA, JAPAN)


@dataclass(frozen=True, slots=True)
class Wish:
    """`details` are plain JSON, by kind:

    PULL {} · LABEL {"kind", "size", "format"} ·
    SHIP {"handover_method", "slot": [start, end] in ISO 8601 or null,
    "tracking_number", "provider_id", "provider"} (a number of one's own, or a
    handover, or neither) ·
    MARK_SHIPPED {"unit_ids" (none: all), "tracking_number", "provider_id", "provider"}
    · UPDATE_TRACKING the same without units · BUY_LABEL {"unit_ids", "service_id",
    "measures": {"length", "width", "height", "unit", "weight", "weight_unit"} or null}
    · SPLIT {"groups": [[unit ids], …]} · COMBINE {"offer_id", "order_ids"} ·
    UNCOMBINE {"order_ids"} (none: all) · DELIVER {"failed_because"} ·
    CANCEL {"reason", "unit_ids"} (none: all) · APPROVE_CANCELLATION {} ·
    REJECT_CANCELLATION {"reason", "comment"} · CREATE_RETURN {"reason", "kind",
    "unit_ids", "amount"} · APPROVE_RETURN {"decision", "keeps_goods", "amount"} ·
    REJECT_RETURN {"decision", "reason", "comment", "amount"} (of a part offered
    instead).

    Amounts are text in the order's currency. `row` is the line of a file it stands on.
    What a kind does not know is refused; what is left out is empty.
    """

    order: Order
    kind: OrderAction.Kind
    details: Mapping[str, Any] = field(default_factory=dict)
    package: Package | None = None
    cancellation: Cancellation | None = None
    order_return: Return | None = None
    row: int | None = None


def completed(wish: Wish) -> Wish:
    """With all details of its kind. Raises ActionRefused for what the kind does not
    know, or what is of another sort."""
    usual = DETAILS[Kind(wish.kind)]
    if unknown := sorted(wish.details.keys() - usual.keys()):
        raise ActionRefused(f"“{unknown[0]}” says nothing about this.")
    given = {name: _stripped(value) for name, value in wish.details.items()}
    details: dict[str, Any] = {**usual, **given}
    for name, value in details.items():
        if not _is_of_sort(value, usual[name]):
            raise ActionRefused(f"“{name}” cannot be understood.")
    return replace(wish, kind=Kind(wish.kind), details=details)


def target_of(wish: Wish) -> str:
    """What a completed wish is about: of one kind and target one is open at a time."""
    details, order_id = wish.details, wish.order.remote_id
    if wish.kind == Kind.LABEL:
        paper = f"{details['kind']}:{details['size']}:{details['format']}"
        return f"{_package_id(wish)}:{paper}"
    if wish.kind in OF_PACKAGE:
        return _package_id(wish)
    if wish.kind == Kind.UPDATE_TRACKING:
        return wish.package.remote_id if wish.package else order_id
    if wish.kind in (Kind.MARK_SHIPPED, Kind.BUY_LABEL):
        return order_id + _some_of(details["unit_ids"])
    if wish.kind == Kind.COMBINE:
        return str(details["offer_id"])[:80]
    request = wish.cancellation or wish.order_return
    return request.remote_id if request is not None else order_id


def ships_packages(order: Order) -> bool:
    """Whether a number of one's own goes with a package, not with the order."""
    return region_of(order.shop.region).group in _SHIPS_PACKAGES


def splits_first(order: Order) -> bool:
    """Whether an order is split before anything of it is shipped."""
    return region_of(order.shop.region).group in _SPLITS_FIRST


def is_us(order: Order) -> bool:
    return region_of(order.shop.region).is_us


def _package_id(wish: Wish) -> str:
    return wish.package.remote_id if wish.package else wish.order.remote_id


def _some_of(unit_ids: Sequence[str]) -> str:
    """Tells some items of an order from all of it, however many are named."""
    if not unit_ids:
        return ""
    return ":" + hashlib.sha256(",".join(sorted(unit_ids)).encode()).hexdigest()[:16]


def _stripped(value: Any) -> Any:
    value = storable(value)
    return value.strip() if isinstance(value, str) else value


def _is_of_sort(value: Any, usual: Any) -> bool:
    if usual is None:  # a slot, or measures
        return value is None or isinstance(value, list | dict)
    if isinstance(usual, list):
        return isinstance(value, list)
    return isinstance(value, type(usual))
