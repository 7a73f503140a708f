"""Pages of a sorted list: an opaque token says where the last one ended.

The token is tied to the filters and the sort it was made for.
"""

import base64
import hashlib
import json
import struct
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from apps.simulator.tiktok.call import Call, invalid
from apps.simulator.tiktok.envelope import Refusal

Row = TypeVar("Row")
Refuse = Callable[[str, str], Refusal]  # (parameter, what it must be)
LARGEST_PAGE = 100
_PLACE = struct.Struct(">QQ")


@dataclass(frozen=True, slots=True)
class Paging:
    size: int
    sort_field: str
    is_descending: bool
    after: tuple[int, int] | None  # (moment, id) of the last row seen
    seal: bytes

    def token(self, place: tuple[int, int]) -> str:
        raw = _PLACE.pack(*place) + self.seal
        mask = hashlib.blake2b(self.seal, digest_size=_PLACE.size).digest()
        masked = bytes(a ^ b for a, b in zip(raw, mask, strict=False))
        return base64.b64encode(masked + raw[_PLACE.size :]).decode()


def read_paging(
    call: Call,
    sort_fields: tuple[str, ...],
    *,
    refuse: Refuse = invalid,
    sizes: tuple[int, int] = (1, LARGEST_PAGE),
    usual_size: int | None = None,
    filters: tuple[str, ...] = (),
) -> Paging:
    """From the query; the same names in the body are refused. `filters` are the names
    of those in the query.

    `refuse` gives a wrong parameter the code which the endpoint's page has for it.
    `sizes`: the smallest and the largest page; without a `usual_size` one must be sent.
    """
    for name in ("page_size", "page_token", "sort_field", "sort_order"):
        if name in call.body:
            raise refuse(name, "belongs in the query, not in the body.")
    sort_field = call.query.get("sort_field") or sort_fields[0]
    if sort_field not in sort_fields:
        raise refuse("sort_field", f"must be one of {', '.join(sort_fields)}.")
    sort_order = call.query.get("sort_order") or "DESC"
    if sort_order not in ("ASC", "DESC"):
        raise refuse("sort_order", "must be ASC or DESC.")
    given = [call.query.get(name, "") for name in filters]
    seal = _seal(call, sort_field, sort_order, *call.ids.values(), *given)
    return Paging(
        size=_page_size(call, refuse, sizes, usual_size),
        sort_field=sort_field,
        is_descending=sort_order == "DESC",
        after=_place(call.query.get("page_token", ""), seal, refuse),
        seal=seal,
    )


def page_of(
    found: list[Row], paging: Paging, key: Callable[[Row], tuple[int, int]]
) -> tuple[list[Row], bool]:
    """The page after the last row seen, and whether another one follows. `found` is
    sorted by `key`, the oldest first."""
    if paging.is_descending:
        end = len(found)
        if paging.after is not None:
            end = bisect_left(found, paging.after, key=key)
        start = max(0, end - paging.size)
        return found[start:end][::-1], start > 0
    start = 0
    if paging.after is not None:
        start = bisect_right(found, paging.after, key=key)
    end = start + paging.size
    return found[start:end], end < len(found)


def _page_size(
    call: Call, refuse: Refuse, sizes: tuple[int, int], usual_size: int | None
) -> int:
    least, most = sizes
    text = call.query.get("page_size", "")
    if not text and usual_size is not None:
        return usual_size
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise refuse("page_size", f"must be between {least} and {most}.")
    return int(text)


def _seal(call: Call, *words: str) -> bytes:
    parts = [call.app.app_key, call.place, *words, call.body]
    text = json.dumps(parts, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=20).digest()


def _place(token: str, seal: bytes, refuse: Refuse) -> tuple[int, int] | None:
    if not token:
        return None
    try:
        raw = base64.b64decode(token, validate=True)
    except ValueError:
        raw = b""
    if len(raw) != _PLACE.size + len(seal) or raw[_PLACE.size :] != seal:
        raise refuse("page_token", "is invalid for these filters and this sort.")
    mask = hashlib.blake2b(seal, digest_size=_PLACE.size).digest()
    moment, order_id = _PLACE.unpack(
        bytes(a ^ b for a, b in zip(raw, mask, strict=False))
    )
    return int(moment), int(order_id)
