"""Everything that can be answered instead of what was asked: RFC 9457, one table.

The type of a problem is an address below /api/problems/ that explains it; its `code`
is what programs compare. Both stay as they are.
"""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request

from apps.core.errors import DomainError, Forbidden

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Problem:
    """A kind of problem: its status, its short title, and what to do about it."""

    code: str
    status: int
    title: str
    meaning: str

    @property
    def type(self) -> str:
        return f"/api/problems/{self.code}"


_GENERAL = (
    Problem(
        "invalid",
        400,
        "Some values do not hold",
        "`errors` names each field or parameter and says what is wrong with it.",
    ),
    Problem(
        "parse_error",
        400,
        "The body is not JSON",
        "Send one JSON object, encoded as UTF-8.",
    ),
    Problem(
        "unknown_parameter",
        400,
        "No such parameter",
        "The address has a parameter that this operation does not know; `errors` "
        "names it. Nothing is ignored silently.",
    ),
    Problem(
        "invalid_cursor",
        400,
        "The cursor leads nowhere",
        "A cursor is taken from `next` or `previous` as it is, with the same filters "
        "and ordering. Begin again without it.",
    ),
    Problem(
        "bad_request",
        400,
        "The request cannot be read",
        "A header or the address is malformed.",
    ),
    Problem(
        "not_authenticated",
        401,
        "Nobody is signed in",
        "Send `Authorization: Bearer <token>`.",
    ),
    Problem(
        "authentication_failed",
        401,
        "The token does not hold",
        "It is unknown, has expired or was revoked, or its owner may no longer sign "
        "in. Make a new one on the page of API tokens.",
    ),
    Problem(
        "permission_denied",
        403,
        "Not allowed there",
        "The person lacks the permission at that shop or client.",
    ),
    Problem(
        "scope_missing",
        403,
        "The token lacks a scope",
        "The person may, this token may not. `detail` names the scope.",
    ),
    Problem(
        "only_looking",
        403,
        "Nothing is changed while looking",
        "The session shows somebody else's view. End it to be yourself again.",
    ),
    Problem(
        "csrf_failed",
        403,
        "The form token is missing",
        "Whoever calls with a browser's session sends X-CSRFToken; programs use a "
        "token and need none.",
    ),
    Problem(
        "two_factor_required",
        403,
        "The second factor is missing",
        "A browser's session has to show it on the site first; programs use a token.",
    ),
    Problem(
        "not_found",
        404,
        "Nothing is there",
        "There is no such thing, or none that you may see; the two look the same. "
        "Addresses end with a slash.",
    ),
    Problem(
        "method_not_allowed",
        405,
        "Not with this method",
        "The Allow header lists the methods this address knows.",
    ),
    Problem(
        "not_acceptable",
        406,
        "Only JSON is spoken here",
        "Accept application/json.",
    ),
    Problem(
        "stale",
        412,
        "It has changed meanwhile",
        "The ETag in If-Match is not the current one. Get it again and decide anew.",
    ),
    Problem(
        "too_large",
        413,
        "The body is too large",
        "A body has at most 2.5 MB.",
    ),
    Problem(
        "unsupported_media_type",
        415,
        "The body has to be JSON",
        "Send Content-Type: application/json.",
    ),
    Problem(
        "idempotency_key_reused",
        422,
        "The key belongs to another request",
        "This Idempotency-Key came with another address, body or token, or what you "
        "may do has changed since. Use a fresh key for each deed.",
    ),
    Problem(
        "throttled",
        429,
        "Too many requests",
        "Retry-After says for how many seconds to wait.",
    ),
    Problem(
        "server_error",
        500,
        "We failed",
        "Nothing was changed. Tell us the request_id.",
    ),
    Problem(
        "platform_failed",
        502,
        "The platform failed",
        "TikTok did not answer, or refused. `detail` says how; later may be better.",
    ),
)


def problems() -> dict[str, Problem]:
    """The whole table by code: ours, and one for each rule that can be broken."""
    rules = (_problem_of(rule) for rule in _rules(DomainError))
    return {row.code: row for row in (*_GENERAL, *rules)}


def of_error(error: DomainError) -> Problem:
    return _problem_of(type(error))


def problem_response(
    request: HttpRequest | Request,
    code: str | Problem,
    detail: str = "",
    *,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Not a response of the framework's: it is the same whatever was to be rendered,
    and also where no view was found."""
    kind = _BY_CODE[code] if isinstance(code, str) else code
    body: dict[str, Any] = {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": detail or kind.meaning,
        "code": kind.code,
        "instance": request.path,
        "request_id": request_id_of(request),
    }
    if errors:
        body["errors"] = list(errors)
    # A caller's half of a surrogate pair may stand in the words and is not UTF-8.
    text = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    response = HttpResponse(
        text, content_type=MEDIA_TYPE, status=kind.status, headers=headers
    )
    response.headers.setdefault("X-Request-Id", body["request_id"])
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def request_id_of(request: HttpRequest | Request) -> str:
    """One for each request, given when first asked for; logs and answers share it."""
    plain = request._request if isinstance(request, Request) else request
    known: str | None = getattr(plain, "request_id", None)
    if known is None:
        known = plain.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]
    return known


def _rules(root: type[DomainError]) -> Iterator[type[DomainError]]:
    if "code" in vars(root):  # others are a kind of their parent's
        yield root
    for rule in root.__subclasses__():
        yield from _rules(rule)


def _problem_of(rule: type[DomainError]) -> Problem:
    status = 403 if issubclass(rule, Forbidden) else 409
    title = " ".join((rule.__doc__ or rule.__name__).split("\n\n")[0].split())
    return Problem(
        rule.code, status, title, "A rule of ours; `detail` says what to do."
    )


_BY_CODE = {row.code: row for row in _GENERAL}
