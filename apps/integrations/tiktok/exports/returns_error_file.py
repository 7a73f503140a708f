"""What was refused of a returns file, as a file to correct and upload again."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from apps.integrations.tiktok.exports.error_file import as_text, without
from apps.integrations.tiktok.exports.problems import Problem
from apps.integrations.tiktok.exports.returns import columns_named
from apps.integrations.tiktok.exports.returns_columns import RETURNS, Column
from apps.integrations.tiktok.exports.returns_rows import (
    classify,
    data_rows,
    read_layout,
)
from apps.integrations.tiktok.exports.table import open_table


def write_returns_error_file(
    path_in: Path,
    path_out: Path,
    problems: Iterable[Problem],
    *,
    region: str = "",
    aliases: Mapping[str, str] | None = None,
) -> int:
    """Write the refused returns' rows as CSV, with a last column `error`; count them.

    All rows of a refused return are written, the reasons on the rows they were found
    in.
    """
    by_line: dict[int, list[str]] = {}
    return_ids = set()
    for problem in problems:
        if problem.is_error:
            by_line.setdefault(problem.line, []).append(problem.message)
            return_ids.add(problem.return_id)
    table = open_table(path_in, region=region, wanted=RETURNS)
    layout = read_layout(table, columns_named(aliases or {}))
    old = layout.at.get(Column.ERROR)
    written = 0
    with path_out.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*without(layout.names, old), "error"])
        for line, cells in data_rows(table, layout):
            _, return_id = classify(cells, layout)
            if line in by_line or return_id in return_ids - {""}:
                wide = cells + [""] * (len(layout.names) - len(cells))
                reasons = as_text(by_line.get(line, []))
                writer.writerow([*without(wide, old), reasons])
                written += 1
    return written
