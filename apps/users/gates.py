"""What stands before every page of somebody signed in: sessions end, and whoever has
a second factor shows it first. Both look at the one who signed in, so they come before
anything that puts somebody else in their place."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.backends.base import UpdateError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from apps.core.addresses import address_of
from apps.core.api.problems import problem_response
from apps.users.models import Authenticator, User
from apps.users.services.audit import record
from apps.users.services.second_factor import must_have

Respond = Callable[[HttpRequest], HttpResponse]

# In the session: Unix seconds, and the key of the authenticator that was shown.
BEGAN, SEEN, SHOWN = "signed_in_at", "seen_at", "second_factor"
TOUCH_SECONDS = 60


def session_ends(get_response: Respond) -> Respond:
    """After SESSION_IDLE_MINUTES without a request, and SESSION_HOURS after signing
    in whatever happens."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return get_response(request)
        reason = _why_over(request)
        if reason is None and _touch(request):
            return get_response(request)
        if reason is not None:
            _end(request, reason)
        if _is_api(request) or request.path == reverse("admin:login"):
            return get_response(request)
        if reason is not None:
            messages.info(request, f"You were signed out: {reason}. Sign in to go on.")
        return redirect_to_login(_way_back(request))

    return middleware


def second_factor(get_response: Respond) -> Respond:
    """Nothing but the second step, setting it up where that is asked for, and the way
    out, until it is done in this session."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            return get_response(request)
        # PasswordBackend reads it with the user: no page asks the tables again.
        if user.authenticator_key is not None:
            step = "users:two_factor_verify"
            is_done = request.session.get(SHOWN) == user.authenticator_key
        else:
            step = "users:two_factor_setup"
            is_done = not must_have(user)
        if is_done or _is_open(request, reverse(step)):
            return get_response(request)
        if _is_api(request):
            return problem_response(request, "two_factor_required")
        query = urlencode({"next": _way_back(request)})
        return redirect(f"{reverse(step)}?{query}")

    return middleware


def begin_session(request: HttpRequest) -> None:
    """Called where somebody signs in: its hours begin anew."""
    request.session[BEGAN] = request.session[SEEN] = int(time.time())


def open_gate(request: HttpRequest, authenticator: Authenticator) -> None:
    """Called where the second factor was shown. The session gets a new key: an old
    one that somebody else knows stays outside."""
    request.session.cycle_key()
    request.session[SHOWN] = authenticator.pk


def began_at(request: HttpRequest) -> datetime | None:
    began = request.session.get(BEGAN)
    return None if began is None else datetime.fromtimestamp(began, tz=UTC)


def locked_out(
    request: HttpRequest, response: HttpResponse, credentials: object
) -> HttpResponse:
    """What django-axes answers: the same page, whose form says why (SignInForm)."""
    response.status_code = 429
    return response


def _why_over(request: HttpRequest) -> str | None:
    now = time.time()
    began = request.session.get(BEGAN)
    if began is not None and now - began >= settings.SESSION_HOURS * 3600:
        return f"{settings.SESSION_HOURS} hours have passed since you signed in"
    seen = request.session.get(SEEN)
    if seen is not None and now - seen >= settings.SESSION_IDLE_MINUTES * 60:
        return f"nothing happened for {settings.SESSION_IDLE_MINUTES} minutes"
    return None


def _touch(request: HttpRequest) -> bool:
    """Note that they are here, once a minute at most; whether the session still is.

    Written at once and not with the response: a slow page would put back what other
    requests of the session have changed meanwhile.
    """
    session, now = request.session, int(time.time())
    if now - session.get(SEEN, 0) < TOUCH_SECONDS:
        return True
    session.setdefault(BEGAN, now)
    session[SEEN] = now
    try:
        session.save()
    except UpdateError:  # signed out elsewhere a moment ago
        session.flush()
        request.user = AnonymousUser()
        return False
    session.modified = False
    return True


def _end(request: HttpRequest, reason: str) -> None:
    assert isinstance(request.user, User)
    record("was signed out", request.user, address=address_of(request), reason=reason)
    request.session.flush()
    request.user = AnonymousUser()


def _is_open(request: HttpRequest, step: str) -> bool:
    way_out = reverse("admin:logout"), reverse("health")
    static = request.path.startswith(settings.STATIC_URL)
    return static or request.path in (step, *way_out)


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _way_back(request: HttpRequest) -> str:
    """Where they were; what was being sent is lost, so that begins at the start."""
    if request.method not in ("GET", "HEAD"):
        return reverse("landing")
    if request.path == reverse("admin:login"):
        return request.GET.get("next", reverse("landing"))
    return request.get_full_path()
