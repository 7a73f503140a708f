from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """Stock per SKU and warehouse, and its ledger."""

    name = "apps.inventory"
    verbose_name = "Stock"
