"""Read a creator performance file: a row a creator, totals over days it does not name.

The headings may bear a currency ("Creator-attributed GMV (RM)"), the cells as well.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from apps.integrations.contracts.affiliate import RemoteCreatorPerformance
from apps.integrations.tiktok.exports.amounts import GROUPED_COMMA, GROUPED_DOT
from apps.integrations.tiktok.exports.cells import plain
from apps.integrations.tiktok.exports.headers import normalise
from apps.integrations.tiktok.exports.layout import Wanted
from apps.integrations.tiktok.exports.problems import (
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
_SUMS = frozenset({"total", "totals", "grand total", "sum", "jumlah", "tổng", "合計"})
_MOST = 2**31 - 1
_PASTED = "The file was put together or edited: upload the original download."


@dataclass(slots=True)
class CreatorTotals:
    """What a file tells, what of it is in doubt, and headings that say nothing."""

    rows: list[RemoteCreatorPerformance] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unknown: tuple[str, ...] = ()


def read_creator_totals(path: Path, *, currency: str, region: str) -> CreatorTotals:
    """All of its rows. Those that name no creator, or one that another row tells
    otherwise of, are refused; amounts that could mean two things are left open, with a
    note. Raises FileRefused."""
    table = open_table(path, region=region, wanted=Wanted("", _known))
    line, names, columns = _header(table)
    totals = CreatorTotals(
        unknown=tuple(
            name
            for name, column in zip(names, columns, strict=True)
            if name and not column
        )
    )
    rows: dict[str, list[tuple[int, RemoteCreatorPerformance]]] = {}
    count = 0
    for number, cells in table.rows():
        if number > line and any(cell.strip() for cell in cells):
            count += 1
            row = _Row(number, cells, names, columns, is_cut=table.encoding != "xlsx")
            if (found := row.read(currency)) is not None:
                rows.setdefault(found.username.casefold(), []).append((number, found))
            totals.problems += row.problems
    if not count:
        raise FileRefused(
            "The file has a header but no creators. Choose other days, and export "
            "again.",
            line=line,
        )
    for same in rows.values():
        _take(totals, same)
    return totals


def _take(
    totals: CreatorTotals, same: Sequence[tuple[int, RemoteCreatorPerformance]]
) -> None:
    """What is told of one creator: once, unless its rows contradict each other."""
    (first, row), *others = same
    for line, other in others:
        if replace(other, username=row.username) != row:
            for mine, its in ((first, line), (line, first)):
                says = f"Line {its} tells otherwise of {row.username}. {_PASTED}"
                totals.problems.append(Problem(mine, "", says))
            return
    totals.rows.append(row)


_NO_COLUMNS = (
    "No columns of a creator performance file were found. Upload the file as it was "
    "downloaded."
)


def _header(table: Table) -> tuple[int, list[str], list[str]]:
    """(line, headings, our columns); what stands above may be a span or a title."""
    for line, cells in header_rows(table.rows()):
        columns = [_COLUMNS.get(_heading(cell), "") for cell in cells]
        if "sales" in columns and {"username", "nickname"} & {*columns}:
            names = [" ".join(cell.replace("\ufeff", "").split()) for cell in cells]
            for at, column in enumerate(columns):
                if column in _MONEY | _WHOLE and column in columns[:at]:
                    raise FileRefused(
                        f"The columns “{names[columns.index(column)]}” and "
                        f"“{names[at]}” mean the same. Which one counts cannot be "
                        "told: upload the original download.",
                        line=line,
                    )
            return line, names, columns
    raise FileRefused(_NO_COLUMNS)


@dataclass(slots=True)
class _Row:
    """A row below the header; what is wrong with it gathers in `problems`."""

    line: int
    cells: Sequence[str]
    names: Sequence[str]
    columns: Sequence[str]
    is_cut: bool
    problems: list[Problem] = field(default_factory=list)

    def read(self, currency: str) -> RemoteCreatorPerformance | None:
        """What it tells; None where it is refused."""
        width = len(self.names)
        is_longer = any(map(str.strip, self.cells[width:]))
        if is_longer or (self.is_cut and len(self.cells) < width):
            self._say("", f"The row has {len(self.cells)} of {width} columns.")
            return None
        told = {
            column: text
            for column, cell in zip(self.columns, self.cells, strict=False)
            if column and (text := plain(cell).strip()) not in _NOTHING
        }
        name = told.get("username") or told.get("nickname", "")
        if not name:
            self._say("", "The row names no creator.")
        elif name.casefold() in _SUMS:
            self._say("", f"“{name}” is no creator but the sum of the others.")
        values = {
            column: self._value(column, text, currency)
            for column, text in told.items()
            if column not in ("username", "nickname")
        }
        if not any(value is not None for value in values.values()):
            self._say("", "The row has no figures.")
        if any(problem.is_error for problem in self.problems):
            return None
        return RemoteCreatorPerformance(
            username=name,
            nickname=told.get("nickname", ""),
            currency=currency,
            **values,
        )

    def _value(self, column: str, text: str, currency: str) -> Any:
        """None where it is refused or left open."""
        if column in _MONEY:
            amount = localised_amount(text, currency).amount
            if amount is None:
                says = f"“{text}” is no sure amount; it is left open."
                self._say(column, says, is_error=False)
            return amount
        # Views of a month come to millions.
        is_grouped = GROUPED_COMMA.fullmatch(text) or GROUPED_DOT.fullmatch(text)
        digits = re.sub("[.,]", "", text) if is_grouped else text.removesuffix(".0")
        if re.fullmatch(r"\d{1,12}", digits, re.ASCII) and int(digits) <= _MOST:
            return int(digits)
        self._say(column, f"“{text[:40]}” is not a whole number.")
        return None

    def _say(self, column: str, message: str, *, is_error: bool = True) -> None:
        name = self.names[self.columns.index(column)] if column else ""
        says = f"{name}: {message}" if name else message
        self.problems.append(Problem(self.line, name, says, is_error=is_error))


def _heading(cell: str) -> str:
    return _BRACKET.sub("", normalise(cell))


def _known(cells: Sequence[str]) -> int:
    return sum(_heading(cell) in _COLUMNS for cell in cells)
