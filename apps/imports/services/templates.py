"""Empty files with the headings of each kind that we read."""

from collections.abc import Sequence

from apps.imports.models import ImportRun
from apps.integrations.tiktok.exports import (
    affiliate_columns,
    headers,
    layout,
    product_columns,
    returns_columns,
)
from apps.products.services.mapping_files import COLUMNS as MAPPING_COLUMNS

TRACKING = "tracking"
_STOCK = ("SKU", "quantity", "warehouse", "mode", "reason", "counted at", "note")
_TRACKING = ("Order ID", "Carrier", "Tracking number", "Package ID")


def _orders() -> Sequence[str]:
    """What files of every region have, in Seller Center's turn."""
    read = {*headers.MANDATORY, *headers.TRUNK}
    return [layout.title(each) for each in headers.Column if each in read]


def _returns() -> Sequence[str]:
    no_data = returns_columns.Column.ERROR
    return [returns_columns.title(c) for c in returns_columns.Column if c != no_data]


def _products() -> Sequence[str]:
    no_data = product_columns.Column.ERROR
    return [each.value for each in product_columns.Column if each != no_data]


def _affiliate() -> Sequence[str]:
    column = affiliate_columns.Column
    of_creators = {column.TOTAL, column.PARTNER, column.TAX_ISR, column.TAX_IVA}
    no_data = {column.ERROR, column.TAX_PIT, column.BONUS, *of_creators}
    return [affiliate_columns.title(c) for c in column if c not in no_data]


# {kind: its headings}
TEMPLATES: dict[str, Sequence[str]] = {
    ImportRun.Kind.ORDERS.value: _orders(),
    ImportRun.Kind.RETURNS.value: _returns(),
    ImportRun.Kind.AFFILIATE.value: _affiliate(),
    ImportRun.Kind.PRODUCTS.value: _products(),
    ImportRun.Kind.STOCK.value: _STOCK,
    ImportRun.Kind.MAPPING.value: MAPPING_COLUMNS,
    TRACKING: _TRACKING,
}
