"""Which of our warehouses an order leaves, by what the platform calls the place."""

from dataclasses import dataclass
from itertools import chain, count

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from apps.inventory.models import ShopWarehouse, Warehouse
from apps.platforms.models import Shop

FIRST_NAME = "Main warehouse"


@dataclass(frozen=True, slots=True)
class Places:
    """Of one shop. `named` is {warehouse ID or its name in lower case: our key}."""

    named: dict[str, int]
    otherwise: int

    def of(self, text: str) -> int:
        """The key of our warehouse; a place nobody has mapped is the usual one."""
        return self.named.get(text.strip().lower(), self.otherwise)


def places_of_shop(shop: Shop) -> Places:
    """As the warehouses are mapped now; the client's default is made if missing."""
    rows = ShopWarehouse.objects.filter(shop=shop, warehouse__isnull=False)
    named: dict[str, int] = {}
    otherwise = None
    for row in rows.order_by("-is_active", "pk"):
        assert row.warehouse_id is not None
        for text in (row.remote_id, row.name):
            if text:
                named.setdefault(text.strip().lower(), row.warehouse_id)
        if row.is_default and row.kind == ShopWarehouse.Kind.SALES:
            otherwise = row.warehouse_id
    return Places(named, otherwise or default_warehouse(shop.client_id).pk)


def default_warehouse(client_id: int) -> Warehouse:
    """Where goods are that nobody said another place of; made when first asked for."""
    rows: QuerySet[Warehouse] = Warehouse.objects.filter(client=client_id)
    if row := rows.filter(is_default=True).first():
        return row
    try:
        with transaction.atomic():
            if other := rows.filter(is_active=True).first():
                other.is_default = True
                other.save(update_fields=["is_default", "modified_at"])
                return other
            name = _free_name(rows)
            return rows.create(client_id=client_id, name=name, is_default=True)
    except IntegrityError:  # another process was faster
        return rows.get(is_default=True)


def _free_name(warehouses: "QuerySet[Warehouse]") -> str:
    taken = {name.lower() for name in warehouses.values_list("name", flat=True)}
    names = chain([FIRST_NAME], (f"{FIRST_NAME} {number}" for number in count(2)))
    return next(name for name in names if name.lower() not in taken)
