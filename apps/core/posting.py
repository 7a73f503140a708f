"""Post one signed message to an address that somebody gave us, and nowhere else.

The name is looked up once, every address it stands for must be a public one, and that
very address is called: a name that stands for another one a moment later leads nowhere.
Redirects are not followed.
"""

import hashlib
import hmac
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import certifi
import urllib3
from django.conf import settings

from apps.core.errors import HookRefused

TIMEOUT_SECONDS = 5.0
_HTTPS = 443


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` is 0 where none came; `words` say what happened, without the answer's
    own text, which is anybody's."""

    status: int
    milliseconds: int
    words: str

    @property
    def is_ok(self) -> bool:
        return 200 <= self.status < 300


def addresses_of(host: str) -> list[str]:
    """The IP addresses a name stands for. Raises OSError."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def checked(address: str) -> SplitResult:
    """An address that may be posted to, as far as it can be told without asking its
    name. Raises HookRefused."""
    try:
        place = urlsplit(address)
        _ = place.port
    except ValueError:
        raise HookRefused("This is not an address.") from None
    schemes = ("https", "http") if _may_stay_inside() else ("https",)
    if place.scheme not in schemes or not place.hostname:
        raise HookRefused("Give an address that begins with https://.")
    if place.username or place.password:
        raise HookRefused("Leave name and password out of the address.")
    if not _may_stay_inside():
        literal = _literal(place.hostname)
        if literal is not None and not _is_public(literal):
            raise HookRefused("Only public addresses are posted to.")
    return place


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over timestamp, a dot and the body, in hexadecimal."""
    signed = timestamp.encode() + b"." + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def post(
    address: str,
    secret: str,
    body: str,
    *,
    delivery: str,
    resolve: Callable[[str], Iterable[str]] = addresses_of,
    clock: Callable[[], float] = time.time,
) -> Answer:
    """What came of it. Never raises for what the other side does."""
    began = time.monotonic()

    def answer(words: str, status: int = 0) -> Answer:
        return Answer(status, round((time.monotonic() - began) * 1_000), words)

    try:
        place = checked(address)
        host = _public_host(place, resolve)
    except HookRefused as error:
        return answer(str(error))
    sent, timestamp = body.encode(), str(int(clock()))
    headers = {
        "Host": place.netloc,
        "Content-Type": "application/json",
        "User-Agent": "Shopdesk",
        "X-Shopdesk-Delivery": delivery,
        "X-Shopdesk-Timestamp": timestamp,
        "X-Shopdesk-Signature": f"sha256={signature(secret, timestamp, sent)}",
    }
    path = place.path or "/"
    try:
        with _pool(place, host) as pool:
            response = pool.urlopen(
                "POST",
                f"{path}?{place.query}" if place.query else path,
                body=sent,
                headers=headers,
                redirect=False,
                retries=False,
                preload_content=False,
            )
            response.close()
    except (urllib3.exceptions.SSLError, ssl.SSLError):
        return answer("Its certificate is not good.")
    except urllib3.exceptions.NewConnectionError:  # to the library, a kind of timeout
        return answer("It could not be reached.")
    except urllib3.exceptions.TimeoutError:
        return answer(f"No answer within {TIMEOUT_SECONDS:g} seconds.")
    except (urllib3.exceptions.HTTPError, OSError, UnicodeError, ValueError):
        return answer("It could not be reached.")
    if 300 <= response.status < 400:
        return answer("It sends us elsewhere, where we do not go.", response.status)
    return answer(f"It answered {response.status}.", response.status)


def _public_host(place: SplitResult, resolve: Callable[[str], Iterable[str]]) -> str:
    """The one address that is called."""
    try:
        found = list(resolve(str(place.hostname)))
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise HookRefused("There is no such host.")
    if not _may_stay_inside() and not all(map(_is_public, found)):
        raise HookRefused("It leads to an address that is not public.")
    return found[0]


def _pool(place: SplitResult, host: str) -> urllib3.HTTPConnectionPool:
    timeout = urllib3.Timeout(total=TIMEOUT_SECONDS)
    if place.scheme == "http":
        return urllib3.HTTPConnectionPool(host, place.port or 80, timeout=timeout)
    return urllib3.HTTPSConnectionPool(
        host,
        place.port or _HTTPS,
        timeout=timeout,
        cert_reqs="CERT_REQUIRED",
        ca_certs=certifi.where(),
        server_hostname=place.hostname,
        assert_hostname=place.hostname,
    )


def _literal(host: str) -> str | None:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return None


def _is_public(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    parsed = mapped or parsed
    return parsed.is_global and not parsed.is_multicast


def _may_stay_inside() -> bool:
    """On a developer's machine, hooks lead to it."""
    return bool(settings.ALERT_HOOKS_MAY_STAY_INSIDE)


def host_of(address: str) -> str:
    """What may be shown of it in a list: a path may hold a key."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
