"""What machines that watch us ask: does it live, can it work, does work get done."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from apps.alerts.services.standing import note_if_stopped
from apps.backoffice.services import health, metrics

# Where these are well, tables can be asked.
_TABLES = ("database", "migrations")


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """200 while this process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 if this process can work, else 503, with what is missing."""
    return _answer(health.ready())


@require_safe
@never_cache
def deep(request: HttpRequest) -> HttpResponse:
    """As ready, and whether work gets done; for superusers and holders of the token."""
    user = request.user
    if user.is_active and user.is_superuser and not getattr(user, "seen_by", None):
        return _answer(health.deep())
    return _refusal(request) or _answer(health.deep())


@require_safe
@never_cache
def prometheus(request: HttpRequest) -> HttpResponse:
    """Figures as Prometheus reads them; for holders of the token."""
    if refusal := _refusal(request):
        return refusal
    if health.database().problem:
        return HttpResponse(status=503)
    return HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _refusal(request: HttpRequest) -> HttpResponse | None:
    """None for who brings METRICS_TOKEN. Without one set there is no such address."""
    if not settings.METRICS_TOKEN:
        return HttpResponseNotFound()
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and constant_time_compare(
        token.strip(), settings.METRICS_TOKEN
    ):
        return None
    return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})


def _answer(checks: health.Checks) -> JsonResponse:
    # Whoever asks notices, too, if shops are no longer looked at.
    if not any(checks[name].problem for name in _TABLES if name in checks):
        note_if_stopped(timezone.now())
    is_well = health.is_well(checks)
    body = {
        "status": "ok" if is_well else "failed",
        "checks": {name: check.as_json for name, check in checks.items()},
    }
    return JsonResponse(body, status=200 if is_well else 503)
