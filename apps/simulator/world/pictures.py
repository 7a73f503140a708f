"""What kind of picture some bytes are and how large, told from their first bytes.

Nothing is decoded: a picture of 20,000 by 20,000 pixels costs no more than a small one.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Picture:
    format: str
    width: int
    height: int
    is_whole: bool  # the end of the file is where it should be


CONTENT_TYPES = {
    "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp",
    "bmp": "image/bmp", "heic": "image/heic",
}  # fmt: skip
_TAIL = 4_096  # some cameras write a little after the end of the picture
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"hevc"})
# Start of frame: the JPEG segments that hold the size.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def sniff(data: bytes) -> Picture | None:
    """None for what is none of our formats; a size of 0 for one that is broken."""
    for name, is_one, read in _FORMATS:
        if is_one(data):
            try:
                width, height, is_whole = read(data)
            except (struct.error, IndexError):
                width, height, is_whole = 0, 0, False
            return Picture(name, width, height, is_whole)
    return None


_Size = tuple[int, int, bool]


def _jpeg(data: bytes) -> _Size:
    at = 2
    while data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height, b"\xff\xd9" in data[-_TAIL:]
        at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    return 0, 0, False


def _png(data: bytes) -> _Size:
    width, height = struct.unpack_from(">II", data, 16)
    return width, height, data[12:16] == b"IHDR" and b"IEND" in data[-_TAIL:]


def _webp(data: bytes) -> _Size:
    length = struct.unpack_from("<I", data, 4)[0]
    is_whole = len(data) >= length + 8
    match data[12:16]:
        case b"VP8X":
            width = int.from_bytes(data[24:27], "little") + 1
            height = int.from_bytes(data[27:30], "little") + 1
        case b"VP8L":
            bits = struct.unpack_from("<I", data, 21)[0]
            width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width, height = (n & 0x3FFF for n in struct.unpack_from("<HH", data, 26))
        case _:
            return 0, 0, False
    return width, height, is_whole


def _bmp(data: bytes) -> _Size:
    length = struct.unpack_from("<I", data, 2)[0]
    width, height = struct.unpack_from("<ii", data, 18)
    return abs(width), abs(height), len(data) >= length


def _heic(data: bytes) -> _Size:
    """The largest `ispe` box; smaller ones belong to thumbnails."""
    largest, at = (0, 0), data.find(b"ispe")
    while at >= 0:
        width, height = struct.unpack_from(">II", data, at + 8)
        largest = max(largest, (width, height), key=lambda size: size[0] * size[1])
        at = data.find(b"ispe", at + 4)
    return (*largest, bool(largest[0]))


_FORMATS: tuple[tuple[str, Callable[[bytes], bool], Callable[[bytes], _Size]], ...] = (
    ("jpeg", lambda data: data.startswith(b"\xff\xd8\xff"), _jpeg),
    ("png", lambda data: data.startswith(b"\x89PNG\r\n\x1a\n"), _png),
    ("webp", lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP", _webp),
    ("bmp", lambda data: data.startswith(b"BM"), _bmp),
    (
        "heic",
        lambda data: data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS,
        _heic,
    ),
)
