"""Pictures as people upload them."""

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

PLACE = 0x8825  # of EXIF: where a picture was taken


def picture(
    kind: str = "JPEG",
    size: tuple[int, int] = (400, 300),
    colour: str = "teal",
    **options: Any,
) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind, **options)
    return out.getvalue()


def photo(orientation: int = 1, size: tuple[int, int] = (400, 300)) -> bytes:
    """A JPEG that says where it was taken, and how the camera was held."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x0110] = "Camera of somebody"
    exif.get_ifd(PLACE).update({1: "N", 2: (3.0, 8.0, 25.1), 3: "E"})
    return picture(size=size, exif=exif, comment=b"taken at home")


def upload(content: bytes, name: str = "lamp.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)
