"""What can go wrong with stock, in words fit for staff."""

from collections.abc import Iterable
from dataclasses import dataclass

from apps.core.errors import DomainError


@dataclass(frozen=True, slots=True)
class Fault:
    """A value that does not hold. `row` is its place among the lines given; None
    speaks of the whole."""

    field: str
    message: str
    row: int | None = None


class StockRefuses(DomainError):
    """Stock cannot be moved or told as asked."""

    code = "stock_refuses"


class DocumentRefused(StockRefuses):
    """Some values of a document do not hold."""

    code = "stock_document_refused"

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = list(faults)
        super().__init__(" ".join(fault.message for fault in self.faults))


class OutOfStock(StockRefuses):
    """Fewer are available than are wanted."""

    code = "out_of_stock"


class WarehouseRefuses(StockRefuses):
    """A warehouse cannot be closed, mapped or made the default as asked."""

    code = "warehouse_refuses"
