"""Pictures and files: what was uploaded, and what the world began with.

The world's own pictures have URIs that begin with `tos-seed/`; they are drawn when
somebody looks. `seed_uri(product_id, n)` is picture `n` of a product.
"""

import re
from collections import OrderedDict
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from apps.simulator.world.rolls import roll

# The address that whoever is being answered knows us by.
origin: ContextVar[str] = ContextVar("origin", default="")
_SEED = re.compile(r"tos-seed/[\w-]+(/[\w-]+)*", re.ASCII)
_THUMB = "~200"
_MOST_BYTES = 64 * 1024 * 1024  # of uploads; older ones are drawn instead


@dataclass(frozen=True, slots=True)
class Image:
    uri: str
    width: int
    height: int
    format: str = "jpeg"
    use_case: str = "MAIN_IMAGE"
    app_key: str = ""  # empty for the world's own


@dataclass(frozen=True, slots=True)
class File:
    id: str
    name: str
    format: str
    app_key: str


def seed_uri(product_id: str, number: int) -> str:
    return f"tos-seed/{product_id}/{number}"


def picture_url(uri: str) -> str:
    return f"{origin.get()}/images/{uri}"


@dataclass
class Media:
    """Not thread safe: the simulator's lock guards it."""

    images: dict[str, Image] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    _contents: OrderedDict[str, bytes] = field(default_factory=OrderedDict)
    _held: int = 0

    def known(self, app_key: str, uri: str) -> bool:
        """Whether an app may put this picture into a product.

        Its own uploads, and any `tos-seed/` picture; whose product that one shows is
        for the caller to compare.
        """
        image = self.image(uri)
        return image is not None and image.app_key in ("", app_key)

    def image(self, uri: str) -> Image | None:
        if image := self.images.get(uri):
            return image
        return _seeded(uri) if _SEED.fullmatch(uri) else None

    def url(self, uri: str) -> str:
        return picture_url(uri)

    def thumb_url(self, uri: str) -> str:
        return picture_url(f"{uri}{_THUMB}")

    def file_url(self, file_id: str) -> str:
        return f"{origin.get()}/files/{file_id}"

    def as_json(self, uri: str) -> dict[str, Any]:
        """A picture as products show it; `uri` must be one of ours."""
        image = self.image(uri)
        assert image is not None
        return {
            "uri": uri,
            "urls": [self.url(uri)],
            "thumb_urls": [self.thumb_url(uri)],
            "width": image.width,
            "height": image.height,
        }

    def apply(self, event: dict[str, Any]) -> Image | File:
        """`image_uploaded` or `file_uploaded`, with the fields of Image or File."""
        fields = {key: value for key, value in event.items() if key != "event"}
        if event["event"] == "file_uploaded":
            file = self.files[event["id"]] = File(**fields)
            return file
        image = self.images[event["uri"]] = Image(**fields)
        return image

    def keep(self, key: str, content: bytes) -> None:
        """Hold an upload's bytes until newer ones need the room."""
        self._contents[key] = content
        self._held += len(content)
        while self._held > _MOST_BYTES:
            _, dropped = self._contents.popitem(last=False)
            self._held -= len(dropped)

    def content(self, key: str) -> bytes | None:
        return self._contents.get(key)


def without_thumb(path: str) -> tuple[str, bool]:
    """The URI in the path of a URL, and whether its small version is wanted."""
    uri = path.removesuffix(_THUMB)
    return uri, uri != path


def _seeded(uri: str) -> Image:
    side = (800, 1000, 1200)[roll("picture", uri) % 3]
    return Image(uri, side, side)
