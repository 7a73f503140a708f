"""Addresses: the admin, the API, the consent flow, health."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from apps.backoffice import watching
from apps.backoffice.views import health, landing, nothing_found, start

urlpatterns = [
    path("", landing, name="landing"),
    path("start/", start, name="start"),
    # The theme's search keeps what one may see for five minutes, whatever happens.
    path("admin/search/", nothing_found),
    # The theme's own page of this would not write it down.
    path("admin/password_change/", RedirectView.as_view(pattern_name="users:password")),
    path("admin/", admin.site.urls),
    path("account/", include("apps.users.urls")),
    path("api/", include("config.api")),
    path("platforms/", include("apps.platforms.urls")),
    path("products/", include("apps.products.urls")),
    path("webhooks/", include("apps.webhooks.urls")),
    path("credit/", include("apps.credit.urls")),
    path("privacy/", include("apps.backoffice.urls")),
    path("health/", health, name="health"),
    path("health/live/", watching.live, name="health_live"),
    path("health/ready/", watching.ready, name="health_ready"),
    path("health/deep/", watching.deep, name="health_deep"),
    path("metrics", watching.prometheus, name="metrics"),
]

handler400 = "apps.core.api.handlers.bad_request"
handler403 = "apps.core.api.handlers.permission_denied"
handler404 = "apps.core.api.handlers.not_found"
handler500 = "apps.core.api.handlers.server_error"
