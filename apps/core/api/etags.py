"""Strong ETags over what is shown: unchanged answers are not sent, and nobody changes
what they have not seen."""

import hashlib
import re
from typing import Any

from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.errors import Stale

_TAGS = re.compile(r'(?:W/)?"[^"]*"')


def etag_of(data: Any) -> str:
    digest = hashlib.sha256(JSONRenderer().render(data)).hexdigest()
    return f'"{digest[:32]}"'


def answer(request: Request, data: Any, *, status: int = 200) -> Response:
    """`data` with its ETag; nothing but that to whoever has it already."""
    etag = etag_of(data)
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    asks = request.method in ("GET", "HEAD")
    if asks and _names(request.headers.get("If-None-Match", ""), etag, weakly=True):
        return Response(status=304, headers=headers)
    return Response(data, status=status, headers=headers)


def check_match(request: Request, data: Any) -> None:
    """Call it under the lock. Raises Stale where If-Match names another state."""
    wanted = request.headers.get("If-Match")
    if wanted is not None and not _names(wanted, etag_of(data), weakly=False):
        raise Stale


def _names(header: str, etag: str, *, weakly: bool) -> bool:
    if header.strip() == "*":
        return True
    tags = _TAGS.findall(header)
    return etag in tags or (weakly and f"W/{etag}" in tags)
