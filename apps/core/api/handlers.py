"""The project's error handlers: pages for people, problems below /api/."""

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template import loader
from django.views import defaults

from apps.core.api.problems import problem_response, request_id_of


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        return problem_response(request, "bad_request")
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        return problem_response(request, "permission_denied")
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        return problem_response(request, "not_found")
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    if _is_api(request):
        return problem_response(request, "server_error")
    # Without the request, as who is signed in may be what could not be found out.
    page = loader.get_template("500.html").render({"reference": request_id_of(request)})
    return HttpResponseServerError(page)


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")
