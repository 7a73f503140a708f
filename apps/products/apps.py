from django.apps import AppConfig


class ProductsConfig(AppConfig):
    """Own SKUs and their listings in shops."""

    name = "apps.products"
    verbose_name = "Products"
