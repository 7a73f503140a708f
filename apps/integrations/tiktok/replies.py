"""What a reply of TikTok Shop says: its data, or the error to raise.

Each reply is an envelope `{code, message, request_id, data}`. The body's code decides,
not the HTTP status: 0 is success, and business errors mostly come with HTTP 200.
Source: Partner Center, "Common errors" and "Rate limits".
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from apps.integrations.errors import (
    ConsentNeeded,
    MalformedReply,
    NotFound,
    OurFault,
    PlatformError,
    PlatformUnavailable,
    RateLimited,
    RequestRefused,
    ScopeMissing,
    TokenExpired,
    TooManyFound,
)
from apps.integrations.http import Reply
from apps.integrations.tiktok.codes import action_fault, fault_of
from apps.integrations.tiktok.faults import HOUR, Action, Fault
from apps.integrations.tiktok.reading import JsonObject, parse_json, text, whole_number

_KINDS: dict[Action, type[PlatformError]] = {
    Action.RETRY: PlatformUnavailable,
    Action.RETRY_ONCE: RequestRefused,
    Action.SLOW_DOWN: RateLimited,
    Action.LATER: RateLimited,
    Action.CLOCK: OurFault,
    Action.REFRESH: TokenExpired,
    Action.RECONSENT: ConsentNeeded,
    Action.SCOPE: ScopeMissing,
    Action.INPUT: RequestRefused,
    Action.LESS: TooManyFound,
    Action.STOP: RequestRefused,
    Action.GONE: NotFound,
    Action.REREAD: RequestRefused,
    Action.DONE: RequestRefused,
    Action.CONFIG: OurFault,
    Action.BUG: OurFault,
}
_ADVICE: dict[Action, str] = {
    Action.RETRY: "Try again later.",
    Action.RETRY_ONCE: "Check that the order is of this shop and access covers it.",
    Action.SLOW_DOWN: "Wait a moment, then try again.",
    Action.LATER: "Try again when the quota has been renewed.",
    Action.CLOCK: "Set this server's clock.",
    Action.REFRESH: "Refresh the token, then try again.",
    Action.RECONSENT: "Ask the seller to connect the shop again.",
    Action.SCOPE: "Add the permission to the app, then connect the shop again.",
    Action.INPUT: "Correct it, then try again.",
    Action.LESS: "Ask for a shorter period.",
    Action.STOP: "Trying again will not help.",
    Action.GONE: "Look for it in Seller Center.",
    Action.REREAD: "Fetch it again and look at its present state.",
    Action.DONE: "Nothing to do; fetch it again to see its present state.",
    Action.CONFIG: "Check the app's settings in Partner Center.",
    Action.BUG: "Tell the developers.",
}
# For these the platform's own words tell staff more than our table does.
_QUOTED = {
    Action.INPUT,
    Action.STOP,
    Action.GONE,
    Action.LESS,
    Action.REREAD,
    Action.DONE,
    Action.BUG,
    Action.RETRY_ONCE,
    Action.SCOPE,
}
_LONGEST_QUOTE = 250
# Longer than any id or code, and no word: a token, a signature, a cipher.
_OPAQUE = re.compile(r"(?=[a-zA-Z_+/-]*\d)[\w+/-]{32,}={0,2}")


@dataclass(frozen=True, slots=True)
class Envelope:
    """A reply taken apart; `code` is None if the reply has none."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    code: int | None = None
    message: str = ""
    request_id: str = ""
    data: Any = field(default=None, repr=False)

    @property
    def action(self) -> Action | None:
        """What the code asks for, None if the call went well."""
        if self.code == 0:
            return None
        return fault_of(self.code or 0, self.message, self.status).action


def open_envelope(reply: Reply) -> Envelope:
    """Take a reply apart.

    Raises PlatformUnavailable or RateLimited if the body is no JSON and the status
    tells; PlatformUnavailable if it was cut short; else MalformedReply.
    """
    try:
        body = parse_json(reply.body)
    except (ValueError, RecursionError) as error:
        failure = _not_json(reply, error)
    else:
        if isinstance(body, dict):
            return Envelope(
                reply.status,
                reply.headers,
                whole_number(body, "code"),
                text(body, "message"),
                text(body, "request_id"),
                body.get("data"),
            )
        failure = _by_status(Envelope(reply.status, reply.headers), "is no JSON object")
    raise failure  # out here, because the parser's error quotes the body


