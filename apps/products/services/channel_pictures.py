"""Small copies of the pictures a platform shows: fetched once, then ours to show.

A page of ours shows nothing from other hosts, and a platform's addresses are signed and
pass; what they name stays the same.
"""

import hashlib
import io
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from apps.integrations.tiktok.images import PICTURE_HOSTS, fetch_image
from apps.products.errors import PictureRefused
from apps.products.services.pictures import thumbnail_of

PATIENCE_SECONDS = 8.0


def channel_thumbnail(address: str) -> bytes:
    """A small JPEG of the picture at a platform's address.

    Raises PlatformError where it cannot be had, PictureRefused where it is none.
    """
    name = f"channel/{digest_of(address)}.jpg"
    if default_storage.exists(name):
        with default_storage.open(name) as stored:
            return bytes(stored.read())
    content = fetch_image(
        address,
        allowed_hosts=(*PICTURE_HOSTS, *settings.TIKTOK_IMAGE_HOSTS),
        limit_seconds=PATIENCE_SECONDS,
    )
    small = _small(content)
    default_storage.save(name, ContentFile(small))
    return small


def digest_of(address: str) -> str:
    """Names the picture whatever host serves it and however it is signed."""
    return hashlib.sha256(urlsplit(address).path.encode()).hexdigest()[:40]


def _small(content: bytes) -> bytes:
    try:
        return thumbnail_of(io.BytesIO(content))
    except (
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        SyntaxError,
        ValueError,
    ):
        raise PictureRefused("What the address shows is no picture.") from None
