"""What the platform says of an order by what hangs on it, such as its returns."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apps.orders.models import Order
from apps.orders.services.merge import show
from apps.orders.services.order_fields import packed, shown_of
from apps.orders.services.testimony import Testimony

# Columns that `tell` may change beside those it is given.
TOLD_COLUMNS = ("testimony", "has_conflict")


def tell(
    order: Order, values: Mapping[str, Any], as_of: datetime | None, *, preferred: str
) -> bool:
    """Write into `order` (not saved) what the platform says by what hangs on it, such
    as the refund by its returns; say whether a column changed.

    `values` is {field: value}; None takes back what was told of it. What is told
    counts as the platform's word as of `as_of`. The caller holds the shop's lock and
    writes the columns named, and TOLD_COLUMNS, wherever the row differs: `testimony`
    may change where no other column does. `preferred` is `preferred_witness(shop)`.
    """
    testimony = Testimony.of(order)
    before = shown_of(order)
    for name, value in values.items():
        if value is None:
            testimony.told.pop(name, None)
        else:
            seconds = as_of.timestamp() if as_of else 0
            testimony.told[name] = [packed(value), seconds]
    show(order, testimony, preferred)
    return shown_of(order) != before