def data_of(envelope: Envelope, secrets: Iterable[str] = ()) -> JsonObject:
    """The data of a successful call, {} if it says nothing; else raise its error."""
    if envelope.code is None:
        raise _by_status(envelope, "has no code")
    if envelope.code:
        raise error_for(
            envelope.status,
            envelope.code,
            envelope.message,
            envelope.request_id,
            envelope.headers,
            secrets=secrets,
        )
    if envelope.data is None:
        return {}
    if not isinstance(envelope.data, Mapping):
        raise _malformed(envelope, "has unreadable data")
    return envelope.data


def error_for(
    http_status: int,
    code: int,
    message: str,
    request_id: str,
    headers: Mapping[str, str],
    *,
    secrets: Iterable[str] = (),
) -> PlatformError:
    """The error a failed call deserves, worded for staff.

    `message` is the platform's; what it repeats of `secrets` is blanked out, in `said`
    as well.
    """
    fault = fault_of(code, message, http_status)
    error = _KINDS[fault.action](
        sentence_for(fault, message, secrets),
        code=code,
        request_id=request_id,
        http_status=http_status,
    )
    error.fault = action_fault(code, message, http_status)
    error.said = words_without(message, secrets)
    pause = retry_after_seconds(headers)
    error.retry_after_seconds = fault.pause_seconds if pause is None else pause
    return error


def sentence_for(fault: Fault, message: str, secrets: Iterable[str] = ()) -> str:
    """A fault in words for staff, the platform's own behind ours where they help."""
    sentence = f"{fault.meaning}. {_ADVICE[fault.action]}"
    if message and fault.action in _QUOTED:
        sentence += f" TikTok Shop says: {words_without(message, secrets)}"
    return sentence


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """What Retry-After asks for, given in seconds or as a date; None if nothing.

    Not more than an hour is believed, or one odd header would silence a shop.
    """
    words = headers.get("Retry-After", "").strip()
    if words.isascii() and words.isdigit():
        return min(float(words[:9]), HOUR)
    if (until := _date(words)) is None:
        return None
    now = server_time(headers) or datetime.now(tz=UTC)
    return min(max(0.0, (until - now).total_seconds()), HOUR)


def server_time(headers: Mapping[str, str]) -> datetime | None:
    """The server's clock as its Date header shows it."""
    return _date(headers.get("Date", ""))


def _date(words: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(words)
    except (ValueError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _not_json(reply: Reply, error: Exception) -> PlatformError:
    if reply.status < 400 and _is_cut(reply.body, error):
        message = "TikTok Shop's answer was cut short. Try again later."
        return PlatformUnavailable(message, http_status=reply.status)
    return _by_status(Envelope(reply.status, reply.headers), "is not JSON")


def _is_cut(body: bytes, error: Exception) -> bool:
    """Whether a body that is no JSON looks like the beginning of some."""
    body = body.strip()
    if not body.startswith(b"{"):
        return not body
    at_the_end = isinstance(error, json.JSONDecodeError) and (
        error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated")
    )
    return at_the_end or not body.endswith(b"}")


def _by_status(envelope: Envelope, what: str) -> PlatformError:
    """The error for a reply without a code: only the HTTP status tells."""
    status, request_id = envelope.status, envelope.request_id
    if status == 429 or status >= 500:
        return error_for(status, 0, "", request_id, envelope.headers)
    return _malformed(envelope, what)


def _malformed(envelope: Envelope, what: str) -> MalformedReply:
    return MalformedReply(
        f"TikTok Shop's answer {what} (HTTP {envelope.status}). Tell the developers.",
        request_id=envelope.request_id,
        http_status=envelope.status,
    )


def words_without(message: str, secrets: Iterable[str] = ()) -> str:
    """The platform's own words, not at length, without what they repeat of secrets."""
    for secret in filter(None, secrets):
        message = message.replace(secret, "…")
    # It may also repeat a token that has been replaced meanwhile.
    return _OPAQUE.sub("…", message)[:_LONGEST_QUOTE]
