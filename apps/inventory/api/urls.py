"""Addresses below /api/v1/: stock."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from apps.inventory.api.documents import StockDocuments, StockReservations
from apps.inventory.api.incidents import OversellIncidents
from apps.inventory.api.inspections import Inspections
from apps.inventory.api.levels import StockLevels
from apps.inventory.api.movements import StockMovements
from apps.inventory.api.rules import StockRules
from apps.inventory.api.settings import StockSettings
from apps.inventory.api.shop_warehouses import ShopWarehouses
from apps.inventory.api.warehouses import Warehouses

router = SimpleRouter(use_regex_path=False)
router.register("stock-levels", StockLevels, "stock-level")
router.register("stock-movements", StockMovements, "stock-movement")
router.register("stock-documents", StockDocuments, "stock-document")
router.register("stock-reservations", StockReservations, "stock-reservation")
router.register("inspections", Inspections, "inspection")
router.register("oversell-incidents", OversellIncidents, "oversell-incident")
router.register("stock-rules", StockRules, "stock-rule")
router.register("warehouses", Warehouses, "warehouse")
router.register("shop-warehouses", ShopWarehouses, "shop-warehouse")

urlpatterns = [
    path(
        "shops/<int:pk>/stock-settings/",
        StockSettings.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="shop-stock-settings",
    ),
    *router.urls,
]
