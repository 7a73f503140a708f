"""A way past all that pages need."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from apps.webhooks.views import tiktok

ADDRESS = "/webhooks/tiktok/"


def straight_to_intake(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Deliveries touch no session, no user and no static file: they are the one thing
    that comes in thousands, and the platform waits for three seconds."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info == ADDRESS:
            return tiktok(request)
        return get_response(request)

    return middleware
