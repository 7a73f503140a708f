"""What every view of the API does: count, check the address, name the request."""

from typing import Any

from django.conf import settings
from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.addresses import address_of
from apps.core.api.errors import UnknownParameter
from apps.core.api.limits import Limit, LimitReached, Usage, count
from apps.core.api.problems import Problem, problems, request_id_of


class ApiView(APIView):
    """Counts before it asks what is permitted; knows no parameter unless told."""

    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    usage: Usage | None = None

    def perform_authentication(self, request: Request) -> None:
        try:
            super().perform_authentication(request)
        except AuthenticationFailed:
            self._count(self._by_address(request))
            raise
        self._count(self._limits(request))

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        known = self.known_parameters()
        if unknown := sorted(request.query_params.keys() - known):
            raise UnknownParameter(unknown, sorted(known))

    def known_parameters(self) -> set[str]:
        """Names that may stand behind the question mark."""
        return set()

    def finalize_response(
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[arg-type]
        response.headers["X-Request-Id"] = request_id_of(request)
        response.headers.setdefault("Cache-Control", "no-store")
        patch_vary_headers(response, ["Authorization", "Cookie"])
        for name, value in (self.usage.headers if self.usage else {}).items():
            response.headers[name] = value
        return response

    def _count(self, limits: list[Limit]) -> None:
        try:
            self.usage = count(limits)
        except LimitReached as error:
            self.usage = error.usage
            raise

    def _limits(self, request: Request) -> list[Limit]:
        if not request.user.is_authenticated:
            return self._by_address(request)
        limits = [Limit(f"user:{request.user.pk}", settings.API_USER_RATE)]
        if request.auth is not None:
            limits.append(Limit(f"token:{request.auth.pk}", settings.API_TOKEN_RATE))
        return limits

    def _by_address(self, request: Request) -> list[Limit]:
        address = address_of(request._request) or "unknown"
        return [Limit(f"address:{address}", settings.API_ANONYMOUS_RATE)]


class UnknownAddress(ApiView):
    """Whatever below /api/ is no address of ours."""

    permission_classes = [AllowAny]
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.perform_authentication(request)
        raise Http404


class ProblemList(ApiView):
    """The codes of all problems, for whoever writes a program."""

    permission_classes = [AllowAny]
    schema = None

    def get(self, request: Request) -> Response:
        rows = sorted(problems().values(), key=lambda row: (row.status, row.code))
        return Response({"results": [_shown(row) for row in rows]})


class ProblemDetail(ApiView):
    """Where the `type` of a problem leads."""

    permission_classes = [AllowAny]
    schema = None

    def get(self, request: Request, code: str) -> Response:
        if (row := problems().get(code)) is None:
            raise Http404
        return Response(_shown(row))


def _shown(row: Problem) -> dict[str, Any]:
    return {
        "type": row.type,
        "code": row.code,
        "status": row.status,
        "title": row.title,
        "meaning": row.meaning,
    }
