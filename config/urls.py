"""Addresses: the admin, the consent flow, health."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from apps.backoffice.views import health

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("platforms/", include("apps.platforms.urls")),
    path("health/", health, name="health"),
]
