from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Orders, their lines and buyers."""

    name = "apps.orders"
    verbose_name = "Orders"
