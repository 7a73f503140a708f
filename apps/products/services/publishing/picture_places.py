"""Where a listing has pictures, each with its use and its place in people's words."""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from apps.integrations.tiktok.reading import sequence

MAIN, ATTRIBUTE, DESCRIPTION, CERTIFICATE, SIZE_CHART = (
    "MAIN_IMAGE",
    "ATTRIBUTE_IMAGE",
    "DESCRIPTION_IMAGE",
    "CERTIFICATION_IMAGE",
    "SIZE_CHART_IMAGE",
)
# The field of the content where a picture of each use stands.
FIELDS = {
    MAIN: "main_images",
    ATTRIBUTE: "skus.sales_attributes",
    CERTIFICATE: "certifications",
    SIZE_CHART: "size_chart",
}

Json = Mapping[str, Any]
Swap = Callable[[dict[str, Any], str, str], dict[str, Any]]


def swapped(content: Json, swap: Swap) -> dict[str, Any]:
    """The content with `swap(picture, use case, place)` in the place of each picture
    that has no URI yet."""
    copy: dict[str, Any] = deepcopy(dict(content))
    for holder, key, use_case, place in _places(copy):
        picture = holder[key]
        if isinstance(picture, Mapping) and is_pending(picture):
            holder[key] = swap(dict(picture), use_case, place)
    return copy


def is_pending(picture: Json) -> bool:
    return not picture.get("uri") and bool(
        picture.get("image") or picture.get("from_url")
    )


def _places(content: dict[str, Any]) -> Iterator[tuple[Any, Any, str, str]]:
    """(what holds a picture, under which key, use case, where that is for people)."""
    yield from _listed(content, "main_images", MAIN, "Main picture")
    for number, sku in enumerate(_rows(content, "skus"), start=1):
        name = sku.get("seller_sku") or number
        for row in _rows(sku, "sales_attributes"):
            place = f"Picture of {row.get('value_name') or name}"
            if "sku_img" in row:
                yield row, "sku_img", ATTRIBUTE, place
            yield from _listed(row, "supplementary_sku_images", ATTRIBUTE, place)
    for row in _rows(content, "certifications"):
        yield from _listed(row, "images", CERTIFICATE, "Certificate")
    chart = content.get("size_chart")
    if isinstance(chart, dict) and "image" in chart:
        yield chart, "image", SIZE_CHART, "Size chart"


def _listed(
    holder: dict[str, Any], key: str, use_case: str, place: str
) -> Iterator[tuple[Any, Any, str, str]]:
    rows = holder.get(key)
    if isinstance(rows, list):
        for number in range(len(rows)):
            yield rows, number, use_case, f"{place} {number + 1}"


def uris_in(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, entry in value.items():
            if key == "uri":
                yield str(entry)
            else:
                yield from uris_in(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from uris_in(entry)


def _rows(holder: dict[str, Any], key: str) -> list[dict[str, Any]]:
    return [each for each in sequence(holder, key) if isinstance(each, dict)]
