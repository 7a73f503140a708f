"""What was refused of a product list, as a file to correct and upload again."""

import csv
from collections.abc import Iterable
from pathlib import Path

from apps.integrations.tiktok.exports.error_file import as_text, without
from apps.integrations.tiktok.exports.problems import Problem
from apps.integrations.tiktok.exports.product_columns import PRODUCTS, Column
from apps.integrations.tiktok.exports.product_rows import RowCounts, sku_rows
from apps.integrations.tiktok.exports.products import read_layout
from apps.integrations.tiktok.exports.table import open_table


def write_products_error_file(
    path_in: Path, path_out: Path, problems: Iterable[Problem], *, region: str = ""
) -> int:
    """Write the refused products' rows as CSV below their machine names, with a last
    column `error`; count them. Reasons stand on the rows they were found in."""
    by_line: dict[int, list[str]] = {}
    product_ids = set()
    for problem in problems:
        if problem.is_error:
            by_line.setdefault(problem.line, []).append(problem.message)
            product_ids.add(problem.product_id)
    table = open_table(path_in, region=region, wanted=PRODUCTS)
    layout = read_layout(table)
    old = layout.at.get(Column.ERROR)
    written = 0
    with path_out.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*without(layout.names, old), "error"])
        for row in sku_rows(table, layout, RowCounts()):
            if row.line in by_line or row.product_id in product_ids - {""}:
                cells = row.cells + [""] * (len(layout.names) - len(row.cells))
                reasons = as_text(by_line.get(row.line, []))
                writer.writerow([*without(cells, old), reasons])
                written += 1
    return written
