"""One exchange with a platform over HTTP, whose failures never tell a secret.

Some calls carry secrets in their query, and the exceptions of `requests` quote the
address. So our errors are raised outside the handler that caught theirs: neither
`__cause__` nor `__context__` leads back to the address.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

import requests

from apps.integrations.errors import OurFault, PlatformError, PlatformUnavailable

logger = logging.getLogger(__name__)

HICCUP_TRIES = 2
HICCUP_PAUSE_SECONDS = 0.3

_WRONG_CALL = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidHeader,
    UnicodeError,
)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait for the connection, and for the next bytes of the answer."""

    connect: float = 5.0
    read: float = 30.0


@dataclass(frozen=True, slots=True)
class Request:
    """One call, ready to go. `url` has no query; all but the method may be secret."""

    method: str
    url: str = field(repr=False)
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, whole; `headers` ignore case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    milliseconds: int


class Session(Protocol):
    """What we use of `requests.Session`; anything with this method will do."""

    @property
    def request(self) -> Callable[..., requests.Response]:
        """Send, read the whole answer, raise requests.RequestException."""


def send(
    session: Session,
    prepare: Callable[[], Request],
    *,
    safe: bool,
    timeouts: Timeouts | None = None,
    sleep: Callable[[float], None] = time.sleep,
    on_failure: Callable[[int], None] = lambda milliseconds: None,
) -> Reply:
    """Make one call; whatever the platform answers is a Reply.

    A dropped or refused connection and a body cut short are tried once more after a
    moment if the call is `safe` to repeat; a write never is, and a timeout is not a
    hiccup. `prepare` is asked for the request before each try (so it can be signed
    afresh), `on_failure` is told the milliseconds of each try without an answer.
    Redirects are not followed: the token would go along. Raises PlatformUnavailable;
    OurFault if the address or a header cannot be sent at all.
    """
    tries = HICCUP_TRIES if safe else 1
    while True:
        request = prepare()
        started = time.monotonic()
        outcome = _exchange(session, request, timeouts or Timeouts())
        if isinstance(outcome, Reply):
            return outcome
        error, is_hiccup = outcome
        on_failure(_milliseconds_since(started))
        tries -= 1
        if not (is_hiccup and tries):
            raise error
        logger.info("connection hiccup host=%s", _host(request))
        sleep(HICCUP_PAUSE_SECONDS)


def _exchange(
    session: Session, request: Request, timeouts: Timeouts
) -> Reply | tuple[PlatformError, bool]:
    """The reply, or the error to raise and whether it was a hiccup."""
    host = _host(request)
    started = time.monotonic()
    try:
        response = session.request(
            request.method,
            request.url,
            params=dict(request.params),
            data=request.body or None,
            headers=dict(request.headers),
            timeout=(timeouts.connect, timeouts.read),
            allow_redirects=False,
        )
        body = response.content
    except _WRONG_CALL:
        return OurFault(f"The address or a header for {host} cannot be sent."), False
    except requests.Timeout:
        message = f"{host} did not answer in time. Try again later."
        return PlatformUnavailable(message), False
    except requests.exceptions.ChunkedEncodingError:
        message = f"The answer of {host} was cut short. Try again later."
        return PlatformUnavailable(message), True
    except requests.ConnectionError:
        message = f"{host} could not be reached. Try again later."
        return PlatformUnavailable(message), True
    except requests.RequestException:
        message = f"The exchange with {host} failed. Try again later."
        return PlatformUnavailable(message), False
    milliseconds = _milliseconds_since(started)
    return Reply(response.status_code, response.headers, body, milliseconds)


def _host(request: Request) -> str:
    try:
        return urlsplit(request.url).hostname or "The platform"
    except ValueError:
        return "The platform"


def _milliseconds_since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)


def _without_query(record: logging.LogRecord) -> bool:
    """urllib3 writes each address, query included, to its debug log: cut that off."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            arg.partition("?")[0] if isinstance(arg, str) else arg
            for arg in record.args
        )
    return True


for name in ("urllib3.connectionpool", "urllib3.util.retry"):
    logging.getLogger(name).addFilter(_without_query)
