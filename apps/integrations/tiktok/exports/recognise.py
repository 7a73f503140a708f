"""What a file is, by its content: which kind, how it is saved, where its header is."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from apps.integrations.tiktok.exports.encoding import sniff_encoding
from apps.integrations.tiktok.exports.headers import (
    BY_NAME,
    MOST_COLUMNS,
    normalise,
)
from apps.integrations.tiktok.exports.kinds import (
    BY_KIND,
    SIGNATURES,
    FileKind,
    kind_of,
    names_of,
    where_to,
)
from apps.integrations.tiktok.exports.layout import REGIONS
from apps.integrations.tiktok.exports.problems import EMPTY, FileRefused
from apps.integrations.tiktok.exports.table import (
    SEPARATORS,
    CsvTable,
    Row,
    header_rows,
    is_workbook,
)
from apps.integrations.tiktok.exports.xlsx import XlsxTable, first_rows

__all__ = ["FileKind", "Recognised", "recognise", "where_to"]

ROWS_LOOKED_AT = 40
ROWS_SHOWN = 5
GLANCE_CHARACTERS = 4 << 20
LONGEST_SHOWN = 200  # characters of a cell
# How many headings of its own make a file "nearly" of a kind.
ENOUGH_HEADINGS = 2

_CURRENCIES = {
    "rm": "MY", "myr": "MY", "rp": "ID", "idr": "ID", "฿": "TH", "thb": "TH",
    "₫": "VN", "đ": "VN", "vnd": "VN", "₱": "PH", "php": "PH", "s$": "SG", "sgd": "SG",
    "us$": "US", "usd": "US", "£": "GB", "gbp": "GB", "円": "JP", "¥": "JP",
    "jpy": "JP",
}  # fmt: skip
_IN_BRACKETS = re.compile(r"[(（]([^()（）]+)[)）]")  # noqa: RUF001 - Japanese brackets
_REGION_OF_LANGUAGE = {"id": "ID", "th": "TH", "vi": "VN", "ja": "JP"}
_INDONESIAN = frozenset(
    [
        "alamat", "alasan", "biaya", "dana", "dari", "diskon", "durasi", "gudang",
        "harga", "jenis", "jumlah", "kategori", "komisi", "kreator", "kurir", "mata",
        "nama", "ongkir", "panggilan", "pembayaran", "pembeli", "pendapatan",
        "pengembalian", "pengiriman", "penjual", "penonton", "pesanan", "produk",
        "rentang", "resi", "setelah", "tanggal", "terjual", "toko", "uang", "waktu",
    ]
)  # fmt: skip
_THAI = re.compile("[\u0e01-\u0e5b]")
_JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
_VIETNAMESE = re.compile("[ăơưđạ-ỹ]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Recognised:
    """What is known of a file before anybody says what it is.

    `kind` is None where it is none of ours, or lacks what its kind needs; then
    `nearest` is what it looks like (None: nothing), `lacks` the headings it would
    need. `separator` is a CSV file's, `sheet` a workbook's, and `beside` are other
    sheets of the kind. `headings` are as written,
    on `line`; `rows` are the first five below, their cells cut at 200 characters.
    `region` (two letters) and `language` ("en", "id", "th", "vi", "ja") are guesses by
    the headings, or empty.
    """

    kind: FileKind | None
    is_workbook: bool
    encoding: str
    separator: str
    sheet: str
    line: int
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    region: str
    language: str
    nearest: FileKind | None = None
    lacks: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """The beginning of one sheet, or of a CSV file parted in one way."""

    rows: list[Row]
    sheet: str = ""
    encoding: str = XlsxTable.encoding
    separator: str = ""


@dataclass(frozen=True, slots=True)
class _Header:
    """A row that may be a header; `rank` is higher the more it speaks for one."""

    part: _Part
    place: int
    kind: FileKind | None
    nearest: FileKind | None
    rank: tuple[bool, int, bool, int]


def recognise(path: Path, *, region: str = "") -> Recognised:
    """Tell from the content, never from the name, what a file is.

    `region` (two letters) is the shop's, for files in an old code page. Looks at the
    first rows only, of each sheet. Raises FileRefused, with cause and remedy, for what
    is no table at all or can be read by nobody.
    """
    in_workbook = is_workbook(path)
    parts = _sheets(path) if in_workbook else _partings(path, region)
    headers = [header for part in parts for header in _headers(part)]
    if not headers:
        raise FileRefused(EMPTY)
    # Of equals the first: the original row, the usual separator, the first sheet.
    best = max(headers, key=lambda header: header.rank)
    line, cells = best.part.rows[best.place]
    below = best.part.rows[best.place + 1 : best.place + 1 + ROWS_SHOWN]
    headings = _trimmed(cells)
    lacks = () if best.nearest is None else _lacks(best.nearest, headings)
    language = _language(headings, below, best.kind or best.nearest)
    return Recognised(
        kind=best.kind,
        is_workbook=in_workbook,
        encoding=best.part.encoding,
        separator=best.part.separator,
        sheet=best.part.sheet,
        line=line,
        headings=headings,
        rows=tuple(tuple(_shown(each)) for _, each in below),
        region=_region(headings, language),
        language=language,
        nearest=best.nearest,
        lacks=lacks,
        beside=_beside(best, headers) if in_workbook and best.kind else (),
    )


def _beside(best: _Header, headers: Iterable[_Header]) -> tuple[str, ...]:
    """Other sheets with a header of the same kind, each once."""
    names = (each.part.sheet for each in headers if each.kind is best.kind)
    return tuple(name for name in dict.fromkeys(names) if name != best.part.sheet)


def _sheets(path: Path) -> list[_Part]:
    return [_Part(rows, sheet=name) for name, rows in first_rows(path, ROWS_LOOKED_AT)]


def _partings(path: Path, region: str) -> list[_Part]:
    """The file parted by each separator that makes sense of it.

    Raises FileRefused when none does, as the usual one says.
    """
    encoding = sniff_encoding(path, region=region)
    parts = []
    refusal: FileRefused | None = None
    for separator in SEPARATORS:
        table = CsvTable(path, encoding, separator, GLANCE_CHARACTERS)
        rows: list[Row] = []
        try:
            rows.extend(islice(header_rows(table.rows()), ROWS_LOOKED_AT))
        except FileRefused as error:
            refusal = refusal or error
        if rows:
            parts.append(_Part(rows, encoding=encoding, separator=separator))
    if not parts:
        raise refusal or FileRefused(EMPTY)
    return parts


def _headers(part: _Part) -> Iterator[_Header]:
    """Each row as a header, refusing what has more columns than any file of ours."""
    for place, (line, cells) in enumerate(part.rows):
        if len(cells) > MOST_COLUMNS and any(map(str.strip, cells[MOST_COLUMNS:])):
            raise FileRefused(
                f"The file has {len(cells)} columns; exports have about 60. "
                "Upload the original download.",
                line=line,
            )
        kind = kind_of(cells)
        own, nearest = _nearest(cells)
        yield _Header(part, place, kind, None if kind else nearest, (
            kind is not None,
            BY_KIND[kind].own(cells) if kind else own,
            kind is not None and normalise(part.sheet) in BY_KIND[kind].sheets,
            # Where nothing is known, the row that looks most like a header.
            0 if kind or own else min(len(_trimmed(cells)), 2 if place else 3),
        ))  # fmt: skip


def _nearest(cells: Sequence[str]) -> tuple[int, FileKind | None]:
    """(headings, kind): the kind that most headings are of, if they are enough. What
    any shop's export has (a quantity, a price) makes none of ours of it."""
    names = names_of(cells)
    found = [
        (len(names & each.signs), each.own(cells), each.kind) for each in SIGNATURES
    ]
    signs, own, kind = max(found, key=lambda each: (each[0] > 0, each[1]))
    needs = BY_KIND[kind].needs
    is_half = len(BY_KIND[kind].lacks(names)) * 2 <= len(needs)
    if not signs and (own < ENOUGH_HEADINGS or not is_half):
        return 0, None
    return own, kind


