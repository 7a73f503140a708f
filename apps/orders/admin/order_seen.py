"""What somebody saw of an order when a form was opened, to compare when it comes back.

It travels signed in a hidden field: what changed on the platform meanwhile is shown
with both values, and asked about again.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.core import signing

from apps.core.money import Money
from apps.orders.models import Cancellation, Order, Package, Return

FIELD = "seen"
_SALT = "orders.seen"


class Change(NamedTuple):
    label: str
    was: str
    now: str


def token_of(values: Mapping[str, Any]) -> str:
    """`values` are plain JSON."""
    return signing.dumps(dict(values), salt=_SALT, compress=True)


def read(token: str) -> dict[str, Any]:
    """What was seen; nothing of a token that is none."""
    try:
        seen: dict[str, Any] = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return {}
    return seen


def changes_since(token: str, values: Mapping[str, str]) -> list[Change]:
    """What differs from then; a token that is none knows nothing, so all does."""
    seen = read(token)
    return [
        Change(label, str(seen.get(label, "not known")) or "—", now or "—")
        for label, now in values.items()
        if seen.get(label) != now
    ]


def _items(order: Order) -> str:
    """As “1 in transit, 2 to ship”; nothing where no source tells items apart."""
    units = (unit for line in order.lines.all() for unit in line.units)
    counts = Counter(
        f"{status} in {package or 'no package'}" for _, status, package in units
    )
    return ", ".join(f"{count} {words}" for words, count in sorted(counts.items()))


def values_of(
    order: Order,
    package: Package | None = None,
    request: Cancellation | Return | None = None,
) -> dict[str, str]:
    """{label: value} of what a deed hangs on; nothing of the buyer."""
    total = (
        ""
        if order.total_amount is None
        else str(Money(order.total_amount, order.currency))
    )
    found = {
        "Status": order.get_status_display(),
        "Cancellation requested": "yes" if order.is_cancel_requested else "no",
        "Return": order.get_return_state_display(),
        "Carrier": order.carrier,
        "Tracking number": order.tracking_number,
        "Total": total,
        "Items": _items(order),
    }
    if package is not None:
        found["Package"] = package.get_status_display() or package.status_text
        found["Package's number"] = package.tracking_number
    if request is not None:
        found["Request"] = request.get_status_display()
        found["What TikTok waits for"] = request.next_action
        amount = request.refund_amount
        found["Refund asked for"] = "" if amount is None else f"{amount.normalize():f}"
    return found
