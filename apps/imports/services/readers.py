"""Kinds of files that are read into a shop: how each is opened, compared and stored.

The page and the command read a file with the same reader, so they come to the same.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from apps.imports.models import ImportRun
from apps.imports.services.affiliate import (
    affiliate_figures,
    compared_sales,
    stored_sales,
)
from apps.imports.services.headings import aliases_of
from apps.imports.services.inspecting import inspected
from apps.imports.services.log import Outcome
from apps.imports.services.order_figures import order_figures
from apps.imports.services.orders import compared_orders, stored_orders
from apps.imports.services.products import (
    compared_listings,
    notes_of_shop,
    stored_listings,
)
from apps.imports.services.returns import (
    compared_returns,
    returns_figures,
    stored_returns,
    without_order,
)
from apps.imports.services.settlements import (
    compared_settlements,
    inspected_settlements,
    settlement_figures,
    stored_settlements,
)
from apps.integrations.tiktok.exports import (
    Problem,
    affiliate_columns,
    headers,
    inspect_orders_file,
    inspect_products_file,
    inspect_returns_file,
    layout,
    read_orders,
    returns_columns,
    write_error_file,
    write_products_error_file,
    write_returns_error_file,
)
from apps.integrations.tiktok.exports.affiliate_file import (
    inspect_affiliate_file,
    write_affiliate_error_file,
)
from apps.integrations.tiktok.exports.orders import ADDRESS, BUYER
from apps.integrations.tiktok.exports.reader import Dates
from apps.integrations.tiktok.exports.settlements_error_file import (
    write_settlements_error_file,
)
from apps.platforms.models import Shop
from apps.users.roles import CHANGE_LISTING, PROCESS_ORDERS

_ERROR = "error"  # of a file of refused rows, uploaded again
ABOUT_THE_FILE = ("currency", "encoding", "head", "unknown_columns")


@dataclass(frozen=True, slots=True)
class Headings:
    """The columns of a kind: {normalised heading: our column}, and what people call
    them. All of `mandatory` must be there, and one of `either`; `private` ones hold
    what tells who bought."""

    by_name: Mapping[str, str]
    title: Callable[[str], str]
    mandatory: Sequence[str]
    either: Sequence[str]
    private: frozenset[str] = frozenset()

    @property
    def columns(self) -> list[tuple[str, str]]:
        """(what people call it, our column), in the alphabet's order."""
        own = set(self.by_name.values()) - {_ERROR}
        return sorted((self.title(column), column) for column in own)


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that was checked row by row: `items` yields what is good in it, `total` of
    them, always in the same order; `refused` items are held back with their
    problems."""

    problems: list[Problem]
    figures: dict[str, object]
    rows: int
    total: int
    refused: int
    unknown: Sequence[str]
    date_order: str
    is_date_order_told: bool
    items: Callable[[], Iterator[Any]]


def _nothing_waits(shop: Shop, items: Sequence[Any]) -> int:
    return 0


@dataclass(frozen=True, slots=True)
class Reader:
    """`permission` is what it takes at the shop; `noun` is what the items are, `batch`
    how many are stored at once; `headings` are known where staff can say what others
    mean; `waiting` tells how many items are of an order that is not known yet; `reread`
    yields the items of a file that was checked for the shop as it is now, without
    checking it once more, where that saves much."""

    noun: str
    permission: str
    batch: int
    headings: Headings | None
    open: Callable[[Shop, Path, Dates], Opened]
    preview: Callable[[Shop, Sequence[Any]], Outcome]
    store: Callable[[ImportRun, Shop, Sequence[Any]], Outcome]
    write_errors: Callable[[Shop, Path, Path, Iterable[Problem]], int]
    waiting: Callable[[Shop, Sequence[Any]], int] = _nothing_waits
    reread: Callable[[Shop, Path, Dates], Iterator[Any]] | None = None


def _open_orders(shop: Shop, path: Path, dates: Dates) -> Opened:
    file = inspected(inspect_orders_file, ImportRun.Kind.ORDERS, shop, path, dates)
    report = file.report
    return Opened(
        problems=file.problems,
        figures=order_figures(report),
        rows=report.rows,
        total=report.order_count,
        refused=report.refused_order_count,
        unknown=report.unknown_columns,
        date_order=report.date_order.value,
        is_date_order_told=report.is_date_order_told,
        items=file.orders,
    )


def _open_products(shop: Shop, path: Path, dates: Dates) -> Opened:
    file = inspect_products_file(path, currency=shop.currency, region=shop.region)
    report = file.report
    figures = asdict(report)
    for name in ABOUT_THE_FILE:
        del figures[name]
    return Opened(
        problems=[*file.problems, *notes_of_shop(shop, file)],
        figures=figures,
        rows=report.rows,
        total=len(file.listings),
        refused=report.refused_products,
        unknown=report.unknown_columns,
        date_order="",
        is_date_order_told=True,
        items=lambda: iter(file.listings),
    )


def _open_returns(shop: Shop, path: Path, dates: Dates) -> Opened:
    file = inspected(inspect_returns_file, ImportRun.Kind.RETURNS, shop, path, dates)
    report = file.report
    return Opened(
        problems=file.problems,
        figures=returns_figures(report),
        rows=report.rows,
        total=report.return_count,
        refused=report.refused_return_count,
        unknown=report.unknown_columns,
        date_order=report.date_order.value,
        is_date_order_told=report.is_date_order_told,
        items=file.returns,
    )


def _open_affiliate(shop: Shop, path: Path, dates: Dates) -> Opened:
    kind = ImportRun.Kind.AFFILIATE
    file = inspected(inspect_affiliate_file, kind, shop, path, dates)
    report = file.report
    return Opened(
        problems=file.problems,
        figures=affiliate_figures(report),
        rows=report.rows,
        total=report.accepted_rows,
        refused=report.refused_rows,
        unknown=report.unknown_columns,
        date_order=report.date_order.value,
        is_date_order_told=report.is_date_order_told,
        items=file.skus,
    )


def _open_settlements(shop: Shop, path: Path, dates: Dates) -> Opened:
    file = inspected_settlements(shop, path, dates)
    report = file.report
    return Opened(
        problems=file.problems,
        figures=settlement_figures(report),
        rows=report.rows,
        total=report.lines,
        refused=report.refused_lines,
        unknown=report.unknown_columns,
        date_order=report.date_order,
        is_date_order_told=report.is_date_order_told,
        items=file.items,
    )


_ORDER_HEADINGS = Headings(
    by_name=headers.BY_NAME,
    title=lambda column: layout.title(headers.Column(column)),
    mandatory=headers.MANDATORY,
    either=headers.EITHER,
    private=frozenset(
        {
            *BUYER,
            *ADDRESS,
            headers.Column.BUYER_NICKNAME,
            headers.Column.BUYER_MESSAGE,
            headers.Column.SELLER_NOTE,
            headers.Column.DELIVERY_INSTRUCTION,
        }
    ),
)
_RETURN_HEADINGS = Headings(
    by_name=returns_columns.BY_NAME,
    title=lambda column: returns_columns.title(returns_columns.Column(column)),
    mandatory=returns_columns.MANDATORY,
    either=returns_columns.EITHER,
)

_AFFILIATE_HEADINGS = Headings(
    by_name=affiliate_columns.BY_NAME,
    title=lambda column: affiliate_columns.title(affiliate_columns.Column(column)),
    mandatory=(*affiliate_columns.MANDATORY, affiliate_columns.Column.CREATOR),
    either=affiliate_columns.EITHER,
)

READERS: dict[str, Reader] = {
    ImportRun.Kind.ORDERS: Reader(
        noun="order",
        permission=PROCESS_ORDERS,
        batch=500,
        headings=_ORDER_HEADINGS,
        open=_open_orders,
        preview=compared_orders,
        store=stored_orders,
        reread=partial(inspected, read_orders, ImportRun.Kind.ORDERS),
        write_errors=lambda shop, path, target, problems: write_error_file(
            path,
            target,
            problems,
            region=shop.region,
            aliases=aliases_of(shop, ImportRun.Kind.ORDERS),
        ),
    ),
    ImportRun.Kind.RETURNS: Reader(
        noun="return",
        permission=PROCESS_ORDERS,
        batch=500,
        headings=_RETURN_HEADINGS,
        open=_open_returns,
        preview=compared_returns,
        store=stored_returns,
        waiting=without_order,
        write_errors=lambda shop, path, target, problems: write_returns_error_file(
            path,
            target,
            problems,
            region=shop.region,
            aliases=aliases_of(shop, ImportRun.Kind.RETURNS),
        ),
    ),
    ImportRun.Kind.AFFILIATE: Reader(
        noun="row",
        permission=PROCESS_ORDERS,
        batch=500,
        headings=_AFFILIATE_HEADINGS,
        open=_open_affiliate,
        preview=compared_sales,
        store=stored_sales,
        write_errors=lambda shop, path, target, problems: write_affiliate_error_file(
            path,
            target,
            problems,
            region=shop.region,
            aliases=aliases_of(shop, ImportRun.Kind.AFFILIATE),
        ),
    ),
    ImportRun.Kind.SETTLEMENT: Reader(
        noun="line",
        permission=PROCESS_ORDERS,
        batch=500,
        headings=None,
        open=_open_settlements,
        preview=compared_settlements,
        store=stored_settlements,
        write_errors=lambda shop, path, target, problems: write_settlements_error_file(
            path, target, problems, region=shop.region
        ),
    ),
    ImportRun.Kind.PRODUCTS: Reader(
        noun="product",
        permission=CHANGE_LISTING,
        batch=100,
        headings=None,
        open=_open_products,
        preview=compared_listings,
        store=stored_listings,
        write_errors=lambda shop, path, target, problems: write_products_error_file(
            path, target, problems, region=shop.region
        ),
    ),
}
