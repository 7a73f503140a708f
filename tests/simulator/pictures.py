"""Pictures and documents for uploads, made on the spot."""

import struct
from io import BytesIO

from PIL import Image


def picture(width: int, height: int, format: str = "JPEG") -> bytes:
    file = BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, format)
    return file.getvalue()


def png_header(width: int, height: int) -> bytes:
    """As a PNG of that size begins and ends, with nothing in between."""
    start = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height)
    return start + bytes(9) + b"\0\0\0\0IEND\xaeB`\x82"


def heic_header(width: int, height: int) -> bytes:
    brand = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"
    thumbnail, whole = (
        struct.pack(">I4sIII", 20, b"ispe", 0, *size)
        for size in ((320, 240), (width, height))
    )
    return brand + thumbnail + whole


def pdf(size: int = 2_000) -> bytes:
    return b"%PDF-1.7\n".ljust(size, b" ") + b"\n%%EOF\n"
