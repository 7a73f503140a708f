"""Where the platform is to post its news, and whether it would take that address.

Source: Partner Center, webhook configuration: https, a domain name and no IP address,
no port, at most 255 characters.
"""

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings

PATH = "/webhooks/tiktok/"
LONGEST = 255


def webhook_address() -> str:
    return f"{settings.PUBLIC_URL}{PATH}"


def own_address_problem() -> str:
    """Why TikTok would not post to us; empty if it would."""
    return address_problem(webhook_address(), allows_loopback=is_rehearsed())


def is_rehearsed() -> bool:
    """Whether the platform is a program on this machine, which takes any address."""
    return _is_here(urlsplit(settings.TIKTOK_API_URL).hostname or "")


def address_problem(address: str, *, allows_loopback: bool = False) -> str:
    """What is wrong with it and what to do, as sentences; empty if nothing is."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return _says("is no web address")
    if allows_loopback and parts.scheme in ("http", "https") and _is_here(host):
        return ""
    if parts.scheme != "https":
        return _says("does not begin with https://", "and the server needs TLS")
    if _is_ip(host) or "." not in host:
        return _says(f"names {host or 'no host'}, and TikTok wants a domain name")
    if port is not None:
        return _says(f"has a port ({port}), and TikTok takes none")
    if len(address) > LONGEST:
        return _says(f"is longer than {LONGEST} characters")
    return ""


def _says(what: str, also: str = "") -> str:
    remedy = "Set PUBLIC_URL to the address people use, as https://desk.example.com"
    return f"PUBLIC_URL {what}. {remedy}{f', {also}' if also else ''}."


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    return _is_ip(host) and ipaddress.ip_address(host).is_loopback


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