def _lacks(kind: FileKind, headings: Iterable[str]) -> tuple[str, ...]:
    return BY_KIND[kind].lacks(names_of(headings))


def _trimmed(cells: Sequence[str]) -> tuple[str, ...]:
    """Headings as written, without the blank ones at the end and without marks."""
    names = [cell.replace("\ufeff", "") for cell in cells]
    while names and not names[-1].strip():
        names.pop()
    return tuple(names)


def _shown(cells: Iterable[str]) -> Iterator[str]:
    for cell in cells:
        yield cell if len(cell) <= LONGEST_SHOWN else f"{cell[: LONGEST_SHOWN - 1]}…"


def _language(
    headings: Sequence[str], below: Sequence[Row], kind: FileKind | None
) -> str:
    """By the headings; a product list has machine names, and its labels below them."""
    texts = list(headings)
    if kind is FileKind.PRODUCTS:
        texts += [cell for _, cells in below[:4] for cell in cells if len(cell) < 60]
    text = unicodedata.normalize("NFC", " ".join(texts))
    for pattern, language in (
        (_JAPANESE, "ja"),
        (_THAI, "th"),
        (_VIETNAMESE, "vi"),
    ):
        if pattern.search(text):
            return language
    words = set(re.findall(r"[a-z]+", text.casefold()))
    if len(words & _INDONESIAN) >= 2:
        return "id"
    return "en" if words else ""


def _region(headings: Sequence[str], language: str) -> str:
    """By columns only one region has, by the currency in brackets, by the language."""
    columns = {BY_NAME.get(normalise(name)) for name in headings}
    for column, region in REGIONS:
        if column in columns:
            return region
    for name in headings:
        for unit in _IN_BRACKETS.findall(name):
            if found := _CURRENCIES.get(unit.strip().casefold()):
                return found
    return _REGION_OF_LANGUAGE.get(language, "")
