"""Files from the addresses that a platform's answers name.

Such an address is not trusted: only known hosts are asked, within bounds of size and
time, and nobody is led on to another host or into a private network. Nothing tells who
asks: neither token nor cookie is sent. Errors name the host alone, for addresses are
signed.
"""

import ipaddress
import socket
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TypedDict
from urllib.parse import SplitResult, urljoin, urlsplit

import requests

from apps.integrations.errors import PlatformError, PlatformUnavailable, RequestRefused
from apps.integrations.http import Session

_MOST_REDIRECTS = 3
_CHUNK = 64 * 1024
_CONNECT_SECONDS = 5.0


class Options(TypedDict, total=False):
    """What else may be said of a download; see there."""

    limit_bytes: int
    limit_seconds: float
    session: Session | None
    resolve: Callable[[str], Iterable[str]]
    clock: Callable[[], float]


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is looked for, and within which bounds; `deadline` is by `clock`."""

    what: str
    accept: str
    limit_bytes: int
    deadline: float
    clock: Callable[[], float]


@dataclass(frozen=True, slots=True)
class _Place:
    """A redirect to follow."""

    address: str


def addresses_of(host: str) -> list[str]:
    """The IP addresses a name stands for."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, None)]


def download(
    url: str,
    *,
    what: str,
    allowed_hosts: Collection[str],
    limit_bytes: int,
    limit_seconds: float,
    accept: str = "*/*",
    session: Session | None = None,
    resolve: Callable[[str], Iterable[str]] = addresses_of,
    clock: Callable[[], float] = time.monotonic,
) -> bytes:
    """What is at `url`; `what` names it in errors ("picture").

    `allowed_hosts` are names (".example.com" with all below it), asked over https and
    at public addresses only; an origin ("http://127.0.0.1:8090") is asked as it stands:
    a simulator. Redirects are followed on the same origin. Raises RequestRefused for
    what may not be asked or is no use, PlatformUnavailable for what may work later.
    """
    wish = _Wish(what, accept, limit_bytes, clock() + limit_seconds, clock)
    session = session or requests.Session()
    for _ in range(_MOST_REDIRECTS + 1):
        place = _checked(url, allowed_hosts, resolve, what)
        outcome = _read(session, place, wish)
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
    what: str,
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
        raise _refusal(place, f"may not be asked for a {what}")
    if not _is_public(host, resolve):
        raise _refusal(place, "has no public address")
    return place


def _read(
    session: Session, place: SplitResult, wish: _Wish
) -> bytes | _Place | PlatformError:
    """What came, or where to look instead; an error is returned, so that no handler's
    exception, which quotes the address, is behind it."""
    try:
        response = session.request(
            "GET",
            place.geturl(),
            headers={"accept": wish.accept, "accept-encoding": "identity"},
            timeout=(_CONNECT_SECONDS, max(1.0, wish.deadline - wish.clock())),
            allow_redirects=False,
            stream=True,
        )
        with response:
            if response.is_redirect:
                return _Place(response.headers["location"])
            if response.status_code >= 500 or response.status_code == 429:
                return _later(place, f"has no {wish.what} for us now")
            if response.status_code != 200:
                return _refusal(place, f"does not have the {wish.what}")
            return _content(response, place, wish)
    except (requests.RequestException, UnicodeError):
        return _later(place, f"did not send the {wish.what}")


def _content(
    response: requests.Response, place: SplitResult, wish: _Wish
) -> bytes | PlatformError:
    content = bytearray()
    for chunk in response.iter_content(_CHUNK):
        content += chunk
        if len(content) > wish.limit_bytes:
            return _refusal(place, f"sends a {wish.what} that is too big")
        if wish.clock() > wish.deadline:
            return _later(place, f"takes too long to send the {wish.what}")
    if not content:
        return _refusal(place, f"sends an empty {wish.what}")
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
