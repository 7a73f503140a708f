"""Small files of each kind, to be damaged, and what may come of them then."""

import csv
import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from apps.integrations.tiktok.exports import (
    FileRefused,
    inspect_orders_file,
    inspect_products_file,
    inspect_returns_file,
)
from tests.imports.product_lists import COLUMNS, HEAD, LAMP, MUG, row
from tests.integrations.tiktok.exports import test_returns as returns
from tests.integrations.tiktok.exports.files import FOLDER, as_csv

SHOP: dict[str, Any] = {"currency": "MYR", "region": "MY"}
PLACE = SHOP | {"timezone": "Asia/Kuala_Lumpur"}
Cells = list[list[str]]


@dataclass(frozen=True)
class Kind:
    """`rows` are what stands below the header, `head` of them for people; `key` is the
    column of the item's ID. `inspect` checks a file, `items` are what it holds then,
    `numbers` what of an item must never be wrong in silence."""

    name: str
    header: list[str]
    rows: Cells
    head: int
    key: int
    inspect: Callable[[Path], Any]
    items: Callable[[Any], list[Any]]
    numbers: Callable[[Any], Any]

    @property
    def ids(self) -> list[str]:
        """Of which item each row is; "" for those that are of none."""
        of_items = [row[self.key].strip() for row in self.rows[self.head :]]
        return [""] * self.head + of_items

    @property
    def content(self) -> bytes:
        content: bytes = as_csv(self.rows, header=self.header)
        return content

    @property
    def ends(self) -> list[int]:
        """Where in it the header ends, and each row."""
        rows = range(len(self.rows) + 1)
        return [len(as_csv(self.rows[:n], header=self.header)) for n in rows]


@dataclass(frozen=True)
class Found:
    """What a file that was not refused holds: {ID: item}, and of which items anything
    is said, "" being the file or a row without an ID."""

    items: dict[str, Any]
    spoken_of: set[str]
    report: Any


def read(kind: Kind, content: bytes) -> Found | None:
    """None where the file is refused. Its rows add up and its items match its report,
    whatever was done to it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        try:
            file = kind.inspect(path)
        except FileRefused:
            return None
        items = kind.items(file)
    report = file.report
    assert report.rows == rows_told(report)
    found = {item.remote_id: item for item in items}
    assert len(found) == len(items)
    spoken_of = {
        problem.return_id or problem.product_id or problem.order_id
        for problem in file.problems
    }
    return Found(found, spoken_of, report)


def rows_told(report: Any) -> int:
    """What the rows of a file are said to be, added up."""
    names = ("accepted", "copied", "older", "description", "blank", "refused")
    counts = [getattr(report, f"{name}_rows", 0) for name in names]
    return sum(counts) + getattr(report, "rows_for_people", 0)


def parsed(content: bytes) -> Cells:
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    return list(csv.reader(text))


def _plain(item: Any, lines: str) -> Any:
    """Whatever turn its rows came in; without the rows themselves."""
    inner = tuple(sorted(getattr(item, lines), key=repr))
    told = {lines: inner, "raw": {}}
    if hasattr(item, "tracking_number"):  # of several, that of the first row
        told["tracking_number"] = ""
    return replace(item, **told)


def _order_numbers(order: Any) -> Any:
    names = (
        "status",
        "currency",
        "placed_at",
        "paid_at",
        "shipped_at",
        "total_amount",
        "refund_amount",
        "subtotal_amount",
        "original_amount",
        "shipping_amount",
    )
    lines = {
        (n.remote_sku_id, n.quantity, n.returned_quantity, n.unit_price, n.amount)
        for n in order.lines
    }
    return [getattr(order, name) for name in names], lines


def _return_numbers(item: Any) -> Any:
    lines = {(n.remote_id, n.quantity, n.refund) for n in item.lines}
    told = (item.order_id, item.kind, item.status, item.created_at, item.refunded_at)
    return told, item.refund, lines


def _product_numbers(listing: Any) -> Any:
    skus = {(n.remote_id, n.price, n.currency, n.quantity) for n in listing.skus}
    return listing.status, skus


_ORDERS = parsed((FOLDER / "orders-my.csv").read_bytes())
for _each in _ORDERS[2:]:  # as real ones have them, in columns that nobody reads
    _each[_ORDERS[0].index("Weight(kg)")] = "0.35"
    _each[_ORDERS[0].index("Product Category")] = "Drinkware"
ORDERS = Kind(
    "orders",
    _ORDERS[0],
    _ORDERS[1:],
    1,
    0,
    lambda path: inspect_orders_file(path, **PLACE),
    lambda file: [_plain(order, "lines") for order in file.orders()],
    _order_numbers,
)
RETURNS = Kind(
    "returns",
    returns.HEADER,
    [
        returns.make_row(),
        returns.make_row(**returns.MUG, return_unit_price="10.55"),
        returns.make_row(
            **returns.SECOND, return_unit_price="20", return_quantity="2",
            order_amount="55", seller_sku="10012",
        ),
        returns.make_row(
            return_order_id="4036000000000000033\t", return_type="Refund only",
            return_status="In process", return_sub_status="Request pending",
            refund_time="\t", return_logistics_tracking_id="", return_unit_price="5.5",
        ),
        returns.make_row(
            return_order_id="4036000000000000044\t", return_status="Refund rejected",
            refund_time="\t", buyer_note="Too small,\nsorry", dispute_status="Closed",
        ),
    ],
    0,
    0,
    lambda path: inspect_returns_file(path, **PLACE),
    lambda file: [_plain(item, "lines") for item in file.returns()],
    _return_numbers,
)  # fmt: skip
_SIZED = {
    "parcel_length": "10", "parcel_width": "12", "parcel_height": "8.5", "cod": "Yes",
}  # fmt: skip
_PRODUCTS = [
    row(1, **_SIZED),
    row(2, price="41", quantity="", **_SIZED),
    row(3, MUG, seller_sku="10012", **_SIZED),
    row(4, "1729000000000000333", image_2="", price="RM 1,040.50", seller_sku=""),
    row(5, "1729000000000000444", price="40", seller_sku="10013", parcel_weight=""),
]
PRODUCTS = Kind(
    "products",
    list(COLUMNS),
    [
        *([*some] + [""] * (len(COLUMNS) - len(some)) for some in HEAD),
        *([each.get(column, "") for column in COLUMNS] for each in _PRODUCTS),
    ],
    len(HEAD),
    0,
    lambda path: inspect_products_file(path, **SHOP),
    lambda file: [_plain(listing, "skus") for listing in file.listings],
    _product_numbers,
)
assert {LAMP, MUG} < set(PRODUCTS.ids)
KINDS = (ORDERS, RETURNS, PRODUCTS)
