"""Stock as the platform sells from it, and what becomes of what we set."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class RemoteWarehouseStock:
    """Units of a SKU in one warehouse; see RemoteStock."""

    remote_warehouse_id: str
    available: int | None = None
    committed: int | None = None


@dataclass(frozen=True, slots=True)
class RemoteStock:
    """Units of one SKU of a listing, over all warehouses and by each.

    `available` can still be sold, `committed` is sold and not yet shipped; neither
    counts the other. Of what is available, `campaign` units are kept for campaigns and
    `creator` units for creators.
    """

    remote_sku_id: str
    remote_product_id: str
    seller_sku: str = ""
    available: int | None = None
    committed: int | None = None
    by_warehouse: tuple[RemoteWarehouseStock, ...] = ()
    campaign: int = 0
    creator: int = 0


@dataclass(frozen=True, slots=True)
class StockAnswer:
    """What a search of stock found.

    `missing` are the ids asked for of which nothing came; `malformed` the SKUs that
    came and cannot be read: (SKU id if it has one, why).
    """

    stock: tuple[RemoteStock, ...] = ()
    missing: tuple[str, ...] = ()
    malformed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SkuStock:
    """Stock to be set: {remote warehouse id: units that can be sold}.

    `quantities` names every warehouse the SKU is held in; the platform wants all.
    """

    remote_sku_id: str
    quantities: Mapping[str, int]


class StockFault(StrEnum):
    """Why the platform did not take stock, named by what can be done about it."""

    RETRY = "retry"  # busy, or its own fault: the same again, later
    ZERO_REFUSED = "zero_refused"  # it takes no 0: sold out must be said otherwise
    OUT_OF_RANGE = "out_of_range"  # more units than it takes
    WAREHOUSE = "warehouse"  # missing, wrong, disabled: look at the warehouses again
    LOCKED = "locked"  # global, shared, a bundle, a promotion: not ours to set
    STATUS = "status"  # the listing's state forbids it: read the listing again
    GONE = "gone"  # the listing or the SKU is not in this shop
    SELLER = "seller"  # nothing of this shop is taken until the seller acts
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class StockFailure:
    """One SKU whose stock the platform refused, with what it says of warehouses.

    `code`, `message` and `kind` are of the first reason it gave; messages are fit for
    staff. `warehouses` are (remote warehouse id, code, message) of each it named, so
    only some of those sent may be at fault; none of the SKU's stock counts as taken.
    """

    remote_sku_id: str
    code: int
    message: str
    warehouses: tuple[tuple[str, int, str], ...] = ()
    kind: StockFault = StockFault.OTHER
