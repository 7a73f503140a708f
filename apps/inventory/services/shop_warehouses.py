"""The warehouses a shop's platform knows, and which of ours they clearly are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from apps.core.storing import clean
from apps.integrations.contracts import RemoteWarehouse
from apps.inventory.models import ShopWarehouse, Warehouse
from apps.inventory.services.documents import By
from apps.inventory.services.news import tell_of_skus
from apps.inventory.services.places import default_warehouse
from apps.platforms.models import Shop
from apps.products.models import ListingSku
from apps.users.services import audit

Kind = ShopWarehouse.Kind
_RETURNS = "RETURN_WAREHOUSE"


@dataclass(slots=True)
class Learnt:
    """Of a shop's warehouses: new ones, those that changed, those no longer there, and
    those that were matched because it was clear which of ours they are."""

    new: list[ShopWarehouse] = field(default_factory=list)
    changed: list[ShopWarehouse] = field(default_factory=list)
    gone: list[ShopWarehouse] = field(default_factory=list)
    matched: list[ShopWarehouse] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.gone or self.matched)


@transaction.atomic
def learn(shop: Shop, remotes: Sequence[RemoteWarehouse]) -> Learnt:
    """What the platform says of a shop's warehouses. Repeating it changes nothing.

    No answer is no news: a shop has a warehouse. To have orders follow, call
    orders.services.warehouses.learn_warehouses.
    """
    named = {clean(row.remote_id): row for row in remotes if row.remote_id}
    if not named:
        return Learnt()
    Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
    rows = {row.remote_id: row for row in ShopWarehouse.objects.filter(shop=shop)}
    learnt = Learnt()
    for remote_id, remote in named.items():
        row = rows.get(remote_id) or ShopWarehouse(shop=shop, remote_id=remote_id)
        _take(row, remote, learnt)
    for remote_id, row in rows.items():
        if remote_id not in named and (row.is_active or row.is_default):
            row.is_active = row.is_default = False
            row.save()
            learnt.gone.append(row)
    seen = ShopWarehouse.objects.filter(shop=shop, remote_id__in=list(named))
    seen.update(seen_at=timezone.now())
    # One that a person has set free is not matched again behind their back.
    _match(shop, learnt)
    if learnt:
        tell_of_skus(ListingSku.objects.filter(shop=shop))
    return learnt


def _take(row: ShopWarehouse, remote: RemoteWarehouse, learnt: Learnt) -> None:
    kind = Kind.RETURNS if remote.kind == _RETURNS else Kind.SALES
    said = {
        "name": clean(remote.name).strip()[:160],
        "kind": kind,
        "is_active": remote.is_active,
        "is_default": remote.is_default,
    }
    is_new = row.pk is None
    if not is_new and all(getattr(row, name) == said[name] for name in said):
        return
    if kind == Kind.SALES and row.kind == Kind.RETURNS and _is_taken(row):
        row.warehouse = None  # two places of a shop would sell the same pieces
    for name, value in said.items():
        setattr(row, name, value)
    row.save()
    (learnt.new if is_new else learnt.changed).append(row)


def _is_taken(row: ShopWarehouse) -> bool:
    selling = ShopWarehouse.objects.filter(shop=row.shop_id, kind=Kind.SALES)
    return selling.filter(warehouse=row.warehouse_id).exclude(pk=row.pk).exists()


def _match(shop: Shop, learnt: Learnt) -> None:
    """New ones to ours of the same name; the one that sells by default to our default
    one. A place where goods come back is no more than a name."""
    new = [row for row in learnt.new if row.is_active]
    own = Warehouse.objects.filter(client=shop.client_id, is_active=True)
    by_name = {row.name.casefold(): row for row in own}
    rows = ShopWarehouse.objects.filter(shop=shop, kind=Kind.SALES)
    used = set(rows.filter(warehouse__isnull=False).values_list("warehouse", flat=True))
    for row in new:
        ours = by_name.get(row.name.casefold())
        if ours is not None and (row.kind == Kind.RETURNS or ours.pk not in used):
            _set(row, ours, used, learnt)
    if (main := _selling_first(rows, new)) is not None and main.warehouse_id is None:
        ours = default_warehouse(shop.client_id)
        if ours.pk not in used:
            _set(main, ours, used, learnt)


def _selling_first(
    rows: Iterable[ShopWarehouse], new: Sequence[ShopWarehouse]
) -> ShopWarehouse | None:
    """Of the new ones that the shop sells from, the one it uses unless told otherwise:
    its default, or the only one there is."""
    selling = [row for row in rows if row.is_active]
    main = [row for row in selling if row.is_default] or selling
    if len(main) != 1:
        return None
    return next((row for row in new if row.pk == main[0].pk), None)


def _set(row: ShopWarehouse, ours: Warehouse, used: set[int], learnt: Learnt) -> None:
    row.warehouse = ours
    row.save(update_fields=["warehouse", "modified_at"])
    if row.kind == Kind.SALES:
        used.add(ours.pk)
    learnt.matched.append(row)
    record_match(row, By(process="sync"))


def record_match(row: ShopWarehouse, by: By) -> None:
    """Into the audit trail. To be called in the transaction of the deed."""
    audit.record(
        "matched a warehouse" if row.warehouse else "unmatched a warehouse",
        row,
        client=row.shop.client,
        actor=by.user,
        address=by.address,
        process=by.process,
        warehouse=str(row.warehouse or ""),
    )
