"""Where a request came from."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str | None:
    """The caller's address, for the trail and for throttles.

    Behind TRUSTED_PROXIES proxies it is the one the outermost of them saw; what comes
    before that in X-Forwarded-For anybody may have written.
    """
    hops = [request.META.get("REMOTE_ADDR", "")]
    if proxies := settings.TRUSTED_PROXIES:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        hops = [hop.strip() for hop in forwarded if hop.strip()][-proxies:] or hops
    try:
        return str(ip_address(hops[0]))
    except ValueError:
        return None
