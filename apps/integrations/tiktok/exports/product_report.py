"""The figures of a product list."""

from dataclasses import dataclass


@dataclass(slots=True)
class ProductsFileReport:
    """What the file holds; every row is counted once."""

    currency: str
    encoding: str
    rows: int = 0
    accepted_rows: int = 0
    refused_rows: int = 0
    blank_rows: int = 0
    rows_for_people: int = 0
    products: int = 0
    refused_products: int = 0
    rows_without_quantity: int = 0
    rows_without_price: int = 0
    head: tuple[str, ...] = ()
    unknown_columns: tuple[str, ...] = ()
