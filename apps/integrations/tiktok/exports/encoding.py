"""How the bytes of a CSV file are to be read as text.

Seller Center writes UTF-8 with a byte order mark. Re-saved files come as UTF-16 or in
a Windows code page; a guess between code pages would turn names into other names, so
one is accepted only where nothing in the file speaks against it.
"""

import codecs
from collections.abc import Iterator
from pathlib import Path

from apps.integrations.tiktok.exports.problems import EMPTY, FileRefused

CHUNK_BYTES = 1 << 16
CODE_PAGES = {"TH": "cp874", "VN": "cp1258"}
NO_LETTERS = frozenset("¤¦§¨©¬¯¶¸¹ºª†‡•‰¼½¾×÷±µˆ˜")  # noqa: RUF001
UPLOAD_ORIGINAL = "Upload the export of Seller Center as it was downloaded."


# How files begin that are no tables at all, and what they are.
_OTHER_FILES = (
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"%PDF", "a PDF document"),
    (b"Rar!", "an archive (RAR)"),
    (b"7z\xbc\xaf", "an archive (7z)"),
    (b"\x1f\x8b", "an archive (gzip)"),
    (b"SQLite format 3", "a database"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"MZ\x90", "a program"),
    (b"\x7fELF", "a program"),
)


def sniff_encoding(path: Path, *, region: str) -> str:
    """The codec to open the file with; reads all of it, a piece at a time.

    Raises FileRefused when it is empty, not text, or not clearly decodable.
    """
    with path.open("rb") as stream:
        head = stream.read(4096)
    if not head.strip(b"\x00\r\n\t \xef\xbb\xbf\xff\xfe"):
        raise FileRefused(EMPTY)
    _refuse_other_file(head)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _certain(path, "utf-16")
    if b"\x00" in head[:64]:
        return _certain(path, _utf16_without_mark(head))
    if head.startswith(codecs.BOM_UTF8) or _is_valid(path, "utf-8"):
        return _certain(path, "utf-8-sig")
    return _code_page(path, CODE_PAGES.get(region, "cp1252"))


def _refuse_other_file(head: bytes) -> None:
    if what := other_file(head):
        raise FileRefused(f"{what} {UPLOAD_ORIGINAL}")


def other_file(head: bytes) -> str:
    """What a file that begins so is, as a sentence, where it is no table at all."""
    for mark, what in _OTHER_FILES:
        if head.startswith(mark):
            return f"This is {what}, neither a CSV file nor an XLSX workbook."
    # UTF-16 has a zero byte beside each of these letters.
    text = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t")
    if text.startswith(b"<?xml") and b"spreadsheet" in text:
        return (
            "This is an XML spreadsheet of an old Excel. Save it as .xlsx or as “CSV "
            "UTF-8”."
        )
    if text.startswith(b"<"):
        return (
            "This is a web page saved under another name, perhaps Seller Center's "
            "sign-in page: sign in and download again."
        )
    if text.startswith((b'{"', b'[{"')):
        return "This is an answer of a web service (JSON), not a table."
    return ""


def _texts(path: Path, encoding: str, errors: str = "strict") -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            yield decoder.decode(chunk)
        yield decoder.decode(b"", final=True)


def _is_valid(path: Path, encoding: str) -> bool:
    try:
        for _ in _texts(path, encoding):
            pass
    except UnicodeError:
        return False
    return True


def _certain(path: Path, encoding: str) -> str:
    if _is_valid(path, encoding):
        return encoding
    name = encoding.removesuffix("-sig").upper()
    raise FileRefused(
        f"The file is damaged: it is not valid {name} text. Download it again and "
        "upload the original."
    )


def _utf16_without_mark(head: bytes) -> str:
    even, odd = head[:64:2].count(0), head[1:64:2].count(0)
    if min(even, odd) > 0 or max(even, odd) < 8:
        raise FileRefused(
            f"This is neither a CSV file nor an XLSX workbook. {UPLOAD_ORIGINAL}"
        )
    return "utf-16-le" if odd else "utf-16-be"


def _code_page(path: Path, encoding: str) -> str:
    """The code page, if it can be that and nothing else.

    Letters in valid UTF-8 speak for damaged UTF-8, unless they are as few as chance
    makes them in Thai; signs which no address is written with betray another page.
    """
    valid = lost = 0
    for text in _texts(path, "utf-8", "replace"):
        if not text.isascii():
            damaged = text.count("\ufffd")
            lost += damaged
            valid += sum(not letter.isascii() for letter in text) - damaged
    if valid * 4 < lost and _is_valid(path, encoding):
        texts = _texts(path, encoding)
        if all(text.isascii() or NO_LETTERS.isdisjoint(text) for text in texts):
            return encoding
    raise FileRefused(
        "The file's text encoding is not UTF-8 and cannot be told for certain: letters "
        "would be changed. Upload the original download, or save it as “CSV UTF-8”."
    )
