"""Pages of the stock: what lies where, and what shops are told of it."""

from django.contrib import admin

from apps.inventory.admin.documents import DocumentAdmin
from apps.inventory.admin.incidents import IncidentAdmin
from apps.inventory.admin.levels import LevelAdmin
from apps.inventory.admin.movements import MovementAdmin
from apps.inventory.admin.rules import StockRuleAdmin
from apps.inventory.admin.warehouses import WarehouseAdmin
from apps.inventory.models import (
    OversellIncident,
    StockDocument,
    StockLevel,
    StockMovement,
    StockRule,
    Warehouse,
)

admin.site.register(StockRule, StockRuleAdmin)
admin.site.register(Warehouse, WarehouseAdmin)
admin.site.register(StockLevel, LevelAdmin)
admin.site.register(StockMovement, MovementAdmin)
admin.site.register(StockDocument, DocumentAdmin)
admin.site.register(OversellIncident, IncidentAdmin)
