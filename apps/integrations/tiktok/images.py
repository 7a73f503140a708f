"""Pictures from the addresses at which a shop shows them, to list them elsewhere.

The addresses come from a platform's answers, so they are not trusted: only known hosts
are asked, within bounds of size and time, and nobody is led on to another host or into
a private network. Errors name the host alone, for addresses are signed.
"""

import ipaddress
import socket
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

import requests

from apps.integrations.errors import PlatformError, PlatformUnavailable, RequestRefused
from apps.integrations.http import Session

# Where TikTok Shop serves pictures from; a leading dot stands for any subdomain.
PICTURE_HOSTS = (".ibyteimg.com", ".tiktokcdn.com", ".tiktokcdn-us.com")
LARGEST_IMAGE = 10 * 1024 * 1024

_MOST_REDIRECTS = 3
_CHUNK = 64 * 1024
_CONNECT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Place:
    """A redirect to follow."""

    address: str


def addresses_of(host: str) -> list[str]:
    """The IP addresses a name stands for."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, None)]


def fetch_image(
    url: str,
    *,
    allowed_hosts: Collection[str] = PICTURE_HOSTS,
    session: Session | None = None,
    limit_bytes: int = LARGEST_IMAGE,
    limit_seconds: float = 30.0,
    resolve: Callable[[str], Iterable[str]] = addresses_of,
    clock: Callable[[], float] = time.monotonic,
) -> bytes:
    """The picture at `url`.

    `allowed_hosts` are names (".example.com" with all below it), asked over https and
    at public addresses only; an origin ("http://127.0.0.1:8090") is asked as it stands:
    a simulator. Redirects are followed on the same origin. Raises RequestRefused for
    what may not be asked or is no use, PlatformUnavailable for what may work later.
    """
    deadline = clock() + limit_seconds
    session = session or requests.Session()
    for _ in range(_MOST_REDIRECTS + 1):
        place = _checked(url, allowed_hosts, resolve)
        outcome = _read(session, place, limit_bytes, deadline, clock)
        if isinstance(outcome, PlatformError):
            raise outcome
        if isinstance(outcome, bytes):
            return outcome
        url = _joined(url, outcome.address)
        if _origin(_split(url)) != _origin(place):
            raise _refusal(place, "leads elsewhere")
    raise _refusal(place, "leads in circles")


def _checked(
    url: str,
    allowed_hosts: Collection[str],
    resolve: Callable[[str], Iterable[str]],
) -> SplitResult:
    place = _split(url)
    if _origin(place) in allowed_hosts:
        return place
    host = (place.hostname or "").rstrip(".")
    is_known = any(
        host == name or (name.startswith(".") and host.endswith(name))
        for name in allowed_hosts
    )
    if place.scheme != "https" or not is_known or place.username or _port(place):
        raise _refusal(place, "may not be asked for pictures")
    if not _is_public(host, resolve):
        raise _refusal(place, "has no public address")
    return place


def _read(
    session: Session,
    place: SplitResult,
    limit_bytes: int,
    deadline: float,
    clock: Callable[[], float],
) -> bytes | _Place | PlatformError:
    """What came, or where to look instead; an error is returned, so that no handler's
    exception, which quotes the address, is behind it."""
    try:
        response = session.request(
            "GET",
            place.geturl(),
            headers={"accept": "image/*", "accept-encoding": "identity"},
            timeout=(_CONNECT_SECONDS, max(1.0, deadline - clock())),
            allow_redirects=False,
            stream=True,
        )
        with response:
            if response.is_redirect:
                return _Place(response.headers["location"])
            if response.status_code >= 500 or response.status_code == 429:
                return _later(place, "has no picture for us now")
            if response.status_code != 200:
                return _refusal(place, "does not have the picture")
            return _content(response, place, limit_bytes, deadline, clock)
    except (requests.RequestException, UnicodeError):
        return _later(place, "did not send the picture")


def _content(
    response: requests.Response,
    place: SplitResult,
    limit_bytes: int,
    deadline: float,
    clock: Callable[[], float],
) -> bytes | PlatformError:
    content = bytearray()
    for chunk in response.iter_content(_CHUNK):
        content += chunk
        if len(content) > limit_bytes:
            return _refusal(place, "sends a picture that is too big")
        if clock() > deadline:
            return _later(place, "takes too long to send the picture")
    if not content:
        return _refusal(place, "sends an empty picture")
    return bytes(content)


def _is_public(host: str, resolve: Callable[[str], Iterable[str]]) -> bool:
    try:
        addresses = [ipaddress.ip_address(each) for each in resolve(host)]
    except (OSError, ValueError):
        return False
    return bool(addresses) and all(
        address.is_global and not address.is_multicast for address in addresses
    )


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _joined(url: str, address: str) -> str:
    try:
        return urljoin(url, address)
    except ValueError:
        return ""


def _origin(place: SplitResult) -> str:
    return f"{place.scheme}://{place.netloc}".lower()


def _port(place: SplitResult) -> int | None:
    try:
        return place.port if place.port != 443 else None
    except ValueError:
        return -1


def _refusal(place: SplitResult, what: str) -> RequestRefused:
    return RequestRefused(f"{place.hostname or 'The address'} {what}.")


def _later(place: SplitResult, what: str) -> PlatformUnavailable:
    host = place.hostname or "The address"
    return PlatformUnavailable(f"{host} {what}. Try again later.")
