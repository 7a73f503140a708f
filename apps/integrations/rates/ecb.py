"""The euro reference rates of the European Central Bank, in the forms it has them.

CSV: `Date` and a column a currency, newest day first, `N/A` where there is none, a
comma at the end of each line. XML: a `Cube` with `time` around `Cube`s with `currency`
and `rate`. ZIP: one of the CSVs. Published about 16:00 CET on TARGET working days.
Source: ECB, "Euro foreign exchange reference rates".
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from xml.parsers import expat

from apps.integrations.rates.quotes import Quote, UnreadableRates, day, quote

# All days since 1999 are some 600 kB.
MOST_BYTES = 20_000_000
_CODE = re.compile(r"[A-Z]{3}")
_NONE = ("N/A", "", "-")
_DAILY = ("eurofxref-daily.xml", 4)
_RECENT = ("eurofxref-hist-90d.xml", 90)
_ALL = "eurofxref-hist.zip"


def file_for(days: int) -> str:
    """The smallest file that reaches so many days back."""
    for name, reach in (_DAILY, _RECENT):
        if days < reach:
            return name
    return _ALL


def parse(content: bytes) -> list[Quote]:
    """All quotes of a file, as it has them. Raises UnreadableRates."""
    if len(content) > MOST_BYTES:
        raise UnreadableRates("The file is larger than any file of rates.")
    if content.startswith(b"PK"):
        content = _unpacked(content)
    start = content.lstrip(b"\xef\xbb\xbf \r\n\t")
    quotes = list(_of_xml(content) if start.startswith(b"<") else _of_csv(content))
    if not quotes:
        raise UnreadableRates("The file names no rate.")
    return quotes


def _unpacked(content: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = [each for each in archive.infolist() if not each.is_dir()]
            if len(files) != 1 or files[0].file_size > MOST_BYTES:
                raise UnreadableRates("The archive does not hold one file of rates.")
            with archive.open(files[0]) as member:
                return member.read(MOST_BYTES + 1)[:MOST_BYTES]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError):
        raise UnreadableRates("The archive cannot be opened.") from None


def _of_csv(content: bytes) -> Iterator[Quote]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableRates("The file is not text.") from None
    try:
        rows = csv.reader(io.StringIO(text, newline=""))
        head = [cell.strip() for cell in next(rows, [])]
        if not head or head[0].lower() != "date":
            raise UnreadableRates("The first column is not “Date”.")
        columns = [(at, name) for at, name in enumerate(head) if at and name]
        if wrong := [name for _, name in columns if not _CODE.fullmatch(name)]:
            raise UnreadableRates(f"“{wrong[0][:20]}” is no currency.")
        for row in rows:
            if any(cell.strip() for cell in row):
                yield from _of_row(row, columns)
    except csv.Error as error:
        raise UnreadableRates(f"The file is not CSV: {error}.") from None


def _of_row(row: list[str], columns: list[tuple[int, str]]) -> Iterator[Quote]:
    on = day(row[0])
    for at, currency in columns:
        written = row[at].strip() if at < len(row) else ""
        if written not in _NONE:
            yield quote(on, currency, written)


def _of_xml(content: bytes) -> Iterator[Quote]:
    quotes: list[Quote] = []
    now: date | None = None

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal now
        if name.rpartition(":")[2] != "Cube":
            return
        if "time" in attributes:
            now = day(attributes["time"])
        elif "currency" in attributes and "rate" in attributes:
            if now is None:
                raise UnreadableRates("The file names a rate before any day.")
            currency = attributes["currency"]
            if not _CODE.fullmatch(currency):
                raise UnreadableRates(f"“{currency[:20]}” is no currency.")
            quotes.append(quote(now, currency, attributes["rate"].strip()))

    def refuse(*_: object) -> None:
        # Rates need none; what has some may be a bomb.
        raise UnreadableRates("The file declares entities, which rates have not.")

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(content, True)  # noqa: FBT003 - positional in expat
    except expat.ExpatError as error:
        raise UnreadableRates(f"The file is not XML: {error}.") from None
    yield from quotes
