"""Which returns and listings that a run changed something later depends on, and what
that is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Model, QuerySet

from apps.imports.models import ImportChange, ImportRun
from apps.imports.services.depending import Dependent, inspected, later_imports
from apps.orders.models import Order, OrderAction, Return
from apps.orders.services import return_snapshots
from apps.orders.services.return_snapshots import snapshots_of_returns
from apps.platforms.models import Shop
from apps.products.models import Listing, ListingSku
from apps.products.services import listing_snapshots
from apps.products.services.listing_snapshots import (
    skus_added,
    snapshots_of_listings,
)

_TOLD = "TikTok has told more of it since."
_CHANGED = "It has changed, or was told again, since."
# What refers to a SKU or a listing, and what that means; others say their name.
_SAYS = {
    "orders.orderline": "Orders name its SKUs.",
    "products.mappingchange": "Its SKUs were matched.",
    "products.listingdraft": "A draft is about it.",
    "products.publishitem": "A publishing run names it.",
    "sync.stockpush": "TikTok was told its stock.",
    "sync.stockdrift": "Its stock was compared with TikTok's.",
}
# Rows that follow by themselves, or are looked at otherwise.
_NO_REASON = frozenset(
    {
        "imports.importchange",
        "products.listingpayload",
        "products.listingsku",
        "products.mappingsuggestion",
    }
)


def depending_returns(
    run: ImportRun, shop: Shop, changes: Sequence[ImportChange]
) -> list[Dependent]:
    """Those of these changes, with their returns at hand, that cannot be taken back."""
    rows = {row.pk: row for change in changes if (row := change.order_return)}
    now = snapshots_of_returns(shop, [row.remote_id for row in rows.values()])
    prints = {key: return_snapshots.print_of(told) for key, told in now.values()}
    found = [
        *_of_returns(run, rows),
        *later_imports(run, changes, "order_return"),
        *_other_prints(changes, "order_return_id", prints, lambda key: rows[key]),
    ]
    return _dependents(rows, found)


def depending_listings(
    run: ImportRun, shop: Shop, changes: Sequence[ImportChange]
) -> list[Dependent]:
    """Those of these changes, with their listings at hand and what was before, that
    cannot be taken back."""
    rows = {row.pk: row for change in changes if (row := change.listing)}
    now = snapshots_of_listings(shop, {row.remote_id: () for row in rows.values()})
    prints = {key: listing_snapshots.print_of(told) for key, told in now.values()}
    before = {row.listing_id: row.before for row in changes if row.listing_id}
    found = [
        *_of_skus(before),
        *_matched(run, rows),
        *later_imports(run, changes, "listing"),
        *_other_prints(changes, "listing_id", prints, lambda key: rows[key]),
    ]
    return _dependents(rows, found)


def _dependents(
    rows: Mapping[int, Any], found: Sequence[tuple[int, str]]
) -> list[Dependent]:
    """One a row, with the first that was found."""
    reasons: dict[int, str] = {}
    for key, why in found:
        reasons.setdefault(key, why)
    return [
        Dependent(key, row.remote_id, reasons[key])
        for key, row in rows.items()
        if key in reasons
    ]


def _of_returns(
    run: ImportRun, rows: Mapping[int, Return]
) -> Iterator[tuple[int, str]]:
    since = run.started_at
    actions = OrderAction.objects.exclude(kind=OrderAction.Kind.PULL).filter(
        order_return__in=rows, created_at__gte=since
    )
    for key, kind in actions.order_by("pk").values_list("order_return", "kind"):
        yield int(key or 0), f"“{OrderAction.Kind(kind).label}” was asked for."
    orders = {row.order_id for row in rows.values() if row.order_id}
    looked_at = set(inspected(orders, since))
    for key, row in rows.items():
        if row.order_id in looked_at:
            yield key, "Goods that came back were inspected."


def _of_skus(before: Mapping[int, Any]) -> Iterator[tuple[int, str]]:
    """What refers to SKUs and listings that would go."""
    going = skus_added(before)
    for rows, name, why in _references(ListingSku, going):
        for key in rows.values_list(f"{name}__listing", flat=True).distinct():
            yield key, why
    new = [key for key, told in before.items() if (told or {}).get("columns") is None]
    for rows, name, why in _references(Listing, new):
        for key in rows.values_list(name, flat=True).distinct():
            yield key, why


def _references(
    model: type[Model], keys: Sequence[int]
) -> Iterator[tuple[QuerySet[Any], str, str]]:
    """(rows that refer to any of these, by which column, what it means)."""
    for each in model._meta.related_objects:
        other = each.related_model
        if other._meta.label_lower in _NO_REASON:
            continue
        name = each.field.name
        rows = other._default_manager.filter(**{f"{name}__in": keys}).order_by()
        usual = f"{str(other._meta.verbose_name_plural).capitalize()} refer to it."
        yield rows, name, _SAYS.get(other._meta.label_lower, usual)


def _matched(run: ImportRun, rows: Mapping[int, Listing]) -> Iterator[tuple[int, str]]:
    decided = (ListingSku.Mapping.MATCHED, ListingSku.Mapping.IGNORED)
    skus = ListingSku.objects.filter(
        listing__in=rows, mapping__in=decided, mapped_at__gte=run.started_at
    )
    for key in skus.order_by().values_list("listing", flat=True).distinct():
        yield key, "Its SKUs were matched."


def _other_prints(
    changes: Sequence[ImportChange],
    column: str,
    prints: Mapping[Any, str],
    row_of: Callable[[int], Any],
) -> Iterator[tuple[int, str]]:
    for change in changes:
        key = getattr(change, column)
        if prints.get(key) != change.after:
            is_told = row_of(key).source == Order.Source.API
            yield key, _TOLD if is_told else _CHANGED
