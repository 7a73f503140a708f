"""Title, description, pictures, outside ids."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from apps.integrations.tiktok.reading import sequence
from apps.products.services.publishing import limits
from apps.products.services.publishing.problems import Problem

_ESCAPE = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,6});")
_EMOJI = re.compile("[\U0001f000-\U0001faff\U00002600-\U000027bf\ufe0f]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_PICTURE = re.compile(r"<img\b", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")


def check_texts(content: Mapping[str, Any], region: str) -> Iterator[Problem]:
    yield from _title(str(content.get("title") or "").strip(), region)
    yield from _description(str(content.get("description") or ""))
    yield from _pictures(sequence(content, "main_images"))
    external_id = str(content.get("external_product_id") or "")
    if len(external_id) > limits.LONGEST_EXTERNAL_ID:
        yield Problem(
            "external_product_id",
            f"The outside ID may have {limits.LONGEST_EXTERNAL_ID} characters.",
        )


def forbidden_in(words: str) -> str:
    """What a text has that the platform does not take; empty for nothing."""
    if found := _ESCAPE.search(words):
        return f"the HTML escape “{found.group()}”"
    if found := _EMOJI.search(words):
        return f"the symbol “{found.group()}”"
    return "a control character" if _CONTROL.search(words) else ""


def _title(title: str, region: str) -> Iterator[Problem]:
    fewest, most = limits.title_lengths(region)
    if not title:
        yield Problem("title", "Give the listing a title.")
    elif not fewest <= len(title) <= most:
        yield Problem(
            "title",
            f"The title has {len(title)} characters; {fewest} to {most} are allowed "
            "in this region.",
        )
    if found := forbidden_in(title):
        yield Problem("title", f"The title contains {found}. Take it out.")


def _description(description: str) -> Iterator[Problem]:
    field = "description"
    has_words = _TAG.sub("", description).strip()
    pictures = len(_PICTURE.findall(description))
    if not has_words and not pictures:
        yield Problem(field, "Describe the product.")
    if len(description) > limits.LONGEST_DESCRIPTION:
        yield Problem(
            field,
            f"The description has {len(description):,} characters; "
            f"{limits.LONGEST_DESCRIPTION:,} are allowed.",
        )
    if pictures > limits.MOST_DESCRIPTION_IMAGES:
        yield Problem(
            field,
            f"The description has {pictures} pictures; "
            f"{limits.MOST_DESCRIPTION_IMAGES} are allowed.",
        )
    if _CONTROL.search(description):
        yield Problem(field, "The description contains a control character.")
    elif found := _EMOJI.search(description):
        yield Problem(
            field,
            f"The description contains the symbol “{found.group()}”. Take it out.",
        )


def _pictures(pictures: list[Any]) -> Iterator[Problem]:
    if not pictures:
        yield Problem("main_images", "Add at least one picture.")
    elif len(pictures) > limits.MOST_IMAGES:
        yield Problem(
            "main_images",
            f"There are {len(pictures)} pictures; {limits.MOST_IMAGES} are allowed.",
        )
