"""Preview: a request through somebody else's eyes, which can change nothing."""

import re
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve

from apps.core.api.problems import problem_response
from apps.users.models import AuditEntry, User
from apps.users.services.preview import as_seen_by, people_seen_by

SESSION_KEY = "seen_as"
# Where one is still oneself: leaving the preview, and leaving altogether.
_OWN = ("users:preview_stop", "admin:logout")
# What is a person's alone: codes, tokens, and what is held about them everywhere.
_THEIRS = ("users:", "backoffice:person")
_READS = ("GET", "HEAD", "OPTIONS")
# What looking at a page may write: that somebody looked, and their own session.
_WRITTEN = (AuditEntry._meta.db_table, "django_session", "credit_reportview")
_WRITES = re.compile(
    r"\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE|DELETE\s+FROM|REPLACE\s+INTO"
    r"|MERGE\s+INTO|COPY)\s+\"?(\w+)",
    re.IGNORECASE,
)


def preview(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Swaps the user for the one whose pages they look at; reading is all there is.

    Pages about the person stay their owner's.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        key = request.session.get(SESSION_KEY)
        if key is None:
            return get_response(request)
        name = _route(request)
        if name in _OWN:
            return get_response(request)
        viewer = request.user
        person = (
            people_seen_by(viewer).filter(pk=key).first()
            if isinstance(viewer, User)
            else None
        )
        if person is None or not isinstance(viewer, User):
            del request.session[SESSION_KEY]
            return get_response(request)
        request.user = as_seen_by(person, viewer)
        if request.method not in _READS or name.startswith(_THEIRS):
            return _refused(request)
        return _read(request, get_response)

    return middleware


def _route(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).view_name
    except Resolver404:
        return ""


@dataclass(slots=True)
class _NoWrites:
    """A guard around every statement: pages that write on GET must not do it here."""

    was_broken: bool = False

    def __call__(
        self,
        execute: Callable[..., Any],
        sql: str,
        params: Any,
        many: Any,
        context: Any,
    ) -> Any:
        written = _WRITES.match(sql)
        if written and written[1] not in _WRITTEN:
            self.was_broken = True
            raise PermissionDenied("Nothing is changed while looking.")
        return execute(sql, params, many, context)


def _read(
    request: HttpRequest, get_response: Callable[[HttpRequest], HttpResponse]
) -> HttpResponse:
    guard = _NoWrites()
    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(guard))
        response = get_response(request)
    return _refused(request) if guard.was_broken else response


def _refused(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problem_response(request, "only_looking")
    context = {"title": "Only looking"}
    return render(request, "users/preview_refused.html", context, status=403)
