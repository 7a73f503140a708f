"""How changes of each kind of file are taken back."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from apps.content.models import AffiliateOrder
from apps.content.services import affiliate_snapshots
from apps.finance.models import SettlementTransaction
from apps.finance.services import settlement_snapshots
from apps.imports.models import ImportChange, ImportRun
from apps.imports.services.affiliate import depending_sales
from apps.imports.services.depending import Dependent, depending
from apps.imports.services.depending_items import (
    depending_listings,
    depending_returns,
)
from apps.imports.services.settlements import depending_settlements
from apps.orders.models import Order, OrderEvent, Return
from apps.orders.services.events import Happening, note_events
from apps.orders.services.restoring import remove, restore
from apps.orders.services.return_snapshots import remove_returns, restore_returns
from apps.platforms.models import Shop
from apps.products.models import Listing
from apps.products.services.listing_snapshots import restore_listings
from apps.users.services.audit import By

_Before = Mapping[int, Any]


@dataclass(frozen=True, slots=True)
class Way:
    """`noun` is what the items are, `column` where a change names its one; `shown` are
    the item's columns that are asked for, `also` the change's. `take_back` lets items,
    {key: as it was before, or null}, be as they were; the caller holds the shop's lock,
    `lock` takes the items' own."""

    noun: str
    column: str
    shown: tuple[str, ...]
    also: tuple[str, ...]
    depending: Callable[[ImportRun, Shop, Sequence[ImportChange]], list[Dependent]]
    lock: Callable[[Collection[int]], object]
    take_back: Callable[[ImportRun, Shop, _Before, By], None]

    def changes(self, run: ImportRun, *columns: str) -> QuerySet[ImportChange]:
        """A run's changes in their turn, with what `depending` asks of them, and these
        columns."""
        rows = run.changes.select_related(self.column).order_by("pk")
        shown = (f"{self.column}__{name}" for name in self.shown)
        return rows.only("run", "after", self.column, *shown, *self.also, *columns)


def _take_orders_back(run: ImportRun, shop: Shop, before: _Before, by: By) -> None:
    if known := {key: told for key, told in before.items() if told is not None}:
        orders = restore(shop, known)
        note_events([_happening(run, order, by) for order in orders])
    if gone := before.keys() - known.keys():
        remove(shop, gone)


def _happening(run: ImportRun, order: Order, by: By) -> Happening:
    text = f"Back to what it was before “{run.file_name}” was read in"
    return Happening(order, OrderEvent.Kind.CHANGED, text, by=by)


def _take_returns_back(run: ImportRun, shop: Shop, before: _Before, by: By) -> None:
    # What is new and what is not comes in batches of its own.
    if known := {key: told for key, told in before.items() if told is not None}:
        restore_returns(shop, known)
    if gone := before.keys() - known.keys():
        remove_returns(shop, gone)


def _take_listings_back(run: ImportRun, shop: Shop, before: _Before, by: By) -> None:
    restore_listings(shop, before)


def _take_sales_back(run: ImportRun, shop: Shop, before: _Before, by: By) -> None:
    if known := {key: told for key, told in before.items() if told is not None}:
        affiliate_snapshots.restore(known)
    if gone := before.keys() - known.keys():
        affiliate_snapshots.remove(gone)


def _take_settlements_back(run: ImportRun, shop: Shop, before: _Before, by: By) -> None:
    if known := {key: told for key, told in before.items() if told is not None}:
        settlement_snapshots.restore(known)
    if gone := before.keys() - known.keys():
        settlement_snapshots.remove(gone)


def _locks(model: type[Any]) -> Callable[[Collection[int]], object]:
    """Whoever writes something about these rows waits, or is seen."""

    def lock(keys: Collection[int]) -> object:
        rows = model.objects.filter(pk__in=keys).order_by("pk")
        return list(rows.select_for_update(of=("self",)).values_list("pk"))

    return lock


WAYS: dict[str, Way] = {
    ImportRun.Kind.ORDERS: Way(
        noun="order",
        column="order",
        shown=("remote_id", "buyer_erased_at"),
        also=(),
        depending=depending,
        lock=_locks(Order),
        take_back=_take_orders_back,
    ),
    ImportRun.Kind.RETURNS: Way(
        noun="return",
        column="order_return",
        shown=("remote_id", "order", "source"),
        also=(),
        depending=depending_returns,
        lock=_locks(Return),
        take_back=_take_returns_back,
    ),
    ImportRun.Kind.AFFILIATE: Way(
        noun="row",
        column="affiliate_order",
        shown=("remote_order_id",),
        also=(),
        depending=depending_sales,
        lock=_locks(AffiliateOrder),
        take_back=_take_sales_back,
    ),
    ImportRun.Kind.SETTLEMENT: Way(
        noun="line",
        column="settlement",
        shown=("subject_id", "source"),
        also=(),
        depending=depending_settlements,
        lock=_locks(SettlementTransaction),
        take_back=_take_settlements_back,
    ),
    ImportRun.Kind.PRODUCTS: Way(
        noun="product",
        column="listing",
        shown=("remote_id", "source"),
        also=("before",),
        depending=depending_listings,
        lock=_locks(Listing),
        take_back=_take_listings_back,
    ),
}
