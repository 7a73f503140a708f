"""Our warehouses: made, changed, closed, and which of them is the default."""

from collections.abc import Iterator
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from apps.core.storing import clean
from apps.inventory.errors import WarehouseRefuses
from apps.inventory.models import ShopWarehouse, StockLevel, Warehouse
from apps.inventory.services.documents import By
from apps.users.models import AnyUser, Client
from apps.users.services import audit

MOST_LETTERS = 120
_UNSEEN = (
    "It is a place of a shop you do not see; who looks after that shop has to match "
    "another one first."
)
_HOLDS_SOMETHING = ~Q(on_hand=0, reserved=0, expected_back=0, quarantined=0)


@transaction.atomic
def create_warehouse(client: Client, name: str, by: By, *, note: str = "") -> Warehouse:
    """A client's first is its default. Raises WarehouseRefuses for a name that is
    missing, too long or taken."""
    _lock(client.pk)
    own = Warehouse.objects.filter(client=client)
    warehouse = Warehouse(
        client=client,
        name=_name(name),
        note=clean(note).strip(),
        is_default=not own.filter(is_default=True).exists(),
    )
    _save(warehouse)
    _record("added a warehouse", warehouse, by)
    return warehouse


@transaction.atomic
def change_warehouse(
    warehouse: Warehouse, by: By, *, name: str | None = None, note: str | None = None
) -> bool:
    """Whether that differs from what it was; None leaves it. Raises WarehouseRefuses as
    above."""
    warehouse = _locked(warehouse)
    was = (warehouse.name, warehouse.note)
    warehouse.name = was[0] if name is None else _name(name)
    warehouse.note = was[1] if note is None else clean(note).strip()
    if was == (warehouse.name, warehouse.note):
        return False
    _save(warehouse)
    _record("changed a warehouse", warehouse, by, was=was[0])
    return True


def why_not_closed(warehouse: Warehouse, user: AnyUser | None = None) -> list[str]:
    """What has to be done before it can be closed, a sentence each; none: it can be.
    No shop is named that the user, if one asks, does not see."""
    return list(_obstacles(warehouse, user))


@transaction.atomic
def close_warehouse(warehouse: Warehouse, by: By) -> bool:
    """It keeps its history and takes nothing in. Repeating it changes nothing.

    Raises WarehouseRefuses with what has to be done before.
    """
    warehouse = _locked(warehouse)
    if not warehouse.is_active:
        return False
    if reasons := why_not_closed(warehouse, by.user):
        raise WarehouseRefuses(f"{warehouse} cannot be closed. {' '.join(reasons)}")
    warehouse.is_active = False
    _save(warehouse)
    _record("closed a warehouse", warehouse, by)
    return True


@transaction.atomic
def open_warehouse(warehouse: Warehouse, by: By) -> bool:
    """One that was closed takes goods in again. Repeating it changes nothing."""
    warehouse = _locked(warehouse)
    if warehouse.is_active:
        return False
    warehouse.is_active = True
    _save(warehouse)
    _record("opened a warehouse again", warehouse, by)
    return True


@transaction.atomic
def make_default(warehouse: Warehouse, by: By) -> bool:
    """In place of the one before. Repeating it changes nothing.

    Orders that name no other place are in the default one: to have them follow, call
    orders.services.warehouses.make_default. Raises WarehouseRefuses for a closed one.
    """
    warehouse = _locked(warehouse)
    if warehouse.is_default:
        return False
    if not warehouse.is_active:
        raise WarehouseRefuses(f"{warehouse} is closed. Open it again first.")
    others = Warehouse.objects.filter(client=warehouse.client_id, is_default=True)
    was = others.first()
    others.update(is_default=False)
    warehouse.is_default = True
    _save(warehouse)
    _record("made a warehouse the default", warehouse, by, was=str(was or ""))
    return True


def _obstacles(warehouse: Warehouse, user: AnyUser | None) -> Iterator[str]:
    if warehouse.is_default:
        yield "It is the default one; make another the default first."
    held = StockLevel.objects.filter(_HOLDS_SOMETHING, warehouse=warehouse).count()
    if held:
        what = "1 SKU lies or is" if held == 1 else f"{held:,} SKUs lie or are"
        yield f"{what} promised there; transfer what is there, or count it as none."
    mapped = ShopWarehouse.objects.filter(warehouse=warehouse)
    seen = mapped if user is None else mapped.visible_to(user)
    for row in seen.select_related("shop").order_by("pk"):
        yield f"“{row}” of {row.shop} is it; match that to another first."
    if user is not None and mapped.exclude(pk__in=seen.values("pk")).exists():
        yield _UNSEEN


def _name(text: str) -> str:
    name = " ".join(clean(text).split())
    if not name:
        raise WarehouseRefuses("Give the warehouse a name.")
    if len(name) > MOST_LETTERS:
        raise WarehouseRefuses(f"A name has at most {MOST_LETTERS} letters.")
    return name


def _lock(client_id: int) -> None:
    """Names and the default are one matter of all warehouses of a client."""
    Client.objects.select_for_update(no_key=True).get(pk=client_id)


def _locked(warehouse: Warehouse) -> Warehouse:
    """As it is now."""
    _lock(warehouse.client_id)
    rows = Warehouse.objects.select_related("client")
    found: Warehouse = rows.get(pk=warehouse.pk)
    return found


def _save(warehouse: Warehouse) -> None:
    try:
        with transaction.atomic():
            warehouse.save()
    except IntegrityError as error:
        raise WarehouseRefuses(
            f"There is a warehouse “{warehouse.name}” already. Choose another name."
        ) from error


def _record(verb: str, warehouse: Warehouse, by: By, **details: Any) -> None:
    audit.record(
        verb,
        warehouse,
        client=warehouse.client,
        actor=by.user,
        address=by.address,
        process=by.process,
        **details,
    )
