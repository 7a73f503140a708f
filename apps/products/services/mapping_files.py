"""Which listing SKU is which variant as a CSV file: written, and read back.

A row names a shop, one of its SKUs and our SKU. Blank cells say nothing: a match ends
where the reader is told so, or where the state says “ignore”.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

from django.db.models import QuerySet

from apps.core.exports import harmless
from apps.integrations.tiktok.exports.kinds import misplaced
from apps.platforms.models import Shop
from apps.products.errors import FileUnusable
from apps.products.models import ListingSku
from apps.products.services.csv_files import decoded, named_columns

COLUMNS = (
    "shop",
    "product ID",
    "SKU ID",
    "seller SKU",
    "title",
    "variant",
    "our SKU",
    "state",
)
MOST_ROWS = 50_000

_READ = ("shop", "SKU ID", "seller SKU", "our SKU", "state")
_SEPARATORS = ",;\t|"
_ALIASES = {
    "shop id": "shop",
    "shop name": "shop",
    "tiktok sku id": "SKU ID",
    "channel sku": "SKU ID",
    "channel sku id": "SKU ID",
    "sku": "our SKU",
    "internal sku": "our SKU",
    "mapping": "state",
}
# How people keep a spreadsheet from changing a number: ="0012".
_KEPT_TEXT = re.compile(r'="([^"]*)"')
# What a spreadsheet would take for a formula has this before it in files of ours.
_GUARDED = ("'=", "'+", "'-", "'@", "'\t", "'\r")


@dataclass(frozen=True, slots=True)
class FileRow:
    """The cells we read, without blanks around them, and all as they stand."""

    line: int
    shop: str
    sku_id: str
    seller_sku: str
    our_sku: str
    state: str
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MappingFile:
    header: tuple[str, ...]
    rows: list[FileRow]


def export_rows(
    skus: "QuerySet[ListingSku]", *, size: int = 2_000
) -> Iterator[Sequence[object]]:
    """Rows below COLUMNS, streamed. Shops are named so that reading finds them."""
    rows = skus.select_related("shop", "listing", "variant").order_by(
        "shop", "listing", "position", "pk"
    )
    clients = skus.order_by().values("shop__client")
    shops = Shop.objects.filter(client__in=clients)
    named = Counter(name for shop in shops for name in names_of(shop))
    for sku in rows.iterator(chunk_size=size):
        name = str(sku.shop)
        yield (
            name if named[name.casefold()] == 1 else sku.shop_id,
            sku.listing.remote_id,
            sku.remote_id,
            sku.seller_sku,
            sku.listing.title,
            sku.variation,
            sku.variant.sku if sku.variant else "",
            sku.mapping,
        )


def names_of(shop: Shop) -> set[str]:
    """What a row may call it, in small letters."""
    names = (str(shop.pk), shop.remote_id, shop.name, str(shop))
    return {name.casefold() for name in names}


def read_file(data: bytes) -> MappingFile:
    """The rows of a file, wherever its columns stand. Raises FileUnusable."""
    text = decoded(data)
    separator = max(_SEPARATORS, key=lambda each: named_columns(text, each, _column))
    stream = io.StringIO(text, newline="")
    reader = csv.reader(stream, delimiter=separator, strict=True)
    lines = ((reader.line_num, cells) for cells in reader)
    try:
        return _read(lines)
    except csv.Error as error:
        raise FileUnusable(
            f"Line {reader.line_num}: a quotation mark is out of place or never "
            "closed, so the rows after it cannot be told apart."
        ) from error


def write_errors(
    stream: TextIO, file: MappingFile, errors: Iterable[tuple[FileRow, str]]
) -> None:
    """Refused rows as they stood, to be corrected and imported, with the reasons."""
    at = [n for n, name in enumerate(file.header) if name.strip().lower() != "error"]
    writer = csv.writer(stream)
    writer.writerow([*(file.header[n] for n in at), "error"])
    for row, why in errors:
        cells = [row.cells[n] if n < len(row.cells) else "" for n in at]
        writer.writerow([*cells, harmless(why)])


def _read(lines: Iterator[tuple[int, list[str]]]) -> MappingFile:
    header: tuple[str, ...] = ()
    at: Mapping[str, int] = {}
    rows: list[FileRow] = []
    for line, cells in lines:
        is_hint = not at and cells[:1] and cells[0].lower().startswith("sep=")
        if is_hint or not any(cell.strip() for cell in cells):
            continue
        if not at:
            header, at = tuple(cells), _places(cells)
            continue
        if len(rows) == MOST_ROWS:
            raise FileUnusable(
                f"The file has more than {MOST_ROWS:,} rows. Cut it into several."
            )
        shop, sku_id, seller_sku, our_sku, state = (
            _cell(cells, at.get(name)) for name in _READ
        )
        rows.append(
            FileRow(line, shop, sku_id, seller_sku, our_sku, state, tuple(cells))
        )
    if not at:
        raise FileUnusable("The file is empty.")
    return MappingFile(header, rows)


def _places(header: Sequence[str]) -> dict[str, int]:
    """{column: where it stands}."""
    if where := misplaced(header):
        raise FileUnusable(f"{where} It is no mapping file.")
    at: dict[str, int] = {}
    for place, name in enumerate(header):
        column = _column(name)
        if not column:
            continue
        if column in at:
            raise FileUnusable(f"Two columns are called “{column}”. Remove one.")
        at[column] = place
    if "SKU ID" not in at and "seller SKU" not in at:
        raise FileUnusable(
            "No column tells which SKU of the shop is meant: call it “SKU ID”, or "
            f"“seller SKU”. The columns are: {', '.join(COLUMNS)}."
        )
    if "our SKU" not in at and "state" not in at:
        raise FileUnusable(
            "No column tells what the SKUs are: call it “our SKU”. The columns are: "
            f"{', '.join(COLUMNS)}."
        )
    return at


def _column(name: str) -> str:
    plain = " ".join(name.replace("_", " ").casefold().split())
    known = {column.casefold(): column for column in COLUMNS}
    return known.get(plain) or _ALIASES.get(plain, "")


def _cell(cells: Sequence[str], place: int | None) -> str:
    if place is None or place >= len(cells):
        return ""
    cell = cells[place]
    if kept := _KEPT_TEXT.fullmatch(cell.strip()):
        return kept[1].strip()
    return (cell[1:] if cell.startswith(_GUARDED) else cell).strip()
