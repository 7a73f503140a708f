"""Headers that keep pages from loading anything from another host."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# 'unsafe-eval' is what the admin theme's bundled Alpine needs; nothing inline may run.
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; "
    "script-src 'self' 'unsafe-eval'; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'self'; object-src 'none'"
)


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response

    return middleware
