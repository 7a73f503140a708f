"""Searches by windows of time, page by page, whose rows are read one by one."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from apps.integrations.errors import MalformedReply
from apps.integrations.tiktok.reading import (
    JsonObject,
    Unreadable,
    identifier,
    sequence,
)

_Row = TypeVar("_Row")
_PageT = TypeVar("_PageT", bound="_Page")


class _Page(Protocol):
    @property
    def next_page_token(self) -> str:
        """Empty on the last page."""


def window(field: str, since: datetime, until: datetime) -> dict[str, int] | None:
    """The filter for [since, until) of a time field; None if the window is empty."""
    bounds = {f"{field}_ge": seconds(since), f"{field}_lt": seconds(until)}
    return None if bounds[f"{field}_ge"] >= bounds[f"{field}_lt"] else bounds


def seconds(moment: datetime) -> int:
    """The first whole Unix second not before `moment`: keeps [since, until) exact."""
    if moment.tzinfo is None:
        raise ValueError("an instant without a zone names no moment")
    return math.ceil(moment.timestamp())


def page_params(
    page_size: int, page_token: str, sort_field: str = "", *, newest_first: bool = False
) -> dict[str, str]:
    """The paging of a search, which goes in the query; sorted, it is oldest first."""
    params = {"page_size": str(page_size)}
    if sort_field:
        order = "DESC" if newest_first else "ASC"
        params |= {"sort_field": sort_field, "sort_order": order}
    if page_token:
        params["page_token"] = page_token
    return params


def read_rows(
    data: JsonObject,
    name: str,
    read: Callable[[JsonObject], _Row],
    *id_names: str,
) -> tuple[tuple[_Row, ...], tuple[tuple[str, str], ...]]:
    """The rows of a list, and (id, reason) of those that cannot be read.

    `id_names` are where a row may say its id.
    """
    rows: list[_Row] = []
    malformed: list[tuple[str, str]] = []
    for row in sequence(data, name):
        if not isinstance(row, Mapping):
            malformed.append(("", "the row is not an object"))
            continue
        try:
            rows.append(read(row))
        except Unreadable as error:
            ids = filter(None, (identifier(row, each) for each in id_names))
            malformed.append((next(ids, ""), str(error)))
    return tuple(rows), tuple(malformed)


def walk(fetch: Callable[[str], _PageT]) -> Iterator[_PageT]:
    """All pages of a search, each asked for by its token when it is wanted.

    Raises MalformedReply where the platform sends us in circles.
    """
    seen: set[str] = set()
    token = ""
    while True:
        page = fetch(token)
        yield page
        token = page.next_page_token
        if not token:
            return
        if token in seen:
            raise MalformedReply("TikTok Shop sent us to a page we have been on.")
        seen.add(token)


def parts(entries: Sequence[_Row], size: int) -> Iterator[Sequence[_Row]]:
    """The entries in parts of at most `size`."""
    for start in range(0, len(entries), size):
        yield entries[start : start + size]
