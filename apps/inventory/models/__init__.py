"""Stock: where it lies, how it came about, who was promised it, what shops are told."""

from apps.inventory.models.documents import StockDocument, StockDocumentLine
from apps.inventory.models.incidents import OversellIncident
from apps.inventory.models.ledger import (
    Booking,
    StockCount,
    StockLevel,
    StockMovement,
)
from apps.inventory.models.news import StockNews
from apps.inventory.models.rules import ShopStockSettings, StockRule
from apps.inventory.models.warehouses import ShopWarehouse, Warehouse

__all__ = [
    "Booking",
    "OversellIncident",
    "ShopStockSettings",
    "ShopWarehouse",
    "StockCount",
    "StockDocument",
    "StockDocumentLine",
    "StockLevel",
    "StockMovement",
    "StockNews",
    "StockRule",
    "Warehouse",
]
