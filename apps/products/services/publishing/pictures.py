"""Pictures of a listing, sent before it: each to each app once, and none converted."""

import hashlib
import io
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from PIL import Image, UnidentifiedImageError

from apps.integrations.errors import PlatformError
from apps.integrations.tiktok.images import PICTURE_HOSTS, fetch_image
from apps.products.errors import PictureRefused
from apps.products.models import ChannelImage, ProductImage
from apps.products.services.publishing import descriptions
from apps.products.services.publishing.channel import Channel
from apps.products.services.publishing.picture_places import (
    DESCRIPTION,
    MAIN,
    SIZE_CHART,
    swapped,
    uris_in,
)

LARGEST_BYTES = 10 * 1024 * 1024
# MPO is what some phones call a JPEG with a second picture behind the first.
_FORMATS = frozenset({"JPEG", "MPO", "PNG", "WEBP", "BMP"})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"mif1", b"msf1", b"hevc"})
_PIXELS = {MAIN: (300, 4000), SIZE_CHART: (1024, 20_000)}
_ANY_PIXELS = (100, 20_000)

# The platform no longer has, or never had, a picture by that name.
LOST = frozenset({12019065, 12052300, 12052520, 12052650, 12052670, 12052722})

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Size:
    width: int
    height: int


def upload_pictures(
    channel: Channel, content: Json, *, known_addresses: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """The content as it is sent: every picture is one the platform keeps.

    Pictures of the description that are neither in `known_addresses` nor ours at the
    platform are fetched and sent, too. Raises PictureRefused before anything unfit is
    sent, PlatformError; what was sent by then is not sent again.
    """

    uris: dict[tuple[Any, ...], str] = {}

    def swap(picture: dict[str, Any], use_case: str, place: str) -> dict[str, Any]:
        # All SKUs of a colour show the same picture: once is enough.
        key = (picture.get("image"), picture.get("from_url"), use_case)
        if key not in uris:
            source = _source_of(channel, picture, place)
            uris[key] = _kept(channel, source, use_case, place).uri
        return {"uri": uris[key]}

    sent = swapped(content, swap)
    if sent.get("description"):
        sent["description"] = _upload_described(
            channel, str(sent["description"]), known_addresses
        )
    return sent


def forget(channel: Channel, sent: Any) -> None:
    """Send the pictures of these bodies anew the next time."""
    ChannelImage.objects.filter(
        api_app=channel.api_app, uri__in=set(uris_in(sent))
    ).delete()


def judge(content: bytes, use_case: str, place: str) -> Size | None:
    """The size of a picture the platform would take; None where we cannot read it.

    Raises PictureRefused for one it would not: the kind of file, its bytes, its pixels.
    """
    if len(content) > LARGEST_BYTES:
        raise PictureRefused(
            f"{place}: the picture has {len(content) / 1024 / 1024:.1f} MB; "
            "10 MB are allowed. Save a smaller one."
        )
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        return None
    size = _read(content, place)
    judge_size(size, use_case, place)
    return size


def judge_size(size: Size, use_case: str, place: str) -> None:
    """Raises PictureRefused for too few or too many pixels."""
    shorter, longer = sorted((size.width, size.height))
    fewest, most = _PIXELS.get(use_case, _ANY_PIXELS)
    if shorter < fewest or longer > most:
        raise PictureRefused(
            f"{place}: the picture has {size.width} x {size.height} pixels; {fewest} "
            f"to {most:,} a side are allowed. Choose another or resize it."
        )


@dataclass(frozen=True, slots=True)
class _Source:
    sha256: str
    load: Callable[[], bytes]


def _source_of(channel: Channel, picture: Json, place: str) -> _Source:
    if address := picture.get("from_url"):
        return _fetched(channel, str(address))
    row = image_of(channel, picture)
    if row is None:
        raise PictureRefused(
            f"{place}: the picture is no longer there. Choose another."
        )

    def load() -> bytes:
        with row.file.open("rb") as file:
            return bytes(file.read())

    return _Source(row.sha256, load)


def _fetched(channel: Channel, address: str) -> _Source:
    channel.beat()
    hosts = (*PICTURE_HOSTS, *settings.TIKTOK_IMAGE_HOSTS)
    try:
        content = fetch_image(address, allowed_hosts=hosts)
    except PlatformError as error:  # about this picture, not about the shop
        raise PictureRefused(
            f"A picture could not be fetched: {error.message}"
        ) from None
    return _Source(hashlib.sha256(content).hexdigest(), lambda: content)


def image_of(channel: Channel, picture: Json) -> ProductImage | None:
    """The client's own picture; one of another client is not there."""
    images = ProductImage.objects.filter(client_id=channel.shop.client_id)
    key = picture.get("image")
    return images.filter(pk=key).first() if isinstance(key, int) else None


def kept_for(channel: Channel, sha256: str, use_case: str) -> ChannelImage | None:
    """What the platform has of a picture already."""
    return ChannelImage.objects.filter(
        api_app=channel.api_app, sha256=sha256, use_case=use_case
    ).first()


def _kept(channel: Channel, source: _Source, use_case: str, place: str) -> ChannelImage:
    if found := kept_for(channel, source.sha256, use_case):
        return found
    content = source.load()
    judge(content, use_case, place)
    channel.beat()
    sent = channel.writes.upload_image(content, use_case=use_case)
    # Two processes may send the same picture at once; either copy will do.
    row, _ = ChannelImage.objects.get_or_create(
        api_app=channel.api_app,
        sha256=source.sha256,
        use_case=use_case,
        defaults={"uri": sent.uri, "url": sent.url},
    )
    return row


def pending_in(
    channel: Channel, description: str, known_addresses: frozenset[str]
) -> list[str]:
    """Addresses of its pictures that are neither known nor ours at the platform."""
    addresses = descriptions.pictures_in(description) - known_addresses
    if not addresses:
        return []
    ours = ChannelImage.objects.filter(
        api_app=channel.api_app, use_case=DESCRIPTION, url__in=addresses
    )
    return sorted(addresses - set(ours.values_list("url", flat=True)))


def _upload_described(
    channel: Channel, description: str, known_addresses: frozenset[str]
) -> str:
    sent = {}
    for address in pending_in(channel, description, known_addresses):
        source = _fetched(channel, address)
        size = judge(source.load(), DESCRIPTION, "Picture in the description")
        kept = _kept(channel, source, DESCRIPTION, "Picture in the description")
        sent[address] = descriptions.Picture(
            kept.url, size.width if size else None, size.height if size else None
        )
    return descriptions.with_pictures(description, sent)


def _read(content: bytes, place: str) -> Size:
    try:
        with warnings.catch_warnings():
            # Only its head is read; how much it would unpack to does not matter here.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content)) as image:
                kind, size = image.format, Size(image.width, image.height)
    except Image.DecompressionBombError:
        raise PictureRefused(
            f"{place}: the picture has far too many pixels. Choose another."
        ) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        kind, size = None, Size(0, 0)
    if kind not in _FORMATS:
        raise PictureRefused(
            f"{place}: the file is no JPEG, PNG, WEBP, HEIC or BMP picture. "
            "Save it as one of these."
        )
    return size
