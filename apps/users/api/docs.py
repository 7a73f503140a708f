"""The description of the API, for whoever may sign in: it names no data, but it is
nobody else's business what can be done here."""

from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer

from apps.core.api.views import ApiView
from apps.users.api import schemes  # noqa: F401  (registers them)
from apps.users.api.authentication import Sessions, Tokens


class Schema(ApiView, SpectacularAPIView):
    """OpenAPI 3.1, as JSON or YAML."""

    authentication_classes = [Tokens, Sessions]
    permission_classes = [IsAuthenticated]
    renderer_classes = [JSONRenderer, OpenApiJsonRenderer, OpenApiYamlRenderer]


class Docs(ApiView, SpectacularSwaggerSplitView):
    """Every operation, to read and to try. A page for people: who is signed out is
    sent to sign in."""

    authentication_classes = [Tokens, Sessions]
    permission_classes = [IsAuthenticated]
    title = "Shopdesk API"
    url_name = "api:schema"

    def known_parameters(self) -> set[str]:
        return {"script"}

    def handle_exception(self, exc: Exception) -> Any:
        if isinstance(exc, NotAuthenticated):
            return redirect_to_login(self.request.get_full_path(), settings.LOGIN_URL)
        return super().handle_exception(exc)
