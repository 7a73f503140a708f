"""The languages the platform speaks: names of categories, attributes and values."""

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "data"
LANGUAGES = ("en", "de", "id", "ms", "th", "vi")
_OF_REGION = {
    "US": "en", "GB": "en", "DE": "de", "MY": "ms", "ID": "id", "TH": "th", "VN": "vi",
}  # fmt: skip


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of one of our tables, by the names of its columns."""
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter=";")


def language(region: str, locale: str = "") -> str:
    """Of a locale such as `de-DE`, if we speak it, else the region's own."""
    wanted = locale.partition("-")[0].lower()
    return wanted if wanted in LANGUAGES else _OF_REGION[region]


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    return {row["en"]: row for row in rows("words.csv")}


def translated(word: str, spoken: str) -> str:
    """An attribute's or value's name; what has no translation stays English."""
    row = _words().get(word)
    return row[spoken] if row else word
