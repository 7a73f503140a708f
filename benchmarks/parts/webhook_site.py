"""The site as benchmarks/webhooks.py serves it: ours, and beside the intake a view that
does nothing, behind the same middleware."""

import os

os.environ["SHOPDESK_ENV_FILE"] = ""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from config.settings.base import *  # noqa: F403
from config.settings.base import MIDDLEWARE as ALL

SECRET_KEY = "benchmarks sign nothing of value"  # noqa: S105
FERNET_KEYS = ["a key for benchmarks only"]
ALLOWED_HOSTS = ["*"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CELERY_BROKER_URL = "memory://"

_INTAKE = "apps.webhooks.middleware.straight_to_intake"
_at = ALL.index(_INTAKE)
MIDDLEWARE = [
    *ALL[:_at],
    "benchmarks.parts.webhook_site.straight_to_nothing",
    *ALL[_at:],
]


def straight_to_nothing(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info == "/bare/":
            return HttpResponse(headers={"Content-Length": "0"})
        return get_response(request)

    return middleware
