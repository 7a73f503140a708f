"""Read a creator performance file: a row a creator, totals over days it does not name.

The headings may bear a currency ("Creator-attributed GMV (RM)"), the cells as well.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apps.integrations.contracts.affiliate import RemoteCreatorPerformance
from apps.integrations.tiktok.exports.amounts import read_pieces
from apps.integrations.tiktok.exports.cells import plain
from apps.integrations.tiktok.exports.headers import normalise
from apps.integrations.tiktok.exports.layout import Wanted
from apps.integrations.tiktok.exports.problems import (
    BadValue,
    FileRefused,
    Problem,
)
from apps.integrations.tiktok.exports.table import Table, header_rows, open_table
from apps.integrations.tiktok.localised import localised_amount

_BRACKET = re.compile(r"\s*\([^()]*\)$")
_NAMES = {
    "creator name": "username",
    "creator username": "username",
    "クリエイターのユーザー名": "username",
    "creator nickname": "nickname",
}
_AMOUNTS = {
    "creator-attributed gmv": "sales",
    "affiliate gmv": "sales",
    "アフィリエイトgmv": "sales",
    "live-attributed gmv": "live_sales",
    "video-attributed gmv": "video_sales",
    "product-card-attributed gmv": "card_sales",
    "refunds": "refunds",
    "est. commission": "commission",
}
_COUNTS = {
    "attributed orders": "orders",
    "items sold": "items_sold",
    "items refunded": "items_refunded",
    "live streams": "lives",
    "videos": "videos",
    "samples shipped": "samples_shipped",
    "product impressions": "impressions",
    "video views": "views",
    "customers": "customers",
}
_COLUMNS = {normalise(k): v for k, v in (_NAMES | _AMOUNTS | _COUNTS).items()}
_MONEY, _WHOLE = frozenset(_AMOUNTS.values()), frozenset(_COUNTS.values())
_NOTHING = frozenset({"", "/", "-", "--"})


@dataclass(slots=True)
class CreatorTotals:
    """What a file tells, what of it is in doubt, and headings that say nothing."""

    rows: list[RemoteCreatorPerformance] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unknown: tuple[str, ...] = ()


def read_creator_totals(path: Path, *, currency: str, region: str) -> CreatorTotals:
    """All of its rows. Those that name no creator are refused; amounts that could mean
    two things are left open, with a note. Raises FileRefused."""
    table = open_table(path, region=region, wanted=Wanted("", _known))
    line, cells, columns = _header(table)
    totals = CreatorTotals(
        unknown=tuple(
            " ".join(cell.split())
            for cell, column in zip(cells, columns, strict=True)
            if cell.strip() and not column
        )
    )
    for number, row in table.rows():
        if number > line and any(cell.strip() for cell in row):
            _read(totals, number, columns, row, currency)
    return totals


_NO_COLUMNS = (
    "No columns of a creator performance file were found. Upload the file as it was "
    "downloaded."
)


def _header(table: Table) -> tuple[int, list[str], list[str]]:
    """(line, headings, our columns); what stands above may be a span or a title."""
    for line, cells in header_rows(table.rows()):
        columns = [_COLUMNS.get(_heading(cell), "") for cell in cells]
        if "sales" in columns and {"username", "nickname"} & {*columns}:
            return line, cells, columns
    raise FileRefused(_NO_COLUMNS)


def _read(
    totals: CreatorTotals,
    line: int,
    columns: Sequence[str],
    cells: Sequence[str],
    currency: str,
) -> None:
    told = {
        column: text
        for column, cell in zip(columns, cells, strict=False)
        if column and (text := plain(cell).strip()) not in _NOTHING
    }
    name = told.get("username") or told.get("nickname")
    if not name:
        totals.problems.append(Problem(line, "", "The row names no creator."))
        return
    values: dict[str, Any] = {}
    for column, text in told.items():
        if column in _MONEY:
            values[column] = localised_amount(text, currency).amount
            if values[column] is None:
                says = f"“{text}” is no sure amount; it is left open."
                totals.problems.append(Problem(line, column, says, is_error=False))
        elif column in _WHOLE:
            try:
                values[column] = read_pieces(text)
            except BadValue as error:
                totals.problems.append(Problem(line, column, str(error)))
                return
    totals.rows.append(
        RemoteCreatorPerformance(
            username=name,
            nickname=told.get("nickname", ""),
            currency=currency,
            **values,
        )
    )


def _heading(cell: str) -> str:
    return _BRACKET.sub("", normalise(cell))


def _known(cells: Sequence[str]) -> int:
    return sum(_heading(cell) in _COLUMNS for cell in cells)
