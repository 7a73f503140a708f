"""Where people land after signing in, and answers for machines that watch us."""

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.alerts.services.standing import note_if_stopped
from apps.backoffice.landing import landing_of, roles_of
from apps.users.roles import Role


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """To the work, not to a list of tables."""
    return redirect(landing_of(request.user))


@require_safe
@login_required
def start(request: HttpRequest) -> HttpResponse:
    """For those whose work is not orders or shops: what will be here, and why it is
    empty so far."""
    held = roles_of(request.user)
    context = admin.site.each_context(request) | {
        "title": "Welcome",
        "is_underwriter": Role.UNDERWRITER in held,
        "is_creator": Role.CREATOR_PARTNER in held,
        "has_work": bool(held - {Role.UNDERWRITER, Role.CREATOR_PARTNER}),
    }
    return TemplateResponse(request, "backoffice/start.html", context)


@require_safe
@login_required
def nothing_found(request: HttpRequest) -> HttpResponse:
    """What the theme's search answers to no word at all; lists have their own."""
    return HttpResponse()


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 if this process answers and reaches its database.

    Machines ask it all the time, so it is here that somebody notices if nothing has
    been looked at for long: what has stopped cannot say so itself.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    note_if_stopped(timezone.now())
    return JsonResponse({"status": "ok"})
