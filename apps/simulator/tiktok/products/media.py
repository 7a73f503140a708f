"""Uploads: pictures and files that products then name.

Source: Partner Center, "Upload Product Image 202309", "Upload Product File 202309".
"""

import hashlib

from django.core.files.uploadedfile import UploadedFile

from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json, Refusal
from apps.simulator.world.documents import document_format
from apps.simulator.world.pictures import Picture, sniff
from apps.simulator.world.rolls import roll

LARGEST_FILE = 10 * 1024 * 1024  # of pictures and PDFs
LARGEST_VIDEO = 30 * 1024 * 1024
SMALLEST_SIDE, LARGEST_SIDE = 100, 20_000
MAIN_SMALLEST, MAIN_LARGEST = 300, 4_000
CHART_SMALLEST = 1_024  # of the shorter side
USE_CASES = (
    "MAIN_IMAGE", "ATTRIBUTE_IMAGE", "DESCRIPTION_IMAGE", "CERTIFICATION_IMAGE",
    "SIZE_CHART_IMAGE", "CUSTOMIZATION_IMAGE",
)  # fmt: skip


def upload_image(call: Call) -> Json:
    """POST /product/202309/images/upload."""
    use_case = call.body.get("use_case") or USE_CASES[0]
    if use_case not in USE_CASES:
        raise Refusal(11050001, f"invalid param: use_case {use_case[:40]!r}")
    content = _content(call)
    picture = _picture(content)
    _check_size(picture, use_case)
    number = len(call.simulator.media.images)
    image = call.simulator.record(
        {
            "event": "image_uploaded",
            "uri": _new_uri(call, number, content),
            "width": picture.width,
            "height": picture.height,
            "format": picture.format,
            "use_case": use_case,
            "app_key": call.app.app_key,
        }
    )
    media = call.simulator.media
    media.keep(image.uri, content)
    return {
        "uri": image.uri,
        "url": media.url(image.uri),
        "height": image.height,
        "width": image.width,
        "use_case": image.use_case,
    }


def _content(call: Call) -> bytes:
    """The bytes of the part `data`."""
    if not (data := _data(call)) or not data.size:
        raise Refusal(12038002, "Invalid upload file: 'data' is missing or empty")
    if data.size > LARGEST_FILE:
        raise Refusal(12038005, "The file size exceeds the maximum allowed size: 10 MB")
    return bytes(data.read())


def _data(call: Call) -> "UploadedFile[bytes] | None":
    return call.files.get("data")


def _picture(content: bytes) -> Picture:
    picture = sniff(content)
    if picture is None:
        raise Refusal(
            12038004,
            "Failed to process the image: use JPG, JPEG, PNG, WEBP, HEIC or BMP",
        )
    if not (picture.width and picture.height and picture.is_whole):
        raise Refusal(12038015, "Failed to process the image: the file is damaged")
    return picture


def _check_size(picture: Picture, use_case: str) -> None:
    shorter, longer = sorted((picture.width, picture.height))
    if shorter < SMALLEST_SIDE or longer > LARGEST_SIDE:
        raise Refusal(
            12038014,
            "The image dimensions exceed the allowed limits: each side must have "
            f"{SMALLEST_SIDE} to {LARGEST_SIDE} pixels",
        )
    if use_case == "MAIN_IMAGE" and (shorter < MAIN_SMALLEST or longer > MAIN_LARGEST):
        raise Refusal(
            12019116,
            f"Invalid image resolution: a main image has {MAIN_SMALLEST} to "
            f"{MAIN_LARGEST} pixels on each side",
        )
    if use_case == "SIZE_CHART_IMAGE" and shorter < CHART_SMALLEST:
        raise Refusal(
            12019116,
            "Invalid image resolution: the shorter side of a size chart has at least "
            f"{CHART_SMALLEST} pixels",
        )


def _new_uri(call: Call, number: int, content: bytes) -> str:
    """Another one for each upload, also of the same picture."""
    bucket = roll("bucket", call.app.app_key) % 10**10
    return f"tos-sim-i-{bucket:010d}/{_digest(number, content)}"


def _digest(number: int, content: bytes) -> str:
    salt = number.to_bytes(8, "big")
    return hashlib.blake2b(content, digest_size=16, salt=salt).hexdigest()


def upload_file(call: Call) -> Json:
    """POST /product/202309/files/upload."""
    if not (name := str(call.body.get("name") or "").strip()):
        raise Refusal(12019104, "The file name is empty")
    data = _data(call)
    if data is None:
        raise Refusal(12038002, "Invalid upload file: 'data' is missing")
    if not data.size:
        raise Refusal(12019103, "Couldn't upload file, the file is empty")
    if data.size > LARGEST_VIDEO:
        raise Refusal(12038005, "The file size exceeds the maximum allowed size: 30 MB")
    content = bytes(data.read())
    format_ = document_format(content)
    if format_ is None:
        raise Refusal(12038004, "Failed to process the file: use PDF or a video")
    if format_ == "PDF" and len(content) > LARGEST_FILE:
        raise Refusal(12038005, "The file size exceeds the maximum allowed size: 10 MB")
    media = call.simulator.media
    file = call.simulator.record(
        {
            "event": "file_uploaded",
            "id": f"v09{_digest(len(media.files), content)}",
            "name": name,
            "format": format_,
            "app_key": call.app.app_key,
        }
    )
    media.keep(file.id, content)
    return {
        "id": file.id,
        "url": media.file_url(file.id),
        "name": file.name,
        "format": file.format,
    }
