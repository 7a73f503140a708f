"""The SKUs of a listing as a form shows them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.core.money import Money
from apps.integrations.contracts import RemoteAttribute, RemoteWarehouse
from apps.products.models import Variant
from apps.products.services.prices import PlannedPrice, Unpriced
from apps.products.services.publishing import limits
from apps.products.services.publishing.problems import Problem

KEEP = "keep"
Sku = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """An attribute the SKUs differ by; `name` alone where it is of our own making."""

    attribute_id: str
    name: str

    @property
    def value(self) -> str:
        """In the form's list of attributes."""
        return self.attribute_id or "own"


@dataclass(slots=True)
class Row:
    """One SKU as the form shows it."""

    key: str
    sku: Sku
    traits: list[str]
    stock: list[tuple[str, str, Any]]
    plan: PlannedPrice | Unpriced | None
    variant: Variant | None
    picture: str
    problems: dict[str, list[Problem]] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        return not self.sku.get("id")

    @property
    def price(self) -> str:
        return str((self.sku.get("price") or {}).get("amount") or "")

    @property
    def list_price(self) -> str:
        return str((self.sku.get("list_price") or {}).get("amount") or "")

    @property
    def code(self) -> dict[str, Any]:
        return self.sku.get("identifier_code") or {}

    @property
    def planned(self) -> Money | None:
        return self.plan.price if isinstance(self.plan, PlannedPrice) else None

    @property
    def plan_words(self) -> str:
        if isinstance(self.plan, PlannedPrice):
            return self.plan.words + (
                " The rate is old." if self.plan.is_rate_old else ""
            )
        if isinstance(self.plan, Unpriced):
            return f"No planned price: {self.plan.reason}."
        return "No planned price: it is matched to no variant."


def columns_of(skus: Sequence[Sku]) -> list[Column]:
    """What any SKU varies by, as the first that has it orders them."""
    found: dict[str, Column] = {}
    for sku in skus:
        for row in sku.get("sales_attributes") or []:
            key = str(row.get("id") or row.get("name") or "")
            found.setdefault(
                key, Column(str(row.get("id") or ""), str(row.get("name") or ""))
            )
    return list(found.values())[: limits.MOST_SALES_ATTRIBUTES]


def offered(
    columns: list[Column], known: Sequence[RemoteAttribute]
) -> list[dict[str, Any]]:
    """The columns, and one more to be begun; each with the values it knows."""
    by_id = {each.remote_id: each for each in known}
    shown: list[Column | None] = [*columns]
    if len(columns) < limits.MOST_SALES_ATTRIBUTES:
        shown.append(None)
    return [
        {
            "place": place,
            "column": column,
            "value": column.value if column else "",
            "name": column.name if column else "",
            "is_foreign": bool(
                column and column.attribute_id and column.attribute_id not in by_id
            ),
            "values": [value.name for value in by_id[column.attribute_id].values[:300]]
            if column and column.attribute_id in by_id
            else [],
        }
        for place, column in enumerate(shown)
    ]


def told_by(sku: Sku, column: Column) -> str:
    for row in sku.get("sales_attributes") or []:
        if str(row.get("id") or row.get("name")) == (
            column.attribute_id or column.name
        ):
            return str(row.get("value_name") or row.get("value_id") or "")
    return ""


def stock_of(
    sku: Sku, warehouses: Sequence[RemoteWarehouse]
) -> list[tuple[str, str, Any]]:
    """(warehouse ID, its name, quantity) of those known and those it has."""
    names = {each.remote_id: each.name or each.remote_id for each in warehouses}
    told = {
        str(row.get("warehouse_id")): row.get("quantity", "")
        for row in sku.get("inventory") or []
    }
    keys = list(dict.fromkeys([*told, *names]))
    return [(key, names.get(key, key), told.get(key, "")) for key in keys if key]


def picture_of(sku: Sku) -> str:
    for row in sku.get("sales_attributes") or []:
        if picture := row.get("sku_img"):
            return str(picture.get("image") or KEEP)
    return ""
