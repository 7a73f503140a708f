"""What was refused of a settlement file, as a file to correct and upload again."""

import csv
from collections.abc import Iterable
from pathlib import Path

from apps.integrations.tiktok.exports.error_file import as_text, without
from apps.integrations.tiktok.exports.problems import Problem
from apps.integrations.tiktok.exports.settlement_columns import Column
from apps.integrations.tiktok.exports.settlement_rows import classify
from apps.integrations.tiktok.exports.settlement_table import (
    data_rows,
    open_settlements,
)


def write_settlements_error_file(
    path_in: Path, path_out: Path, problems: Iterable[Problem], *, region: str = ""
) -> int:
    """Write all rows of the refused IDs as CSV, with a last column `error`; count
    them."""
    by_line: dict[int, list[str]] = {}
    ids = set()
    for problem in problems:
        if problem.is_error:
            by_line.setdefault(problem.line, []).append(problem.message)
            ids.add(problem.order_id)
    table, layout, _ = open_settlements(path_in, region)
    old = layout.at.get(Column.ERROR)
    written = 0
    with path_out.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*without(layout.names, old), "error"])
        for line, cells in data_rows(table, layout):
            _, subject_id = classify(cells, layout)
            if line in by_line or subject_id in ids - {""}:
                wide = cells + [""] * (len(layout.names) - len(cells))
                reasons = as_text(by_line.get(line, []))
                writer.writerow([*without(wide, old), reasons])
                written += 1
    return written
