"""What a view raises, and what becomes of it: always a problem, never a page."""

import logging
from collections.abc import Iterator
from typing import Any

from django.core import exceptions as django
from django.core.signals import got_request_exception
from django.http import Http404, HttpResponse
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.serializers import as_serializer_error

from apps.core.api.problems import of_error, problem_response, request_id_of
from apps.core.errors import DomainError

logger = logging.getLogger(__name__)


class UnknownParameter(exceptions.APIException):
    """The address says something this operation does not know."""

    status_code = 400
    default_code = "unknown_parameter"

    def __init__(self, names: list[str], known: list[str]) -> None:
        super().__init__(
            f"Known here: {', '.join(known)}."
            if known
            else "This operation takes no parameters."
        )
        self.errors = [
            {"field": name, "code": self.default_code, "detail": "No such parameter."}
            for name in names
        ]


class InvalidCursor(exceptions.APIException):
    status_code = 400
    default_code = "invalid_cursor"
    default_detail = "This cursor leads nowhere. Begin again without it."


class ScopeMissing(exceptions.PermissionDenied):
    default_code = "scope_missing"


class CsrfFailed(exceptions.PermissionDenied):
    default_code = "csrf_failed"


class Stale(exceptions.APIException):
    status_code = 412
    default_code = "stale"
    default_detail = "It has changed since you read it. Get it again."


class KeyReused(exceptions.APIException):
    status_code = 422
    default_code = "idempotency_key_reused"
    default_detail = (
        "This Idempotency-Key came with another request. Use a fresh key for each deed."
    )


class PlatformFailed(exceptions.APIException):
    status_code = 502
    default_code = "platform_failed"


def handle(error: Exception, context: dict[str, Any]) -> HttpResponse:
    """The framework's EXCEPTION_HANDLER."""
    request: Request = context["request"]
    match error:
        case DomainError():
            return problem_response(request, of_error(error), str(error))
        case Http404():
            return problem_response(request, "not_found")
        case django.PermissionDenied():
            return problem_response(request, "permission_denied")
        case django.RequestDataTooBig():
            return problem_response(request, "too_large")
        case django.BadRequest() | django.SuspiciousOperation():
            return problem_response(request, "bad_request")
        case django.ValidationError():
            return _invalid(request, as_serializer_error(error))
        case exceptions.ValidationError():
            return _invalid(request, error.detail)
        case exceptions.APIException():
            return _refused(request, error)
    # As Django does it: reporting listens to the signal, the log has the traceback.
    got_request_exception.send(sender=None, request=request._request)
    logger.error(
        "request failed path=%r request_id=%s",
        request.path,
        request_id_of(request),
        exc_info=error,
    )
    return problem_response(request, "server_error")


def _refused(request: Request, error: exceptions.APIException) -> HttpResponse:
    headers = {}
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return problem_response(
        request,
        error.default_code,
        str(error.detail),
        errors=getattr(error, "errors", ()),
        headers=headers,
    )


def _invalid(request: Request, detail: Any) -> HttpResponse:
    errors = list(_flat(detail, ()))
    words = "; ".join(
        f"{row['field']}: {row['detail']}" if row["field"] else row["detail"]
        for row in errors[:3]
    )
    return problem_response(request, "invalid", words[:1000], errors=errors)


def _flat(detail: Any, path: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """One line for each complaint; `field` is the way to it, as in "shops.0"."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = () if name == "non_field_errors" else (str(name),)
            yield from _flat(inner, path + own)
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from _flat(inner, (*path, str(number)) if nested else path)
    else:
        code = getattr(detail, "code", "invalid")
        yield {
            "field": ".".join(path)[:200],
            "code": str(code),
            "detail": str(detail)[:500],
        }
