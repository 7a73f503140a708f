"""A settlement file as a table: which sheet it is, and where its header stands."""

from collections.abc import Iterator
from pathlib import Path

from apps.integrations.tiktok.exports.kinds import FileKind, where_to
from apps.integrations.tiktok.exports.layout import Wanted
from apps.integrations.tiktok.exports.problems import FileRefused
from apps.integrations.tiktok.exports.recognise import Recognised, recognise
from apps.integrations.tiktok.exports.settlement_columns import Layout, read_header
from apps.integrations.tiktok.exports.table import CsvTable, Row, Table
from apps.integrations.tiktok.exports.xlsx import open_workbook

_KINDS = (FileKind.SETTLEMENT, FileKind.UNSETTLED)
_ANY_SHEET = 99


def open_settlements(path: Path, region: str) -> tuple[Table, Layout, Recognised]:
    """The table, its header (above which a banner may stand) and what it was recognised
    by. Raises FileRefused for other kinds of files."""
    found = recognise(path, region=region)
    if found.kind not in _KINDS:
        kind = found.kind or found.nearest
        where = f"{where_to(kind)} " if kind and kind not in _KINDS else ""
        lacks = f"It lacks {', '.join(found.lacks)}. " if found.lacks else ""
        raise FileRefused(
            f"{where}It is no settlement file. {lacks}In Seller Center choose Finance, "
            "Income, Export, and upload that file as it was downloaded."
        )
    table: Table
    if found.is_workbook:
        name = found.sheet.casefold()
        table = open_workbook(path, Wanted(name, lambda cells: _ANY_SHEET))
    else:
        table = CsvTable(path, found.encoding, found.separator)
    return table, read_header(found.line, found.headings), found


def data_rows(table: Table, layout: Layout) -> Iterator[Row]:
    """The rows below the header."""
    return ((line, cells) for line, cells in table.rows() if line > layout.line)
