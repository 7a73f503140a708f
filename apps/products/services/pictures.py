"""A file somebody uploads as a picture: read, found good, written anew.

What is kept was written by us: turned upright, without the place and the camera it was
taken with, and with nothing hidden behind the picture.
"""

import hashlib
import io
from dataclasses import dataclass
from typing import IO, Any

from PIL import Image, ImageOps, JpegImagePlugin, UnidentifiedImageError

from apps.products.errors import PictureRefused

LARGEST_BYTES = 10 * 1024 * 1024
SMALLEST_SIDE, LONGEST_SIDE = 100, 20_000
SMALLEST_MAIN_SIDE, LONGEST_MAIN_SIDE = 300, 4_000
# Opened, a picture takes three or four bytes a point, whatever its file takes.
MOST_POINTS = 64_000_000
THUMB_SIDE = 160
EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "BMP": "bmp"}
CONTENT_TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "bmp": "image/bmp",
}
_ORIENTATION = 0x0112
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
_KINDS = "Use JPG, PNG, WEBP or BMP."


@dataclass(frozen=True, slots=True)
class Picture:
    """What is kept of an upload."""

    content: bytes
    extension: str
    width: int
    height: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def read_picture(file: IO[bytes], *, is_main: bool) -> Picture:
    """`is_main` is a picture of the product, not of one variant: the platform asks
    more of it. Raises PictureRefused, which says what is wrong."""
    content = file.read(LARGEST_BYTES + 1)
    if len(content) > LARGEST_BYTES:
        raise PictureRefused("The picture is larger than 10 MB. Save it smaller.")
    if not content:
        raise PictureRefused("The file is empty.")
    try:
        image = _opened(content)
        _check_size(image, is_main=is_main)
        image.load()
        picture = _written(image, content)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureRefused(_too_many_points()) from None
    except UnidentifiedImageError:
        raise PictureRefused(_unknown(content)) from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise PictureRefused(
            "The picture is damaged or cut off. Save it again and upload that."
        ) from error
    if len(picture.content) > LARGEST_BYTES:
        raise PictureRefused(
            "Turned upright and without its hidden data, the picture is larger than "
            "10 MB. Save it smaller."
        )
    return picture


def thumbnail_of(file: IO[bytes]) -> bytes:
    """A small JPEG of a picture that was read before."""
    image: Image.Image = Image.open(file, formats=list(EXTENSIONS))
    image.draft("RGB", (THUMB_SIDE * 2, THUMB_SIDE * 2))
    image.thumbnail((THUMB_SIDE, THUMB_SIDE))
    flat = Image.new("RGB", image.size, "white")
    image = image.convert("RGBA")
    flat.paste(image, mask=image.getchannel("A"))
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=85)
    return out.getvalue()


def _opened(content: bytes) -> Image.Image:
    image: Image.Image = Image.open(io.BytesIO(content), formats=list(EXTENSIONS))
    if image.format == "MPO":
        # As some telephones save a photograph: a JPEG with others behind it.
        return JpegImagePlugin.JpegImageFile(io.BytesIO(content))
    return image


def _check_size(image: Image.Image, *, is_main: bool) -> None:
    smallest = SMALLEST_MAIN_SIDE if is_main else SMALLEST_SIDE
    longest = LONGEST_MAIN_SIDE if is_main else LONGEST_SIDE
    sides = f"{image.width} x {image.height}"
    if min(image.size) < smallest or max(image.size) > longest:
        whose = "of a product" if is_main else "of a variant"
        raise PictureRefused(
            f"The picture has {sides} pixels; TikTok takes {smallest} to "
            f"{longest:,} a side {whose}."
        )
    if image.width * image.height > MOST_POINTS:
        raise PictureRefused(_too_many_points())
    if getattr(image, "n_frames", 1) > 1:
        raise PictureRefused("The picture moves. Upload one that stands still.")


def _written(image: Image.Image, content: bytes) -> Picture:
    kind = str(image.format)
    # Of several formats within the family of JPEG only this one is asked for.
    options: dict[str, Any] = {"icc_profile": image.info.get("icc_profile")}
    image.info.pop("comment", None)
    upright = image
    if image.getexif().get(_ORIENTATION, 1) != 1:
        upright = ImageOps.exif_transpose(image)
    if kind == "JPEG":
        is_same = upright is image
        options |= {"quality": "keep" if is_same else 95, "comment": b"", "exif": b""}
    elif kind == "WEBP":
        lossless = b"VP8L" in content[:64]
        options |= {"lossless": lossless, "quality": 95, "exif": b"", "xmp": b""}
    elif kind == "PNG":
        options |= {"optimize": False, "exif": None}
    else:
        options = {}
    out = io.BytesIO()
    upright.save(out, kind, **options)
    return Picture(out.getvalue(), EXTENSIONS[kind], upright.width, upright.height)


def _unknown(content: bytes) -> str:
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        return (
            "HEIC pictures, as telephones take them, cannot be read here. Save it as "
            "JPG and upload that."
        )
    return f"The file is no picture that can be read. {_KINDS}"


def _too_many_points() -> str:
    return (
        f"The picture has more than {MOST_POINTS // 1_000_000} million pixels. Save it "
        "smaller."
    )
