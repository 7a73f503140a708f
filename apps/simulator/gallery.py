"""/images/ and /files/: what the URLs in the API's answers show.

No API: anybody may look, as on the platform's own picture servers.
"""

from functools import lru_cache
from io import BytesIO

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from PIL import Image as Pillow
from PIL import ImageDraw

from apps.simulator.server import current
from apps.simulator.world import documents, pictures
from apps.simulator.world.media import without_thumb
from apps.simulator.world.rolls import roll

_THUMB_SIDE, _LARGEST_SIDE = 200, 4_000


def show_image(request: HttpRequest, path: str) -> HttpResponse:
    """An upload as it came, while its bytes are held; else a drawing of its size."""
    uri, is_thumb = without_thumb(path)
    simulator = current()
    with simulator.lock:
        image = simulator.media.image(uri)
        content = None if is_thumb else simulator.media.content(uri)
    if image is None:
        return HttpResponseNotFound("no such picture")
    if content is not None:
        return _reply(content, pictures.CONTENT_TYPES[image.format])
    most = _THUMB_SIDE if is_thumb else _LARGEST_SIDE
    size = _within(image.width, image.height, most)
    return _reply(_drawn(roll("colours", uri), *size), "image/jpeg")


def show_file(request: HttpRequest, file_id: str) -> HttpResponse:
    simulator = current()
    with simulator.lock:
        file = simulator.media.files.get(file_id)
        content = simulator.media.content(file_id)
    if file is None or content is None:
        return HttpResponseNotFound("no such file")
    return _reply(content, documents.CONTENT_TYPES[file.format])


def _reply(content: bytes, content_type: str) -> HttpResponse:
    reply = HttpResponse(content, content_type=content_type)
    reply["Cache-Control"] = "public, max-age=86400"
    reply["X-Content-Type-Options"] = "nosniff"
    return reply


def _within(width: int, height: int, most: int) -> tuple[int, int]:
    """The same shape, no side longer than `most`."""
    scale = min(1.0, most / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


@lru_cache(maxsize=256)
def _drawn(dice: int, width: int, height: int) -> bytes:
    """A disc on a plain ground, in two colours of the dice's choice."""
    ground, disc = (f"hsl({(dice >> n) % 360},35%,{light}%)" for n, light in _COLOURS)
    picture = Pillow.new("RGB", (width, height), ground)
    radius = min(width, height) * 0.32
    ImageDraw.Draw(picture).ellipse(
        (
            width / 2 - radius, height / 2 - radius,
            width / 2 + radius, height / 2 + radius,
        ),
        fill=disc,
    )  # fmt: skip
    file = BytesIO()
    picture.save(file, "JPEG", quality=70)
    return file.getvalue()


_COLOURS = ((0, 82), (16, 55))  # (bits of the dice to leave out, lightness)
