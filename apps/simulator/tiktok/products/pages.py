"""Pages of lists that do not move: the token says how far the last one went."""

import base64
import json
import re
from collections.abc import Sequence
from typing import TypeVar

from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Refusal

LARGEST_PAGE = 100
Row = TypeVar("Row")


def page_of(
    call: Call, rows: Sequence[Row], *, size_code: int, token_code: int
) -> tuple[list[Row], str]:
    """The page the query asks for, and the token of the next one ("" on the last)."""
    size = page_size(call, size_code)
    start = _start(call.query.get("page_token", ""), token_code)
    end = start + size
    token = base64.b64encode(f"offset={end}\n".encode()).decode()
    return list(rows[start:end]), token if end < len(rows) else ""


def page_size(call: Call, code: int) -> int:
    text = call.query.get("page_size", "")
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= LARGEST_PAGE:
        raise Refusal(
            code, f"page size is invalid: it must be between 1 and {LARGEST_PAGE}"
        )
    return int(text)


def _start(token: str, code: int) -> int:
    if not token:
        return 0
    try:
        text = base64.b64decode(token, validate=True)
    except ValueError:
        text = b""
    found = re.fullmatch(rb"offset=([0-9]{1,9})\n", text)
    if not found:
        raise Refusal(code, "page token is invalid")
    return int(found[1])


def several(text: str) -> list[str]:
    """A list in the query: comma separated, or a JSON array as some clients send."""
    if text.startswith("["):
        try:
            found = json.loads(text)
        except ValueError:
            found = []
        return [str(one) for one in found]
    return [one.strip() for one in text.split(",") if one.strip()]
