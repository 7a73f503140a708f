"""Files which sellers download from Seller Center, read into our words.

`inspect_orders_file` checks an order export as a whole; what it returns has the
problems, the figures, and `orders()`. `inspect_products_file` does so for a product
list, `inspect_returns_file` for returns.
"""

from apps.integrations.tiktok.exports.error_file import write_error_file
from apps.integrations.tiktok.exports.problems import FileRefused, Problem
from apps.integrations.tiktok.exports.product_error_file import (
    write_products_error_file,
)
from apps.integrations.tiktok.exports.product_report import ProductsFileReport
from apps.integrations.tiktok.exports.products import (
    ProductsFile,
    inspect_products_file,
)
from apps.integrations.tiktok.exports.reader import (
    OrdersFile,
    inspect_orders_file,
    read_orders,
)
from apps.integrations.tiktok.exports.report import OrdersFileReport, Total
from apps.integrations.tiktok.exports.returns import (
    ReturnsFile,
    inspect_returns_file,
)
from apps.integrations.tiktok.exports.returns_error_file import (
    write_returns_error_file,
)
from apps.integrations.tiktok.exports.returns_report import ReturnsFileReport

__all__ = [
    "FileRefused",
    "OrdersFile",
    "OrdersFileReport",
    "Problem",
    "ProductsFile",
    "ProductsFileReport",
    "ReturnsFile",
    "ReturnsFileReport",
    "Total",
    "inspect_orders_file",
    "inspect_products_file",
    "inspect_returns_file",
    "read_orders",
    "write_error_file",
    "write_products_error_file",
    "write_returns_error_file",
]
