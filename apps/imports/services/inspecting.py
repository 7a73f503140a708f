"""A file is checked for the shop it is read into, the same for the page and the
command: by its currency, clock and region, with the headings its staff matched."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from apps.imports.models import ImportRun
from apps.imports.services.headings import aliases_of
from apps.integrations.tiktok.exports.reader import Dates
from apps.platforms.models import Shop

File = TypeVar("File")


def inspected(
    inspect: Callable[..., File],
    kind: ImportRun.Kind,
    shop: Shop,
    path: Path,
    dates: Dates,
) -> File:
    """What `inspect`, for files of a kind with times, makes of a file. Raises
    FileRefused."""
    return inspect(path, **read_as(shop, kind, dates))


def read_as(shop: Shop, kind: ImportRun.Kind, dates: Dates) -> dict[str, Any]:
    """How files of a kind are read for a shop as it is now, as plain JSON: read the
    same way, a file says the same."""
    return {
        "currency": shop.currency,
        "timezone": shop.time_zone,
        "region": shop.region,
        "dates": dates,
        "aliases": aliases_of(shop, kind),
    }
