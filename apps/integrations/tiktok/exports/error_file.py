"""What was refused, as a file to correct and upload again."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from apps.integrations.tiktok.exports.headers import Column
from apps.integrations.tiktok.exports.layout import Layout, columns_named
from apps.integrations.tiktok.exports.problems import Problem
from apps.integrations.tiktok.exports.reader import read_layout
from apps.integrations.tiktok.exports.rows import classify, data_rows
from apps.integrations.tiktok.exports.table import open_table

FORMULA_STARTS = ("=", "+", "-", "@")


def write_error_file(
    path_in: Path,
    path_out: Path,
    problems: Iterable[Problem],
    *,
    region: str = "",
    aliases: Mapping[str, str] | None = None,
) -> int:
    """Write the refused orders' rows as CSV, with a last column `error`; count them.

    Cells stay as they are, so the file can be imported once corrected. All rows of a
    refused order are written, the reasons on the rows they were found in.
    """
    by_line: dict[int, list[str]] = {}
    order_ids = set()
    for problem in problems:
        if problem.is_error and problem.line:
            by_line.setdefault(problem.line, []).append(problem.message)
            order_ids.add(problem.order_id)
    table = open_table(path_in, region=region)
    layout = read_layout(table, columns_named(aliases or {}))
    old = layout.at.get(Column.ERROR)
    written = 0
    with path_out.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*without(layout.names, old), "error"])
        for line, cells in data_rows(table, layout):
            _, order_id = classify(cells, layout)
            if line in by_line or (order_id and order_id in order_ids):
                reasons = as_text(by_line.get(line, []))
                writer.writerow([*without(_widened(cells, layout), old), reasons])
                written += 1
    return written


def _widened(cells: list[str], layout: Layout) -> list[str]:
    """Short rows filled up: the last column has to be ours."""
    return cells + [""] * (len(layout.names) - len(cells))


def without(cells: Iterable[str], index: int | None) -> list[str]:
    """The cells without those of an earlier `error` column."""
    return [cell for at, cell in enumerate(cells) if at != index]


def as_text(reasons: Iterable[str]) -> str:
    """One line which no spreadsheet takes for a formula."""
    text = " ".join(" ".join(reasons).split())
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
