"""The parts of an XLSX archive: its sheets, its shared strings, its XML."""

import posixpath
import tempfile
import zipfile
from array import array
from collections.abc import Callable, Iterator
from functools import lru_cache
from types import TracebackType
from typing import Self
from xml.parsers import expat

from apps.integrations.tiktok.exports.encoding import UPLOAD_ORIGINAL
from apps.integrations.tiktok.exports.problems import FileRefused

CHUNK_BYTES = 1 << 16
STRINGS_IN_MEMORY_BYTES = 4 << 20
STRINGS = "xl/sharedStrings.xml"

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]
Data = Callable[[str], None]


def new_parser(start: Start, end: End, data: Data) -> expat.XMLParserType:
    """A parser calling back with tags without their prefix, if the file uses one.

    It refuses document types: workbooks have none, attacks by entities do.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def start_root(tag: str, attributes: dict[str, str]) -> None:
        has_prefix = ":" in tag
        parser.StartElementHandler = start_prefixed if has_prefix else start
        parser.EndElementHandler = end_prefixed if has_prefix else end

    def start_prefixed(tag: str, attributes: dict[str, str]) -> None:
        start(tag.rpartition(":")[2], attributes)

    def end_prefixed(tag: str) -> None:
        end(tag.rpartition(":")[2])

    def refuse(*_: object) -> None:
        raise FileRefused(f"The workbook is not one of Excel's. {UPLOAD_ORIGINAL}")

    parser.StartElementHandler = start_root
    parser.CharacterDataHandler = data
    parser.StartDoctypeDeclHandler = refuse
    return parser


def feed(
    parser: expat.XMLParserType, archive: zipfile.ZipFile, member: str
) -> Iterator[None]:
    """Give a member to the parser, piece by piece; pauses after each."""
    with archive.open(member) as stream:
        while chunk := stream.read(CHUNK_BYTES):
            parser.Parse(chunk, False)  # noqa: FBT003 - positional in expat
            yield
        parser.Parse(b"", True)  # noqa: FBT003
    yield


def sheet_members(archive: zipfile.ZipFile) -> list[tuple[str, str]]:
    """(name, member) of each sheet, in the workbook's order."""
    targets: dict[str, str] = {}
    sheets: list[tuple[str, str]] = []

    def relationship(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship":
            path = posixpath.join("/xl", attributes.get("Target", ""))
            member = posixpath.normpath(path).lstrip("/")
            targets[attributes.get("Id", "")] = member

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            ids = [value for name, value in attributes.items() if name.endswith(":id")]
            member = targets.get(ids[0], "") if ids else ""
            sheets.append((attributes.get("name", ""), member))

    _read(archive, "xl/_rels/workbook.xml.rels", relationship)
    _read(archive, "xl/workbook.xml", sheet)
    members = set(archive.namelist())
    return [(name, member) for name, member in sheets if member in members]


def _read(archive: zipfile.ZipFile, member: str, start: Start) -> None:
    for _ in feed(new_parser(start, lambda _: None, lambda _: None), archive, member):
        pass


class SharedStrings:
    """The workbook's strings by number, in a temporary file: they can be as large as
    the sheet itself.

    `most_bytes` is for a look at a workbook's beginning: of longer ones, the strings
    after so many bytes read as blank.
    """

    def __init__(self, archive: zipfile.ZipFile, *, most_bytes: int = 0) -> None:
        self._is_cut = False
        self._file = tempfile.SpooledTemporaryFile(STRINGS_IN_MEMORY_BYTES)  # noqa: SIM115
        self._ends = array("Q", [0])
        self._text: list[str] | None = None
        self._phonetic = False
        self._get = lru_cache(maxsize=2000)(self._load)
        if STRINGS in archive.namelist():
            parser = new_parser(self._start, self._end, self._data)
            for done, _ in enumerate(feed(parser, archive, STRINGS), start=1):
                if most_bytes and done * CHUNK_BYTES >= most_bytes:
                    self._is_cut = True
                    break

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def __getitem__(self, number: int) -> str:
        return self._get(number)

    def _load(self, number: int) -> str:
        if not 0 <= number < len(self._ends) - 1:
            if self._is_cut and number >= 0:
                return ""
            raise FileRefused(f"The workbook is damaged. {UPLOAD_ORIGINAL}")
        begin, end = self._ends[number], self._ends[number + 1]
        self._file.seek(begin)
        return self._file.read(end - begin).decode()

    def _start(self, tag: str, _: dict[str, str]) -> None:
        if tag == "t" and not self._phonetic:
            self._text = []
        elif tag == "rPh":
            self._phonetic = True

    def _data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def _end(self, tag: str) -> None:
        if tag == "t" and self._text is not None:
            self._file.write("".join(self._text).encode())
            self._text = None
        elif tag == "rPh":
            self._phonetic = False
        elif tag == "si":
            self._ends.append(self._file.tell())
